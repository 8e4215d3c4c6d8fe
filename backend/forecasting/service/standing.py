"""Which model forecasts: the champion, promoting another by hand, going back to the one before."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.forecasting import statements
from backend.forecasting.errors import ForecastModelNotFound, ModelNotKept, NoEarlierModel
from backend.forecasting.rules import (
    SIMPLE,
    ModelFamily,
    ModelKind,
    ModelOrigin,
    ModelStatus,
    RunKind,
    RunReason,
)
from backend.forecasting.service.orders import request
from backend.infra.work import Work


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A version of a model without what it is made of.

    `first_seen` and `last_seen` are the business days it learned from; `trained_through` is the
    moment up to which sales are in it. `metrics` are those of `Accuracy`, with `origins` and
    `horizon` they were judged on; `baselines` the same of the simple forecasts by name.
    `is_partial`: the last day it learned had not ended. `left_out`: series of which it learned
    nothing, because all of them would be too many.
    """

    id: UUID
    version: int
    family: ModelFamily
    kind: ModelKind
    origin: ModelOrigin
    parent_id: UUID | None
    root_id: UUID
    run_id: UUID | None
    status: ModelStatus
    verdict: str | None
    seed: int
    horizon: int
    series: int
    first_seen: date
    last_seen: date
    trained_through: datetime
    trained_at: datetime
    promoted_at: datetime | None
    metrics: dict[str, Any]
    baselines: dict[str, dict[str, Any]]
    is_partial: bool
    left_out: int


async def champion(work: Work, kind: ModelKind = ModelKind.PERIODS) -> ModelRow | None:
    """Return the model that forecasts; None before anything was trained."""
    row = await work.row(statements.CHAMPION, work.principal.org_id, kind.value)
    return None if row is None else model_of(row)


async def find_model(work: Work, model_id: UUID) -> ModelRow:
    """Return a model.

    Raises:
        ForecastModelNotFound: there is none of that id.
    """
    row = await work.row(statements.MODEL, work.principal.org_id, model_id)
    if row is None:
        raise ForecastModelNotFound("no such model", field=["id"], value=str(model_id))
    return model_of(row)


async def promote(work: Work, model_id: UUID) -> UUID:
    """Let a model forecast, whatever was thought of it; return the run that makes its forecasts.

    Raises:
        ForecastModelNotFound: there is none of that id.
        ModelNotKept: only its description is kept, or it forecasts totals.
    """
    chosen = await find_model(work, model_id)
    work.note("FORECAST_MODEL_PROMOTED", model_id, version=chosen.version)
    return await _crown(work, chosen)


async def roll_back(work: Work) -> UUID:
    """Let the model forecast that did so before; return the run that makes its forecasts.

    Raises:
        NoEarlierModel: there is none that is kept.
    """
    row = await work.row(statements.PREDECESSOR, work.principal.org_id)
    if row is None:
        raise NoEarlierModel("no model that forecast before is kept")
    chosen = model_of(row)
    work.note("FORECAST_MODEL_ROLLED_BACK", chosen.id, version=chosen.version)
    return await _crown(work, chosen)


async def enthrone(work: Work, chosen: ModelRow, totals: ModelRow | None) -> None:
    """Let a model forecast, and these totals with it, in the place of whoever did."""
    await work.rows(statements.LOCK, work.principal.org_id)
    for kind, model in ((ModelKind.PERIODS, chosen), (ModelKind.TOTALS, totals)):
        if model is not None:
            await work.rows(statements.RETIRE, work.principal.org_id, kind.value, model.id)
            await work.rows(
                statements.PROMOTE, work.principal.org_id, kind.value, model.id, work.now
            )


async def _crown(work: Work, chosen: ModelRow) -> UUID:
    is_kept = chosen.family in SIMPLE
    if not is_kept:
        row = await work.row(statements.IS_KEPT, work.principal.org_id, chosen.id)
        is_kept = row is not None
    if chosen.kind is ModelKind.TOTALS or not is_kept:
        raise ModelNotKept(
            "only models of single days that are kept can forecast",
            field=["input", "id"], value=str(chosen.id),
        )  # fmt: skip
    row = await work.row(statements.TOTALS_OF, work.principal.org_id, chosen.root_id)
    await enthrone(work, chosen, None if row is None else model_of(row))
    return await request(work, RunKind.UPDATE, RunReason.PROMOTED)


def model_of(row: dict[str, Any]) -> ModelRow:
    """Return a row as a model."""
    return ModelRow(
        id=row["id"],
        version=row["version"],
        family=ModelFamily(row["family"]),
        kind=ModelKind(row["kind"]),
        origin=ModelOrigin(row["origin"]),
        parent_id=row["parent_id"],
        root_id=row["root_id"],
        run_id=row["run_id"],
        status=ModelStatus(row["status"]),
        verdict=row["verdict"],
        seed=row["seed"],
        horizon=row["horizon"],
        series=row["series"],
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        trained_through=row["trained_through"],
        trained_at=row["trained_at"],
        promoted_at=row["promoted_at"],
        metrics=_json(row["metrics"]),
        baselines=_json(row["baselines"]),
        is_partial=row["is_partial"],
        left_out=row["left_out"],
    )


def _json(value: Any) -> dict[str, Any]:
    return msgspec.json.decode(value) if isinstance(value, str) else value
