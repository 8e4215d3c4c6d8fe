"""Inputs of forecasts."""

from strawberry.scalars import ID

from backend.forecasting.graphql.enums import (
    ModelKind,
    ModelOrder,
    ModelOrigin,
    ModelStatus,
    RunKind,
    RunOrder,
    RunStatus,
)
from backend.infra.api.described import input_type
from backend.infra.api.results import SortDirection


@input_type
class ForecastModelInput:
    """Which model."""

    id: ID
    """Identifies the version."""


@input_type
class ForecastModelFilter:
    """Which models; what is left out does not limit."""

    kinds: list[ModelKind] | None = None
    """Only of days, or of totals."""
    origins: list[ModelOrigin] | None = None
    """Only trained, or learned on."""
    statuses: list[ModelStatus] | None = None
    """Only those that are these."""


@input_type
class ForecastModelSort:
    """How models are sorted."""

    by: ModelOrder = ModelOrder.TRAINED_AT
    """By what."""
    direction: SortDirection = SortDirection.DESC
    """Which end first."""


@input_type
class ForecastRunFilter:
    """Which runs; what is left out does not limit."""

    kinds: list[RunKind] | None = None
    """Only those that do these."""
    statuses: list[RunStatus] | None = None
    """Only those that are so far."""


@input_type
class ForecastRunSort:
    """How runs are sorted."""

    by: RunOrder = RunOrder.REQUESTED_AT
    """By what."""
    direction: SortDirection = SortDirection.DESC
    """Which end first."""
