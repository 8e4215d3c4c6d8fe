"""Runs: asking for one, following it, waiting for its end."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
import orjson

from backend.core.ids import new_id
from backend.core.principal import Principal
from backend.forecasting import statements
from backend.forecasting.errors import ForecastRunNotFound
from backend.forecasting.events import ForecastRunChanged
from backend.forecasting.rules import RunKind, RunReason, RunStatus
from backend.infra import jobs
from backend.infra.database import Database
from backend.infra.work import Work

ENTRYPOINT: Final = "forecast"
_LOOK: Final = 0.2
"""Seconds between two looks at a run that is waited for."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it stands; `promoted` is None until it is known, and where nothing was judged.

    `left_out`: series it did not forecast, because all of them would be too many.
    """

    id: UUID
    kind: RunKind
    reason: RunReason
    status: RunStatus
    step: str
    progress: float
    attempts: int
    requested_by: str
    requested_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    model_id: UUID | None
    promoted: bool | None
    verdict: str | None
    error: dict[str, Any] | None
    left_out: int

    @property
    def has_ended(self) -> bool:
        """Tell whether nothing more will happen to it."""
        return self.status in (RunStatus.SUCCEEDED, RunStatus.FAILED)


async def request(work: Work, kind: RunKind, reason: RunReason = RunReason.ASKED_FOR) -> UUID:
    """Ask the worker for a run and return its id; one of its kind that waits stands for both."""
    who, run_id = work.principal, new_id()
    if reason is RunReason.ASKED_FOR:
        work.note("FORECAST_RUN_REQUESTED", None, kind=kind.value)
    added = await work.row(
        statements.ADD_RUN, who.org_id, run_id, kind.value, reason.value,
        str(who.user_id or who.client_id), work.now,
    )  # fmt: skip
    if added is None:
        waiting = await work.row(statements.WAITING_RUN, who.org_id, kind.value)
        # It began in this moment: another one is needed.
        return waiting["id"] if waiting else await request(work, kind, reason)
    await enqueue(work, run_id)
    work.gather([ForecastRunChanged(None, run_id, kind, RunStatus.WAITING, 0.0, 1, work.now)])
    return run_id


async def enqueue(work: Work, run_id: UUID) -> None:
    """Ask the worker for a run, with the commit of the work."""
    payload = orjson.dumps({"org": str(work.principal.org_id), "run": str(run_id)})
    await jobs.enqueue(work, ENTRYPOINT, payload, key=f"forecast:{run_id}")


async def run(work: Work, run_id: UUID) -> Run:
    """Return a run.

    Raises:
        ForecastRunNotFound: there is none of that id.
    """
    found = await find_run(work, run_id)
    if found is None:
        raise ForecastRunNotFound("no such run", field=["id"], value=str(run_id))
    return found


async def find_run(work: Work, run_id: UUID) -> Run | None:
    """Return a run; None: there is none of that id."""
    row = await work.row(statements.RUN, work.principal.org_id, run_id)
    return None if row is None else run_of(row)


async def wait(database: Database, principal: Principal, run_id: UUID, seconds: float) -> Run:
    """Return a run when it has ended, else as it stands after so many seconds.

    Raises:
        ForecastRunNotFound: there is none of that id.
    """
    clock = asyncio.get_running_loop().time
    until = clock() + seconds
    while True:
        async with database.work(principal, read_only=True) as work:
            found = await run(work, run_id)
        if found.has_ended or clock() >= until:
            return found
        await asyncio.sleep(min(_LOOK, max(until - clock(), 0)))


def run_of(row: dict[str, Any]) -> Run:
    """Return a row as a run."""
    error = row["error"]
    return Run(
        id=row["id"],
        kind=RunKind(row["kind"]),
        reason=RunReason(row["reason"]),
        status=RunStatus(row["status"]),
        step=row["step"],
        progress=row["progress"],
        attempts=row["attempts"],
        requested_by=row["requested_by"],
        requested_at=row["requested_at"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        model_id=row["model_id"],
        promoted=row["promoted"],
        verdict=row["verdict"],
        error=msgspec.json.decode(error) if isinstance(error, str) else error,
        left_out=row["left_out"],
    )
