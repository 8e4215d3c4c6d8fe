"""Learning on from what was sold since, and forecasting anew."""

import asyncio
import logging
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import numpy as np

from backend.core.errors import Unreachable
from backend.core.principal import program
from backend.forecasting import statements as known
from backend.forecasting.arrays import Floats
from backend.forecasting.demand.ledger import Ledger, look_over, read
from backend.forecasting.demand.survey import Key
from backend.forecasting.errors import ModelNotKept
from backend.forecasting.events import ForecastUpdated
from backend.forecasting.jobs import keeping, statements
from backend.forecasting.jobs.keeping import NewModel
from backend.forecasting.jobs.parting import PartFile, write_parts
from backend.forecasting.jobs.process import Heard
from backend.forecasting.jobs.scoring import Missed, Snapshot, pack, score, unpack
from backend.forecasting.jobs.tasks import (
    CHAMPION,
    PREDECESSOR,
    Made,
    Speaker,
    Updated,
    Updating,
)
from backend.forecasting.jobs.workshop import Bounds, Ordered, Workshop
from backend.forecasting.judging.backtesting import SEASONAL_NAIVE, WEEKDAY_MEAN
from backend.forecasting.rules import SIMPLE, DemandClass, ModelKind
from backend.forecasting.service import standing
from backend.forecasting.service.standing import ModelRow, find_model, model_of
from backend.infra.work import Work

log = logging.getLogger(__name__)

RECENT: Final = 364 + 16 * 7 + 4 * 7 + 8
"""Days that are read, beside a horizon: what features look back at, from the first origin."""
MOST_DAYS: Final = 28
"""Days learned one by one; what is older waits for the training at night."""
ERRORS_KEPT: Final = 180
"""Days whose misses are kept."""
COMPARED: Final = 15
"""Days after a promotion in which the model before is forecast with too."""
WORKER: Final = "worker"


@dataclass(frozen=True, slots=True)
class _Standing:
    """Who forecasts, from what it learns on, and what was said before.

    `parts` have all series where there are more than in the ledger; `left_out`: more than that.
    """

    champion: ModelRow
    base: ModelRow
    totals: ModelRow | None
    predecessor: ModelRow | None
    said_through: date | None
    ledger: Ledger
    parts: tuple[PartFile, ...]
    left_out: int
    snapshots: Sequence[dict[str, Any]]


Ending = Callable[[Work, ModelRow, int], Awaitable[None]]
"""What belongs into the same transaction as the forecasts: who made them, how many are missing."""


async def update(
    workshop: Workshop, ordered: Ordered, heard: Heard, ending: Ending
) -> ModelRow | None:
    """Learn on and forecast; return the model that did, None where nobody forecasts yet.

    Everything is written together, with the end of the run: done twice, it is done once.
    """
    began = asyncio.get_running_loop().time()
    who, bounds = program(ordered.org_id, WORKER), workshop.bounds
    with tempfile.TemporaryDirectory(prefix="shelfcast-forecast-") as folder:
        async with workshop.database.work(who, read_only=True) as work:
            found = await _standing(work, bounds, Path(folder))
            task = None if found is None else await _task(work, bounds, found)
        if found is None or task is None:
            return None
        updated: Updated = await workshop.computer.run("updating", task, heard, bounds.updating)
        days = await asyncio.to_thread(_scored, found, updated)
        async with workshop.database.work(who) as work:
            await work.rows(known.LOCK, ordered.org_id)
            await _check_champion(work, found.champion)
            model = await _keep_models(work, found, updated, ordered.run_id)
            await _write_forecasts(work, found, updated, model)
            await _write_days(work, found, updated, days)
            await _note(work, found, model, asyncio.get_running_loop().time() - began)
            await ending(work, model, found.left_out)
    return model


async def _note(work: Work, found: _Standing, model: ModelRow, seconds: float) -> None:
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


async def _check_champion(work: Work, champion: ModelRow) -> None:
    """Refuse to forecast with a model in whose place another was put meanwhile.

    Raises:
        Unreachable: begin again, with the other.
    """
    now = await standing.champion(work)
    if now is None or now.id != champion.id:
        raise Unreachable("another model was put in its place meanwhile")


async def _standing(work: Work, bounds: Bounds, folder: Path) -> _Standing | None:
    champion = await standing.champion(work)
    if champion is None:
        return None
    base = champion
    if champion.is_partial and champion.parent_id is not None:
        base = await find_model(work, champion.parent_id)
    days, ahead = RECENT + base.horizon, base.horizon
    seen = await look_over(work, days=days, ahead=ahead, today=True, room=bounds.room)
    if seen is None:
        return None
    ledger = await read(work, seen, seen.survey.sample())
    cursor = await work.row(statements.CURSOR, work.principal.org_id)
    since = ledger.closed_through - timedelta(days=MOST_DAYS + 8)
    return _Standing(
        champion=champion,
        base=base,
        totals=await standing.champion(work, ModelKind.TOTALS),
        predecessor=await _predecessor(work, champion),
        said_through=cursor["closed"] if cursor else None,
        ledger=ledger,
        parts=() if seen.survey.is_whole else await write_parts(work, seen, folder),
        left_out=seen.survey.left_out,
        snapshots=await work.rows(statements.SNAPSHOTS, work.principal.org_id, since),
    )


async def _predecessor(work: Work, champion: ModelRow) -> ModelRow | None:
    """Return the model that forecast before, while it is compared with."""
    root = await find_model(work, champion.root_id)
    if root.promoted_at is None or (work.now - root.promoted_at).days > COMPARED:
        return None
    row = await work.row(known.PREDECESSOR, work.principal.org_id)
    return None if row is None else model_of(row)


async def _task(work: Work, bounds: Bounds, found: _Standing) -> Updating:
    ledger, base = found.ledger, found.base
    panel = ledger.panel
    content, reservoir = await keeping.content_of(work, base.id)
    if content is None and base.family not in SIMPLE:
        raise ModelNotKept("the model that forecasts is not kept", value=str(base.id))
    totals, before = found.totals, found.predecessor
    sums = None
    if totals is not None and totals.horizon == base.horizon:
        sums, _ = await keeping.content_of(work, totals.id)
    earliest = max(ledger.closed - MOST_DAYS, 0)
    learned = panel.rhythm.between(panel.start, base.last_seen) + 1
    said = _number(ledger, found.said_through, ledger.closed - 1)
    return Updating(
        panel=panel,
        horizon=base.horizon,
        closed=ledger.closed,
        learned=min(max(learned, earliest), ledger.closed),
        said=min(max(said, earliest), ledger.closed),
        seed=base.seed + base.version,
        base=Speaker(base.family, content),
        totals=sums,
        reservoir=reservoir,
        predecessor=None if before is None else await _speaker(work, before),
        parts=tuple(one.path for one in found.parts),
        executor=bounds.executor,
    )


async def _speaker(work: Work, model: ModelRow) -> Speaker | None:
    content, _ = await keeping.content_of(work, model.id)
    return Speaker(model.family, content) if content or model.family in SIMPLE else None


def _number(ledger: Ledger, day: date | None, otherwise: int) -> int:
    if day is None:
        return otherwise
    return ledger.panel.rhythm.between(ledger.panel.start, day) + 1


async def _keep_models(work: Work, found: _Standing, updated: Updated, run_id: UUID) -> ModelRow:
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


async def _write_forecasts(work: Work, found: _Standing, updated: Updated, model: ModelRow) -> None:
    if updated.made is not None:
        await _put(work, found, model, (found.ledger.series, updated.made))
    for part in found.parts:
        made = await asyncio.to_thread(part.made)
        await _put(work, found, model, (part.series, made))
    await work.rows(statements.DROP_FORECASTS, work.principal.org_id, work.now)


async def _put(
    work: Work, found: _Standing, model: ModelRow, said: tuple[tuple[Key, ...], Made]
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
