"""Telling the backend how the agent is, and taking up the configuration it answers with.

Whatever goes wrong here, reading and sending go on.
"""

from __future__ import annotations

import asyncio
import logging
import random
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from edge_agent.errors import UplinkUnavailable
from edge_agent.report import Report, read_instructions
from edge_agent.rollout import ConfigurationState, Said
from edge_agent.version import software_version

if TYPE_CHECKING:
    from edge_agent.clock import Clock
    from edge_agent.crew import Crew
    from edge_agent.managed import ManagedConfiguration
    from edge_agent.outbox import Outbox
    from edge_agent.report import Instructions

log = logging.getLogger(__name__)

LAST_REPORT_S: Final = 2.0
"""How long a stopping agent waits for the answer to its last report."""
_UNKNOWN_TO_SERVER: Final = "GRAPHQL_VALIDATION_FAILED"
_MOST_WAIT_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the agent reports, until the backend says otherwise."""

    interval_s: float = 30.0
    least_s: float = 5.0
    """Between two reports, however much changes."""
    older_server_s: float = 600.0
    """Between two tries with a backend that knows no reports."""
    look_s: float = 1.0
    rng: random.Random = field(default_factory=random.Random)


class Heartbeat:
    """Reports at the start, at changes, now and then, and at the end."""

    def __init__(
        self,
        crew: Crew,
        outbox: Outbox,
        clock: Clock,
        managed: ManagedConfiguration | None,
        pace: Pace,
    ) -> None:
        self.last_answer_ms: int | None = None
        """Wall clock."""
        self._crew = crew
        self._outbox = outbox
        self._clock = clock
        self._managed = managed
        self._pace = pace
        self._interval_s = pace.interval_s
        self._started = clock.now()
        self._last_at = -_MOST_WAIT_S
        self._due_at = 0.0
        self._told: object = None
        self._failure: str = ""
        self._complaint: str = ""

    async def run(self) -> None:
        """Report for ever; cancel to stop."""
        while True:
            if self._is_due():
                await self._report()
            if self._managed is not None and self._managed.has_run_out:
                await self._roll_back(self._managed, "no report was answered in time")
            await asyncio.sleep(self._pace.look_s)

    async def say_goodbye(self) -> None:
        """Report, once, that the agent stops."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_REPORT_S):
                await self._report(is_stopping=True)

    def _is_due(self) -> bool:
        now = time.monotonic()
        if now - self._last_at < self._pace.least_s:
            return False
        return now >= self._due_at or self._sight() != self._told

    def _sight(self) -> object:
        """Return what is worth a report of its own when it changes."""
        return (
            [(one.settings, one.state, one.counters.last_error) for one in self._crew.devices],
            self._said(),
        )

    def _said(self) -> Said | None:
        return None if self._managed is None else self._managed.rollout.says()

    async def _report(self, *, is_stopping: bool = False) -> None:
        self._last_at = time.monotonic()
        self._told = self._sight()
        said = self._said()
        try:
            instructions = await self._ask(said, is_stopping=is_stopping)
        except UplinkUnavailable as exc:
            self._note_failure(exc)
        except Exception:
            log.exception("The agent could not report")
            self._wait(self._interval_s)
        else:
            self._note_answer(instructions)
            if self._managed is not None and not is_stopping:
                await self._heed(self._managed, said, instructions)

    async def _ask(self, said: Said | None, *, is_stopping: bool) -> Instructions:
        report = Report(
            version=software_version(),
            hostname=socket.gethostname(),
            started=self._started,
            sent=self._clock.now(),
            clock_skew_ms=self._crew.skew_ms,
            is_stopping=is_stopping,
            outbox=await self._outbox.health(),
            devices=self._crew.devices,
            last_error=self._crew.counters.last_error,
            said=said,
        )
        return await self._crew.api.ask(report.encode, read_instructions)

    async def _heed(
        self, managed: ManagedConfiguration, said: Said | None, instructions: Instructions
    ) -> None:
        """Draw the consequences of an answer to what was said."""
        if said is not None and said.state is ConfigurationState.TRIAL:
            managed.confirm()
        else:
            managed.note_told(said)
        if (offer := instructions.offer) is None:
            return
        settings = managed.offer(offer.version, offer.document, offer.trial_seconds)
        if settings is None:
            return
        try:
            await self._crew.adopt(settings)
        except Exception:
            log.exception("Configuration %d cannot be run", offer.version)
            await self._roll_back(managed, "it could not be run")

    async def _roll_back(self, managed: ManagedConfiguration, error: str) -> None:
        await self._crew.adopt(managed.roll_back(error))

    def _note_answer(self, instructions: Instructions) -> None:
        if self._failure:
            log.info("The backend takes reports again")
        complaint = "; ".join(instructions.user_errors)
        if complaint and complaint != self._complaint:
            log.warning("The backend says of a report: %s", complaint)
        self._failure, self._complaint = "", complaint
        self.last_answer_ms = self._clock.now().wall_ms
        self._interval_s = instructions.heartbeat_s or self._pace.interval_s
        self._wait(self._interval_s)

    def _note_failure(self, exc: UplinkUnavailable) -> None:
        is_older = exc.message == _UNKNOWN_TO_SERVER
        if exc.message != self._failure:
            level = logging.INFO if is_older else logging.WARNING
            log.log(level, "The backend takes no reports: %s", exc.message)
        self._failure = exc.message
        if exc.retry_after is not None:
            self._wait(min(exc.retry_after, _MOST_WAIT_S))
        elif is_older:
            self._wait(self._pace.older_server_s)
        elif self._managed is not None and self._managed.rollout.trial is not None:
            self._wait(self._pace.least_s)
        else:
            self._wait(self._interval_s)

    def _wait(self, seconds: float) -> None:
        """Report next after about so long: shops that started together drift apart."""
        self._due_at = time.monotonic() + seconds * self._pace.rng.uniform(0.8, 1.2)
