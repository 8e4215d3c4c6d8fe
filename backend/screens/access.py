"""Which topics and places a caller may follow."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from backend.core.events import Topic
from backend.core.principal import Principal
from backend.core.scopes import Scope
from backend.infra.work import Work
from backend.locations import service as locations
from backend.screens.errors import UnknownLocation

SCOPES: Final = {
    Topic.SALES: Scope.SALES_READ,
    Topic.STOCK: Scope.STOCK_READ,
    Topic.ALERTS: Scope.ALERTS_READ,
    Topic.CATALOGUE: Scope.CATALOGUE_READ,
    Topic.LOCATIONS: Scope.LOCATIONS_READ,
    Topic.DEVICES: Scope.DEVICES_READ,
    Topic.TAGS: Scope.STOCK_READ,
    Topic.REPORTS: Scope.REPORTS_READ,
    Topic.ACCESS: Scope.ADMIN,
    Topic.GOALS: Scope.SALES_READ,
    Topic.FORECASTS: Scope.FORECAST_READ,
    Topic.SHELVES: Scope.FORECAST_READ,
}


def topics_for(principal: Principal, wanted: Iterable[Topic] | None) -> frozenset[Topic]:
    """Return the topics to follow; None: all that the caller's scopes open.

    Raises:
        MissingScope: one that was asked for is not open to the caller.
    """
    if wanted is None:
        return frozenset(topic for topic, scope in SCOPES.items() if principal.has(scope))
    chosen = frozenset(wanted)
    for topic in sorted(chosen):
        principal.require(SCOPES[topic])
    return chosen


async def location_ids(work: Work, codes: Sequence[str] | None) -> frozenset[UUID] | None:
    """Return the ids of these locations; None: no choice was made.

    Raises:
        UnknownLocation: one of them is not there.
    """
    if codes is None:
        return None
    found = await locations.resolve_locations(work, codes)
    for code in codes:
        if code not in found:
            raise UnknownLocation(f"no location {code!r}", field=["locations"], value=code[:60])
    return frozenset(place.id for place in found.values())
