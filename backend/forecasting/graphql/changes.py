"""What the feed says of forecasts."""

from datetime import datetime
from typing import Any, Self

from strawberry.scalars import ID

from backend.core.scopes import Scope
from backend.forecasting.graphql.enums import RunStatus
from backend.infra.api.declared import seen_with
from backend.infra.api.described import object_type


@seen_with(Scope.FORECAST_READ)
@object_type
class ForecastUpdated:
    """Forecasts were made anew: ask `forecast` for them."""

    model_id: ID
    """The model that made them."""
    trained_through: datetime
    """The moment up to which sales are in it."""

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the payload of a stored fact."""
        forecast = fact["forecast"]
        return cls(
            model_id=ID(forecast["modelId"]),
            trained_through=datetime.fromisoformat(forecast["trainedThrough"]),
        )


@seen_with(Scope.FORECAST_READ)
@object_type
class ForecastRunChanged:
    """A run of forecasting was asked for, went on or ended: ask `forecastRun` for the rest."""

    id: ID
    """Identifies the run."""
    status: RunStatus
    """How far it is."""
    progress: float
    """How much of it is done, 0 to 1."""

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the payload of a stored fact."""
        run = fact["run"]
        return cls(id=ID(run["id"]), status=RunStatus(run["status"]), progress=run["progress"])
