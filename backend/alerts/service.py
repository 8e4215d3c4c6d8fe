"""Verbs of alerts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from tortoise.expressions import Q

from backend.alerts import statements
from backend.alerts.errors import AlertNotFound, AlertResolved, InvalidNote
from backend.alerts.events import AlertChanged
from backend.alerts.models import Alert
from backend.alerts.rules import (
    OF_THE_WHOLE,
    SEVERITY,
    AlertFact,
    AlertKind,
    AlertSeverity,
    AlertState,
    Concern,
    kind_before,
    kind_for,
    threshold,
    value,
)
from backend.catalogue import service as catalogue
from backend.catalogue.rules import ProductRef
from backend.core.ids import new_id
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.work import Work
from backend.locations import service as locations
from backend.locations.rules import LocationRef
from backend.stock.events import StockLevelChanged, StockMoved
from backend.stock.rules import Level, LevelKey

MOST_NOTE: Final = 1000


class AlertOrder(StrEnum):
    """By what alerts are sorted."""

    OPENED_AT = "OPENED_AT"
    """By the time they were opened."""
    UPDATED_AT = "UPDATED_AT"
    """By the time of the last change."""


_ORDERS: Final = {AlertOrder.OPENED_AT: "opened_at", AlertOrder.UPDATED_AT: "updated_at"}


@dataclass(frozen=True, slots=True)
class AlertCriteria:
    """Which alerts; None does not limit."""

    kinds: frozenset[AlertKind] | None = None
    severities: frozenset[AlertSeverity] | None = None
    states: frozenset[AlertState] | None = None
    locations: frozenset[str] | None = None
    skus: frozenset[str] | None = None
    subjects: frozenset[str] | None = None


async def react(work: Work, events: Sequence[StockMoved]) -> None:
    """Open and resolve alerts for levels that crossed a threshold.

    The levels are locked by the movements themselves.
    """
    before: dict[LevelKey, AlertKind | None] = {}
    after: dict[LevelKey, Level] = {}
    for event in events:
        key = event.movement.level_key
        if key not in before:
            before[key] = kind_before(event)
        after[key] = event.level
    crossed = [level for key, level in after.items() if kind_for(level) is not before[key]]
    await judge(work, crossed)


async def react_to_levels(work: Work, events: Sequence[StockLevelChanged]) -> None:
    """Judge levels anew whose reorder point changed."""
    await judge(work, [event.level for event in events])


async def judge(work: Work, levels: Sequence[Level]) -> None:
    """Bring the alerts of levels in line with what each calls for now.

    Gathers AlertChanged for those that changed.
    """
    if not levels:
        return
    products = {level.product.id: level.product for level in levels}
    places = {level.location.id: level.location for level in levels}
    wanted = [(level, kind) for level in levels if (kind := kind_for(level))]
    rows = await work.rows(
        statements.RESOLVE,
        work.principal.org_id,
        [level.location.id for level in levels],
        [level.product.id for level in levels],
        [kind_for(level) for level in levels],
        work.now,
    )
    if wanted:
        rows += await work.rows(
            statements.OPEN,
            work.principal.org_id,
            [new_id() for _ in wanted],
            [kind.value for _, kind in wanted],
            [SEVERITY[kind].value for _, kind in wanted],
            [level.location.id for level, _ in wanted],
            [level.product.id for level, _ in wanted],
            [value(kind, level) for level, kind in wanted],
            [threshold(kind, level) for level, kind in wanted],
            work.now,
        )
    work.gather(
        AlertChanged(
            row["location_id"], _fact(row, products[row["product_id"]], places[row["location_id"]])
        )
        for row in rows
    )


async def open_concerns(work: Work, concerns: Sequence[Concern]) -> None:
    """Open alerts about subjects; what is open already stays as it is.

    Gathers AlertChanged for those it opened. For reactions, which act for all locations.
    """
    if not concerns:
        return
    rows = await work.rows(
        statements.OPEN_CONCERNS,
        work.principal.org_id,
        [new_id() for _ in concerns],
        [concern.kind.value for concern in concerns],
        [SEVERITY[concern.kind].value for concern in concerns],
        [concern.location and concern.location.id for concern in concerns],
        [concern.product and concern.product.id for concern in concerns],
        [concern.subject for concern in concerns],
        [concern.value for concern in concerns],
        [concern.threshold for concern in concerns],
        work.now,
    )
    await _tell(work, rows)


async def settle(work: Work, kinds: Iterable[AlertKind], subjects: Iterable[str]) -> None:
    """Resolve the alerts of some kinds about some subjects, wherever they were opened.

    Gathers AlertChanged for those it resolved. For reactions, which act for all locations.
    """
    chosen = list(subjects)
    if chosen:
        org, names = work.principal.org_id, [kind.value for kind in kinds]
        await _tell(work, await work.rows(statements.SETTLE, org, names, chosen, work.now))


async def acknowledge(work: Work, alert_id: UUID, note: str | None) -> AlertFact:
    """Note that somebody is on it; doing so again changes nothing.

    Raises:
        AlertNotFound: there is none of that id.
        AlertResolved: it is over.
        InvalidNote: the note is too long.
    """
    if note is not None and (len(note) > MOST_NOTE or "\x00" in note):
        raise InvalidNote(f"a note has at most {MOST_NOTE} characters", field=["input", "note"])
    org, who = work.principal.org_id, work.principal.client_id
    row = await work.row(statements.ACKNOWLEDGE, org, alert_id, work.now, who, note)
    changed = row is not None
    row = row or await work.row(statements.FIND, org, [alert_id])
    if row is None:
        raise AlertNotFound("no such alert", field=["input", "id"], value=str(alert_id))
    if row["state"] == AlertState.RESOLVED:
        raise AlertResolved("this alert is over", field=["input", "id"], value=str(alert_id))
    fact = (await _facts(work, [row]))[0]
    if changed:
        work.note("ALERT_ACKNOWLEDGED", alert_id)
        work.gather([AlertChanged(_place(work, row), fact)])
    return fact


async def list_alerts(
    work: Work,
    criteria: AlertCriteria,
    order: AlertOrder,
    *,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[AlertFact]:
    """Return a page of alerts.

    Raises:
        TooMuch: `first` is too large.
        InvalidCursor: `after` is not a cursor of this list.
    """
    ordering = Ordering(f"alerts-{order}", (_ORDERS[order], "id"), (datetime, UUID), descending)
    page = await fetch_page(work, Alert.filter(_conditions(criteria)), ordering, first, after)
    facts = await _facts(work, [vars(row) for _, row in page.rows])
    return replace(
        page, rows=[(cursor, fact) for (cursor, _), fact in zip(page.rows, facts, strict=True)]
    )


async def open_counts(work: Work) -> dict[UUID | None, tuple[int, int]]:
    """Return how many alerts are not resolved per location, and how many of them are critical."""
    rows = await work.rows(statements.OPEN_COUNTS, work.principal.org_id)
    return {row["location_id"]: (row["alerts"], row["critical"]) for row in rows}


async def open_at(work: Work, moment: datetime) -> int | None:
    """Return how many alerts were open at a past moment.

    None where there were no alerts at all by then.
    """
    row = await work.row(statements.OPEN_AT, work.principal.org_id, moment)
    return row["alerts"] if row and row["since"] and row["since"] <= moment else None


def _conditions(criteria: AlertCriteria) -> Q:
    chosen: dict[str, Any] = {}
    pairs: Iterable[tuple[str, frozenset[Any] | None]] = (
        ("kind__in", criteria.kinds),
        ("severity__in", criteria.severities),
        ("state__in", criteria.states),
        ("location__code__in", criteria.locations),
        ("product__sku__in", criteria.skus),
        ("subject__in", criteria.subjects),
    )
    for name, values in pairs:
        if values is not None:
            chosen[name] = [str(one) for one in values]
    return Q(**chosen)


async def _tell(work: Work, rows: list[dict[str, Any]]) -> None:
    if rows:
        work.gather(
            AlertChanged(_place(work, row), fact)
            for row, fact in zip(rows, await _facts(work, rows), strict=True)
        )


def _place(work: Work, row: dict[str, Any]) -> UUID | None:
    """Return where the event of an alert belongs."""
    is_whole = row["location_id"] is None and row["kind"] in OF_THE_WHOLE
    return work.principal.org_id if is_whole else row["location_id"]


async def _facts(work: Work, rows: list[dict[str, Any]]) -> list[AlertFact]:
    products = await catalogue.products_by_id(work, _ids(rows, "product_id"))
    places = await locations.locations_by_id(work, _ids(rows, "location_id"))
    return [
        _fact(row, products.get(row["product_id"]), places.get(row["location_id"])) for row in rows
    ]


def _ids(rows: list[dict[str, Any]], name: str) -> set[UUID]:
    return {row[name] for row in rows if row[name] is not None}


def _fact(row: dict[str, Any], product: ProductRef | None, place: LocationRef | None) -> AlertFact:
    return AlertFact(
        id=row["id"],
        kind=AlertKind(row["kind"]),
        severity=AlertSeverity(row["severity"]),
        state=AlertState(row["state"]),
        product=product,
        location=place,
        subject=row["subject"],
        value=row["value"],
        threshold=row["threshold"],
        opened_at=row["opened_at"],
        updated_at=row["updated_at"],
        acknowledged_at=row["acknowledged_at"],
        acknowledged_by=row["acknowledged_by"],
        note=row["note"],
        resolved_at=row["resolved_at"],
        version=row["version"],
    )
