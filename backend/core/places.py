"""Where something is."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from backend.core.errors import Invalid


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
