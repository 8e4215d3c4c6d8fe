"""One device: keep its port open, let its protocol talk to it, hand what it saw to the intake."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from edge_agent.backoff import Backoff
from edge_agent.drivers import load_driver
from edge_agent.errors import DeviceLost, DeviceQuarantined
from edge_agent.hygiene import Hygiene
from edge_agent.intake import Intake
from edge_agent.protocols import Broken, Event, Garbage, Notice, Scan, TagSeen

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_agent.clock import Clock
    from edge_agent.drivers import Port
    from edge_agent.intake import DeviceCounters
    from edge_agent.outbox import Outbox
    from edge_agent.settings import DeviceSettings

log = logging.getLogger(__name__)

RECONNECT_BASE_S: Final = 0.2
RECONNECT_CAP_S: Final = 5.0
STEADY_S: Final = 10.0
"""A connection that held for so long was a good one, even if nothing was read."""


class Device:
    """A reader on a port; `run` never returns, whatever the device does."""

    def __init__(self, settings: DeviceSettings, outbox: Outbox, clock: Clock) -> None:
        self.settings = settings
        self._outbox = outbox
        self._clock = clock
        self._intake = self._new_intake()
        self._protocol = settings.options.new_protocol()
        self._open_port = load_driver(settings.driver)
        self._backoff = Backoff(RECONNECT_BASE_S, RECONNECT_CAP_S)
        self._hygiene = Hygiene()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._port: Port | None = None
        self._broken_reason: str | None = None
        """Why the last conversation broke; None again when the device works."""
        self._connected_at = 0.0
        self._is_paused = False
        self._fault: asyncio.Future[DeviceLost | DeviceQuarantined] | None = None

    @property
    def counters(self) -> DeviceCounters:
        """What happened at the device since the agent started."""
        return self._intake.counters

    @property
    def state(self) -> str:
        """How the port is, in the words of the API."""
        if self.counters.quarantined_until_ms is not None:
            return "QUARANTINED"
        return "CONNECTED" if self.counters.is_connected else "DISCONNECTED"

    async def run(self) -> None:
        """Connect, listen until the device goes, wait a little, again; cancel to stop."""
        try:
            while True:
                await self._run_once()
                await asyncio.sleep(self._backoff.next_delay_s())
        finally:
            self._intake.close()

    def can_become(self, settings: DeviceSettings) -> bool:
        """Whether other settings leave the port and what is spoken there alone."""
        return settings == replace(
            self.settings,
            code=settings.code,
            read_point=settings.read_point,
            tags=settings.tags,
            antenna_points=settings.antenna_points,
        )

    def become(self, settings: DeviceSettings) -> None:
        """Go on under such settings without letting go of the port, where a scan may be coming."""
        self._intake.close()
        counters, self.settings = self.counters, settings
        self._intake = self._new_intake()
        self._intake.counters = counters
        self._intake.resume_tags()
        self._regulate()

    def _new_intake(self) -> Intake:
        intake = Intake(self.settings, self._outbox, self._clock)
        intake.note_stored = self._note_stored
        intake.note_flow = self._regulate
        return intake

    async def _run_once(self) -> None:
        try:
            await self._listen()
        except DeviceLost as exc:
            self._note_lost(exc)
        except DeviceQuarantined as exc:
            self._note_quarantined(exc)
            await asyncio.sleep(exc.seconds)
            self.counters.quarantined_until_ms = None
        except Exception:
            log.exception("Device %s: unexpected failure", self.settings.code)

    async def _listen(self) -> None:
        """Take what the device sends until it goes, which is how this ends: with an exception."""
        self._fault = asyncio.get_running_loop().create_future()
        self._port = port = await self._open_port(self.settings, self._receive)
        self._connected_at = time.monotonic()
        self._is_paused = False
        self._note_connected()
        try:
            self._protocol.start()
            self._intake.resume_tags()
            self._follow_up()
            self._tick()
            raise await self._first_fault(port, self._fault)
        finally:
            self.counters.is_connected = False
            self._cancel_timers()
            self._port = None
            await port.close()
            self._intake.take(self._protocol.receive_end())
            if self._is_steady:
                self._backoff.reset()

    async def _first_fault(
        self, port: Port, fault: asyncio.Future[DeviceLost | DeviceQuarantined]
    ) -> DeviceLost | DeviceQuarantined:
        lost = asyncio.create_task(port.wait_lost())
        try:
            await asyncio.wait({lost, fault}, return_when=asyncio.FIRST_COMPLETED)
            if not fault.done():
                return DeviceLost(self.settings.port, lost.result())
            exc = fault.result()
            self._broken_reason = exc.reason if isinstance(exc, DeviceLost) else exc.message
            return exc
        finally:
            lost.cancel()

    def _receive(self, data: bytes) -> None:
        """Take bytes as the driver delivers them."""
        self._handle(self._protocol.receive_data(data))
        self._follow_up()

    def _receive_silence(self) -> None:
        self._handle(self._protocol.receive_idle())
        self._follow_up()

    def _handle(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, Broken):
                self._fail(DeviceLost(self.settings.port, event.reason))
            elif isinstance(event, Garbage):
                self._hygiene.note_garbage(len(event.raw))
            else:
                self._hygiene.note_sound()
                if not isinstance(event, Notice) or self._is_steady:
                    self._note_works()
        self._intake.take(events)
        if any(isinstance(event, TagSeen) for event in events):
            self._tick()
        if self._hygiene.is_too_much and not self._has_failed:
            self._fail(DeviceQuarantined(self.settings.port, self._hygiene.quarantine_s()))

    def _follow_up(self) -> None:
        """Send what the protocol wants to say and wait for the silence it waits for."""
        if self._port is None:
            return
        if data := self._protocol.data_to_send():
            self._port.send(data)
        self._await_silence()

    def _await_silence(self) -> None:
        self._cancel_timer("silence")
        if self._protocol.is_waiting and not self._is_paused:
            self._set_timer("silence", self._protocol.idle_gap_s, self._receive_silence)

    def _tick(self) -> None:
        """Let tags leave, or be reported again, when it is time for it."""
        delay = self._intake.tick()
        self._cancel_timer("tags")
        if delay is not None:
            self._set_timer("tags", max(delay, 0.001), self._tick)

    def _note_stored(self, scan: Scan, is_durable: bool) -> None:
        self._protocol.note_stored(scan, is_durable=is_durable)
        if self._port is not None and (data := self._protocol.data_to_send()):
            self._port.send(data)

    def _regulate(self) -> None:
        """Stop listening while too much is on its way to the disk."""
        if self._port is None:
            return
        if self._intake.is_full and not self._is_paused:
            # While nobody listens there is no silence either: half a scan must wait for its rest.
            self._is_paused = True
            self._cancel_timer("silence")
            self._port.pause_reading()
        elif self._intake.is_free and self._is_paused:
            self._is_paused = False
            self._port.resume_reading()
            self._await_silence()

    @property
    def _is_steady(self) -> bool:
        return time.monotonic() - self._connected_at >= STEADY_S

    @property
    def _has_failed(self) -> bool:
        return self._fault is None or self._fault.done()

    def _fail(self, fault: DeviceLost | DeviceQuarantined) -> None:
        """End the connection from our side."""
        if self._fault is not None and not self._fault.done():
            self._fault.set_result(fault)

    def _set_timer(self, name: str, delay_s: float, call: Callable[[], None]) -> None:
        self._timers[name] = asyncio.get_running_loop().call_later(delay_s, call)

    def _cancel_timer(self, name: str) -> None:
        if (timer := self._timers.pop(name, None)) is not None:
            timer.cancel()

    def _cancel_timers(self) -> None:
        for name in list(self._timers):
            self._cancel_timer(name)

    def _note_connected(self) -> None:
        self.counters.is_connected = True
        self.counters.connections += 1
        self.counters.last_error = self._broken_reason
        level = logging.DEBUG if self._broken_reason else logging.INFO
        log.log(level, "Device %s: connected to %s", self.settings.code, self.settings.port)

    def _note_works(self) -> None:
        self._backoff.reset()
        if self._broken_reason is not None:
            log.info("Device %s: works again", self.settings.code)
            self._broken_reason = self.counters.last_error = None

    def _note_lost(self, exc: DeviceLost) -> None:
        # A port that is missing, or a reader that refuses, for days must not fill the log.
        if self.counters.last_error != exc.reason:
            log.warning("Device %s: lost %s", self.settings.code, exc)
        self.counters.last_error = exc.reason

    def _note_quarantined(self, exc: DeviceQuarantined) -> None:
        log.error("Device %s: %s", self.settings.code, exc)
        self.counters.last_error = exc.message
        until_ms = time.time_ns() // 1_000_000 + int(exc.seconds * 1000)
        self.counters.quarantines += 1
        self.counters.quarantined_until_ms = until_ms
