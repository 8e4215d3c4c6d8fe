"""What the address of a picture may ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Final

from starlette.datastructures import QueryParams

from backend.analytics.errors import InvalidParameter
from backend.sales.filters import SalesCriteria
from backend.sales.rules import Channel, SaleType

MOST_BARS: Final = 40
"""Most bars of one picture at either end."""
_LISTS: Final = {
    "categories", "subcategories", "skus", "locations", "countries", "regions", "states",
    "distributors", "channels", "segments", "customers", "postalCodes", "saleTypes",
}  # fmt: skip
_FIELDS: Final = {"postalCodes": "postal_codes", "saleTypes": "sale_types"}
_CLOSED: Final = {"channels": frozenset(Channel), "saleTypes": frozenset(SaleType)}
_THEMES: Final = ("light", "dark")
_KNOWN: Final = _LISTS | {"from", "to", "top", "bottom", "theme", "zoom"}


@dataclass(frozen=True, slots=True)
class Wish:
    """Which sales, how many of the largest and the smallest, and how it shall look."""

    criteria: SalesCriteria
    top: int
    bottom: int
    is_dark: bool
    zoom: int


def read(asked: QueryParams, *, top: int, bottom: int) -> Wish:
    """Return what the parameters ask for; lists are given by repeating a parameter.

    Raises:
        InvalidParameter: one of them is unknown or has no such value.
        InvalidRange: `to` lies before `from`.
        TooMuch: too many values in one list.
    """
    for name in asked:
        if name not in _KNOWN:
            raise InvalidParameter(
                f"there is no parameter {name[:60]!r}", field=[name[:60]], value=name[:60]
            )
    theme = asked.get("theme", _THEMES[0])
    if theme not in _THEMES:
        raise InvalidParameter("theme is light or dark", field=["theme"], value=theme[:60])
    return Wish(
        criteria=_criteria(asked),
        top=_number(asked, "top", top, 1, MOST_BARS),
        bottom=_number(asked, "bottom", bottom, 0, MOST_BARS),
        is_dark=theme == _THEMES[1],
        zoom=_number(asked, "zoom", 2, 1, 3),
    )


def told(criteria: SalesCriteria) -> str:
    """Return which sales the criteria admit, for people."""
    parts = [
        f"{one.name.replace('_', ' ')}: {', '.join(sorted(value))}"
        for one in fields(criteria)
        if isinstance(value := getattr(criteria, one.name), frozenset)
    ]
    said = "; ".join(parts) or "all sales"
    return said[0].upper() + said[1:]


def _criteria(asked: QueryParams) -> SalesCriteria:
    lists: Mapping[str, frozenset[str]] = {
        _FIELDS.get(name, name): _values(name, asked.getlist(name))
        for name in _LISTS
        if name in asked
    }
    return SalesCriteria(first_day=_day(asked, "from"), last_day=_day(asked, "to"), **lists)


def _values(name: str, given: Sequence[str]) -> frozenset[str]:
    allowed = _CLOSED.get(name)
    for one in given:
        if allowed is not None and one not in allowed:
            known = ", ".join(sorted(allowed))
            raise InvalidParameter(f"{name} is one of {known}", field=[name], value=one[:60])
    return frozenset(one for one in given if "\x00" not in one)


def _day(asked: QueryParams, name: str) -> date | None:
    if name not in asked:
        return None
    try:
        return date.fromisoformat(asked[name])
    except ValueError:
        raise InvalidParameter(
            f"{name} is a day such as 2026-01-31", field=[name], value=asked[name][:60]
        ) from None


def _number(asked: QueryParams, name: str, default: int, least: int, most: int) -> int:
    if name not in asked:
        return default
    text = asked[name]
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and least <= int(text) <= most):
        raise InvalidParameter(f"{name} is {least} to {most}", field=[name], value=text[:60])
    return int(text)
