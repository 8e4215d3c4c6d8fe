"""Alerts as clients see them."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

import strawberry
from strawberry.scalars import ID

from backend.alerts import service
from backend.alerts.errors import AlertNotFound
from backend.alerts.rules import AlertFact, AlertKind, AlertSeverity, AlertState
from backend.alerts.service import AlertCriteria, AlertOrder
from backend.catalogue.graphql import Product
from backend.core.scopes import Scope
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.declared import seen_with
from backend.infra.api.described import enum_type, input_type, object_type
from backend.infra.api.relay import Connection, connect
from backend.infra.api.results import SortDirection
from backend.infra.api.scalars import Cursor, Long
from backend.locations.graphql import Location

for _enum in (AlertKind, AlertSeverity, AlertState, AlertOrder):
    enum_type(_enum)


@seen_with(Scope.ALERTS_READ)
@object_type
class Alert:
    """Something that needs attention, from its opening to its resolution."""

    id: ID
    """Identifies it."""
    kind: AlertKind
    """What is the matter."""
    severity: AlertSeverity
    """How much it matters."""
    state: AlertState
    """Where it stands."""
    product: Product | None
    """The product it is about."""
    location: Location | None
    """The place it is about."""
    subject: str | None
    """What else it is about: the EPC URI of a piece, the name of an agent or a goal."""
    value: Decimal | None
    """The figure that called for it, when it did."""
    threshold: Decimal | None
    """What the figure fell to or below; of a goal what it reached, or will miss."""
    opened_at: datetime
    """When it was opened."""
    updated_at: datetime
    """When it last changed."""
    acknowledged_at: datetime | None
    """When somebody took it on."""
    acknowledged_by: str | None
    """Who took it on."""
    note: str | None
    """What they said."""
    resolved_at: datetime | None
    """When it was over."""
    version: Long
    """Grows with every change."""

    @classmethod
    def of(cls, alert: AlertFact) -> Self:
        """Return an alert as clients see it."""
        return cls(
            id=ID(str(alert.id)),
            kind=alert.kind,
            severity=alert.severity,
            state=alert.state,
            product=Product.from_ref(alert.product) if alert.product else None,
            location=Location.from_ref(alert.location) if alert.location else None,
            subject=alert.subject,
            value=alert.value,
            threshold=alert.threshold,
            opened_at=alert.opened_at,
            updated_at=alert.updated_at,
            acknowledged_at=alert.acknowledged_at,
            acknowledged_by=alert.acknowledged_by,
            note=alert.note,
            resolved_at=alert.resolved_at,
            version=Long(alert.version),
        )

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the alert of a stored fact of AlertChanged."""
        alert = fact["alert"]
        return cls(
            id=ID(alert["id"]),
            kind=AlertKind(alert["kind"]),
            severity=AlertSeverity(alert["severity"]),
            state=AlertState(alert["state"]),
            product=Product.from_fact(fact["product"]) if fact["product"] else None,
            location=Location.from_fact(fact["location"]) if fact["location"] else None,
            subject=alert.get("subject"),
            value=_decimal(alert["value"]),
            threshold=_decimal(alert["threshold"]),
            opened_at=datetime.fromisoformat(alert["openedAt"]),
            updated_at=datetime.fromisoformat(alert["updatedAt"]),
            acknowledged_at=_moment(alert["acknowledgedAt"]),
            acknowledged_by=alert["acknowledgedBy"],
            note=alert["note"],
            resolved_at=_moment(alert["resolvedAt"]),
            version=Long(fact["version"]),
        )


@input_type
class AlertFilter:
    """Which alerts; what is left out does not limit."""

    kinds: list[AlertKind] | None = None
    """Only these kinds."""
    severities: list[AlertSeverity] | None = None
    """Only these severities."""
    states: list[AlertState] | None = None
    """Only in these states."""
    locations: list[str] | None = None
    """Only at the locations with these codes."""
    skus: list[str] | None = None
    """Only about these products."""
    subjects: list[str] | None = None
    """Only about these subjects."""

    def criteria(self) -> AlertCriteria:
        """Return the filter as the service takes it."""
        return AlertCriteria(
            **{
                name: None if values is None else frozenset(values)
                for name, values in vars(self).items()
            }
        )


@input_type
class AlertSort:
    """How alerts are sorted."""

    by: AlertOrder = AlertOrder.OPENED_AT
    """By what."""
    direction: SortDirection = SortDirection.DESC
    """Which end first."""


@input_type
class AcknowledgeAlertInput:
    """Takes an alert on."""

    id: ID
    """The alert."""
    note: str | None = None
    """What to tell the others."""


@seen_with(Scope.ALERTS_WRITE)
@object_type
class AcknowledgeAlertPayload:
    """The alert that was taken on."""

    alert: Alert
    """As it stands now."""


@strawberry.type
class Query:
    """Root fields."""

    @strawberry.field(extensions=[Requires(Scope.ALERTS_READ)])
    async def alerts(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: AlertFilter | None = None,  # noqa: A002 - the contract's name
        sort: AlertSort | None = None,
    ) -> Connection[Alert]:
        """What needs attention, and what did; latest opened first unless sorted otherwise."""
        sort = sort or AlertSort()
        page = await service.list_alerts(
            await info.context.reading(),
            filter.criteria() if filter else AlertCriteria(),
            sort.by,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, Alert.of)


@strawberry.type
class Mutation:
    """Root fields."""

    @strawberry.mutation(extensions=[Requires(Scope.ALERTS_WRITE)])
    async def acknowledge_alert(
        self,
        info: Info,
        input: AcknowledgeAlertInput,  # noqa: A002 - the contract's name
    ) -> AcknowledgeAlertPayload:
        """Tells the others that somebody is on it."""
        async with info.context.writing() as work:
            alert = await service.acknowledge(work, _alert_id(input.id), input.note)
        return AcknowledgeAlertPayload(alert=Alert.of(alert))


def _alert_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as exc:
        raise AlertNotFound("no such alert", field=["input", "id"], value=text[:60]) from exc


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


def _moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
