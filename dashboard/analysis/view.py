"""What a page of analysis shows, as its address says it: period, comparison, measure, filters."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlencode

from dashboard.analysis.periods import (
    COMPARISONS,
    DEFAULT_COMPARISON,
    DEFAULT_PERIOD,
    PERIODS,
    Span,
    before,
    span_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

FILTERS: Final = {
    "category": "categories",
    "subcategory": "subcategories",
    "sku": "skus",
    "location": "locations",
    "channel": "channels",
    "type": "saleTypes",
    "country": "countries",
    "region": "regions",
    "state": "states",
    "postal": "postalCodes",
    "segment": "segments",
    "distributor": "distributors",
    "customer": "customers",
}
"""Names in addresses, and the fields of SalesFilter they stand for."""

FILTER_NAMES: Final = {
    "category": "Category",
    "subcategory": "Sub-category",
    "sku": "Product",
    "location": "Location",
    "channel": "Channel",
    "type": "Sale type",
    "country": "Country",
    "region": "Region",
    "state": "State",
    "postal": "Postal code",
    "segment": "Segment",
    "distributor": "Distributor",
    "customer": "Customer",
}

CHANNELS: Final = {"IN_STORE": "In store", "ONLINE": "Online", "MARKETPLACE": "Marketplace"}
SALE_TYPES: Final = {"DIRECT": "Direct", "TRACE": "Trace"}
CLOSED_SETS: Final[Mapping[str, Mapping[str, str]]] = {"channel": CHANNELS, "type": SALE_TYPES}

MEASURES: Final = {
    "netSales": "Net sales",
    "units": "Units",
    "orders": "Orders",
    "profit": "Profit",
}

LISTS: Final = ("rows", "columns", "figures")
"""Choices of a pivot: words with commas between them."""
CHOICES: Final = (
    *("name", "by", "within", "grain", "rank", "baseline", "top"),
    *("sort", "order"),
    *LISTS,
)
WORD: Final = re.compile(r"[A-Z0-9_]{1,40}")
WORDS: Final = re.compile(rf"{WORD.pattern}(,{WORD.pattern}){{0,11}}")

MOST_VALUES: Final = 200
MOST_LENGTH: Final = 200
MOST_EXPORTED: Final = 50_000


class BadView(Exception):
    """An address that says something no page can show; the message is for who opened it."""


@dataclass(frozen=True, slots=True)
class View:
    """What is asked for. `is_export`: the rows are for a file, so that none is left out."""

    period: str
    span: Span
    compared_with: Span | None = None
    comparison: str = DEFAULT_COMPARISON
    measure: str = "netSales"
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    choices: Mapping[str, str] = field(default_factory=dict)
    """What single panels let one choose, by the name in the address."""
    is_export: bool = False

    def sales_filter(self, span: Span | None = None) -> dict[str, Any]:
        """Return the SalesFilter of these days, or of others."""
        days = span or self.span
        limits = {FILTERS[name]: list(values) for name, values in self.filters.items()}
        return {"from": days.first.isoformat(), "to": days.last.isoformat(), **limits}

    def most(self, shown: int) -> int:
        """Return how many rows a panel asks for that shows so many."""
        return MOST_EXPORTED if self.is_export else shown

    def only(self, name: str) -> str | None:
        """Return the value to which a filter narrows everything; None: there are several, or no."""
        values = self.filters.get(name, ())
        return values[0] if len(values) == 1 else None


def parse(search: str, *, today: date, known: Span, is_export: bool = False) -> View:
    """Return what the query of an address asks for; what it does not name is the default.

    Raises:
        BadView: it names a period, measure or value that does not exist, or too many.
    """
    given = parse_qs(search.removeprefix("?"), max_num_fields=1_000)
    single = {name: values[-1] for name, values in given.items()}
    period = _one_of("period", single.get("period", DEFAULT_PERIOD), PERIODS)
    if "from" in single or "to" in single:
        period = "custom"
    span = (
        _custom(single, known) if period == "custom" else span_of(period, today=today, known=known)
    )
    comparison = _one_of("compare", single.get("compare", DEFAULT_COMPARISON), COMPARISONS)
    return View(
        period=period,
        span=span,
        compared_with=None if period == "all" else before(span, comparison),
        comparison=comparison,
        measure=_one_of("measure", single.get("measure", "netSales"), MEASURES),
        filters={name: _values(name, given[name]) for name in FILTERS if name in given},
        choices={name: _word(name, single[name]) for name in CHOICES if single.get(name)},
        is_export=is_export,
    )


def narrowed(**values: str) -> str:
    """Return the part of an address that a click adds: `category=Furniture`."""
    return urlencode(values)


def narrowed_to(span: Span) -> str:
    """Return the part of an address that means these days."""
    return urlencode({"from": span.first.isoformat(), "to": span.last.isoformat()})


def _custom(single: Mapping[str, str], known: Span) -> Span:
    first = _date("from", single["from"]) if single.get("from") else known.first
    last = _date("to", single["to"]) if single.get("to") else max(known.last, first)
    if last < first:
        raise BadView(f"The period ends ({last}) before it begins ({first}).")
    if first.year < 1900 or last.year > 2200:
        raise BadView("A period lies between the years 1900 and 2200.")
    return Span(first, last)


def _date(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise BadView(f"“{text[:40]}” is no date for “{name}”: write 2018-03-05.") from exc


def _one_of(name: str, value: str, allowed: Mapping[str, str]) -> str:
    if value not in allowed:
        raise BadView(f"“{value[:40]}” is nothing to choose for “{name}”.")
    return value


def _word(name: str, value: str) -> str:
    if not (WORDS if name in LISTS else WORD).fullmatch(value):
        raise BadView(f"“{value[:40]}” is nothing to choose for “{name}”.")
    return value


def _values(name: str, values: list[str]) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(values))
    if len(chosen) > MOST_VALUES:
        raise BadView(f"At most {MOST_VALUES} values of “{FILTER_NAMES[name]}” at once.")
    for value in chosen:
        if len(value) > MOST_LENGTH:
            raise BadView(f"A value of “{FILTER_NAMES[name]}” is too long.")
        if name in CLOSED_SETS:
            _one_of(name, value, CLOSED_SETS[name])
    return chosen
