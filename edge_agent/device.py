"""One device: keep its port open, frame its bytes, hand what it scans to the outbox."""

from __future__ import annotations

import asyncio
import functools
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_agent.backoff import Backoff
from edge_agent.drivers import DRIVERS
from edge_agent.errors import DeviceLost
from edge_agent.protocols import PROTOCOLS, Event, Garbage, Scan
from edge_agent.reads import Read, new_key

if TYPE_CHECKING:
    from edge_agent.clock import Clock
    from edge_agent.drivers import Port
    from edge_agent.outbox import Outbox
    from edge_agent.settings import DeviceSettings

log = logging.getLogger(__name__)

RECONNECT_BASE_S = 0.2
RECONNECT_CAP_S = 5.0
MAX_UNSTORED_READS = 1000
"""With more reads than this on their way to the disk, the port is not read."""


@dataclass(slots=True)
class DeviceCounters:
    """What happened at one device since the agent started."""

    is_connected: bool = False
    connections: int = 0
    reads: int = 0
    refused: int = 0
    garbage: int = 0
    last_error: str | None = None


class Device:
    """A reader on a port; `run` never returns, whatever the device does."""

    def __init__(self, settings: DeviceSettings, outbox: Outbox, clock: Clock) -> None:
        self.settings = settings
        self.counters = DeviceCounters()
        self._outbox = outbox
        self._clock = clock
        self._protocol = PROTOCOLS[settings.protocol](settings.framing)
        self._backoff = Backoff(RECONNECT_BASE_S, RECONNECT_CAP_S)
        self._idle_timer: asyncio.TimerHandle | None = None
        self._unstored = 0
        self._port: Port | None = None

    async def run(self) -> None:
        """Connect, listen until the device goes, wait a little, again; cancel to stop."""
        while True:
            try:
                await self._listen()
            except DeviceLost as exc:
                self._note_lost(exc)
            except Exception:
                log.exception("Device %s: unexpected failure", self.settings.code)
            await asyncio.sleep(self._backoff.next_delay_s())

    async def _listen(self) -> None:
        """Take what the device sends until it goes, which is how this ends: with DeviceLost."""
        self._port = port = await DRIVERS[self.settings.driver](self.settings, self._receive)
        self._note_connected()
        try:
            raise DeviceLost(self.settings.port, await port.wait_lost())
        finally:
            self.counters.is_connected = False
            await port.close()
            self._receive_idle()

    def _receive(self, data: bytes) -> None:
        """Take bytes as the driver delivers them."""
        self._backoff.reset()
        self._cancel_idle_timer()
        self._handle(self._protocol.receive_data(data))
        if self._protocol.is_waiting:
            loop = asyncio.get_running_loop()
            self._idle_timer = loop.call_later(self._protocol.idle_gap_s, self._receive_idle)

    def _receive_idle(self) -> None:
        self._cancel_idle_timer()
        self._handle(self._protocol.receive_idle())

    def _cancel_idle_timer(self) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None

    def _handle(self, events: list[Event]) -> None:
        reads: list[Read] = []
        for event in events:
            if isinstance(event, Scan):
                reads.append(self._read(event.raw, event.symbology))
            else:
                self._keep_garbage(event)
        if reads:
            self._store(reads)

    def _read(self, raw: bytes, symbology: str | None) -> Read:
        at = self.settings
        return Read(new_key(), at.code, at.read_point, raw, symbology, self._clock.now())

    def _keep_garbage(self, garbage: Garbage) -> None:
        self.counters.garbage += 1
        if garbage.raw:
            log.warning("Device %s: %d bytes make no scan", self.settings.code, len(garbage.raw))
            self._outbox.park(self._read(garbage.raw, None), garbage.reason)

    def _store(self, reads: list[Read]) -> None:
        self._unstored += len(reads)
        if self._unstored > MAX_UNSTORED_READS and self._port is not None:
            self._port.pause_reading()
        future = self._outbox.append(reads)
        future.add_done_callback(functools.partial(self._note_stored, len(reads)))

    def _note_stored(self, count: int, future: asyncio.Future[int]) -> None:
        """Count what became durable; reads the outbox refused are an alarm, never a silence."""
        self._unstored -= count
        if self._port is not None and self._unstored <= MAX_UNSTORED_READS // 2:
            self._port.resume_reading()
        refused = future.result()
        self.counters.reads += count - refused
        self.counters.refused += refused
        if refused:
            log.error("Device %s: outbox full, %d reads REFUSED", self.settings.code, refused)

    def _note_connected(self) -> None:
        self.counters.is_connected = True
        self.counters.connections += 1
        self.counters.last_error = None
        log.info("Device %s: connected to %s", self.settings.code, self.settings.port)

    def _note_lost(self, exc: DeviceLost) -> None:
        # A port that is missing for days must not fill the log.
        if self.counters.last_error != exc.reason:
            log.warning("Device %s: lost %s", self.settings.code, exc)
        self.counters.last_error = exc.reason
