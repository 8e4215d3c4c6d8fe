"""Lists of devices."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from backend.devices import statements
from backend.devices.models import Device
from backend.devices.rules import DeviceFact
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.work import Work


class DeviceOrder(StrEnum):
    """By what devices are sorted."""

    CODE = "CODE"
    """By their code."""
    UPDATED_AT = "UPDATED_AT"
    """By the time of the last change."""


_ORDERS: Final = {
    DeviceOrder.CODE: (("code", "id"), (str, UUID)),
    DeviceOrder.UPDATED_AT: (("updated_at", "id"), (datetime, UUID)),
}


@dataclass(frozen=True, slots=True)
class DeviceCriteria:
    """Which devices; None does not limit."""

    codes: tuple[str, ...] | None = None
    locations: tuple[str, ...] | None = None


async def list_devices(
    work: Work,
    criteria: DeviceCriteria,
    order: DeviceOrder,
    *,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[DeviceFact]:
    """Return a page of devices.

    Raises:
        TooMuch: `first` is too large.
        InvalidCursor: `after` is not a cursor of this list.
    """
    query = Device.all()
    if criteria.codes is not None:
        query = query.filter(code__in=list(criteria.codes))
    if criteria.locations is not None:
        query = query.filter(location__code__in=list(criteria.locations))
    columns, types = _ORDERS[order]
    ordering = Ordering(f"devices-{order}", columns, types, descending)
    page = await fetch_page(work, query, ordering, first, after)
    return replace(page, rows=[(cursor, _fact(row)) for cursor, row in page.rows])


async def read_points_of(work: Work, device_ids: list[UUID]) -> list[list[dict[str, Any]]]:
    """Return the read points of each device, by code."""
    rows = await work.rows(statements.READ_POINTS, work.principal.org_id, device_ids)
    return [[row for row in rows if row["device_id"] == device_id] for device_id in device_ids]


def _fact(row: Device) -> DeviceFact:
    values = vars(row)
    return DeviceFact(**{one.name: values[one.name] for one in fields(DeviceFact)})
