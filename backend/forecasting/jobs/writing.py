"""What an update leaves: models that learned, forecasts, and how those of ended days turned out."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import numpy as np

from backend.forecasting.arrays import Floats
from backend.forecasting.demand.ledger import Ledger
from backend.forecasting.demand.numbers import Numbers
from backend.forecasting.demand.survey import Key
from backend.forecasting.events import ForecastUpdated
from backend.forecasting.insight.pools import pieces
from backend.forecasting.jobs import keeping, statements
from backend.forecasting.jobs.keeping import NewModel
from backend.forecasting.jobs.parting import PartFile
from backend.forecasting.jobs.scoring import Missed, Snapshot, pack, score, unpack
from backend.forecasting.jobs.tasks import CHAMPION, PREDECESSOR, Made, Updated
from backend.forecasting.judging.backtesting import SEASONAL_NAIVE, WEEKDAY_MEAN
from backend.forecasting.rules import DemandClass, ModelKind
from backend.forecasting.service import standing
from backend.forecasting.service.standing import ModelRow
from backend.infra.work import Work

log = logging.getLogger(__name__)

ERRORS_KEPT: Final = 180
"""Days whose misses are kept."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Who forecasts, from what it learns on, and what was said before.

    `parts` have all series where there are more than in the ledger, `left_out` more than that;
    `numbers` are those of the locations and products of all that is forecast.
    """

    champion: ModelRow
    base: ModelRow
    totals: ModelRow | None
    predecessor: ModelRow | None
    said_through: date | None
    ledger: Ledger
    parts: tuple[PartFile, ...]
    numbers: Numbers
    left_out: int
    snapshots: Sequence[dict[str, Any]]


async def keep_models(work: Work, found: Standing, updated: Updated, run_id: UUID) -> ModelRow:
    """Add the versions that learned; the newest forecasts from now on."""
    ledger, newest, base = found.ledger, found.base, found.base
    common = {
        "kind": ModelKind.PERIODS, "horizon": base.horizon, "series": len(ledger.series),
        "first_seen": base.first_seen, "trained_through": ledger.read_at, "run_id": run_id,
        "seed": base.seed, "left_out": ledger.left_out,
    }  # fmt: skip
    if updated.base is not None:
        await work.rows(statements.DROP_RESERVOIR, work.principal.org_id, base.id)
        newest = base = await keeping.add(
            work,
            NewModel(
                parent=base, last_seen=ledger.closed_through, content=updated.base,
                reservoir=updated.reservoir, **common,
            ),
        )  # fmt: skip
    if updated.now is not None:
        newest = await keeping.add(
            work,
            NewModel(
                parent=base, last_seen=ledger.panel.through, content=updated.now,
                is_partial=True, **common,
            ),
        )  # fmt: skip
    if newest.id != found.champion.id:
        await standing.enthrone(work, newest, found.totals)
    return newest


async def write_forecasts(work: Work, found: Standing, updated: Updated, model: ModelRow) -> None:
    """Write what is forecast in the place of what was."""
    if updated.made is not None:
        await _put(work, found, model, (found.ledger.series, updated.made))
    for part in found.parts:
        made = await asyncio.to_thread(part.made)
        await _put(work, found, model, (part.series, made))
    await work.rows(statements.DROP_FORECASTS, work.principal.org_id, work.now)
    await _write_pools(work, found, updated)


async def _write_pools(work: Work, found: Standing, updated: Updated) -> None:
    """Write what the forecasts took from all series, for questions about one."""
    org_id, whole = work.principal.org_id, updated.settled
    if whole is not None:
        places = dict(found.ledger.taken)
        for part in found.parts:
            places |= part.taken
        made = pieces(org_id, found.ledger, found.numbers, places, whole)
        rows = [(org_id, one, content, work.now) for one, content in made]
        async with work.tx.acquire_connection() as connection:
            await connection.executemany(statements.PUT_POOL, rows)
    await work.rows(statements.DROP_POOLS, org_id, work.now)


async def _put(
    work: Work, found: Standing, model: ModelRow, said: tuple[tuple[Key, ...], Made]
) -> None:
    (series, made), ledger, org_id = said, found.ledger, work.principal.org_id
    first = ledger.panel.rhythm.later(ledger.panel.start, ledger.panel.periods)
    totals = found.totals.id if found.totals else model.id
    days, sums = made.days, made.totals
    rows = (
        (org_id, location, product, first, days.mean[n].tolist(), _flat(days.quantiles[n]),
         sums.mean[n].tolist(), _flat(sums.quantiles[n]), DemandClass(int(made.classes[n])).name,
         model.id, totals, ledger.read_at, work.now)
        for n, (location, product) in enumerate(series)
    )  # fmt: skip
    async with work.tx.acquire_connection() as connection:
        await connection.executemany(statements.PUT_FORECAST, rows)


def _flat(quantiles: Floats) -> list[float]:
    return quantiles.reshape(-1).tolist()


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """What was missed of a day that ended, by who had forecast it."""

    day: date
    missed: dict[str, Missed]


def scored(found: Standing, updated: Updated) -> list[Day]:
    """Score the days that ended since, with what was said before each of them."""
    panel, series = found.ledger.panel, found.ledger.series
    fresh = [_snapshot(found, week.origin, week.said) for week in updated.weeks]
    days = {one.day for one in fresh}
    kept = [unpack(row["day"], bytes(row["content"])) for row in found.snapshots
            if row["day"] not in days]  # fmt: skip
    scored: list[Day] = []
    for week in updated.weeks:
        number = week.origin - 1
        day = panel.rhythm.later(panel.start, number)
        missed = score(
            day, series, panel.demand[:, number], panel.exposure[:, number] > 0, [*kept, *fresh]
        )
        if missed:
            scored.append(Day(day, missed))
    return scored


def _snapshot(found: Standing, origin: int, said: dict[str, tuple[Floats, Floats]]) -> Snapshot:
    panel = found.ledger.panel
    return Snapshot(panel.rhythm.later(panel.start, origin - 1), found.ledger.series, said)


async def write_days(work: Work, found: Standing, updated: Updated, days: Sequence[Day]) -> None:
    """Write what was said for the record, and how it turned out."""
    org_id, model_id, series = work.principal.org_id, found.champion.id, found.ledger.series
    for week in updated.weeks:
        snapshot = _snapshot(found, week.origin, week.said)
        values = (org_id, snapshot.day, model_id, await asyncio.to_thread(pack, snapshot))
        await work.rows(statements.PUT_SNAPSHOT, *values)
    for one in days:
        mine, naive = one.missed[CHAMPION], one.missed[SEASONAL_NAIVE]
        rows = [
            (org_id, one.day, *series[n], model_id, mine.sold[n], mine.absolute[n], mine.signed[n],
             mine.squared[n], mine.pinball[n], mine.covered[n], mine.scored[n], naive.absolute[n])
            for n in np.flatnonzero(mine.scored)
        ]  # fmt: skip
        async with work.tx.acquire_connection() as connection:
            await connection.executemany(statements.PUT_ERROR, rows)
        before = one.missed.get(PREDECESSOR)
        await work.rows(
            statements.PUT_DAY, org_id, one.day, model_id, *(float(getattr(mine, name).sum())
            for name in ("sold", "absolute", "signed", "pinball", "covered", "scored")),
            float(one.missed[WEEKDAY_MEAN].pinball.sum()),
            found.predecessor.id if before is not None and found.predecessor else None,
            None if before is None else float(before.pinball.sum()),
        )  # fmt: skip
    closed = found.ledger.closed_through
    await work.rows(statements.DROP_SNAPSHOTS, org_id, closed - timedelta(days=8))
    await work.rows(statements.DROP_ERRORS, org_id, closed - timedelta(days=ERRORS_KEPT))


async def note(work: Work, found: Standing, model: ModelRow, seconds: float) -> None:
    """Note how far all is learned, and tell that forecasts were made."""
    if found.left_out:
        log.warning(
            "%s: %d products at locations are not forecast: they are too many",
            work.principal.org_id, found.left_out,
        )  # fmt: skip
    closed = found.ledger.closed_through
    await work.rows(statements.NOTE_UPDATE, work.principal.org_id, closed, work.now, seconds)
    await keeping.let_go(work, model)
    work.gather([ForecastUpdated(None, model.id, model.version, found.ledger.read_at, work.now)])
