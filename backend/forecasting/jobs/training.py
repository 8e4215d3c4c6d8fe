"""Training from all the past, and what becomes of the new models."""

from typing import Any, Final

from backend.core.principal import program
from backend.forecasting import statements as known
from backend.forecasting.demand.ledger import Ledger, read_panel
from backend.forecasting.demand.rhythm import Step, rhythm_of
from backend.forecasting.jobs import keeping, statements
from backend.forecasting.jobs.keeping import NewModel
from backend.forecasting.jobs.process import Heard
from backend.forecasting.jobs.tasks import Trained, Training
from backend.forecasting.jobs.workshop import Bounds, Ordered, Workshop
from backend.forecasting.judging.promotion import Verdict
from backend.forecasting.rules import SIMPLE, ModelFamily, ModelKind, ModelStatus, RunReason
from backend.forecasting.service import standing
from backend.forecasting.service.groups import named_series
from backend.forecasting.service.standing import ModelRow
from backend.infra.work import Work

WORKER: Final = "worker"
"""Who trains."""


async def train(workshop: Workshop, ordered: Ordered, heard: Heard) -> Verdict:
    """Train, judge, and promote who deserves it; return the verdict.

    The models, the promotion and what the run knows of them are written together: whoever takes
    the run up again after that finds it trained.
    """
    who, bounds = program(ordered.org_id, WORKER), workshop.bounds
    async with workshop.database.work(who, read_only=True) as work:
        ledger = await read_panel(work, ahead=bounds.horizon, room=bounds.room)
        champion = await standing.champion(work)
        task = None if ledger is None else await _task(work, bounds, ordered, ledger, champion)
    if ledger is None or task is None:
        return Verdict.NOTHING_SOLD
    trained: Trained = await workshop.computer.run("training", task, heard, bounds.training)
    async with workshop.database.work(who) as work:
        await work.rows(known.LOCK, ordered.org_id)
        model, verdict = await _keep(work, ledger, trained, ordered, bounds.horizon)
        promoted = verdict is Verdict.PROMOTED
        await keeping.thin_out(work)
        values = (model.id, promoted, verdict.value, work.now)
        await work.rows(statements.TRAINED, ordered.org_id, ordered.run_id, *values)
    return verdict


async def _task(
    work: Work, bounds: Bounds, ordered: Ordered, ledger: Ledger, champion: ModelRow | None
) -> Training:
    """Trees take long: they are judged at night, and where they might lose their place."""
    panel = ledger.panel
    family = champion.family if champion else None
    return Training(
        panel=panel if ledger.closed < 1 else panel.until(ledger.closed, bounds.horizon),
        horizon=bounds.horizon,
        seed=ordered.seed,
        champion=family,
        checkpoints=await _checkpoints(work, ledger, champion),
        keys=(await named_series(work, ledger.series)).keys,
        with_trees=ordered.reason is RunReason.NIGHTLY or family is ModelFamily.LIGHTGBM,
    )


async def _checkpoints(
    work: Work, ledger: Ledger, champion: ModelRow | None
) -> tuple[tuple[int, bytes], ...]:
    if champion is None or champion.family in SIMPLE:
        return ()
    panel, between = ledger.panel, rhythm_of(Step.DAY).between
    rows = await work.rows(
        statements.CHECKPOINTS, work.principal.org_id, champion.root_id, panel.start
    )
    return tuple(
        (between(panel.start, row["last_seen"]) + 1, bytes(row["content"])) for row in rows
    )


async def _keep(
    work: Work, ledger: Ledger, trained: Trained, ordered: Ordered, horizon: int
) -> tuple[ModelRow, Verdict]:
    """Add what was trained and who won; return the run's model, and what was said of it."""
    kept = {
        family: await _add(work, ledger, trained, ordered, (family, horizon))
        for family in dict.fromkeys((*trained.learned, *_won(trained)))
    }
    before = await standing.champion(work)
    if trained.winner is not None:
        chosen = kept[trained.winner]
        await standing.enthrone(work, *chosen)
        if trained.winner is not ModelFamily.WEEKDAY_MEAN:
            return chosen[0], Verdict.PROMOTED
    elif before is not None and before.family in SIMPLE and before.horizon != horizon:
        # What learned nothing forecasts as far as is wanted.
        await standing.enthrone(
            work, *await _add(work, ledger, trained, ordered, (before.family, horizon))
        )
    return kept[ModelFamily.NETWORK][0], trained.verdicts[ModelFamily.NETWORK]


def _won(trained: Trained) -> tuple[ModelFamily, ...]:
    return () if trained.winner is None else (trained.winner,)


async def _add(
    work: Work,
    ledger: Ledger,
    trained: Trained,
    ordered: Ordered,
    made: tuple[ModelFamily, int],
) -> tuple[ModelRow, ModelRow]:
    """Add a model of a family and horizon, with the totals that belong to it."""
    family, horizon = made
    verdict = Verdict.PROMOTED if family is trained.winner else trained.verdicts.get(family)
    common = {
        "horizon": horizon, "series": len(ledger.series), "first_seen": ledger.panel.start,
        "last_seen": ledger.closed_through, "trained_through": ledger.read_at,
        "seed": 0 if family in SIMPLE else ordered.seed, "run_id": ordered.run_id,
        "left_out": ledger.left_out,
        "verdict": verdict and verdict.value,
        "status": ModelStatus.CHALLENGER if family is trained.winner else ModelStatus.REJECTED,
    }  # fmt: skip
    content = trained.learned.get(family)
    model = await keeping.add(
        work,
        NewModel(
            kind=ModelKind.PERIODS, family=family, content=content,
            reservoir=trained.reservoir if family is ModelFamily.NETWORK else None,
            metrics=trained.measures.get(family, {}), baselines=_others(trained, family), **common,
        ),
    )  # fmt: skip
    # Totals are the network's whoever forecasts days, if that has learned anything.
    of_totals = family if content is None else ModelFamily.NETWORK
    sums = NewModel(
        kind=ModelKind.TOTALS, family=of_totals, root_id=model.id,
        content=None if content is None else trained.totals, **common,
    )  # fmt: skip
    return model, await keeping.add(work, sums)


def _others(trained: Trained, family: ModelFamily) -> dict[str, dict[str, Any]]:
    return {
        one.value.lower(): measures for one, measures in trained.measures.items()
        if one in SIMPLE or one is not family
    }  # fmt: skip


async def crown_weekday_mean(work: Work, beside: ModelRow, metrics: dict[str, object]) -> ModelRow:
    """Let the mean of equal weekdays forecast, as known beside a model; return its row."""
    common = {
        "horizon": beside.horizon, "series": beside.series, "first_seen": beside.first_seen,
        "last_seen": beside.last_seen, "trained_through": beside.trained_through, "seed": 0,
        "family": ModelFamily.WEEKDAY_MEAN, "run_id": beside.run_id,
    }  # fmt: skip
    mean = await keeping.add(
        work,
        NewModel(kind=ModelKind.PERIODS, metrics=metrics, baselines=beside.baselines, **common),
    )
    totals = await keeping.add(work, NewModel(kind=ModelKind.TOTALS, root_id=mean.id, **common))
    await standing.enthrone(work, mean, totals)
    return mean
