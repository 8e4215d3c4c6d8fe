"""What needs attention, and when stock does. Pure."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from msgspec.structs import replace

from backend.catalogue.rules import ProductRef
from backend.core.numbers import ZERO
from backend.locations.rules import LocationRef
from backend.stock.events import StockMoved
from backend.stock.rules import Level


class AlertKind(StrEnum):
    """What is the matter."""

    LOW_STOCK = "LOW_STOCK"
    """Available is at or below the reorder point."""
    OUT_OF_STOCK = "OUT_OF_STOCK"
    """Nothing is available."""
    OVERSOLD = "OVERSOLD"
    """More was sold than the ledger knew of: count."""
    SUSPECT_EXIT = "SUSPECT_EXIT"
    """A piece left through the door and nothing tells of its sale."""
    PIECE_SOLD_TWICE = "PIECE_SOLD_TWICE"
    """A piece that was sold is being bought again: it counts once."""
    PIECE_IN_TWO_PLACES = "PIECE_IN_TWO_PLACES"
    """A piece was seen at another place than where it is in stock."""
    AGENT_SILENT = "AGENT_SILENT"
    """Nothing is heard of the agent of a shop: what is scanned there does not arrive."""
    AGENT_LOSES_READS = "AGENT_LOSES_READS"
    """The outbox of an agent is full: it refuses scans or drops reads of tags."""
    AGENT_HOLDS_READS = "AGENT_HOLDS_READS"
    """Reads have waited in an agent for long although it reaches us."""
    AGENT_CLOCK_WRONG = "AGENT_CLOCK_WRONG"
    """The clock of an agent is off."""
    DEVICE_QUARANTINED = "DEVICE_QUARANTINED"
    """A device of an agent sends garbage, and its port is closed for a while."""
    GOAL_REACHED = "GOAL_REACHED"
    """Sales reached the level of a goal."""
    GOAL_AT_RISK = "GOAL_AT_RISK"
    """A goal will be missed if sales go on as they do, or was."""
    FORECAST_FAILED = "FORECAST_FAILED"
    """A training or an update of forecasts was given up: what is shown grows old."""


class AlertSeverity(StrEnum):
    """How much it matters."""

    INFO = "INFO"
    """Good to know; nothing is the matter, and no wall counts it."""
    WARNING = "WARNING"
    """Act soon."""
    CRITICAL = "CRITICAL"
    """Act now."""


class AlertState(StrEnum):
    """Where it stands."""

    OPEN = "OPEN"
    """Nobody has taken it on."""
    ACKNOWLEDGED = "ACKNOWLEDGED"
    """Somebody is on it."""
    RESOLVED = "RESOLVED"
    """It is over."""


SEVERITY: Final = {
    AlertKind.LOW_STOCK: AlertSeverity.WARNING,
    AlertKind.OUT_OF_STOCK: AlertSeverity.CRITICAL,
    AlertKind.OVERSOLD: AlertSeverity.CRITICAL,
    AlertKind.SUSPECT_EXIT: AlertSeverity.CRITICAL,
    AlertKind.PIECE_SOLD_TWICE: AlertSeverity.WARNING,
    AlertKind.PIECE_IN_TWO_PLACES: AlertSeverity.WARNING,
    AlertKind.AGENT_SILENT: AlertSeverity.CRITICAL,
    AlertKind.AGENT_LOSES_READS: AlertSeverity.CRITICAL,
    AlertKind.AGENT_HOLDS_READS: AlertSeverity.WARNING,
    AlertKind.AGENT_CLOCK_WRONG: AlertSeverity.WARNING,
    AlertKind.DEVICE_QUARANTINED: AlertSeverity.WARNING,
    AlertKind.GOAL_REACHED: AlertSeverity.INFO,
    AlertKind.GOAL_AT_RISK: AlertSeverity.WARNING,
    AlertKind.FORECAST_FAILED: AlertSeverity.WARNING,
}
OF_THE_WHOLE: Final = frozenset({AlertKind.GOAL_REACHED, AlertKind.GOAL_AT_RISK})
"""Without a location, only those hear of them who see the whole organisation."""


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that calls for an alert about `subject`: the EPC of a piece, an agent's name.

    `value` and `threshold` are figures that called for it, where there are any.
    """

    kind: AlertKind
    subject: str
    location: LocationRef | None = None
    product: ProductRef | None = None
    value: Decimal | None = None
    threshold: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AlertFact:
    """An alert with the names of what it is about."""

    id: UUID
    kind: AlertKind
    severity: AlertSeverity
    state: AlertState
    product: ProductRef | None
    location: LocationRef | None
    subject: str | None
    value: Decimal | None
    threshold: Decimal | None
    opened_at: datetime
    updated_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    note: str | None
    resolved_at: datetime | None
    version: int

    def fact(self) -> dict[str, Any]:
        """Return what events store of it."""
        return {
            "key": str(self.id),
            "occurredAt": self.updated_at,
            "version": self.version,
            "alert": {
                "id": str(self.id),
                "kind": self.kind.value,
                "severity": self.severity.value,
                "state": self.state.value,
                "subject": self.subject,
                "value": self.value,
                "threshold": self.threshold,
                "openedAt": self.opened_at,
                "updatedAt": self.updated_at,
                "acknowledgedAt": self.acknowledged_at,
                "acknowledgedBy": self.acknowledged_by,
                "note": self.note,
                "resolvedAt": self.resolved_at,
            },
            "product": self.product.fact() if self.product else None,
            "location": self.location.fact() if self.location else None,
        }


def kind_for(level: Level) -> AlertKind | None:
    """Return the one alert a level calls for, the worst that applies; None where all is well."""
    if level.on_hand < ZERO:
        return AlertKind.OVERSOLD
    if level.available <= ZERO:
        return AlertKind.OUT_OF_STOCK
    if level.reorder_point is not None and level.available <= level.reorder_point:
        return AlertKind.LOW_STOCK
    return None


def kind_before(event: StockMoved) -> AlertKind | None:
    """Return the alert the level called for before a movement.

    None for a level that did not exist.
    """
    if event.level.version <= 1:
        return None
    level = event.level
    return kind_for(replace(level, on_hand=level.on_hand - event.movement.quantity))


def threshold(kind: AlertKind, level: Level) -> Decimal:
    """Return the figure the available (oversold: on hand) units fell to or below."""
    if kind is AlertKind.LOW_STOCK and level.reorder_point is not None:
        return level.reorder_point
    return ZERO


def value(kind: AlertKind, level: Level) -> Decimal:
    """Return the figure that called for the alert."""
    return level.on_hand if kind is AlertKind.OVERSOLD else level.available
