"""Background tasks with an owner: whoever starts them ends them."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final

PATIENCE: Final = 0.5
log = logging.getLogger(__name__)


class Tasks:
    """A set of tasks that end with their owner.

    One that fails is logged and takes nobody with it.
    """

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Run `work` beside everything else."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._done)
        return task

    async def close(self) -> None:
        """Cancel what still runs and wait for its end; again, where a library swallowed that."""
        running = set(self._running)
        while running:
            for task in running:
                task.cancel()
            _, running = await asyncio.wait(running, timeout=PATIENCE)
            for task in running:
                log.warning("task %s does not end; cancelling it again", task.get_name())

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("task %s failed", task.get_name(), exc_info=task.exception())
