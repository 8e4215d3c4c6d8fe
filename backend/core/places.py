"""Where something is."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from backend.core.errors import Invalid
from backend.core.patches import chosen
from backend.core.texts import text


class InvalidCoordinates(Invalid):
    """Coordinates that are not on Earth, or only one of the two."""

    code = "INVALID_COORDINATES"


@dataclass(frozen=True, slots=True)
class Place:
    """Coordinates in degrees, north and east positive, and an address; None is not known."""

    latitude: float | None = None
    longitude: float | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    region: str | None = None
    country: str | None = None


class PlaceDraft(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A place as sent; UNSET leaves a part as it is, None clears it."""

    latitude: float | UnsetType | None = UNSET
    longitude: float | UnsetType | None = UNSET
    city: str | UnsetType | None = UNSET
    state: str | UnsetType | None = UNSET
    postal_code: str | UnsetType | None = UNSET
    region: str | UnsetType | None = UNSET
    country: str | UnsetType | None = UNSET


D = TypeVar("D", bound=PlaceDraft)


def read_place(draft: D, path: Sequence[str]) -> D:
    """Return the draft with its texts in the form in which they are kept.

    Raises:
        InvalidText: one of them cannot be kept.
    """
    return msgspec.structs.replace(
        draft,
        city=optional_text(draft.city, [*path, "city"]),
        state=optional_text(draft.state, [*path, "state"]),
        postal_code=optional_text(draft.postal_code, [*path, "postalCode"]),
        region=optional_text(draft.region, [*path, "region"]),
        country=optional_text(draft.country, [*path, "country"]),
    )


def merged_place(draft: PlaceDraft, old: Place, path: Sequence[str]) -> Place:
    """Return the place that a draft makes of the old one.

    Raises:
        InvalidCoordinates: it is nowhere.
    """
    place = Place(
        chosen(draft.latitude, old.latitude),
        chosen(draft.longitude, old.longitude),
        chosen(draft.city, old.city),
        chosen(draft.state, old.state),
        chosen(draft.postal_code, old.postal_code),
        chosen(draft.region, old.region),
        chosen(draft.country, old.country),
    )
    check_coordinates(place, path)
    return place


def optional_text(value: str | UnsetType | None, field: Sequence[str]) -> str | UnsetType | None:
    """Return a text without the blanks around it; UNSET and None stay what they are.

    Raises:
        InvalidText: it cannot be kept.
    """
    return text(value, field) if isinstance(value, str) else value


def check_coordinates(place: Place, path: Sequence[str]) -> None:
    """Refuse a place that is nowhere.

    Raises:
        InvalidCoordinates: beyond ±90 and ±180 degrees, not finite, or one without the other.
    """
    for name, value, most in (
        ("latitude", place.latitude, 90),
        ("longitude", place.longitude, 180),
    ):
        if value is not None and not (isfinite(value) and abs(value) <= most):
            raise InvalidCoordinates(
                f"{name} lies between -{most} and {most} degrees",
                field=[*path, name],
                value=str(value),
            )
    if (place.latitude is None) != (place.longitude is None):
        missing = "latitude" if place.latitude is None else "longitude"
        raise InvalidCoordinates("give both coordinates or none", field=[*path, missing])
