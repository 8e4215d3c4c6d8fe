"""Periods beside one another: figures compared, stores that are alike, days that changed since."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from backend.analytics import queries, service
from backend.analytics.dimensions import dimension
from backend.analytics.errors import InvalidSummary
from backend.analytics.planned import business_calendar, check_kept
from backend.analytics.recorded import Knowledge, Stretch, knowledge, stretches_of
from backend.analytics.rollups import standing as rollups
from backend.analytics.rollups.gathering import LOGGED
from backend.analytics.rollups.planning import FISCAL, TIMES
from backend.analytics.rules import (
    Group,
    Measures,
    Question,
    SalesDimension,
)
from backend.infra.work import Work
from backend.sales.filters import SalesCriteria

MOST_DAYS: Final = 1_000
_OF_DAYS: Final = TIMES | {SalesDimension.LOCATION}


class Comparison(StrEnum):
    """What a period is compared with."""

    PREVIOUS_PERIOD = "PREVIOUS_PERIOD"
    """The one before: of a whole month, quarter or year its neighbour, else as many days."""
    SAME_PERIOD_LAST_YEAR = "SAME_PERIOD_LAST_YEAR"
    """The same dates a year ago; in a business year of weeks the same weeks."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The figures of another period, of the same filter otherwise; `known` of its days are."""

    first_day: date
    last_day: date
    measures: Measures
    known: Knowledge


async def compare(work: Work, criteria: SalesCriteria, how: Comparison) -> Compared:
    """Return the figures of the period that the criteria's own is compared with.

    Raises:
        InvalidSummary: the criteria have no first or no last day.
    """
    first, last = _range(criteria)
    calendar = await business_calendar(work)
    move = calendar.previous if how is Comparison.PREVIOUS_PERIOD else calendar.a_year_ago
    other_first, other_last = move(first, last)
    other = replace(criteria, first_day=other_first, last_day=other_last)
    found = await service.summarise(work, Question(()), other)
    known = knowledge(await recorded(work), other_first, other_last)
    return Compared(other_first, other_last, found.totals, known)


async def recorded(work: Work) -> tuple[Stretch, ...]:
    """Return the stretches of days with any sale or return that the principal may see.

    Raises:
        SummaryTooSlow: it takes longer than one statement may.
        SummariesBusy: it is large, and enough large ones are being answered.
    """
    return await work.once("recorded days", lambda: _recorded(work))


async def _recorded(work: Work) -> tuple[Stretch, ...]:
    return stretches_of(await service.days_sold(work))


# Locations by the months, of those a range touches, in which they sold something.
_SOLD_ROLLED: Final = """
select k.id, date_trunc('month', c.starts_on)::date as month
  from rollup_cells c join rollup_keys k on k.org_id = $1 and k.no = c.a
 where c.org_id = $1 and c.grain = 2 and c.span = 0 and c.orders > 0
   and c.starts_on between {first} and {last}
 union all
select k.id, date_trunc('month', f.day)::date as month
  from rollup_facts f join rollup_keys k on k.org_id = $1 and k.no = f.location
 where f.org_id = $1 and f.leads & 1 <> 0 and f.day between {first} and {last}
   and f.no > (select coalesce(max(folded), 0) from rollup_grains where org_id = $1 and grain = 2)
   and f.no <= (select facts from rollup_cursors where org_id = $1)"""
_SOLD: Final = """
select s.location_id as id, date_trunc('month', s.business_day)::date as month
  from {tail} where s.org_id = $1 and s.kind = 'SALE'
   and s.business_day between {first} and {last}"""
_TAIL: Final = (
    f"({LOGGED.format(after='(select seq from rollup_cursors where org_id = $1)')}) tail"
    " join sales s on s.org_id = $1 and s.id = tail.id"
)
_ALIKE: Final = """
select l.code from locations l
 where l.org_id = $1
   and (select count(distinct month) from ({one}) sold where sold.id = l.id) = $6
   and (select count(distinct month) from ({other}) sold where sold.id = l.id) = $7
"""


async def like_for_like(
    work: Work, criteria: SalesCriteria, first: date, last: date
) -> SalesCriteria:
    """Return the criteria for those locations only that sold all through both periods.

    The other period is `first` to `last`. All through: at least one sale in every month that a
    period touches, on a day that lies in it. Stores opened, closed or rebuilt meanwhile are out.

    Raises:
        InvalidSummary: the criteria have no first or no last day, or the other period is reversed.
        SalesNotKept: it needs single sales of days before which none are kept.
    """
    own_first, own_last = _range(criteria)
    if last < first:
        raise InvalidSummary(
            f"the other period ends on {last}, before it begins on {first}",
            field=["likeForLike", "to"],
        )
    standing = await rollups.standing(work)
    is_rolled = standing.is_ready
    if not is_rolled:
        for day in (own_first, first):
            check_kept(standing, SalesCriteria(first_day=day))
    sold = f"{_SOLD_ROLLED} union all {_SOLD}" if is_rolled else _SOLD
    tail = _TAIL if is_rolled else "sales s"
    text = _ALIKE.format(
        one=sold.format(first="$2::date", last="$3::date", tail=tail),
        other=sold.format(first="$4::date", last="$5::date", tail=tail),
    )
    days = (own_first, own_last, first, last)
    rows = await queries.run(
        work, text, (*days, _months(own_first, own_last), _months(first, last))
    )
    codes = frozenset(row["code"] for row in rows)
    chosen = codes if criteria.locations is None else criteria.locations & codes
    return replace(criteria, locations=chosen)


_RESTATED_ROLLED: Final = """
select d.day, d.location_id from rollup_days d
  join locations l on l.org_id = $1 and l.id = d.location_id
 where d.org_id = $1 and d.changed_at > $2 and d.day < ($2 at time zone l.timezone)::date
   and {limits}
"""
_RESTATED: Final = """
select s.business_day as day, s.location_id
  from {tail} join locations l on l.org_id = s.org_id and l.id = s.location_id
 where s.org_id = $1 and s.recorded_at > $2
   and s.business_day < ($2 at time zone l.timezone)::date and {limits}
"""


async def restated_days(work: Work, criteria: SalesCriteria, since: datetime) -> Sequence[date]:
    """Return the business days that had ended at `since` and changed after it, latest first.

    Of the criteria the days and the locations count. At most a thousand.
    """
    changed, values = await _changed(work, criteria, since)
    text = f"select distinct day from ({changed}) changed order by day desc limit {MOST_DAYS}"
    return [row["day"] for row in await queries.run(work, text, tuple(values))]


_MARKED: Final = """
select distinct asked.no
  from (select distinct day as business_day, location_id from ({changed}) one) s
       {names}
  join unnest({columns}) with ordinality asked ({keys}, no) on {same}
"""


async def restated_rows(
    work: Work, question: Question, criteria: SalesCriteria, rows: Sequence[Group], since: datetime
) -> frozenset[int] | None:
    """Return the places of the rows of an answer that late sales or returns changed after `since`.

    Such a row is about a business day that had ended by then; by location, only of its own. None
    where the rows are of no days: not grouped by a time, or by the hour alone.
    """
    told = [at for at, one in enumerate(question.group_by) if one in _OF_DAYS]
    if all(question.group_by[at] is SalesDimension.LOCATION for at in told):
        return None
    if FISCAL & frozenset(question.group_by):
        question = replace(question, calendar=await business_calendar(work))
    changed, values = await _changed(work, criteria, since)
    kinds = [dimension(question.group_by[at], question.calendar) for at in told]
    first = len(values) + 2
    ids = [one.id.format(k=f"({one.key})", n=f"n{at}") for at, one in zip(told, kinds, strict=True)]
    text = _MARKED.format(
        changed=changed,
        names=" ".join(
            one.naming.format(k=one.key, n=f"n{at}") for at, one in zip(told, kinds, strict=True)
        ),
        columns=", ".join(f"${first + number}::text[]" for number in range(len(told))),
        keys=", ".join(f"k{at}" for at in told),
        same=" and ".join(f"asked.k{at} = {one}" for at, one in zip(told, ids, strict=True)),
    )
    keys = [[row.keys[at].id for row in rows] for at in told]
    found = await queries.run(work, text, (*values, *keys))
    return frozenset(row["no"] - 1 for row in found)


async def _changed(
    work: Work, criteria: SalesCriteria, since: datetime
) -> tuple[str, list[object]]:
    """Return the SQL of the days restated since, by location, and its parameters after $1."""
    is_rolled = (await rollups.standing(work)).is_ready
    values: list[object] = [since]
    limits = ["true"]
    for operator, day in ((">=", criteria.first_day), ("<=", criteria.last_day)):
        if day is not None:
            values.append(day)
            limits.append(f"{{day}} {operator} ${len(values) + 1}::date")
    if criteria.locations is not None:
        values.append(sorted(criteria.locations))
        limits.append(f"l.code = any(${len(values) + 1}::text[])")
    among = " and ".join(limits)
    text = _RESTATED.format(
        tail=_TAIL if is_rolled else "sales s", limits=among.format(day="s.business_day")
    )
    if is_rolled:
        text += f" union {_RESTATED_ROLLED.format(limits=among.format(day='d.day'))}"
    return text, values


def _range(criteria: SalesCriteria) -> tuple[date, date]:
    if criteria.first_day is None or criteria.last_day is None:
        missing = "from" if criteria.first_day is None else "to"
        raise InvalidSummary(
            "a period to compare needs a first and a last day", field=["filter", missing]
        )
    return criteria.first_day, criteria.last_day


def _months(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month + 1
