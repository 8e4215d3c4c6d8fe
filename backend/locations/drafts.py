"""Locations as sent, and what of it can be taken."""

from dataclasses import replace

import msgspec
from msgspec import UNSET, UnsetType

from backend.core.attributes import Attributes, optional_attributes
from backend.core.patches import chosen
from backend.core.places import PlaceDraft, merged_place, read_place
from backend.core.texts import code_text, text
from backend.core.times import zone
from backend.locations.rules import LocationDetail, LocationKind, SalesSource, Weekday

EVERY_DAY = tuple(Weekday)


class LocationDraft(PlaceDraft, frozen=True, kw_only=True, rename="camel"):
    """A location as sent; UNSET leaves a field as it is, None clears it to its default.

    Defaults: the organisation's time zone, every day, POS, no attributes.
    """

    code: str
    name: str
    kind: LocationKind
    timezone: str | UnsetType | None = UNSET
    sales_source: SalesSource | UnsetType | None = UNSET
    opening_days: list[Weekday] | UnsetType | None = UNSET
    attributes: Attributes | UnsetType | None = UNSET


def read_location(draft: LocationDraft, path: list[str]) -> LocationDraft:
    """Return the draft with every value in the form in which it is kept.

    Raises:
        InvalidCode, InvalidText, InvalidTimeZone, InvalidAttributes, AttributesTooLarge: what is
        wrong first.
    """
    if isinstance(draft.timezone, str):
        zone(draft.timezone, [*path, "timezone"])
    return msgspec.structs.replace(
        read_place(draft, path),
        code=code_text(draft.code, [*path, "code"]),
        name=text(draft.name, [*path, "name"]),
        attributes=optional_attributes(draft.attributes, [*path, "attributes"]),
    )


def merged(
    draft: LocationDraft, path: list[str], before: LocationDetail, timezone: str
) -> LocationDetail:
    """Return the location that `draft`, already read, makes of `before`.

    `timezone` is the organisation's.

    Raises:
        InvalidCoordinates: it would be nowhere.
    """
    ref = msgspec.structs.replace(
        before.ref,
        name=draft.name,
        kind=draft.kind,
        timezone=chosen(draft.timezone, before.ref.timezone) or timezone,
        sales_source=chosen(draft.sales_source, before.ref.sales_source) or SalesSource.POS,
    )
    return replace(
        before,
        ref=ref,
        place=merged_place(draft, before.place, path),
        opening_days=_days(draft.opening_days, before.opening_days),
        attributes=chosen(draft.attributes, before.attributes) or {},
    )


def changes(before: LocationDetail | None, after: LocationDetail) -> tuple[str, ...]:
    """Return the names of the fields that differ, as clients spell them; empty where none does."""
    new = _fields(after)
    old = _fields(before) if before else dict.fromkeys(new)
    return tuple(name for name, value in new.items() if value != old[name])


def _fields(detail: LocationDetail) -> dict[str, object]:
    ref, place = detail.ref, detail.place
    return {
        "name": ref.name,
        "kind": ref.kind,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "city": place.city,
        "state": place.state,
        "postalCode": place.postal_code,
        "region": place.region,
        "country": place.country,
        "timezone": ref.timezone,
        "salesSource": ref.sales_source,
        "openingDays": detail.opening_days,
        "attributes": detail.attributes,
    }


def _days(given: list[Weekday] | UnsetType | None, old: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
    if isinstance(given, UnsetType):
        return old
    return EVERY_DAY if given is None else tuple(day for day in Weekday if day in given)
