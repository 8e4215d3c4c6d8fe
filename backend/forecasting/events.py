"""What happens to forecasts."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from backend.core.events import Event, Topic
from backend.forecasting.rules import RunKind, RunStatus


class ForecastUpdated(Event, frozen=True):
    """Forecasts were made anew, by this model: who shows them asks again."""

    kind: ClassVar[str] = "ForecastUpdated"
    topic: ClassVar[Topic] = Topic.FORECASTS

    model_id: UUID
    version: int
    trained_through: datetime
    made_at: datetime

    def fact(self) -> dict[str, Any]:
        """Return which model made them, and up to when it knows; nothing of what they say."""
        return {
            "key": "forecast",
            "occurredAt": self.made_at,
            "version": self.version,
            "forecast": {
                "modelId": str(self.model_id),
                "trainedThrough": self.trained_through,
            },
        }


class ForecastRunChanged(Event, frozen=True):
    """A run was asked for, went on or ended."""

    kind: ClassVar[str] = "ForecastRunChanged"
    topic: ClassVar[Topic] = Topic.FORECASTS

    run_id: UUID
    run_kind: RunKind
    status: RunStatus
    progress: float
    version: int
    changed_at: datetime

    def fact(self) -> dict[str, Any]:
        """Return which run, and how far it is."""
        return {
            "key": str(self.run_id),
            "occurredAt": self.changed_at,
            "version": self.version,
            "run": {
                "id": str(self.run_id),
                "status": self.status.value,
                "progress": round(self.progress, 2),
            },
        }
