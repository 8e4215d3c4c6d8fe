"""Keeping models: adding versions with what they are made of, and letting old contents go."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from backend.core.ids import new_id
from backend.forecasting import statements as known
from backend.forecasting.jobs import statements
from backend.forecasting.rules import ModelFamily, ModelKind, ModelOrigin, ModelStatus
from backend.forecasting.service.standing import ModelRow, find_model
from backend.infra.work import Work

KEPT_OF_A_DAY: Final = 10
"""Versions of a day that was not over which stay once it is: they begin from one model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewModel:
    """A version to add; `parent` None: it was trained, and `root_id` is its own where None."""

    kind: ModelKind
    horizon: int
    series: int
    first_seen: date
    last_seen: date
    trained_through: datetime
    seed: int
    family: ModelFamily = ModelFamily.NETWORK
    parent: ModelRow | None = None
    root_id: UUID | None = None
    run_id: UUID | None = None
    verdict: str | None = None
    status: ModelStatus = ModelStatus.CHALLENGER
    metrics: dict[str, Any] | None = None
    baselines: dict[str, dict[str, Any]] | None = None
    content: bytes | None = None
    reservoir: bytes | None = None
    is_partial: bool = False
    left_out: int = 0


async def add(work: Work, new: NewModel) -> ModelRow:
    """Add a version and return it."""
    model_id, org_id, parent = new_id(), work.principal.org_id, new.parent
    root_id = new.root_id or (parent.root_id if parent else model_id)
    metrics = new.metrics if new.metrics is not None else parent.metrics if parent else {}
    baselines = new.baselines if new.baselines is not None else parent.baselines if parent else {}
    origin = ModelOrigin.TRAINED if parent is None else ModelOrigin.UPDATED
    await work.rows(
        known.ADD_MODEL, org_id, model_id, new.family.value, new.kind.value, origin.value,
        parent.id if parent else None, root_id, new.run_id, new.status.value, new.verdict,
        new.seed, new.horizon, new.series, new.first_seen, new.last_seen, new.trained_through,
        work.now, None, _json(metrics), _json(baselines), new.is_partial,
        new.left_out,
    )  # fmt: skip
    if new.content is not None:
        await work.rows(known.ADD_CONTENT, org_id, model_id, new.content, new.reservoir)
    return await find_model(work, model_id)


async def content_of(work: Work, model_id: UUID) -> tuple[bytes | None, bytes | None]:
    """Return what a model is made of, and the rows it learns on from; None: not kept."""
    row = await work.row(known.CONTENT, work.principal.org_id, model_id)
    if row is None:
        return None, None
    return bytes(row["content"]), None if row["reservoir"] is None else bytes(row["reservoir"])


async def let_go(work: Work, champion: ModelRow) -> None:
    """Let go what no model is compared with, and nobody goes back to, any more."""
    org_id = work.principal.org_id
    values = (org_id, champion.last_seen, work.now, champion.root_id)
    await work.rows(statements.PRUNE_CONTENTS, *values)
    await work.rows(statements.PRUNE_RUNS, org_id, work.now)


async def thin_out(work: Work) -> None:
    """Drop the versions of unfinished days but the last few of each; today's all stay."""
    local = work.now.astimezone(ZoneInfo(work.timezone))
    today = local.replace(hour=0, minute=0, second=0, microsecond=0)
    await work.rows(statements.PRUNE_MODELS, work.principal.org_id, today, KEPT_OF_A_DAY)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
