"""The statement that adds a copy of facts up, and what it answers as PostgreSQL reads it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from backend.analytics.calendars import BusinessCalendar
from backend.analytics.rollups.grains import IS_RETURN, LEADS, OF_LINES, Column
from backend.analytics.rollups.planning import FISCAL, NATURAL, TIMES, Handed, Plan
from backend.analytics.rules import Question, SalesDimension, SummaryOrder
from backend.sales.filters import SalesCriteria

_D = SalesDimension
_C = Column
_O = SummaryOrder
_SUM: Final = {
    **{name: f"sum({name})" for name in ("units", "gross", "discount", "net", "cost", "costs")},
    "costed": "sum(case when costs <> 0 then net else 0 end)",
    "returned": f"sum(case when leads & {IS_RETURN} <> 0 then -net else 0 end)",
    "lines": "count(*)",
}
_ORDERED: Final = {
    _O.UNITS: ("units",),
    _O.GROSS_SALES: ("gross",),
    _O.DISCOUNT: ("discount",),
    _O.NET_SALES: ("net",),
    _O.COST: ("costs", "cost"),
    _O.PROFIT: ("costs", "costed", "cost"),
    _O.ORDERS: ("orders",),
    _O.RETURNS: ("returned",),
}
"""The sums that each order of rows needs."""
_VALUE: Final = {
    _O.COST: "case when costs > 0 then cost end",
    _O.PROFIT: "case when costs > 0 then costed - cost end",
}
_IS_SALE: Final = f"f.leads & {IS_RETURN} = 0"
_PERIOD: Final = {_D.WEEK: "week", _D.MONTH: "month", _D.QUARTER: "quarter", _D.YEAR: "year"}
_A_MONDAY: Final = "date '2001-01-01'"
_SUMMED: Final = ("sale", "leads", "units", "gross", "discount", "net", "cost", "costs")
MOST_HANDED: Final = 200_000
"""Rows that are handed over to be named and sorted; more are for PostgreSQL alone."""
MANY: Final = 20_000
"""Groups from which on it pays to look for those that are kept before all is added up."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a copy, in numbers.

    `admitted`: by column the numbers that each filter admits. `same`: by column, numbers and for
    each the one that stands for all that have its keys; others stand for themselves.
    `sums`: those that are needed; `likely`: about how many groups there are.
    """

    table: str
    plan: Plan
    question: Question
    criteria: SalesCriteria
    admitted: Sequence[tuple[Column, list[int]]]
    same: Mapping[Column, tuple[list[int], list[int]]]
    sums: Sequence[str]
    likely: int
    is_cut: bool = False
    is_by_first: bool = False

    @property
    def handed_keys(self) -> tuple[str, ...]:
        """What the rows handed over are by."""
        keys = tuple(keys_of(self.question))
        return keys[:1] if self.is_by_first else keys


@dataclass(slots=True)
class _Values:
    values: dict[str, object] = field(default_factory=dict[str, object])

    def add(self, value: object) -> str:
        name = str(len(self.values) + 1)
        self.values[name] = value
        return f"${name}"


def keys_of(question: Question) -> dict[str, str]:
    """Return what the rows handed over are by: a name, and its SQL over facts."""
    times = enumerate(question.group_by)
    found = {f"t{n}": _start(one, question.calendar) for n, one in times if one in TIMES}
    return found | {NATURAL[one].value: "" for one in question.group_by if one not in TIMES}


def statement(asked: Asked, *, facts: int, is_cut: bool) -> tuple[str, dict[str, object]]:
    """Return the statement and its values: how many rows there are, and each column as an array.

    Among the facts up to the number `facts`. `is_cut`: of a top only what may be in it, ties
    included.
    """
    values = _Values()
    keys = keys_of(asked.question)
    source, by = _source(asked, facts, values), ", ".join(keys)
    measures = ", ".join(f"{_sum(asked, name)} as {name}" for name in asked.sums)
    listed = ", ".join([*keys, measures])
    kept = _kept(asked.question) if is_cut else None
    if kept is None:
        text = f"select {listed} from ({source}) {_group(keys)}"
    elif asked.likely <= MANY:
        text = f"select * from (select {listed} from ({source}) group by {by}) qualify {kept}"
    else:
        # Adding one thing up takes a fifth of the time of all ten.
        needed = {name: _sum(asked, name) for name in _ORDERED[asked.question.order]}
        few = ", ".join([*keys, *(f"{sql} as {name}" for name, sql in needed.items())])
        text = f"""
with kept as (select {by} from (select {few} from ({source}) group by {by}) qualify {kept})
select {listed} from ({source}) semi join kept using ({by}) group by {by}"""
    if asked.is_by_first:
        added = ", ".join(f"sum({name}) as {name}" for name in asked.sums)
        text = f"select {asked.handed_keys[0]}, {added} from ({text}) group by 1"
    return _arrays(asked, text), values.values


def along(asked: Asked, *, facts: int) -> tuple[str, dict[str, object]]:
    """Return the same for the orders that the filters find, by what else is in them.

    What the filters by products, categories and distributors name is not something else.
    """
    values, by = _Values(), ", ".join(keys_of(asked.question))
    named = _admitting(asked, values, OF_LINES)
    orders = f"select distinct sale from ({_source(asked, facts, values, [_IS_SALE])})"
    also = [_IS_SALE, f"not ({' and '.join(named)})"]
    others = _source(replace(asked, admitted=()), facts, values, also)
    text = f"""
select {by}, count(distinct sale) as orders
  from ({others}) semi join ({orders}) found using (sale) group by {by}"""
    return _arrays(asked, text), values.values


def handed(asked: Asked, row: Sequence[object], facts: int, upto: int) -> Handed | None:
    """Return what a statement answered, for PostgreSQL; None: it is too much.

    The facts behind the number `facts`, up to `upto`, are not in it.
    """
    count, *arrays = row
    assert isinstance(count, int)
    if count > MOST_HANDED:
        return None
    names = (*asked.handed_keys, *asked.sums)
    columns = dict(zip(names, (str(one or "{}") for one in arrays), strict=True))
    return Handed(count, columns, facts, upto)


def _arrays(asked: Asked, rows: str) -> str:
    """Return the statement for the number of rows, and for each column as PostgreSQL reads it."""
    names = (*asked.handed_keys, *asked.sums)
    arrays = [f"'{{' || string_agg({name}, ',') || '}}'" for name in names]
    return f"select count(*), {', '.join(arrays)} from ({rows} limit {MOST_HANDED + 1})"


def _group(keys: Mapping[str, str]) -> str:
    return f"group by {', '.join(keys)}" if keys else "having count(*) > 0"


def _sum(asked: Asked, name: str) -> str:
    if name != "orders":
        return _SUM[name]
    lead = LEADS.get(asked.plan.lead)
    if asked.plan.by_sale or lead is None:
        return f"count(distinct sale) filter (leads & {IS_RETURN} = 0)"
    return f"count(*) filter (leads & {lead} <> 0)"


def _source(asked: Asked, facts: int, values: _Values, also: Sequence[str] = ()) -> str:
    """Return the facts asked about, with what they are grouped by."""
    keys, joins = list[str](), list[str]()
    for name, sql in keys_of(asked.question).items():
        if sql:
            keys.append(f"{sql} as {name}")
        elif asked.same.get(Column(name), ([], []))[0]:
            numbers, ones = (values.add(one) for one in asked.same[Column(name)])
            same = f"select unnest({numbers}::int[]) as no, unnest({ones}::int[]) as one"
            joins.append(f"left join ({same}) same_{name} on same_{name}.no = f.{name}")
            keys.append(f"coalesce(same_{name}.one, f.{name}) as {name}")
        else:
            keys.append(f"f.{name}")
    limits = [*_numbered(asked, facts, values), *_admitting(asked, values), *also]
    return f"""
    select {", ".join([*keys, *_SUMMED])} from {asked.table} f {" ".join(joins)}
     where {" and ".join(limits)}"""


def _numbered(asked: Asked, facts: int, values: _Values) -> list[str]:
    """Return the conditions that a fact is one of those that count, and of the days."""
    limits = [f"f.no <= {values.add(facts)}"]
    days = ((">=", asked.criteria.first_day), ("<=", asked.criteria.last_day))
    return limits + [f"f.day {sign} {values.add(day)}" for sign, day in days if day is not None]


def _admitting(
    asked: Asked, values: _Values, among: Collection[Column] = tuple(Column)
) -> list[str]:
    """Return the conditions that filters by these columns admit a fact."""
    return [
        f"f.{column} in (select unnest({values.add(numbers)}::int[]))"
        for column, numbers in asked.admitted
        if column in among
    ]


def _start(one: SalesDimension, calendar: BusinessCalendar) -> str:
    """Return the SQL of a day that stands for a fact's period."""
    if one is _D.WEEKDAY:
        return f"{_A_MONDAY} + (isodow(day) - 1)::int"
    if one in _PERIOD:
        return f"date_trunc('{_PERIOD[one]}', day)::date"
    if one in FISCAL and calendar.is_of_weeks:
        return f"time_bucket(interval '7 days', day, date '{calendar.starts()[0]}')"
    if one in FISCAL and one is not _D.FISCAL_WEEK:
        return "date_trunc('month', day)::date"
    return "day"


def _kept(question: Question) -> str | None:
    """Return the condition of the groups that may be kept; None: it is not known here."""
    grouped = question.group_by
    if question.top is None or question.order is _O.KEY or not grouped:
        return None
    names = [f"t{n}" if one in TIMES else NATURAL[one].value for n, one in enumerate(grouped)]
    within = [names[grouped.index(one)] for one in question.top_within]
    if FISCAL & frozenset(grouped) or any(names.count(name) > 1 for name in within):
        return None
    value = _VALUE.get(question.order, *_ORDERED[question.order][-1:])
    partition = f"partition by {', '.join(within)} " if within else ""

    def among(direction: str) -> str:
        order = f"order by {value} {direction} nulls last"
        return f"rank() over ({partition}{order}) <= {question.top}"

    down, up = ("desc", "asc") if question.descending else ("asc", "desc")
    return f"({among(down)} or {among(up)})" if question.both_ends else among(down)
