"""What clients send to change or to find locations."""

from strawberry import UNSET
from strawberry.scalars import JSON

from backend.infra.api.described import input_type
from backend.infra.api.inputs import given
from backend.infra.api.results import ErrorPolicy, SortDirection
from backend.locations.graphql.enums import (
    LocationKind,
    LocationOrder,
    SalesSource,
    Weekday,
)
from backend.locations.service import LocationCriteria, LocationDraft


@input_type
class LocationInput:
    """A location to make or change, by code. What is left out stays; null clears."""

    code: str
    """The retailer's own code for it."""
    name: str
    """Name for people."""
    kind: LocationKind
    """What sort of place it is."""
    latitude: float | None = UNSET
    """Degrees north; with a longitude only."""
    longitude: float | None = UNSET
    """Degrees east; with a latitude only."""
    city: str | None = UNSET
    """City."""
    state: str | None = UNSET
    """State or province."""
    postal_code: str | None = UNSET
    """Postal code."""
    region: str | None = UNSET
    """The retailer's own region."""
    country: str | None = UNSET
    """Country."""
    timezone: str | None = UNSET
    """IANA time zone, such as `America/Chicago`; the organisation's if left out or null."""
    sales_source: SalesSource | None = UNSET
    """What counts as a sale there; POS if left out or null."""
    opening_days: list[Weekday] | None = UNSET
    """Days on which it is open; every day if left out or null."""
    attributes: JSON | None = UNSET
    """What has no field of its own: a JSON object of at most 16 kB. Replaces what it had."""

    def draft(self) -> LocationDraft:
        """Return the input as the service takes it."""
        return LocationDraft(**given(self))


@input_type
class UpsertLocationsInput:
    """Locations to make or change."""

    locations: list[LocationInput]
    """At most 500."""
    error_policy: ErrorPolicy = ErrorPolicy.REJECT_FAILED_ROWS
    """What happens to the others when one is rejected."""


@input_type
class LocationFilter:
    """Which locations; what is left out does not limit."""

    codes: list[str] | None = None
    """Only those with these codes."""
    kinds: list[LocationKind] | None = None
    """Only of these kinds."""
    states: list[str] | None = None
    """Only in these states."""
    countries: list[str] | None = None
    """Only in these countries."""
    regions: list[str] | None = None
    """Only in these regions."""
    search: str | None = None
    """Only those with this text in code, name or city, in any case."""

    def criteria(self) -> LocationCriteria:
        """Return the filter as the service takes it."""
        return LocationCriteria(
            codes=_tuple(self.codes),
            kinds=None if self.kinds is None else tuple(self.kinds),
            states=_tuple(self.states),
            countries=_tuple(self.countries),
            regions=_tuple(self.regions),
            search=self.search,
        )


@input_type
class LocationSort:
    """How locations are sorted."""

    by: LocationOrder = LocationOrder.CODE
    """By what."""
    direction: SortDirection = SortDirection.ASC
    """Which end first."""


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)
