"""How a range of days is cut into the spans of cells, as coarse as may be. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from backend.analytics.rollups.grains import Span, kept_spans


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of days, inclusive, in cells of one span (None: in facts); None has no bound."""

    span: Span | None
    first: date | None
    last: date | None


def cover(
    first: date | None, last: date | None, finest: Span, coarsest: Span
) -> tuple[Segment, ...]:
    """Cut a range into cells as coarse as may be; what is finer than `finest` is for facts."""
    spans = [one for one in kept_spans(finest) if one <= coarsest]
    return _cut(first, last, spans)


def _cut(first: date | None, last: date | None, spans: list[Span]) -> tuple[Segment, ...]:
    if not spans:
        return (Segment(None, first, last),)
    *finer, coarsest = spans
    if coarsest is Span.DAY:
        return (Segment(Span.DAY, first, last),)
    inner_first = None if first is None else _next_start(first, coarsest)
    inner_last = None if last is None else _previous_end(last, coarsest)

    def rest(of_first: date | None, of_last: date | None) -> tuple[Segment, ...]:
        if of_first is not None and of_last is not None and of_first > of_last:
            return ()
        return _cut(of_first, of_last, finer)

    if inner_first is not None and inner_last is not None and inner_first > inner_last:
        return rest(first, last)
    before = () if first is None or inner_first is None else rest(first, _before(inner_first))
    after = () if last is None or inner_last is None else rest(_after(inner_last), last)
    return (*before, Segment(coarsest, inner_first, inner_last), *after)


def _next_start(day: date, span: Span) -> date:
    """Return the first day on or after `day` that begins a span; the last of all beyond all."""
    if _begins(day, span):
        return day
    if span is Span.THIRD and day.day < _THIRDS[-1]:
        return day.replace(day=next(start for start in _THIRDS if start > day.day))
    year, month = day.year + 1, 1
    if span is not Span.YEAR and day.month < 12:
        year, month = day.year, day.month + 1
    return date(year, month, 1) if year <= date.max.year else date.max


def _previous_end(day: date, span: Span) -> date:
    """Return the last day on or before `day` that ends a span."""
    if day == date.max or _begins(day + timedelta(days=1), span):
        return day
    start = day.replace(day=1)
    if span is Span.THIRD:
        start = day.replace(day=max(one for one in _THIRDS if one <= day.day))
    elif span is Span.YEAR:
        start = day.replace(month=1, day=1)
    return _before(start)


_THIRDS: Final = (1, 11, 21)


def _begins(day: date, span: Span) -> bool:
    if span is Span.THIRD:
        return day.day in _THIRDS
    return day.day == 1 and (span is Span.MONTH or day.month == 1)


def _before(day: date) -> date:
    return day - timedelta(days=1) if day > date.min else date.min


def _after(day: date) -> date:
    return day + timedelta(days=1) if day < date.max else date.max
