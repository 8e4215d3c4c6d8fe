"""One agent process: any number of devices, one outbox, one uplink."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from edge_agent.clock import Clock, SystemClock
from edge_agent.crew import Crew, cancel
from edge_agent.heartbeat import Heartbeat, Pace
from edge_agent.outbox import Outbox
from edge_agent.status import StatusFile
from edge_agent.systemd import Notifier
from edge_agent.watchdog import Limits, Watchdog

if TYPE_CHECKING:
    from edge_agent.managed import ManagedConfiguration
    from edge_agent.settings import Settings

log = logging.getLogger(__name__)

STATUS_INTERVAL_S = 1.0
LAST_DELIVERY_S = 2.0
"""How long a stopping agent goes on delivering; what remains waits on the disk."""


class Agent:
    """Owns every task of the program; `run` until stopped.

    Without `managed` it takes no configuration from the backend.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock | None = None,
        *,
        managed: ManagedConfiguration | None = None,
        pace: Pace | None = None,
        notifier: Notifier | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._managed = managed
        self._pace = pace or Pace()
        self._notifier = notifier or Notifier({})
        self._limits = limits or Limits()
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Ask `run` to come to an end; may be called from a signal handler."""
        self._stopping.set()

    async def run(self) -> None:
        """Read, keep and deliver until `stop`; whatever was read is on the disk at the end.

        Raises OutboxLocked when another agent uses the same outbox.
        """
        async with (
            Outbox(self._settings.outbox, self._clock) as outbox,
            asyncio.TaskGroup() as group,
        ):
            crew = Crew(self._settings, outbox, self._clock, group)
            heartbeat = Heartbeat(crew, outbox, self._clock, self._managed, self._pace)
            status = StatusFile(self._settings.status_path, crew, self._managed)
            watchdog = Watchdog(outbox, crew, self._notifier, self._limits)
            crew.start()
            self._notifier.notify(READY="1")
            log.info("Agent started with %d devices", len(crew.devices))
            around = [
                group.create_task(outbox.wait_broken()),
                group.create_task(_report(status, outbox)),
                group.create_task(heartbeat.run()),
                group.create_task(watchdog.run()),
            ]
            await self._stopping.wait()
            self._notifier.notify(STOPPING="1")
            await crew.stop_reading()
            await _deliver_the_rest(outbox, crew)
            await cancel(*around)
            await heartbeat.say_goodbye()
            await crew.stop_sending()
            await crew.stop_serving()
            status.write(await outbox.health())
        log.info("Agent stopped")


async def _report(status: StatusFile, outbox: Outbox) -> None:
    while True:
        status.write_if_due(await outbox.health())
        await asyncio.sleep(STATUS_INTERVAL_S)


async def _deliver_the_rest(outbox: Outbox, crew: Crew) -> None:
    """Give the uplink a moment: most stops find it a request away from an empty outbox."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LAST_DELIVERY_S):
            # The outbox tells of reads that come, not of the last one that goes.
            while await outbox.depth() and crew.counters.last_error is None:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
