"""Delivering the outbox to the backend: oldest first, one request per device at a time."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_agent import ingest
from edge_agent.backoff import Backoff
from edge_agent.errors import Suspicion, UplinkRejected, UplinkUnavailable
from edge_agent.quarantine import Quarantine
from edge_agent.reads import Verdict
from edge_agent.spool import Selection

if TYPE_CHECKING:
    from edge_agent.api import Api
    from edge_agent.clock import Clock, Stamp
    from edge_agent.outbox import Outbox
    from edge_agent.reads import Batch
    from edge_agent.uplink_settings import UplinkSettings

log = logging.getLogger(__name__)

MAX_RETRY_AFTER_S = 3600.0
"""A captive portal may ask for years."""


@dataclass(slots=True)
class UplinkCounters:
    """What happened on the way to the backend since the agent started."""

    requests: int = 0
    delivered: int = 0
    parked: int = 0
    last_success_ms: int | None = None
    last_error: str | None = None
    """None again as soon as something gets through."""


@dataclass(slots=True)
class _Hold:
    """A device that waits while others go on."""

    backoff: Backoff
    until: float = 0.0


class Uplink:
    """Sends what lies in the outbox; `run` never returns, whatever the server does."""

    def __init__(
        self,
        settings: UplinkSettings,
        api: Api,
        outbox: Outbox,
        clock: Clock,
        *,
        counters: UplinkCounters | None = None,
    ) -> None:
        self.counters = counters or UplinkCounters()
        self._settings = settings
        self._api = api
        self._outbox = outbox
        self._clock = clock
        self._backoff = Backoff(settings.backoff_base_s, settings.backoff_cap_s)
        self._quarantine = Quarantine(settings.max_batch)
        self._not_before = 0.0
        self._busy: set[str] = set()
        self._holds: dict[str, _Hold] = {}
        self._freed = asyncio.Event()

    async def run(self) -> None:
        """Send batch after batch; cancel to stop, which loses nothing."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._fetch_first_token())
            while True:
                batch = await self._next_batch()
                self._busy.add(batch.device)
                group.create_task(self._carry(batch))

    async def _fetch_first_token(self) -> None:
        """Spare the first read the wait for a token."""
        try:
            await self._api.sign_in()
        except UplinkUnavailable as exc:
            self._note_error(exc)

    async def _next_batch(self) -> Batch:
        while True:
            await self._wait_until_allowed()
            self._outbox.stored.clear()
            looked_at = time.monotonic()
            if (batch := await self._outbox.oldest(self._selection(looked_at))) is not None:
                return batch
            with suppress(TimeoutError):
                async with asyncio.timeout(self._next_release_s(looked_at)):
                    await self._outbox.stored.wait()

    async def _wait_until_allowed(self) -> None:
        """Keep requests apart: while the server fails, one at a time and after the back-off."""
        while True:
            self._freed.clear()
            delay = self._not_before - time.monotonic()
            if len(self._busy) >= (1 if self._backoff.failures else self._settings.max_requests):
                await self._freed.wait()
            elif delay > 0:
                await asyncio.sleep(delay)
            else:
                return

    async def _carry(self, batch: Batch) -> None:
        """Bring one batch to its end: delivered, parked or left for later."""
        try:
            verdicts = await self._verdicts(batch)
            await self._outbox.settle(batch.device, verdicts)
            self.counters.parked += sum(verdict.fault is not None for verdict in verdicts)
        except Exception as exc:
            # A full disk refuses deletes too; sent again, the reads come back as duplicates.
            log.exception("A batch of %s could not be settled", batch.device)
            self._back_off(UplinkUnavailable(f"cannot settle: {exc}"))
        finally:
            self._busy.discard(batch.device)
            self._freed.set()
            self._outbox.stored.set()

    async def _verdicts(self, batch: Batch) -> list[Verdict]:
        try:
            verdicts = await self._deliver(batch)
        except UplinkRejected as exc:
            return self._judge_refused(batch, exc)
        except UplinkUnavailable as exc:
            return self._judge_unanswered(batch, exc)
        self._note_success(batch, verdicts)
        return verdicts

    async def _deliver(self, batch: Batch) -> list[Verdict]:
        return await self._api.ask(
            lambda: self._encode(batch),
            lambda status, body: ingest.read_verdicts(status, body, batch),
        )

    def _encode(self, batch: Batch) -> bytes:
        self.counters.requests += 1
        now = self._clock.now()
        return ingest.encode_batch(batch, sent_at_ms=now.wall_ms, skew_ms=self._skew_of(batch, now))

    def _skew_of(self, batch: Batch, now: Stamp) -> int | None:
        """Return the skew our clock had when the batch was read, however often it was set since."""
        return self._api.skew.skew_then_ms(batch.rows[0].read.observed, now)

    def _selection(self, now: float) -> Selection:
        """Take the device with the oldest read, of those not busy and not held."""
        held = {device for device, hold in self._holds.items() if hold.until > now}
        return Selection(
            self._settings.max_batch,
            self._quarantine.limits,
            frozenset(self._busy | held),
            self._quarantine.aside_keys,
        )

    def _next_release_s(self, looked_at: float) -> float | None:
        """Return the seconds until a device that was held then may be tried; None without one.

        0 where its time came while the outbox was asked: nothing else would wake us for it.
        """
        held = [hold.until for hold in self._holds.values() if hold.until > looked_at]
        return max(min(held) - time.monotonic(), 0.0) if held else None

    def _judge_refused(self, batch: Batch, exc: UplinkRejected) -> list[Verdict]:
        """Halve a batch the server will never take; park a lone read that is certainly bad."""
        log.warning("%d reads of %s refused: %s", len(batch.rows), batch.device, exc.reason)
        if len(batch.rows) > 1:
            self._quarantine.shrink(batch.device, len(batch.rows))
            return []
        (key,) = batch.keys
        if exc.is_certain or self._quarantine.convict(batch.device, key):
            return [Verdict(key, exc.reason, exc.message)]
        self._hold(batch, UplinkUnavailable(exc.message))
        return []

    def _judge_unanswered(self, batch: Batch, exc: UplinkUnavailable) -> list[Verdict]:
        """Wait; where the batch itself may be the cause, narrow it down."""
        if exc.suspicion is Suspicion.CONTENT and exc.retry_after is None:
            self._hold(batch, exc)
        else:
            self._back_off(exc)
        if exc.suspicion is Suspicion.NOTHING:
            return []
        self._quarantine.shrink(batch.device, len(batch.rows))
        if exc.suspicion is Suspicion.SIZE or len(batch.rows) > 1:
            return []
        (key,) = batch.keys
        has_had_enough = self._quarantine.has_had_enough(batch.device, key)
        if has_had_enough and self._quarantine.convict(batch.device, key):
            return [Verdict(key, "SERVER_FAULT", exc.message)]
        return []

    def _hold(self, batch: Batch, exc: UplinkUnavailable) -> None:
        """Let one device wait: the server is there, it may be this device that it cannot take."""
        new = _Hold(Backoff(self._settings.backoff_base_s, self._settings.backoff_cap_s))
        hold = self._holds.setdefault(batch.device, new)
        hold.until = time.monotonic() + hold.backoff.next_delay_s()
        self._note_error(exc)

    def _back_off(self, exc: UplinkUnavailable) -> None:
        """Let all devices wait."""
        delay = self._backoff.next_delay_s()
        if exc.retry_after is not None:
            delay = min(exc.retry_after, MAX_RETRY_AFTER_S)
        self._not_before = time.monotonic() + delay
        self._note_error(exc)

    def _note_error(self, exc: UplinkUnavailable) -> None:
        # An outage of a day is one line, not ten thousand.
        if self.counters.last_error != exc.message:
            log.warning("The backend does not take reads: %s", exc.message)
        self.counters.last_error = exc.message

    def _note_success(self, batch: Batch, verdicts: list[Verdict]) -> None:
        if self.counters.last_error is not None:
            log.info("The backend takes reads again")
        self._backoff.reset()
        self._holds.pop(batch.device, None)
        self._quarantine.accept(batch.device)
        self.counters.delivered += sum(verdict.fault is None for verdict in verdicts)
        self.counters.last_success_ms = self._clock.now().wall_ms
        self.counters.last_error = None
        log.debug("%d reads of %s delivered", len(verdicts), batch.device)
