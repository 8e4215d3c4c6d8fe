"""Learning on from what was sold since, and forecasting anew."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import numpy as np

from backend.core.errors import Unreachable
from backend.core.principal import program
from backend.forecasting import statements as known
from backend.forecasting.arrays import Floats
from backend.forecasting.demand.ledger import Ledger, read_panel
from backend.forecasting.events import ForecastUpdated
from backend.forecasting.jobs import keeping, statements
from backend.forecasting.jobs.keeping import NewModel
from backend.forecasting.jobs.process import Computer, Heard
from backend.forecasting.jobs.scoring import Missed, Snapshot, pack, score, unpack
from backend.forecasting.jobs.tasks import CHAMPION, PREDECESSOR, Updated, Updating
from backend.forecasting.judging.backtesting import SEASONAL_NAIVE, WEEKDAY_MEAN
from backend.forecasting.rules import DemandClass, ModelFamily, ModelKind
from backend.forecasting.service import standing
from backend.forecasting.service.answers import HORIZON
from backend.forecasting.service.standing import ModelRow, find_model, model_of
from backend.infra.database import Database
from backend.infra.work import Work

LONGEST: Final = 600.0
"""Seconds that learning on and forecasting may take."""
RECENT: Final = 364 + 16 * 7 + HORIZON + 4 * 7 + 8
"""Days that are read for it: what features look back at, from the first origin learned from."""
MOST_DAYS: Final = 28
"""Days learned one by one; what is older waits for the training at night."""
ERRORS_KEPT: Final = 180
"""Days whose misses are kept."""
COMPARED: Final = 15
"""Days after a promotion in which the model before is forecast with too."""
WORKER: Final = "worker"


@dataclass(frozen=True, slots=True)
class _Standing:
    """Who forecasts, from what it learns on, and what was said before."""

    champion: ModelRow
    base: ModelRow
    totals: ModelRow | None
    predecessor: ModelRow | None
    said_through: date | None
    ledger: Ledger
    snapshots: Sequence[dict[str, Any]]


Ending = Callable[[Work, ModelRow], Awaitable[None]]
"""What belongs into the same transaction as the forecasts."""


async def update(
    database: Database,
    computer: Computer,
    org_id: UUID,
    run_id: UUID,
    heard: Heard,
    ending: Ending,
) -> ModelRow | None:
    """Learn on and forecast; return the model that did, None where nobody forecasts yet.

    Everything is written together, with the end of the run: done twice, it is done once.
    """
    began = asyncio.get_running_loop().time()
    async with database.work(program(org_id, WORKER), read_only=True) as work:
        found = await _standing(work)
        task = None if found is None else await _task(work, found)
    if found is None or task is None:
        return None
    updated: Updated = await computer.run("updating", task, heard, LONGEST)
    days = await asyncio.to_thread(_scored, found, updated)
    async with database.work(program(org_id, WORKER)) as work:
        await work.rows(known.LOCK, org_id)
        await _check_champion(work, found.champion)
        model = await _keep_models(work, found, updated, run_id)
        await _write_forecasts(work, found, updated, model)
        await _write_days(work, found, updated, days)
        seconds = asyncio.get_running_loop().time() - began
        closed = found.ledger.closed_through
        await work.rows(statements.NOTE_UPDATE, org_id, closed, work.now, seconds)
        await keeping.let_go(work, model)
        told = ForecastUpdated(None, model.id, model.version, found.ledger.read_at, work.now)
        work.gather([told])
        await ending(work, model)
    return model


async def _check_champion(work: Work, champion: ModelRow) -> None:
    """Refuse to forecast with a model in whose place another was put meanwhile.

    Raises:
        Unreachable: begin again, with the other.
    """
    now = await standing.champion(work)
    if now is None or now.id != champion.id:
        raise Unreachable("another model was put in its place meanwhile")


async def _standing(work: Work) -> _Standing | None:
    champion = await standing.champion(work)
    if champion is None:
        return None
    ledger = await read_panel(work, days=RECENT, ahead=HORIZON, today=True)
    if ledger is None:
        return None
    base = champion
    if champion.is_partial and champion.parent_id is not None:
        base = await find_model(work, champion.parent_id)
    cursor = await work.row(statements.CURSOR, work.principal.org_id)
    since = ledger.closed_through - timedelta(days=MOST_DAYS + 8)
    return _Standing(
        champion=champion,
        base=base,
        totals=await standing.champion(work, ModelKind.TOTALS),
        predecessor=await _predecessor(work, champion),
        said_through=cursor["closed"] if cursor else None,
        ledger=ledger,
        snapshots=await work.rows(statements.SNAPSHOTS, work.principal.org_id, since),
    )


async def _predecessor(work: Work, champion: ModelRow) -> ModelRow | None:
    """Return the model that forecast before, while it is compared with."""
    root = await find_model(work, champion.root_id)
    if root.promoted_at is None or (work.now - root.promoted_at).days > COMPARED:
        return None
    row = await work.row(known.PREDECESSOR, work.principal.org_id)
    found = None if row is None else model_of(row)
    return found if found and found.family is ModelFamily.NETWORK else None


async def _task(work: Work, found: _Standing) -> Updating:
    ledger, base = found.ledger, found.base
    panel = ledger.panel
    is_network = base.family is ModelFamily.NETWORK
    content, reservoir = await keeping.content_of(work, base.id) if is_network else (None, None)
    totals = found.totals
    sums = None if totals is None else (await keeping.content_of(work, totals.id))[0]
    before = found.predecessor
    old = None if before is None else (await keeping.content_of(work, before.id))[0]
    earliest = max(ledger.closed - MOST_DAYS, 0)
    learned = panel.rhythm.between(panel.start, base.last_seen) + 1
    said = _number(ledger, found.said_through, ledger.closed - 1)
    return Updating(
        panel=panel,
        horizon=HORIZON,
        closed=ledger.closed,
        learned=min(max(learned, earliest), ledger.closed),
        said=min(max(said, earliest), ledger.closed),
        seed=base.seed + base.version,
        periods=content,
        totals=sums,
        reservoir=reservoir,
        predecessor=old,
    )


def _number(ledger: Ledger, day: date | None, otherwise: int) -> int:
    if day is None:
        return otherwise
    return ledger.panel.rhythm.between(ledger.panel.start, day) + 1


async def _keep_models(work: Work, found: _Standing, updated: Updated, run_id: UUID) -> ModelRow:
    """Add the versions that learned; the newest forecasts from now on."""
    ledger, newest, base = found.ledger, found.base, found.base
    common = {
        "kind": ModelKind.PERIODS, "horizon": HORIZON, "series": len(ledger.series),
        "first_seen": base.first_seen, "trained_through": ledger.read_at, "run_id": run_id,
        "seed": base.seed,
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


async def _write_forecasts(work: Work, found: _Standing, updated: Updated, model: ModelRow) -> None:
    ledger, org_id = found.ledger, work.principal.org_id
    first = ledger.panel.rhythm.later(ledger.panel.start, ledger.panel.periods)
    totals = found.totals.id if found.totals else model.id
    days, sums = updated.days, updated.totals
    rows = [
        (org_id, location, product, first, days.mean[n].tolist(), _flat(days.quantiles[n]),
         sums.mean[n].tolist(), _flat(sums.quantiles[n]), DemandClass(int(updated.classes[n])).name,
         model.id, totals, ledger.read_at, work.now)
        for n, (location, product) in enumerate(ledger.series)
    ]  # fmt: skip
    async with work.tx.acquire_connection() as connection:
        await connection.executemany(statements.PUT_FORECAST, rows)
    await work.rows(statements.DROP_FORECASTS, org_id, work.now)


def _flat(quantiles: Floats) -> list[float]:
    return quantiles.reshape(-1).tolist()


@dataclass(frozen=True, slots=True, eq=False)
class _Day:
    """What was missed of a day that ended, by who had forecast it."""

    day: date
    missed: dict[str, Missed]


def _scored(found: _Standing, updated: Updated) -> list[_Day]:
    """Score the days that ended since, with what was said before each of them."""
    panel, series = found.ledger.panel, found.ledger.series
    fresh = [_snapshot(found, week.origin, week.said) for week in updated.weeks]
    days = {one.day for one in fresh}
    kept = [unpack(row["day"], bytes(row["content"])) for row in found.snapshots
            if row["day"] not in days]  # fmt: skip
    scored: list[_Day] = []
    for week in updated.weeks:
        number = week.origin - 1
        day = panel.rhythm.later(panel.start, number)
        missed = score(
            day, series, panel.demand[:, number], panel.exposure[:, number] > 0, [*kept, *fresh]
        )
        if missed:
            scored.append(_Day(day, missed))
    return scored


def _snapshot(found: _Standing, origin: int, said: dict[str, tuple[Floats, Floats]]) -> Snapshot:
    panel = found.ledger.panel
    return Snapshot(panel.rhythm.later(panel.start, origin - 1), found.ledger.series, said)


async def _write_days(work: Work, found: _Standing, updated: Updated, days: Sequence[_Day]) -> None:
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
