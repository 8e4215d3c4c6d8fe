"""Where the work on parts is done: here, in processes of this machine, or on a cluster."""

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, TimeoutError as TooSlow
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from multiprocessing import connection
from typing import Any, Final, Protocol, TypeVar

from threadpoolctl import threadpool_limits

from backend.forecasting.errors import PartFailed

Common = TypeVar("Common")
Part = TypeVar("Part")
Made = TypeVar("Made")

PATIENCE: Final = 600.0
"""Seconds that one part may take."""
AHEAD: Final = 2
"""Parts on their way for each process, that none waits for the next."""


class Executor(Protocol):
    """Does the same to each part; what comes back is in their order."""

    def each(
        self, work: Callable[[Common, Part], Made], common: Common, parts: Iterable[Part]
    ) -> Iterator[Made]:
        """Yield `work(common, part)` for each part.

        Parts are drawn only as fast as they are worked on. `work` is a function of a module;
        `common` is handed over once.

        Raises:
            PartFailed: a process died, or took too long.
        """
        ...


@dataclass(frozen=True, slots=True)
class Here:
    """Works on one part after the other, in this process."""

    def each(
        self, work: Callable[[Common, Part], Made], common: Common, parts: Iterable[Part]
    ) -> Generator[Made, None, None]:
        """See Executor."""
        for part in parts:
            yield work(common, part)


HERE: Final = Here()
"""Where nothing else is asked for."""


@dataclass(frozen=True, slots=True)
class LocalProcesses:
    """Works in so many processes of this machine, each with one thread for matrices."""

    processes: int
    patience: float = PATIENCE

    def each(
        self, work: Callable[[Common, Part], Made], common: Common, parts: Iterable[Part]
    ) -> Generator[Made, None, None]:
        """See Executor."""
        # A fork of a process with threads may wait for a lock that nobody holds any more.
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(self.processes, context, _begin, (work, common))
        try:
            yield from self._drawn(pool, iter(parts))
        finally:
            _stop(pool)

    def _drawn(self, pool: ProcessPoolExecutor, parts: Iterator[Any]) -> Iterator[Any]:
        first = islice(parts, self.processes * AHEAD)
        waiting = deque(pool.submit(_work_on, part) for part in first)
        while waiting:
            yield self._result(waiting.popleft())
            waiting.extend(pool.submit(_work_on, part) for part in islice(parts, 1))

    def _result(self, future: "Future[Any]") -> Any:
        try:
            return future.result(self.patience)
        except BrokenProcessPool as exc:
            raise PartFailed("a process that worked on a part died") from exc
        except TooSlow as exc:
            raise PartFailed(f"a part took more than {self.patience:g} seconds") from exc


_given: list[Any] = []
"""In a process of the pool: what it does, and what all parts have in common."""


def _begin(work: Callable[[Any, Any], Any], common: Any) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # The matrices are small: a second thread only waits for the first.
    threadpool_limits(1)
    _given[:] = [work, common]


def _end_with_parent() -> None:
    """End when whoever drew the parts does, however that ended."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(0)


def _work_on(part: Any) -> Any:
    work, common = _given
    return work(common, part)


def _stop(pool: ProcessPoolExecutor) -> None:
    """Stop all processes, busy ones too: nobody waits for their answer."""
    busy = list((pool._processes or {}).values())  # noqa: SLF001 – no public way before 3.14
    pool.shutdown(wait=False, cancel_futures=True)
    for process in busy:
        process.terminate()
    for process in busy:
        process.join(timeout=10)
