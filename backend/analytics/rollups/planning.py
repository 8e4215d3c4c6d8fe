"""Which sums answer a question: the columns it needs, the cheapest grain, the spans. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from backend.analytics.rollups.grains import (
    GRAINS,
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
_FINEST: Final = {_C.PRODUCT: _D.PRODUCT, _C.NODE: _D.SUBCATEGORY, _C.CATEGORY: _D.CATEGORY}
_OTHER_LINES: Final = {_C.DISTRIBUTOR: _D.DISTRIBUTOR, _C.BAND: _D.DISCOUNT_BAND}
LINES_A_DAY: Final = 5_000
"""How many facts a day is taken to have, to compare them with cells."""
_DAYS: Final = 1_500
"""How long history is taken to be where a question does not say."""
_LENGTH: Final = {Span.DAY: 1, Span.MONTH: 30, Span.YEAR: 365}
_INDEXED: Final = frozenset({_C.PRODUCT, _C.PLACE, _C.CUSTOMER})


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of days, inclusive, in cells of one span (None: in facts); None has no bound."""

    span: Span | None
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Plan:
    """How roll-ups answer: `grain` (None: facts alone) in `segments`.

    `by_sale`: orders are counted sale by sale, because no number of orders can be added up.
    """

    columns: frozenset[Column]
    grain: Grain | None
    segments: tuple[Segment, ...]
    by_sale: bool
    lead: int


def dimensions_of(question: Question, criteria: SalesCriteria) -> frozenset[SalesDimension]:
    """Return all dimensions that a question touches, times left out."""
    return frozenset(question.group_by) - TIMES | filters_of(criteria).keys()


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
    of_lines = frozenset(column_by.values()) & OF_LINES
    if not of_lines:
        return True
    if len(of_lines) > 1:
        return False
    finest = (_FINEST | _OTHER_LINES)[next(iter(of_lines))]
    if finest in grouped:
        return finest is not _D.SUBCATEGORY or _D.CATEGORY in grouped or not has_bare
    is_one = len(chosen.get(finest, ())) == 1
    return is_one and not (finest is _D.SUBCATEGORY and has_homonyms)


def plan(question: Question, criteria: SalesCriteria, *, is_additive: bool) -> Plan:
    """Return the cheapest way to answer from roll-ups."""
    columns = frozenset(columns_of(dimensions_of(question, criteria)).values())
    lead = lead_of(columns)
    whole = (Segment(None, criteria.first_day, criteria.last_day),)
    facts = Plan(columns, None, whole, not is_additive, lead or 1)
    if not is_additive or lead is None:
        return facts
    coarsest = _coarsest(question)
    plans = [facts]
    for grain in GRAINS:
        same_lines = columns & OF_LINES == frozenset(grain.columns) & OF_LINES
        if same_lines and columns <= frozenset(grain.columns) and grain.finest <= coarsest:
            segments = cover(criteria.first_day, criteria.last_day, grain.finest, coarsest)
            plans.append(Plan(columns, grain, segments, False, lead))
    return min(plans, key=lambda one: rows_read(one, criteria))


def cover(
    first: date | None, last: date | None, finest: Span, coarsest: Span
) -> tuple[Segment, ...]:
    """Cut a range into years, months and days as coarse as may be; what is finer is for facts."""
    if coarsest is Span.DAY:
        return (Segment(Span.DAY, first, last),)
    inner_first = None if first is None else _next_start(first, coarsest)
    inner_last = None if last is None else _previous_end(last, coarsest)
    finer = Span(coarsest - 1)

    def rest(of_first: date | None, of_last: date | None) -> tuple[Segment, ...]:
        if of_first is not None and of_last is not None and of_first > of_last:
            return ()
        if finer < finest:
            return (Segment(None, of_first, of_last),)
        return cover(of_first, of_last, finest, finer)

    if inner_first is not None and inner_last is not None and inner_first > inner_last:
        return rest(first, last)
    before = () if first is None or inner_first is None else rest(first, _before(inner_first))
    after = () if last is None or inner_last is None else rest(_after(inner_last), last)
    return (*before, Segment(coarsest, inner_first, inner_last), *after)


def _coarsest(question: Question) -> Span:
    grouped = frozenset(question.group_by)
    if grouped & BY_DAY or _D.FISCAL_WEEK in grouped:
        return Span.DAY
    if grouped & FISCAL:
        return Span.DAY if question.calendar.is_of_weeks else Span.MONTH
    return Span.MONTH if grouped & BY_MONTH else Span.YEAR


def _next_start(day: date, span: Span) -> date | None:
    """Return the first day on or after `day` that begins a month or year; None beyond all."""
    if day.day == 1 and (span is Span.MONTH or day.month == 1):
        return day
    year, month = (day.year + 1, 1) if span is Span.YEAR else divmod(day.year * 12 + day.month, 12)
    month = month if span is Span.YEAR else month + 1
    return date(year, month, 1) if year <= date.max.year else date.max


def _previous_end(day: date, span: Span) -> date:
    """Return the last day on or before `day` that ends a month or year."""
    if day == date.max:
        return day
    following = day + timedelta(days=1)
    if following.day == 1 and (span is Span.MONTH or following.month == 1):
        return day
    start = day.replace(day=1) if span is Span.MONTH else day.replace(month=1, day=1)
    return _before(start)


def _before(day: date) -> date:
    return day - timedelta(days=1) if day > date.min else date.min


def _after(day: date) -> date:
    return day + timedelta(days=1) if day < date.max else date.max


def rows_read(one: Plan, criteria: SalesCriteria) -> float:
    """Return about how many rows a plan reads."""
    chosen = filters_of(criteria)
    column_by = columns_of(chosen)
    kept = {column_by[d]: min(1.0, len(v) / LIKELY[column_by[d]]) for d, v in chosen.items()}
    share = min([1.0, *(kept[column] for column in kept.keys() & _INDEXED)])
    return sum(_cost_of(segment, one.grain, kept, share) for segment in one.segments)


def lines_read(criteria: SalesCriteria) -> float:
    """Return about how many lines are added up where roll-ups do not serve."""
    return _days(criteria.first_day, criteria.last_day) * LINES_A_DAY


def _days(first: date | None, last: date | None) -> int:
    return _DAYS if first is None or last is None else (last - first).days + 1


def _cost_of(
    segment: Segment, grain: Grain | None, kept: dict[Column, float], share: float
) -> float:
    days = _days(segment.first, segment.last)
    if segment.span is None or grain is None:
        return days * LINES_A_DAY * share
    length = _LENGTH[segment.span]
    cells = min(grain.size, length * LINES_A_DAY)
    # The first column stands in front in the index.
    return max(days // length, 1) * cells * (kept.get(grain.columns[0], 1) if grain.columns else 1)
