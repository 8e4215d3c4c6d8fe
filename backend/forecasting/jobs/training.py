"""Training from all the past, and what becomes of the new model."""

from typing import Final
from uuid import UUID

from backend.core.principal import program
from backend.forecasting.demand.ledger import Ledger, read_panel
from backend.forecasting.demand.rhythm import Step, rhythm_of
from backend.forecasting.jobs import keeping, statements
from backend.forecasting.jobs.keeping import NewModel
from backend.forecasting.jobs.process import Computer, Heard
from backend.forecasting.jobs.tasks import Trained, Training
from backend.forecasting.judging.promotion import Verdict
from backend.forecasting.rules import ModelFamily, ModelKind, ModelStatus
from backend.forecasting.service import standing
from backend.forecasting.service.answers import HORIZON
from backend.forecasting.service.groups import named_series
from backend.forecasting.service.standing import ModelRow
from backend.infra.database import Database
from backend.infra.work import Work

LONGEST: Final = 1_800.0
"""Seconds that a training may take."""
WORKER: Final = "worker"


async def train(
    database: Database, computer: Computer, org_id: UUID, run_id: UUID, heard: Heard
) -> Verdict:
    """Train, judge, and promote if it deserves it; return the verdict.

    The models, the promotion and what the run knows of them are written together: whoever takes
    the run up again after that finds it trained.
    """
    async with database.work(program(org_id, WORKER), read_only=True) as work:
        ledger = await read_panel(work, ahead=HORIZON)
        champion = await standing.champion(work)
        checkpoints = () if ledger is None else await _checkpoints(work, ledger, champion)
        keys = {} if ledger is None else (await named_series(work, ledger.series)).keys
    if ledger is None:
        return Verdict.NOTHING_SOLD
    seed = run_id.int % 2**31
    panel = ledger.panel if ledger.closed < 1 else ledger.panel.until(ledger.closed, HORIZON)
    task = Training(panel, HORIZON, seed, checkpoints, keys)
    trained: Trained = await computer.run("training", task, heard, LONGEST)
    async with database.work(program(org_id, WORKER)) as work:
        await work.rows("select pg_advisory_xact_lock(1179800404, hashtext($1))", str(org_id))
        model = await _keep(work, ledger, trained, run_id, seed)
        promoted = trained.verdict is Verdict.PROMOTED
        await work.rows(
            statements.TRAINED, org_id, run_id, model.id, promoted, trained.verdict.value, work.now
        )
    return trained.verdict


async def _checkpoints(
    work: Work, ledger: Ledger, champion: ModelRow | None
) -> tuple[tuple[int, bytes], ...]:
    if champion is None or champion.family is not ModelFamily.NETWORK:
        return ()
    panel, between = ledger.panel, rhythm_of(Step.DAY).between
    rows = await work.rows(
        statements.CHECKPOINTS, work.principal.org_id, champion.root_id, panel.start
    )
    return tuple(
        (between(panel.start, row["last_seen"]) + 1, bytes(row["content"])) for row in rows
    )


async def _keep(work: Work, ledger: Ledger, trained: Trained, run_id: UUID, seed: int) -> ModelRow:
    """Add both models; promote them, or see to it that somebody forecasts."""
    promoted = trained.verdict is Verdict.PROMOTED
    status = ModelStatus.CHALLENGER if promoted else ModelStatus.REJECTED
    common = {
        "horizon": HORIZON, "series": len(ledger.series), "first_seen": ledger.panel.start,
        "last_seen": ledger.closed_through, "trained_through": ledger.read_at, "seed": seed,
        "run_id": run_id, "verdict": trained.verdict.value, "status": status,
    }  # fmt: skip
    model = await keeping.add(
        work,
        NewModel(
            kind=ModelKind.PERIODS, content=trained.periods, reservoir=trained.reservoir,
            metrics=trained.metrics, baselines=trained.baselines, **common,
        ),
    )  # fmt: skip
    totals = await keeping.add(
        work,
        NewModel(kind=ModelKind.TOTALS, content=trained.totals, root_id=model.id, **common),
    )
    if promoted:
        await standing.enthrone(work, model, totals)
    elif await standing.champion(work) is None:
        await crown_weekday_mean(work, model, trained.baselines.get("weekday_mean", {}))
    return model


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
