"""What a page of analysis shows, as its address says it: period, comparison, measure, filters."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlencode

from dashboard.analysis.periods import (
    COMPARISONS,
    DEFAULT_COMPARISON,
    DEFAULT_PERIOD,
    PARTS,
    PERIODS,
    Span,
    before,
    span_of,
    step_span,
    steps,
    zone_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.analysis.years import BusinessYears

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

CALENDARS: Final = {"calendar": "Calendar", "business": "Business year"}
STORES: Final = {"all": "All", "alike": "Like for like"}
"""Which locations count: all, or those that sold all through both periods."""

SINCE: Final = {
    "today": "today",
    "yesterday": "yesterday",
    "week": "7 days ago",
    "month": "28 days ago",
}
"""From the beginning of which day on late sales and returns are marked; or any day, as a date."""
SINCE_DAYS: Final = {"today": 0, "yesterday": 1, "week": 7, "month": 28}
DEFAULT_SINCE: Final = "today"

LISTS: Final = ("rows", "columns", "figures")
"""Choices of a pivot: words with commas between them."""
DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
PLANNED: Final = {
    "promotion": re.compile(r"\d{1,2}"),
    "price": re.compile(r"\d{1,9}(\.\d{1,4})?"),
    "closed": re.compile("1"),
    "planFrom": DAY,
    "planTo": DAY,
}
"""What a forecast may be asked to take for planned."""
CHOICES: Final = (
    *("name", "by", "within", "grain", "rank", "baseline", "top"),
    *("sort", "order"),
    *("horizon", "level", "ahead", "measured"),
    *PLANNED,
    *LISTS,
)
WORD: Final = re.compile(r"[A-Z0-9_]{1,40}")
WORDS: Final = re.compile(rf"{WORD.pattern}(,{WORD.pattern}){{0,11}}")

ENOUGH: Final = 0.98
"""Which part of a period has to have data to be compared with; a year may begin with holidays."""

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
    years: BusinessYears | None = None
    """Set where months, quarters and years are those of the business."""
    is_alike: bool = False
    """Only locations count that sold all through both periods."""
    known: Span | None = None
    """The first and the last day that have data; None: as if all had."""
    recorded: tuple[Span, ...] = ()
    """The stretches of these days that have data; none: all of them."""
    today: date | None = None
    since: date | None = None
    """What changed from its beginning on is marked; None: nothing is."""
    since_name: str = ""
    """The same as the address says it."""
    timezone: str = "UTC"

    @property
    def restated_since(self) -> str | None:
        """Return the moment at which the day begins, by the organisation's clock."""
        if self.since is None:
            return None
        return datetime.combine(self.since, time(), zone_of(self.timezone)).isoformat()

    @property
    def grain(self) -> str:
        """Return the steps of a readable time axis."""
        return self.span.grain

    def steps(self, span: Span | None = None) -> list[str]:
        """Return the ids of all steps of these days, or of others."""
        return steps(span or self.span, self.grain, self.years)

    def step_span(self, step: str) -> Span:
        """Return the days of a step."""
        if self.years and self.grain in PARTS:
            return self.years.step_span(step)
        return step_span(step, self.grain)

    def step_start(self, step: str) -> str:
        """Return the first day of a step, as a time axis takes it; an hour stays what it is."""
        return step if self.grain == "HOUR" else self.step_span(step).first.isoformat()

    def days_known(self, span: Span) -> int:
        """Return how many of these days have data."""
        if self.known is None:
            return span.days
        found = [one.overlap(span) for one in self.recorded or (self.known,)]
        return sum(one.days for one in found if one)

    @property
    def has_before(self) -> bool:
        """Whether any day of the period compared with has data."""
        return self.compared_with is not None and self.days_known(self.compared_with) > 0

    @property
    def gap(self) -> str:
        """Say why figures compared are no measure of change; nothing: they are one."""
        compared = self.compared_with
        if compared is None:
            return ""
        if not self.has_before:
            return "no data then"
        if self.days_known(compared) < ENOUGH * compared.days:
            return f"{self.days_known(compared)} of {compared.days} days have data"
        if self.span.days == 1 and self.span.last == self.today:
            return "a whole day; today goes on"
        return self._own_gap

    @property
    def _own_gap(self) -> str:
        """Say which part of the period itself has data; what follows the last sale is no gap."""
        own = self.span.overlap(Span(self.span.first, self.known.last)) if self.known else None
        if own is None or self.days_known(own) >= ENOUGH * own.days:
            return ""
        return f"now only {self.days_known(own)} of {own.days} days have data"

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


def parse(
    search: str,
    *,
    today: date,
    known: Span | tuple[Span, ...],
    is_export: bool = False,
    years: BusinessYears | None = None,
    timezone: str = "UTC",
) -> View:
    """Return what the query of an address asks for; what it does not name is the default.

    `known` are the days that have data, in one stretch or several, oldest first. `years` are those
    of the business, which count where the address wants them.

    Raises:
        BadView: it names a period, measure or value that does not exist, or too many.
    """
    recorded = (known,) if isinstance(known, Span) else known
    known = Span(recorded[0].first, recorded[-1].last)
    given = parse_qs(search.removeprefix("?"), max_num_fields=1_000)
    single = {name: values[-1] for name, values in given.items()}
    period = _one_of("period", single.get("period", DEFAULT_PERIOD), PERIODS)
    if "from" in single or "to" in single:
        period = "custom"
    if _one_of("calendar", single.get("calendar", "calendar"), CALENDARS) == "calendar":
        years = None
    span = (
        _custom(single, known)
        if period == "custom"
        else span_of(period, today=today, known=known, years=years)
    )
    years = years if years and years.knows(span) else None
    comparison = _one_of("compare", single.get("compare", DEFAULT_COMPARISON), COMPARISONS)
    compared_with = None if period == "all" else before(span, comparison, years)
    since = single.get("since", DEFAULT_SINCE)
    stores = _one_of("stores", single.get("stores", "all"), STORES)
    return View(
        period=period,
        span=span,
        compared_with=compared_with,
        comparison=comparison,
        measure=_one_of("measure", single.get("measure", "netSales"), MEASURES),
        filters={name: _values(name, given[name]) for name in FILTERS if name in given},
        choices={name: _word(name, single[name]) for name in CHOICES if single.get(name)},
        is_export=is_export,
        years=years,
        is_alike=stores == "alike" and compared_with is not None,
        known=known,
        recorded=recorded,
        today=today,
        since=_since(since, today),
        since_name=since,
        timezone=timezone,
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


def _since(value: str, today: date) -> date:
    if value in SINCE_DAYS:
        return today - timedelta(days=SINCE_DAYS[value])
    return _date("since", value)


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
    form = WORDS if name in LISTS else PLANNED.get(name, WORD)
    if not form.fullmatch(value):
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
