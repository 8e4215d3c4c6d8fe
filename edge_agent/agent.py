"""One agent process: any number of devices, one outbox, one uplink."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from edge_agent.api import Api
from edge_agent.clock import Clock, SystemClock
from edge_agent.device import Device
from edge_agent.outbox import Outbox
from edge_agent.skew import SkewEstimator
from edge_agent.status import StatusFile
from edge_agent.uplink import Uplink

if TYPE_CHECKING:
    from edge_agent.settings import Settings

log = logging.getLogger(__name__)

STATUS_INTERVAL_S = 1.0
LAST_DELIVERY_S = 2.0
"""How long a stopping agent goes on delivering; what remains waits on the disk."""


class Agent:
    """Owns every task of the program; `run` until stopped."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Ask `run` to come to an end; may be called from a signal handler."""
        self._stopping.set()

    async def run(self) -> None:
        """Read, keep and deliver until `stop`; whatever was read is on the disk at the end.

        Raises OutboxLocked when another agent uses the same outbox.
        """
        api = Api(self._settings.uplink, self._clock, SkewEstimator())
        async with Outbox(self._settings.outbox, self._clock) as outbox, api:
            uplink = Uplink(self._settings.uplink, api, outbox, self._clock)
            devices = [Device(one, outbox, self._clock) for one in self._settings.devices]
            status = StatusFile(self._settings.status_path, uplink, devices)
            log.info("Agent started with %d devices", len(devices))
            if not devices:
                log.warning("No device is configured: nothing will be read")
            async with asyncio.TaskGroup() as group:
                watch = group.create_task(outbox.wait_broken())
                report = group.create_task(_report(status))
                sending = group.create_task(uplink.run())
                reading = [group.create_task(device.run()) for device in devices]
                await self._stopping.wait()
                await _cancel(*reading)
                await _deliver_the_rest(outbox, uplink)
                await _cancel(sending, report, watch)
            status.write()
        log.info("Agent stopped")


async def _report(status: StatusFile) -> None:
    while True:
        status.write_if_due()
        await asyncio.sleep(STATUS_INTERVAL_S)


async def _cancel(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _deliver_the_rest(outbox: Outbox, uplink: Uplink) -> None:
    """Give the uplink a moment: most stops find it a request away from an empty outbox."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LAST_DELIVERY_S):
            # The outbox tells of reads that come, not of the last one that goes.
            while await outbox.depth() and uplink.counters.last_error is None:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
