"""One child process: started, watched, restarted, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import shutil
import signal
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from shelfcast.program import Program

FIRST_BACKOFF_S = 0.2
LONGEST_BACKOFF_S = 10.0
HEALTHY_AFTER_S = 30.0
"""A child that lived this long starts again with the first back-off."""

ATTEMPTS_TO_BECOME_READY = 3
PROBE_INTERVAL_S = 0.05
LARGEST_LOG_BYTES = 20_000_000
_PR_SET_PDEATHSIG = 1


class ProgramFailed(Exception):
    """A program did not do what the start needs; the message quotes the end of its log.

    `code` is its exit code; None where it never ran to its end.
    """

    def __init__(self, name: str, reason: str, log: Path, code: int | None = None) -> None:
        lines = log.read_text(errors="replace").splitlines()[-12:] if log.exists() else []
        quoted = "".join(f"\n  | {line}" for line in lines)
        super().__init__(f"{name} {reason}; the end of {log}:{quoted}")
        self.name = name
        self.code = code


class Child:
    """Keeps one program running until it is stopped; what it prints goes to its log file."""

    def __init__(self, program: Program, log_folder: Path, say: Callable[[str], None]) -> None:
        self.program = program
        self.log = log_folder / f"{program.name}.log"
        self.restarts = 0
        self.pid: int | None = None
        self.on_change: Callable[[], None] = lambda: None
        self._say = say
        self._ready = asyncio.Event()
        self._failed = asyncio.Event()
        self._stopping = False
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the program and return when it is ready.

        Raises:
            ProgramFailed: it ended several times before it was ready, or took too long.
        """
        self._task = asyncio.create_task(self._keep_running(), name=self.program.name)
        waits = [asyncio.create_task(event.wait()) for event in (self._ready, self._failed)]
        await asyncio.wait(
            waits, timeout=self.program.start_timeout_s, return_when=asyncio.FIRST_COMPLETED
        )
        for wait in waits:
            wait.cancel()
        if not self._ready.is_set():
            reason = "ends as soon as it starts" if self._failed.is_set() else "does not get ready"
            raise ProgramFailed(self.program.name, reason, self.log)

    async def run_once(self) -> None:
        """Run the program to its end.

        Raises:
            ProgramFailed: its exit code was not 0.
        """
        try:
            self._process = await self._spawn()
            code = await self._process.wait()
        finally:
            await self.stop()
        if code != 0:
            raise ProgramFailed(self.program.name, _ending(code), self.log, code)

    async def stop(self) -> None:
        """Ask the program to stop, insist after its time is up, and return when it is gone."""
        self._stopping = True
        process = self._process
        if process is not None and process.returncode is None:
            self._signal(self.program.stop_signal)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), self.program.stop_timeout_s)
        if process is not None:
            # Its own children too: the whole process group is ours.
            self._signal(signal.SIGKILL, group=True)
            await process.wait()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep_running(self) -> None:
        backoff = FIRST_BACKOFF_S
        while not self._stopping:
            started = time.monotonic()
            ending = await self._live()
            if self._stopping:
                return
            if time.monotonic() - started >= HEALTHY_AFTER_S:
                backoff = FIRST_BACKOFF_S
            self._note(ending, backoff)
            await asyncio.sleep(backoff)
            backoff = min(backoff * 2, LONGEST_BACKOFF_S)

    async def _live(self) -> str:
        """Run the program from start to end and return how it ended."""
        try:
            self._process = await self._spawn()
        except OSError as exc:
            return f"cannot be started ({exc})"
        probing = asyncio.create_task(self._probe(self._process.pid))
        try:
            return _ending(await self._process.wait())
        finally:
            probing.cancel()

    def _note(self, ending: str, backoff: float) -> None:
        self.restarts += 1
        if not self._ready.is_set() and self.restarts >= ATTEMPTS_TO_BECOME_READY:
            self._failed.set()
        name = self.program.name
        self._say(f"{name} {ending}; restart {self.restarts} in {backoff:.1f} s")

    async def _probe(self, pid: int) -> None:
        is_ready = self.program.is_ready
        while is_ready is not None and not await is_ready(pid):  # noqa: ASYNC110 - it polls
            await asyncio.sleep(PROBE_INTERVAL_S)
        if self.restarts and self._ready.is_set():
            self._say(f"{self.program.name} is back")
        self._ready.set()

    async def _spawn(self) -> asyncio.subprocess.Process:
        self._rotate_log()
        parent = os.getpid()
        with self.log.open("ab") as output:
            # A session of its own, so that Ctrl-C reaches us alone and we stop in order.
            process = await asyncio.create_subprocess_exec(
                *self.program.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(self.program.environment),
                start_new_session=True,
                preexec_fn=lambda: _die_with(parent),
            )
        self.pid = process.pid
        self.on_change()
        return process

    def _rotate_log(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG_BYTES:
            shutil.move(self.log, self.log.with_suffix(".log.1"))

    def _signal(self, number: signal.Signals, *, group: bool = False) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                (os.killpg if group else os.kill)(self._process.pid, number)


def _ending(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


def _die_with(parent: int) -> None:
    """Ask Linux to end us when the supervisor is killed; runs in the new process."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)
