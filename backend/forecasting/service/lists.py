"""Lists of models and runs."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from backend.forecasting.models import ForecastModel, ForecastRun
from backend.forecasting.rules import ModelKind, ModelOrigin, ModelStatus, RunKind, RunStatus
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.work import Work


class ModelOrder(StrEnum):
    """By what models are sorted."""

    TRAINED_AT = "TRAINED_AT"
    """By when they were made."""


class RunOrder(StrEnum):
    """By what runs are sorted."""

    REQUESTED_AT = "REQUESTED_AT"
    """By when they were asked for."""


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
    work: Work,
    criteria: ModelCriteria,
    *,
    first: int = 50,
    after: str | None = None,
    descending: bool = True,
) -> Page[ForecastModel]:
    """Return a page of models, by when they were made.

    Raises:
        TooMuch: `first` is too large.
        InvalidCursor: `after` is not a cursor of this list.
    """
    query = ForecastModel.filter(
        **_chosen(
            kind__in=criteria.kinds, origin__in=criteria.origins, status__in=criteria.statuses
        )
    )
    ordering = Ordering("forecast-models", ("trained_at", "id"), (datetime, UUID), descending)
    return await fetch_page(work, query, ordering, first, after)


async def runs(
    work: Work,
    criteria: RunCriteria,
    *,
    first: int = 50,
    after: str | None = None,
    descending: bool = True,
) -> Page[ForecastRun]:
    """Return a page of runs, by when they were asked for.

    Raises:
        TooMuch: `first` is too large.
        InvalidCursor: `after` is not a cursor of this list.
    """
    query = ForecastRun.filter(**_chosen(kind__in=criteria.kinds, status__in=criteria.statuses))
    ordering = Ordering("forecast-runs", ("requested_at", "id"), (datetime, UUID), descending)
    return await fetch_page(work, query, ordering, first, after)


def _chosen(**limits: frozenset[Any] | None) -> dict[str, list[str]]:
    return {
        name: [str(one) for one in values] for name, values in limits.items() if values is not None
    }
