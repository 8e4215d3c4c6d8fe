"""The computing process as its parent sees it: tasks go in, one result comes out of each."""

import asyncio
import contextlib
import os
import pickle
import struct
import sys
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Final, Self

from backend.core.errors import ShelfcastError, TooMuch, Unreachable

_LENGTH: Final = struct.Struct(">Q")
_ONE_THREAD: Final = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)
_GOODBYE: Final = 5.0

Heard = Callable[[float, str], Awaitable[None]]


class ProcessLost(Unreachable):
    """The process that computes ended before it answered."""

    code = "FORECAST_PROCESS_LOST"


class ForecastTooLarge(TooMuch):
    """It takes more memory or time than a run may."""

    code = "FORECAST_TOO_LARGE"


class TaskFailed(ShelfcastError):
    """What a task found wrong, with the code it has there."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.said = code


class Computer:
    """One process, started when first needed; one task at a time."""

    def __init__(self, memory_mb: int) -> None:
        self._memory_mb = memory_mb
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        await self._end()

    async def run(self, name: str, task: object, heard: Heard, seconds: float) -> Any:
        """Return the result of a task; `heard` is told how far it is.

        Raises:
            TaskFailed: something is wrong with what it was given.
            ForecastTooLarge: it takes too long, or too much memory.
            ProcessLost: the process ended.
        """
        async with self._turn:
            try:
                async with asyncio.timeout(seconds):
                    return await self._asked(name, task, heard)
            except TimeoutError as exc:
                await self._end()
                raise ForecastTooLarge(f"it takes longer than {seconds:.0f} s") from exc
            except (OSError, EOFError, asyncio.IncompleteReadError) as exc:
                await self._end()
                raise ProcessLost("the process that computes was lost") from exc
            except asyncio.CancelledError:
                await self._end()
                raise

    async def _asked(self, name: str, task: object, heard: Heard) -> Any:
        process = await self._running()
        assert process.stdin is not None, "it is a pipe"
        assert process.stdout is not None, "it is a pipe"
        content = await asyncio.to_thread(pickle.dumps, (name, task), pickle.HIGHEST_PROTOCOL)
        process.stdin.write(_LENGTH.pack(len(content)))
        process.stdin.write(content)
        await process.stdin.drain()
        while True:
            [length] = _LENGTH.unpack(await process.stdout.readexactly(_LENGTH.size))
            answer = pickle.loads(await process.stdout.readexactly(length))
            if answer[0] == "told":
                await heard(answer[1], answer[2])
            elif answer[0] == "done":
                return answer[1]
            elif answer[1] == ForecastTooLarge.code:
                raise ForecastTooLarge(answer[2])
            else:
                raise TaskFailed(answer[1], answer[2])

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "backend.forecasting.jobs.child", str(self._memory_mb),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                env=os.environ | _ONE_THREAD,
            )  # fmt: skip
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _GOODBYE)
