"""Codes that nobody knew, waiting for a product."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from tortoise.expressions import Q

from backend.devices.models import ParkedCode
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.work import Work


class ParkedOrder(StrEnum):
    """By what parked codes are sorted."""

    LAST_SEEN_AT = "LAST_SEEN_AT"
    """By the time they were last read."""
    READS = "READS"
    """By how often they were read."""
    CODE = "CODE"
    """By the code."""


_ORDERS: Final = {
    ParkedOrder.LAST_SEEN_AT: (("last_seen_at", "code", "location_id"), (datetime, str, UUID)),
    ParkedOrder.READS: (("reads", "code", "location_id"), (int, str, UUID)),
    ParkedOrder.CODE: (("code", "location_id"), (str, UUID)),
}


@dataclass(frozen=True, slots=True)
class ParkedCriteria:
    """Which parked codes; None does not limit.

    `lacks_product`: only the product is missing, or the code itself cannot be read.
    """

    locations: tuple[str, ...] | None = None
    lacks_product: bool | None = None


@dataclass(frozen=True, slots=True)
class ParkedFact:
    """A parked code as it is listed; `device` is the code of the one that read it last."""

    code: str
    reason: str
    gtin: str | None
    reads: int
    device: str
    location_id: UUID
    first_seen_at: datetime
    last_seen_at: datetime


async def parked_codes(
    work: Work,
    criteria: ParkedCriteria,
    order: ParkedOrder,
    *,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[ParkedFact]:
    """Return a page of parked codes.

    Raises:
        TooMuch: `first` is too large.
        InvalidCursor: `after` is not a cursor of this list.
    """
    columns, types = _ORDERS[order]
    ordering = Ordering(f"parked-{order}", columns, types, descending)
    chosen = Q()
    if criteria.locations is not None:
        chosen &= Q(location__code__in=list(criteria.locations))
    if criteria.lacks_product is not None:
        chosen &= Q(gtin__isnull=not criteria.lacks_product)
    query = ParkedCode.filter(chosen).select_related("device")
    page = await fetch_page(work, query, ordering, first, after)
    return replace(page, rows=[(cursor, _fact(row)) for cursor, row in page.rows])


def _fact(row: ParkedCode) -> ParkedFact:
    return ParkedFact(
        row.code,
        row.reason,
        row.gtin,
        row.reads,
        row.device.code,
        vars(row)["location_id"],
        row.first_seen_at,
        row.last_seen_at,
    )
