"""Learning on from what was sold since, and forecasting anew."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from backend.core.errors import Unreachable
from backend.core.principal import program
from backend.forecasting import statements as known
from backend.forecasting.demand.ledger import Ledger, look_over, read
from backend.forecasting.demand.numbers import Numbers
from backend.forecasting.errors import ModelNotKept
from backend.forecasting.jobs import keeping, statements, writing
from backend.forecasting.jobs.folders import own_folder
from backend.forecasting.jobs.parting import write_parts
from backend.forecasting.jobs.process import Heard
from backend.forecasting.jobs.tasks import (
    Speaker,
    Updated,
    Updating,
)
from backend.forecasting.jobs.workshop import Bounds, Ordered, Workshop
from backend.forecasting.jobs.writing import Standing
from backend.forecasting.rules import SIMPLE, ModelKind
from backend.forecasting.service import standing
from backend.forecasting.service.standing import ModelRow, find_model, model_of
from backend.infra.work import Work

RECENT: Final = 364 + 16 * 7 + 4 * 7 + 8
"""Days that are read, beside a horizon: what features look back at, from the first origin."""
MOST_DAYS: Final = 28
"""Days learned one by one; what is older waits for the training at night."""
COMPARED: Final = 15
"""Days after a promotion in which the model before is forecast with too."""
WORKER: Final = "worker"


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
    with own_folder() as folder:
        async with workshop.database.work(who, read_only=True) as work:
            found = await _standing(work, bounds, folder)
            task = None if found is None else await _task(work, bounds, found)
        if found is None or task is None:
            return None
        updated: Updated = await workshop.computer.run("updating", task, heard, bounds.updating)
        days = await asyncio.to_thread(writing.scored, found, updated)
        async with workshop.database.work(who) as work:
            await work.rows(known.LOCK, ordered.org_id)
            await _check_champion(work, found.champion)
            model = await writing.keep_models(work, found, updated, ordered.run_id)
            await writing.write_forecasts(work, found, updated, model)
            await writing.write_days(work, found, updated, days)
            await writing.note(work, found, model, asyncio.get_running_loop().time() - began)
            await ending(work, model, found.left_out)
    return model


async def _check_champion(work: Work, champion: ModelRow) -> None:
    """Refuse to forecast with a model in whose place another was put meanwhile.

    Raises:
        Unreachable: begin again, with the other.
    """
    now = await standing.champion(work)
    if now is None or now.id != champion.id:
        raise Unreachable("another model was put in its place meanwhile")


async def _standing(work: Work, bounds: Bounds, folder: Path) -> Standing | None:
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
    return Standing(
        champion=champion,
        base=base,
        totals=await standing.champion(work, ModelKind.TOTALS),
        predecessor=await _predecessor(work, champion),
        said_through=cursor["closed"] if cursor else None,
        ledger=ledger,
        parts=() if seen.survey.is_whole else await write_parts(work, seen, folder),
        numbers=Numbers.of(ledger.series if seen.survey.is_whole else seen.survey.keys),
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


async def _task(work: Work, bounds: Bounds, found: Standing) -> Updating:
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
