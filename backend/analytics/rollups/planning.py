"""Which sums answer a question: the columns it needs, and the cheapest grain. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import prod
from typing import Any, Final

from backend.analytics.rollups.choosing import DAYS
from backend.analytics.rollups.covering import Segment, cover
from backend.analytics.rollups.grains import (
    BY_NO,
    LIKELY,
    OF_LINES,
    Column,
    Grain,
    Span,
    lead_of,
)
from backend.analytics.rules import Question, SalesDimension
from backend.sales.filters import SalesCriteria

_D = SalesDimension
_C = Column
BY_DAY: Final = frozenset({_D.DAY, _D.WEEK, _D.WEEKDAY})
BY_MONTH: Final = frozenset({_D.MONTH, _D.QUARTER})
FISCAL: Final = frozenset({_D.FISCAL_WEEK, _D.FISCAL_MONTH, _D.FISCAL_QUARTER, _D.FISCAL_YEAR})
TIMES: Final = BY_DAY | BY_MONTH | FISCAL | {_D.YEAR}
AREAS: Final = frozenset({_D.STATE, _D.REGION, _D.COUNTRY})
FILTERED: Final = {
    "categories": _D.CATEGORY,
    "subcategories": _D.SUBCATEGORY,
    "skus": _D.PRODUCT,
    "locations": _D.LOCATION,
    "countries": _D.COUNTRY,
    "regions": _D.REGION,
    "states": _D.STATE,
    "postal_codes": _D.POSTAL_CODE,
    "distributors": _D.DISTRIBUTOR,
    "sale_types": _D.SALE_TYPE,
    "channels": _D.CHANNEL,
    "segments": _D.SEGMENT,
    "customers": _D.CUSTOMER,
}
"""The dimension that each list of the criteria chooses from."""
_PLAIN: Final = {
    _D.HOUR: _C.HOUR,
    _D.LOCATION: _C.LOCATION,
    _D.DISTRIBUTOR: _C.DISTRIBUTOR,
    _D.DISCOUNT_BAND: _C.BAND,
    _D.SALE_TYPE: _C.MIX,
    _D.CHANNEL: _C.MIX,
    _D.SEGMENT: _C.MIX,
    _D.CUSTOMER: _C.CUSTOMER,
    _D.SELLER: _C.SELLER,
}
NATURAL: Final = {
    **_PLAIN,
    _D.POSTAL_CODE: _C.PLACE,
    **dict.fromkeys(AREAS, _C.AREA),
    _D.PRODUCT: _C.PRODUCT,
    _D.SUBCATEGORY: _C.NODE,
    _D.CATEGORY: _C.CATEGORY,
}
"""The column of a fact that says a dimension, whatever else is asked."""
_FINEST: Final = {_C.PRODUCT: _D.PRODUCT, _C.NODE: _D.SUBCATEGORY, _C.CATEGORY: _D.CATEGORY}
_OTHER_LINES: Final = {_C.DISTRIBUTOR: _D.DISTRIBUTOR, _C.BAND: _D.DISCOUNT_BAND}
_PERIODS: Final = {_D.DAY: 1_500, _D.WEEK: 200, _D.MONTH: 48, _D.QUARTER: 16}
"""How many there are of a time in four years."""
_DAYS: Final = 1_500
"""How long history is taken to be where a question does not say."""
_LIKELY: Final = {
    _D.REGION: 4,
    _D.COUNTRY: 2,
    _D.STATE: 50,
    _D.SALE_TYPE: 2,
    _D.CHANNEL: 3,
    _D.SEGMENT: 4,
}
"""How many values a dimension has that shares its column with others; else see the column."""
_MANY_IDS: Final = 20_000
"""Characters of the ids of some five hundred sales."""
_INDEXED: Final = frozenset({_C.PRODUCT, _C.CUSTOMER, _C.LOCATION})
"""Columns of which there is an index; that of locations tells the mix, too."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What an organisation has: facts, of them so many a day, and grains.

    By the number of a grain its finest span, and the number of the last fact its cells hold.
    `limits`: what who asks is limited by; it is read like a filter. Facts are there from the day
    `kept_from` on (None: all are); `since` when some grains have cells. `is_partner`: a distributor
    asks, who reads the facts of what it sold.
    """

    facts: int = 0
    lines_a_day: float = 1.0
    grains: Mapping[int, tuple[Span, int]] = field(default_factory=dict[int, tuple[Span, int]])
    limits: frozenset[SalesDimension] = frozenset()
    kept_from: date | None = None
    since: Mapping[int, date] = field(default_factory=dict[int, date])
    is_partner: bool = False

    @property
    def is_limited(self) -> bool:
        """Whether who asks is."""
        return bool(self.limits) or self.is_partner

    def has_facts(self, one: "Plan") -> bool:
        """Tell whether the facts that a plan reads are there."""
        read = [part for part in one.segments if part.span is None or one.by_sale]
        firsts = [part.first or date.min for part in read]
        return self.kept_from is None or all(first >= self.kept_from for first in firsts)

    def has_cells(self, no: int, criteria: SalesCriteria) -> bool:
        """Tell whether a grain has cells of all days the criteria admit."""
        since = self.since.get(no)
        return since is None or (criteria.first_day is not None and criteria.first_day >= since)


@dataclass(frozen=True, slots=True)
class Handed:
    """Sums that were made elsewhere, of the facts up to the number `facts` that are asked about.

    So many `rows`; by name each column as an array that PostgreSQL reads, keys first; none where
    there are too many. Facts behind them, up to `upto`, are to be added. `lacking`: the products
    that groups did not sell. `groups`: instead of texts the values, where nothing is to be added.
    """

    rows: int
    columns: Mapping[str, str]
    facts: int
    upto: int
    lacking: "Handed | None" = None
    groups: Mapping[str, list[Any]] | None = None

    @property
    def is_too_much(self) -> bool:
        """Whether there are more groups than wanted, and nothing is known of them."""
        return not self.columns and self.groups is None

    @property
    def lacks_facts(self) -> bool:
        """Whether facts are to be added."""
        return self.facts < self.upto


@dataclass(frozen=True, slots=True)
class Plan:
    """How roll-ups answer: `grain` (None: facts alone) in `segments`.

    `by_sale`: orders are counted over facts, sale by sale, because none of them can be added up;
    else the first fact of each with its values of the columns `lead` is one.
    `finest`: the least span of the grain's cells; `behind`: how many facts these lack.
    `tail`: the sales that are not rolled yet, an array as PostgreSQL writes it (None: those that
    the log names behind the cursor); `days_behind` are their days: in their months the lines are
    read. `numbers`: those that each filter admits; None: the statement looks them up.
    `is_along`: what else is in the orders is looked up, order by order.
    `handed`: the sums themselves, made elsewhere: nothing but what these lack is read.
    """

    columns: frozenset[Column]
    grain: Grain | None
    segments: tuple[Segment, ...]
    by_sale: bool
    lead: frozenset[Column]
    finest: Span = Span.DAY
    behind: int = 0
    days_behind: Sequence[date] = ()
    tail: str | None = "{}"
    numbers: tuple[list[int], ...] | None = None
    is_partner: bool = False
    is_along: bool = False
    handed: Handed | None = None

    @property
    def has_tail(self) -> bool:
        """Whether sales are behind the cursor."""
        return self.tail != "{}"

    @property
    def has_many_behind(self) -> bool:
        """Whether so many are that it pays to look at all their products at once."""
        return self.tail is None or len(self.tail) > _MANY_IDS

    @property
    def reads_facts(self) -> bool:
        """Whether it reads facts that are more than what cells lack."""
        return self.by_sale or any(one.span is None for one in self.segments)

    @property
    def folded(self) -> Segment | None:
        """The days that are read from cells, and from facts these do not hold yet."""
        of_cells = [one for one in self.segments if one.span is not None]
        return Segment(None, of_cells[0].first, of_cells[-1].last) if of_cells else None


def dimensions_of(question: Question, criteria: SalesCriteria) -> frozenset[SalesDimension]:
    """Return all dimensions that a question touches, times left out."""
    return frozenset(question.group_by) - TIMES | filters_of(criteria).keys()


def likely_groups(question: Question, criteria: SalesCriteria) -> int:
    """Return about how many groups a question has of four years, however it is filtered."""
    return likely_of(question, columns_of(dimensions_of(question, criteria)))


def likely_of(question: Question, column_by: Mapping[SalesDimension, Column]) -> int:
    """Return the same where these are the columns its dimensions are read from."""
    columns = {column_by[one] for one in question.group_by if one not in TIMES}
    times = prod(_PERIODS.get(one, 1) for one in question.group_by if one in TIMES)
    return prod(LIKELY[column] for column in columns) * times


def filters_of(criteria: SalesCriteria) -> dict[SalesDimension, frozenset[str]]:
    """Return the chosen values by dimension."""
    chosen = {one: getattr(criteria, name) for name, one in FILTERED.items()}
    return {one: values for one, values in chosen.items() if values is not None}


def columns_of(dimensions: Iterable[SalesDimension]) -> dict[SalesDimension, Column]:
    """Return the column each dimension is read from: one for all of a product's, of a place's."""
    asked = frozenset(dimensions)
    found = {one: _PLAIN[one] for one in asked & _PLAIN.keys()}
    place = _C.PLACE if _D.POSTAL_CODE in asked else _C.AREA
    found |= dict.fromkeys(asked & (AREAS | {_D.POSTAL_CODE}), place)
    item = next((column for column, one in _FINEST.items() if one in asked), _C.CATEGORY)
    return found | dict.fromkeys(asked & frozenset(_FINEST.values()), item)


def adds_up(
    group_by: Iterable[SalesDimension],
    criteria: SalesCriteria,
    *,
    has_homonyms: bool,
    has_bare: bool,
) -> bool:
    """Tell whether orders can be added over the cells of each group.

    They cannot where a sale may have lines in several: its groups must tell apart what its lines
    differ in, or the filter leave one. `has_homonyms`: subcategories of different categories share
    a name; `has_bare`: products of different categories have no subcategory.
    """
    grouped, chosen = frozenset(group_by), filters_of(criteria)
    column_by = columns_of(grouped - TIMES | chosen.keys())
    return all(
        _is_told_apart(
            (_FINEST | _OTHER_LINES)[column],
            grouped,
            chosen,
            has_homonyms=has_homonyms,
            has_bare=has_bare,
        )
        for column in lead_of(column_by.values())
    )


def _is_told_apart(
    finest: SalesDimension,
    grouped: frozenset[SalesDimension],
    chosen: Mapping[SalesDimension, frozenset[str]],
    *,
    has_homonyms: bool,
    has_bare: bool,
) -> bool:
    if finest in grouped:
        return finest is not _D.SUBCATEGORY or _D.CATEGORY in grouped or not has_bare
    is_one = len(chosen.get(finest, ())) == 1
    return is_one and not (finest is _D.SUBCATEGORY and has_homonyms)


def plan(
    question: Question, criteria: SalesCriteria, kept: Kept, *, is_additive: bool
) -> Plan | None:
    """Return the cheapest way to answer from roll-ups; None: what it needs is let go."""
    asked = dimensions_of(question, criteria) | kept.limits
    columns = frozenset(columns_of(asked).values())
    lead, by_sale = lead_of(columns), not is_additive
    whole = (Segment(None, criteria.first_day, criteria.last_day),)
    coarsest = _coarsest(question)
    plans = [Plan(columns, None, whole, by_sale, lead, is_partner=kept.is_partner)]
    for no, (finest, folded) in kept.grains.items():
        grain = BY_NO[no]
        same_lines = columns & OF_LINES == frozenset(grain.columns) & OF_LINES
        is_right = (same_lines or by_sale) and kept.has_cells(no, criteria)
        if is_right and columns <= frozenset(grain.columns) and finest <= coarsest:
            segments = cover(criteria.first_day, criteria.last_day, finest, coarsest)
            behind = kept.facts - folded
            plans.append(Plan(columns, grain, segments, by_sale, lead, finest, behind))
    plans = [one for one in plans if kept.has_facts(one)]
    return min(plans, key=lambda one: rows_read(one, criteria, kept), default=None)


def plan_along(criteria: SalesCriteria, kept: Kept, *, is_additive: bool) -> Plan | None:
    """Return how to count by what else is in the orders that a filter finds; None: it is let go.

    Out of facts: no sums tell what is bought together. The plan's lead counts the orders that the
    filter finds; `is_additive`: they can be counted so.
    """
    columns = frozenset(columns_of(filters_of(criteria)).values())
    whole = (Segment(None, criteria.first_day, criteria.last_day),)
    one = Plan(columns, None, whole, not is_additive, lead_of(columns), is_along=True)
    return one if kept.has_facts(one) else None


def _coarsest(question: Question) -> Span:
    grouped = frozenset(question.group_by)
    if grouped & BY_DAY or _D.FISCAL_WEEK in grouped:
        return Span.DAY
    if grouped & FISCAL:
        return Span.DAY if question.calendar.is_of_weeks else Span.MONTH
    return Span.MONTH if grouped & BY_MONTH else Span.YEAR


def rows_read(one: Plan, criteria: SalesCriteria, kept: Kept) -> float:
    """Return about how many rows a plan reads."""
    if one.handed is not None:
        return one.handed.rows + one.handed.upto - one.handed.facts
    shares = _shares(criteria)
    if kept.is_partner:
        shares[_C.DISTRIBUTOR] = 1 / LIKELY[_C.DISTRIBUTOR]
    mix = shares.get(_C.MIX, 1.0)
    found = [shares[one] * (mix if one is _C.LOCATION else 1) for one in shares.keys() & _INDEXED]
    share = min([1.0, *found])

    def cost(segment: Segment) -> float:
        days = _days(segment.first, segment.last)
        if segment.span is None or one.grain is None:
            return min(days * kept.lines_a_day, kept.facts) * share
        cells = min(one.grain.size, DAYS[segment.span] * kept.lines_a_day)
        admitted = prod(shares.get(column, 1.0) for column in one.grain.columns)
        return max(days // DAYS[segment.span], 1) * max(cells * admitted, 1)

    counted = (Segment(None, criteria.first_day, criteria.last_day),) if one.by_sale else ()
    return one.behind + sum(cost(segment) for segment in (*one.segments, *counted))


def admitted_share(criteria: SalesCriteria) -> float:
    """Return about which part of the facts of its days a filter admits."""
    return prod(_shares(criteria).values())


def _shares(criteria: SalesCriteria) -> dict[Column, float]:
    """Return which part of its values each column that is filtered by admits, about."""
    chosen = filters_of(criteria)
    column_by = columns_of(chosen)
    found: dict[Column, float] = {}
    for one, values in chosen.items():
        column = column_by[one]
        share = min(1.0, len(values) / _LIKELY.get(one, LIKELY[column]))
        before = found.get(column, 1.0)
        # Type, channel and segment of a sale have little to do with each other.
        found[column] = before * share if column is _C.MIX else min(before, share)
    return found


def copy_read(one: Plan, criteria: SalesCriteria, kept: Kept) -> float:
    """Return how many rows take as long as adding up a copy of the facts as columns."""
    facts = min(_days(criteria.first_day, criteria.last_day) * kept.lines_a_day, kept.facts)
    part = prod(_part(column, share) for column, share in _shares(criteria).items())
    return _TO_HAND + facts * part / _BY_COLUMNS * (2 if one.by_sale else 1)


def _part(column: Column, share: float) -> float:
    over = _PASSED_OVER if column in _LAID else _LOOKED_AT
    return over + (1 - over) * share


_TO_HAND: Final = 8_000
_BY_COLUMNS: Final = 150
"""How many facts are read as columns while PostgreSQL reads one."""
_LAID: Final = frozenset({_C.AREA, _C.MIX})
_PASSED_OVER: Final = 0.1
_LOOKED_AT: Final = 0.4
"""What facts that a filter does not admit take of adding them up, where they lie together and not.
"""


def lines_read(criteria: SalesCriteria, kept: Kept) -> float:
    """Return about how many lines are added up where roll-ups do not serve."""
    return _days(criteria.first_day, criteria.last_day) * max(kept.lines_a_day, _LINES_A_DAY)


_LINES_A_DAY: Final = 5_000
"""How many lines a day is taken to have while nothing is rolled."""


def _days(first: date | None, last: date | None) -> int:
    return _DAYS if first is None or last is None else (last - first).days + 1
