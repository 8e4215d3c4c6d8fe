"""Mapping files: TOML that says which column of a file is what."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from backend.core.errors import ShelfcastError
from backend.core.times import zone
from backend.imports.errors import InvalidMapping
from backend.imports.profiles import FIELDS, REQUIRED, NewLocation, Profile
from backend.locations.rules import LocationKind

T = TypeVar("T")
_AMOUNTS: Final = ({"unit_price"}, {"net"}, {"gross"})


class _Location(msgspec.Struct, forbid_unknown_fields=True):
    code: str
    name: str | None = None
    kind: LocationKind = LocationKind.STORE
    timezone: str = "UTC"
    country: str | None = None


class _Mapping(msgspec.Struct, forbid_unknown_fields=True):
    columns: dict[str, str]
    name: str | None = None
    constants: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    time_format: str | list[str] = []
    decimal: str = "."
    currency: str | None = None
    location: _Location | None = None
    cancelled_prefix: str | None = None
    free_is_adjustment: bool = False
    services: list[str] = []
    not_sales: list[str] = []
    postal_digits: dict[str, int] = {}


def read_mapping(path: Path) -> Profile:
    """Read a mapping file; its stem is the name of the source unless it says another.

    Raises:
        InvalidMapping: not TOML, a field nobody knows, or too few to make a sale of.
    """
    try:
        mapping = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _Mapping)
    except (OSError, ValueError, msgspec.ValidationError) as exc:
        raise InvalidMapping(f"{path.name}: {exc}", field=["mapping"]) from exc
    _check_names("columns", mapping.columns)
    _check_names("constants", mapping.constants)
    _check_names("values", mapping.values)
    said = set(mapping.columns) | set(mapping.constants)
    lacking = [name for name in REQUIRED if name not in said]
    if lacking or not any(one <= said for one in _AMOUNTS):
        wanted = ", ".join([*lacking, "unit_price, net or gross"])
        raise InvalidMapping(f"{path.name}: columns lacks {wanted}", field=["mapping", "columns"])
    if mapping.decimal not in (".", ","):
        raise InvalidMapping("decimal is '.' or ','", field=["mapping", "decimal"])
    formats = mapping.time_format
    return Profile(
        name=mapping.name or path.stem,
        columns=mapping.columns,
        constants=mapping.constants,
        values=mapping.values,
        time_formats=(formats,) if isinstance(formats, str) else tuple(formats),
        decimal_comma=mapping.decimal == ",",
        currency=mapping.currency,
        location=_location(mapping.location),
        cancelled_prefix=mapping.cancelled_prefix,
        free_is_adjustment=mapping.free_is_adjustment,
        services=frozenset(mapping.services),
        not_sales=frozenset(mapping.not_sales),
        postal_digits=mapping.postal_digits,
    )


def _check_names(table: str, names: Iterable[str]) -> None:
    for name in names:
        if name not in FIELDS:
            raise InvalidMapping(
                f"{table}: nothing is called {name!r}; there are {', '.join(FIELDS)}",
                field=["mapping", table, name],
            )


def _location(given: _Location | None) -> NewLocation | None:
    if given is None:
        return None
    try:
        zone(given.timezone, ["mapping", "location", "timezone"])
    except ShelfcastError as exc:
        raise InvalidMapping(exc.message, field=exc.field) from exc
    return NewLocation(
        given.code, given.name or given.code, given.kind, given.timezone, given.country
    )
