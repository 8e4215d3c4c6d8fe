"""What events say, from the facts stored with them: names are those of the time."""

from collections.abc import Callable
from typing import Annotated, Any, Final, Self

import strawberry
from strawberry.scalars import ID

from backend.alerts.events import AlertChanged as AlertChangedEvent
from backend.alerts.graphql import Alert
from backend.analytics.goals.events import GoalChanged as GoalChangedEvent
from backend.analytics.goals.graphql.types import GoalChanged
from backend.catalogue.events import ProductChanged as ProductChangedEvent
from backend.catalogue.graphql import ProductChanged
from backend.core.scopes import Scope
from backend.devices.events import DeviceChanged as DeviceChangedEvent
from backend.events.failures import JobFailed as JobFailedEvent
from backend.fleet.events import AgentChanged as AgentChangedEvent, RolloutChanged
from backend.fleet.graphql.enums import AgentState, AgentTrouble, RolloutState
from backend.forecasting.events import (
    ForecastRunChanged as ForecastRunChangedEvent,
    ForecastUpdated as ForecastUpdatedEvent,
)
from backend.forecasting.graphql.changes import ForecastRunChanged, ForecastUpdated
from backend.identity.events import AccessChanged as AccessChangedEvent, Change, Subject
from backend.infra.api.declared import seen_with
from backend.infra.api.described import enum_type, object_type
from backend.locations.events import LocationChanged as LocationChangedEvent
from backend.locations.graphql import LocationChanged
from backend.merchandising.events import ShelfChanged as ShelfChangedEvent
from backend.merchandising.graphql.types import ShelfChanged
from backend.pieces.events import (
    PieceChanged as PieceChangedEvent,
    TagsSeen as TagsSeenEvent,
)
from backend.pieces.graphql import PieceChanged, TagsSeen
from backend.reports.events import (
    BoardChanged as BoardChangedEvent,
    KeptChange,
    PivotChanged as PivotChangedEvent,
    ReportChanged as ReportChangedEvent,
)
from backend.reports.graphql.enums import RunState
from backend.sales.events import (
    ReturnRecorded as ReturnRecordedEvent,
    SaleRecorded as SaleRecordedEvent,
)
from backend.sales.graphql import Sale
from backend.stock.events import (
    StockLevelChanged as StockLevelChangedEvent,
    StockMoved as StockMovedEvent,
)
from backend.stock.graphql import StockLevel, StockMovement

enum_type(Change)
enum_type(KeptChange)
enum_type(Subject)


@seen_with(Scope.SALES_READ)
@object_type
class SaleRecorded:
    """A sale took effect."""

    sale: Sale
    """The sale."""

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the payload of a stored fact."""
        return cls(sale=Sale.from_fact(fact))


@seen_with(Scope.SALES_READ)
@object_type
class ReturnRecorded:
    """A return took effect."""

    sale: Sale
    """The return."""

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the payload of a stored fact."""
        return cls(sale=Sale.from_fact(fact))


@seen_with(Scope.STOCK_READ)
@object_type
class StockMoved:
    """A quantity changed."""

    movement: StockMovement
    """The change."""
    level: StockLevel
    """How it left the level."""

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the payload of a stored fact."""
        return cls(movement=StockMovement.from_fact(fact), level=StockLevel.from_fact(fact))


@seen_with(Scope.STOCK_READ)
@object_type
class StockLevelChanged:
    """Something of a level other than its quantity changed, such as its reorder point."""

    level: StockLevel
    """The level as it is now."""

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the payload of a stored fact."""
        return cls(level=StockLevel.from_fact(fact))


@seen_with(Scope.ALERTS_READ)
@object_type
class AlertChanged:
    """An alert was opened, taken on or resolved."""

    alert: Alert
    """The alert as it is now."""

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the payload of a stored fact."""
        return cls(alert=Alert.from_fact(fact))


@seen_with(Scope.DEVICES_READ)
@object_type
class DeviceChanged:
    """A device was made or changed."""

    id: ID
    """Identifies the device."""
    code: str
    """Its code."""
    name: str | None
    """Its name."""

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the payload of a stored fact."""
        device = fact["device"]
        return cls(id=ID(device["id"]), code=device["code"], name=device["name"])


@seen_with(Scope.DEVICES_READ)
@object_type
class AgentChanged:
    """Something of an agent changed that a person would see: ask `agents` for the rest."""

    id: ID
    """Identifies the agent."""
    state: AgentState
    """Whether it lives."""
    troubles: list[AgentTrouble]
    """What is wrong with it."""

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the payload of a stored fact."""
        agent = fact["agent"]
        return cls(
            id=ID(agent["id"]),
            state=AgentState(agent["state"]),
            troubles=[AgentTrouble(one) for one in agent["troubles"]],
        )


@seen_with(Scope.DEVICES_READ)
@object_type
class AgentRolloutChanged:
    """A roll-out of a configuration went on or ended: ask `agentRollouts` for the rest."""

    id: ID
    """Identifies the roll-out."""
    state: RolloutState
    """How far it is."""
    wave: int
    """The wave that has the configuration by now, from 0."""

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the payload of a stored fact."""
        rollout = fact["rollout"]
        return cls(id=ID(rollout["id"]), state=RolloutState(rollout["state"]), wave=rollout["wave"])


@seen_with(Scope.ADMIN)
@object_type
class AccessChanged:
    """What somebody may do changed."""

    subject: Subject
    """Whose access it is about."""
    key: str
    """The subject's id; of a client its client id."""
    change: Change
    """What became of it."""

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the payload of a stored fact."""
        return cls(subject=Subject(fact["subject"]), key=fact["key"], change=Change(fact["change"]))


@seen_with(Scope.REPORTS_READ)
@object_type
class ReportChanged:
    """A report went on, was handed over, failed or was restated: ask `reportRuns` for the rest."""

    id: ID
    """Identifies the report."""
    state: RunState
    """How far it is."""
    progress: int
    """How much of it is done, in percent."""
    is_restated: bool
    """Late sales changed its figures."""

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the payload of a stored fact."""
        report = fact["report"]
        return cls(
            id=ID(report["id"]),
            state=RunState(report["state"]),
            progress=report["progress"],
            is_restated=report["isRestated"],
        )


@seen_with(Scope.REPORTS_READ)
@object_type
class JobFailed:
    """A job of the worker is not tried again."""

    id: ID
    """What it was about, such as a report's id."""
    job: str
    """Which kind of job."""
    code: str
    """Why."""

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the payload of a stored fact."""
        return cls(id=ID(fact["key"]), job=fact["job"], code=fact["code"])


@seen_with(Scope.REPORTS_READ)
@object_type
class BoardChanged:
    """A board was saved, published, talked about or deleted: ask `boards` for the rest."""

    id: ID
    """Identifies the board."""
    change: KeptChange
    """What became of it."""

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the payload of a stored fact."""
        return cls(id=ID(fact["key"]), change=KeptChange(fact["change"]))


@seen_with(Scope.REPORTS_READ)
@object_type
class PivotChanged:
    """A kept pivot was saved or deleted: ask `savedPivots` for the rest."""

    id: ID
    """Identifies the pivot."""
    change: KeptChange
    """What became of it."""

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the payload of a stored fact."""
        return cls(id=ID(fact["key"]), change=KeptChange(fact["change"]))


FeedPayload = Annotated[
    SaleRecorded
    | ReturnRecorded
    | StockMoved
    | StockLevelChanged
    | AlertChanged
    | ProductChanged
    | LocationChanged
    | DeviceChanged
    | AgentChanged
    | PieceChanged
    | TagsSeen
    | AgentRolloutChanged
    | ReportChanged
    | BoardChanged
    | PivotChanged
    | JobFailed
    | AccessChanged
    | GoalChanged
    | ForecastUpdated
    | ForecastRunChanged
    | ShelfChanged,
    strawberry.union("FeedPayload", description="What an event says."),
]

PAYLOADS: Final[dict[str, Callable[[dict[str, Any]], Any]]] = {
    SaleRecordedEvent.kind: SaleRecorded.from_fact,
    ReturnRecordedEvent.kind: ReturnRecorded.from_fact,
    StockMovedEvent.kind: StockMoved.from_fact,
    StockLevelChangedEvent.kind: StockLevelChanged.from_fact,
    AlertChangedEvent.kind: AlertChanged.from_fact,
    ProductChangedEvent.kind: ProductChanged.from_fact,
    LocationChangedEvent.kind: LocationChanged.from_fact,
    DeviceChangedEvent.kind: DeviceChanged.from_fact,
    AgentChangedEvent.kind: AgentChanged.from_fact,
    PieceChangedEvent.kind: PieceChanged.from_fact,
    TagsSeenEvent.kind: TagsSeen.from_fact,
    RolloutChanged.kind: AgentRolloutChanged.from_fact,
    ReportChangedEvent.kind: ReportChanged.from_fact,
    BoardChangedEvent.kind: BoardChanged.from_fact,
    PivotChangedEvent.kind: PivotChanged.from_fact,
    JobFailedEvent.kind: JobFailed.from_fact,
    AccessChangedEvent.kind: AccessChanged.from_fact,
    GoalChangedEvent.kind: GoalChanged.from_fact,
    ForecastUpdatedEvent.kind: ForecastUpdated.from_fact,
    ForecastRunChangedEvent.kind: ForecastRunChanged.from_fact,
    ShelfChangedEvent.kind: ShelfChanged.from_fact,
}
"""How each kind of event becomes its payload."""
