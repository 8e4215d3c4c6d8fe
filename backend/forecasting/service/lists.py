"""Lists of models and runs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from backend.forecasting.models import ForecastModel, ForecastRun
from backend.forecasting.rules import ModelKind, ModelOrigin, ModelStatus, RunKind, RunStatus
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.work import Work

_MODELS: Final = Ordering("forecast-models", ("trained_at", "id"), (datetime, UUID), True)
_RUNS: Final = Ordering("forecast-runs", ("requested_at", "id"), (datetime, UUID), True)


@dataclass(frozen=True, slots=True)
class ModelCriteria:
    """Which models; None does not limit."""

    kinds: frozenset[ModelKind] | None = None
    origins: frozenset[ModelOrigin] | None = None
    statuses: frozenset[ModelStatus] | None = None


@dataclass(frozen=True, slots=True)
class RunCriteria:
    """Which runs; None does not limit."""

    kinds: frozenset[RunKind] | None = None
    statuses: frozenset[RunStatus] | None = None


async def models(
    work: Work, criteria: ModelCriteria, *, first: int = 50, after: str | None = None
) -> Page[ForecastModel]:
    """Return a page of models, the newest first.

    Raises:
        TooMuch: `first` is too large.
        InvalidCursor: `after` is not a cursor of this list.
    """
    query = ForecastModel.filter(
        **_chosen(
            kind__in=criteria.kinds, origin__in=criteria.origins, status__in=criteria.statuses
        )
    )
    return await fetch_page(work, query, _MODELS, first, after)


async def runs(
    work: Work, criteria: RunCriteria, *, first: int = 50, after: str | None = None
) -> Page[ForecastRun]:
    """Return a page of runs, the newest first.

    Raises:
        TooMuch: `first` is too large.
        InvalidCursor: `after` is not a cursor of this list.
    """
    query = ForecastRun.filter(**_chosen(kind__in=criteria.kinds, status__in=criteria.statuses))
    return await fetch_page(work, query, _RUNS, first, after)


def _chosen(**limits: frozenset[Any] | None) -> dict[str, list[str]]:
    return {
        name: [str(one) for one in values] for name, values in limits.items() if values is not None
    }
