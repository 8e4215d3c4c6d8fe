"""Periods of a calendar: which there are, and which are whole. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from backend.analytics.errors import TooManyGroups
from backend.analytics.recorded import Stretch, knowledge
from backend.analytics.rules import SalesDimension

_D = SalesDimension
MOST_PERIODS: Final = 20_000
YEARLY: Final = {_D.DAY: 364, _D.WEEK: 52, _D.MONTH: 12, _D.QUARTER: 4, _D.YEAR: 1}
"""How many periods before lies the same one a year ago; of days the same weekday."""
SEASONS: Final = {_D.DAY: 7, _D.MONTH: 12, _D.QUARTER: 4}
"""How many periods a season takes to come round."""


@dataclass(frozen=True, slots=True)
class Period:
    """One period; `first` and `last` are inclusive.

    It is whole when sales reach from its first tenth to its last, no long pause of all sales takes
    more than a tenth of it, and today is behind it; else `reason` says why it is not.
    """

    id: str
    first: date
    last: date
    reason: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it can be compared with others."""
        return self.reason is None


def periods(
    grain: SalesDimension,
    first: date | None,
    last: date | None,
    recorded: Sequence[Stretch] = (),
    *,
    is_partial: bool = False,
) -> list[Period]:
    """Return the periods that days from `first` to `last` touch, in order.

    `recorded` are the stretches of these days that have sales; none: all of them.

    Raises:
        TooManyGroups: more than anybody can look at.
    """
    found: list[Period] = []
    if first is None or last is None:
        return found
    start = _start(grain, first)
    while start <= last:
        if len(found) == MOST_PERIODS:
            raise TooManyGroups(
                f"more than {MOST_PERIODS} periods: take longer ones, or fewer days",
                field=["choice", "grain"],
                limit=MOST_PERIODS,
            )
        end = _next(grain, start) - timedelta(days=1)
        is_over = not (is_partial and end >= last)
        within = _within(recorded or [Stretch(first, last)], first, last)
        found.append(Period(_id(grain, start), start, end, _reason(start, end, within, is_over)))
        start = end + timedelta(days=1)
    return found


def runs(times: Sequence[Period]) -> list[list[Period]]:
    """Return the whole periods, those together that follow one another."""
    found: list[list[Period]] = []
    for at, one in enumerate(times):
        if one.is_whole:
            is_first = at == 0 or not times[at - 1].is_whole
            found += [[]] if is_first else []
            found[-1].append(one)
    return found


def longest_run(times: Sequence[Period]) -> list[Period]:
    """Return the most whole periods that follow one another; the latest of as many."""
    return max(reversed(runs(times)), key=len, default=[])


def _within(recorded: Sequence[Stretch], first: date, last: date) -> list[Stretch]:
    cut = (Stretch(max(one.first, first), min(one.last, last)) for one in recorded)
    return [one for one in cut if one.first <= one.last]


def _reason(start: date, end: date, known: Sequence[Stretch], is_over: bool) -> str | None:
    """Return why a period is not whole, where `known` are the days with sales."""
    if not is_over:
        return "it is not over"
    found = knowledge(known, start, end)
    touching = [one for one in known if one.days_within(start, end)]
    if touching:
        late = max((touching[0].first - start).days, 0)
        early = max((end - touching[-1].last).days, 0)
        paused = found.days - found.known - late - early
        if max(late, early, paused) <= found.days // 10:
            return None
    return f"{found.known} of {found.days} days are known"


def season_of(grain: SalesDimension, period: Period) -> int:
    """Return which season a period is, from 0: January, Monday or the first quarter."""
    if grain is _D.DAY:
        return period.first.weekday()
    return (period.first.month - 1) // (12 // SEASONS[grain])


def _start(grain: SalesDimension, day: date) -> date:
    if grain is _D.WEEK:
        return day - timedelta(days=day.weekday())
    if grain is _D.MONTH:
        return day.replace(day=1)
    if grain is _D.QUARTER:
        return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return date(day.year, 1, 1) if grain is _D.YEAR else day


def _next(grain: SalesDimension, start: date) -> date:
    if grain in (_D.DAY, _D.WEEK):
        return start + timedelta(days=1 if grain is _D.DAY else 7)
    months = {_D.MONTH: 1, _D.QUARTER: 3, _D.YEAR: 12}[grain]
    years, month = divmod(start.month - 1 + months, 12)
    return date(start.year + years, month + 1, 1)


def _id(grain: SalesDimension, start: date) -> str:
    if grain is _D.QUARTER:
        return f"{start.year:04}-Q{(start.month + 2) // 3}"
    if grain is _D.WEEK:
        year, week, _ = start.isocalendar()
        return f"{year:04}-W{week:02}"
    return start.isoformat()[: {_D.DAY: 10, _D.MONTH: 7, _D.YEAR: 4}[grain]]
