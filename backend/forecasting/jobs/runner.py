"""The job: a run is taken, trains where it should, forecasts, ends; once, whoever does it.

One run of an organisation is done at a time: its worker holds a lock for as long as it lives. What
a run leaves is written in two transactions, the models, then the forecasts with its end; whoever
takes it up again after a crash goes on behind what is written.
"""

import logging
import time
import zlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from backend.core.errors import ShelfcastError, Unreachable
from backend.core.principal import program
from backend.events.failures import JobFailed
from backend.forecasting.events import ForecastRunChanged
from backend.forecasting.jobs import statements, watching
from backend.forecasting.jobs.process import Computer, Heard, TaskFailed
from backend.forecasting.jobs.training import train
from backend.forecasting.jobs.updating import update
from backend.forecasting.jobs.workshop import Bounds, Ordered, Workshop
from backend.forecasting.judging.promotion import Verdict
from backend.forecasting.rules import RunKind, RunReason, RunStatus
from backend.forecasting.service.orders import ENTRYPOINT, enqueue
from backend.forecasting.service.standing import ModelRow
from backend.infra.database import Database
from backend.infra.work import UnknownOrganisation, Work

log = logging.getLogger(__name__)

MOST_ATTEMPTS: Final = 3
PATIENCE: Final = timedelta(minutes=2)
"""How long nothing may be heard of a run until its job is taken to be lost."""
_BUSY: Final = timedelta(seconds=3)
_AGAIN: Final = timedelta(seconds=20)
_TOLD: Final = 0.5
"""Seconds between two steps that are told."""
# Two numbers, so that feed_horizon never counts these locks.
_LOCKS: Final = 0x464F_5243
_TRY: Final = "select pg_try_advisory_lock($1, $2)"


class Runner:
    """Does the runs of one process, with one process to compute in."""

    def __init__(
        self, database: Database, computer: Computer, bounds: Bounds | None = None
    ) -> None:
        self._database = database
        self._workshop = Workshop(database, computer, bounds or Bounds())

    async def run(self, org_id: UUID, run_id: UUID) -> timedelta | None:
        """Do a run; return after which time to try again, None: not at all."""
        async with self._claimed(org_id) as is_ours:
            if not is_ours:
                return _BUSY
            try:
                taken = await self._take(org_id, run_id)
            except UnknownOrganisation:
                return None
            return None if taken is None else await self._tried(org_id, taken)

    async def _tried(self, org_id: UUID, taken: dict[str, Any]) -> timedelta | None:
        try:
            await self._do(org_id, taken)
        except (Unreachable, OSError) as exc:
            if taken["attempts"] < MOST_ATTEMPTS:
                log.warning("forecast run %s: %s; again", taken["id"], exc)
                return _AGAIN
            await self._fail(org_id, taken["id"], exc)
        except ShelfcastError as exc:
            await self._fail(org_id, taken["id"], exc)
        except Exception as exc:
            log.exception("forecast run %s: something went wrong on our side", taken["id"])
            await self._fail(org_id, taken["id"], exc)
        return None

    async def _do(self, org_id: UUID, taken: dict[str, Any]) -> None:
        run_id = taken["id"]
        ordered = Ordered(org_id, run_id, RunReason(taken["reason"]))
        trains = taken["kind"] != RunKind.UPDATE
        if trains and taken["model_id"] is None:
            heard = self._heard(org_id, run_id, 0.0, 0.8)
            verdict = await train(self._workshop, ordered, heard)
            if verdict is Verdict.NOTHING_SOLD:
                async with self._work(org_id) as work:
                    await self._succeed(work, run_id, None, verdict)
                return
        heard = self._heard(org_id, run_id, 0.8 if trains else 0.0, 1.0)

        async def ending(work: Work, model: ModelRow, left_out: int) -> None:
            await watching.look(work, model)
            await self._succeed(work, run_id, model, left_out=left_out)

        model = await update(self._workshop, ordered, heard, ending)
        if model is None:
            async with self._work(org_id) as work:
                await self._succeed(work, run_id, None, Verdict.NOTHING_SOLD)

    async def _take(self, org_id: UUID, run_id: UUID) -> dict[str, Any] | None:
        """Return a run that is still to be done, as begun; None where there is nothing to do."""
        async with self._work(org_id) as work:
            taken = await work.row(statements.TAKE, org_id, run_id, work.now)
            if taken is not None:
                self._tell(work, run_id, taken)
        if taken is not None and taken["attempts"] > MOST_ATTEMPTS:
            # Whatever it does, it ends its worker each time.
            await self._fail(org_id, run_id, Unreachable("its worker was lost each time"))
            return None
        return taken

    def _heard(self, org_id: UUID, run_id: UUID, begin: float, end: float) -> Heard:
        last = -1e9

        async def heard(done: float, step: str) -> None:
            nonlocal last
            if time.monotonic() < last + _TOLD:
                return
            last = time.monotonic()
            progress = begin + (end - begin) * min(max(done, 0.0), 1.0)
            async with self._work(org_id) as work:
                values = (org_id, run_id, step, progress, work.now)
                row = await work.row(statements.STEP, *values)
                if row is not None:
                    self._tell(work, run_id, row)

        return heard

    async def _succeed(
        self,
        work: Work,
        run_id: UUID,
        model: ModelRow | None = None,
        verdict: Verdict | None = None,
        left_out: int = 0,
    ) -> None:
        row = await work.row(
            statements.SUCCEED, work.principal.org_id, run_id, work.now,
            model.id if model else None, verdict.value if verdict else None, left_out,
        )  # fmt: skip
        if row is not None:
            self._tell(work, run_id, row)

    async def _fail(self, org_id: UUID, run_id: UUID, exc: Exception) -> None:
        error = _said(exc)
        async with self._work(org_id) as work:
            values = (org_id, run_id, work.now, msgspec.json.encode(error).decode())
            row = await work.row(statements.FAIL, *values)
            if row is not None:
                work.note("FORECAST_RUN_FAILED", run_id, code=error["code"])
                work.gather([JobFailed(None, ENTRYPOINT, run_id, error["code"], work.now)])
                self._tell(work, run_id, row)
        log.warning("forecast run %s failed: %s", run_id, error["code"])

    def _tell(self, work: Work, run_id: UUID, row: dict[str, Any]) -> None:
        changed = ForecastRunChanged(
            None, run_id, RunKind(row["kind"]), RunStatus(row["status"]), row["progress"],
            row["version"], work.now,
        )  # fmt: skip
        work.gather([changed])

    @asynccontextmanager
    async def _claimed(self, org_id: UUID) -> AsyncGenerator[bool]:
        """Hold a lock on a connection of its own: it is free again once this process dies."""
        connection = await self._database.connect("app")
        try:
            number = zlib.crc32(org_id.bytes) - 2**31
            yield bool(await connection.fetchval(_TRY, _LOCKS, number))
        finally:
            connection.terminate()

    def _work(self, org_id: UUID) -> Any:
        return self._database.work(program(org_id, "worker"))


async def enqueue_strays(work: Work) -> int:
    """Ask anew for runs of which nothing was heard for long: their job or worker was lost."""
    rows = await work.rows(statements.STRAYS, work.principal.org_id, work.now - PATIENCE)
    for row in rows:
        await enqueue(work, row["id"])
    return len(rows)


def _said(exc: Exception) -> dict[str, str]:
    """Return code and message of a failure; of ours only that there was one."""
    if isinstance(exc, TaskFailed):
        return {"code": exc.said, "message": exc.message}
    if isinstance(exc, ShelfcastError):
        return {"code": exc.code, "message": exc.message}
    if isinstance(exc, OSError):
        return {"code": "UNAVAILABLE", "message": "something needed does not answer"}
    return {"code": "INTERNAL_ERROR", "message": "something went wrong on our side"}
