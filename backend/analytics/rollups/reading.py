"""The part of a summary's statement that reads cells, facts and what is not rolled yet."""

from datetime import date
from typing import Final

from backend.analytics.dimensions import dimension
from backend.analytics.rollups import handed
from backend.analytics.rollups.admitting import Parameters, choices
from backend.analytics.rollups.covering import Segment
from backend.analytics.rollups.filling import SCALED, SUMS, first_of
from backend.analytics.rollups.gathering import LOGGED
from backend.analytics.rollups.grains import IS_RETURN, IS_SOLD, Column
from backend.analytics.rollups.keys import KEY_JOINS, key_of, time_of
from backend.analytics.rollups.planning import (
    FISCAL,
    TIMES,
    Plan,
    columns_of,
    dimensions_of,
    likely_of,
)
from backend.analytics.rules import Question, SalesDimension
from backend.core.principal import Principal
from backend.sales.filters import JOINS, LINES, SalesCriteria, conditions

_D = SalesDimension
_C = Column
# By their ids, not by a join: PostgreSQL believes that hardly a line has both a sale's id and its
# day, and would look through all products for each.
TAIL: Final = "s.org_id = $1 and s.id = any({0}::text::uuid[])"
LONG_TAIL: Final = f"""tail as materialized (
    select distinct id from ({
    LOGGED.format(after="(select seq from rollup_cursors where org_id = $1)")
}) found
)"""
NO_DAY: Final = date(1800, 1, 1)
"""Stands for no day at all: of an empty array PostgreSQL does not see that it needs no month."""
_UNIT: Final = "sum({}) * 0.0001"
_FACT: Final = {
    "costed": "net * costs",
    "returned": f"case when leads & {IS_RETURN} <> 0 then -net else 0 end",
    "lines": "1",
}


def parts(
    plan: Plan, question: Question, criteria: SalesCriteria, principal: Principal
) -> tuple[str, list[object]]:
    """Return the CTE `parts`, after `tail` where it needs that, and the parameters from $2 on.

    `parts` has the keys k0 … and the sums; its rows are to be added up per group.
    """
    if not plan.has_tail:
        parameters = Parameters()
        return f"parts as ({_sums(plan, question, criteria, principal, parameters)})", [
            *parameters.values
        ]
    # The tail first: its conditions number their parameters themselves.
    among = conditions(criteria, principal)
    parameters = Parameters(2 + len(among.values))
    rolled = _sums(plan, question, criteria, principal, parameters)
    keys = [f"k{n}" for n in range(len(question.group_by))]
    needs = among.sale_joins | among.line_joins
    grouped = [dimension(one, question.calendar) for one in question.group_by]
    needs |= {alias for one in grouped for alias in one.needs}
    wanted = [f"{one.key} as {key}" for one, key in zip(grouped, keys, strict=True)]
    days = parameters.add(list(plan.days_behind) or [NO_DAY])
    if plan.tail is None:
        head, sales, named = (
            f"{LONG_TAIL}, ",
            "tail join sales s on s.id = tail.id",
            "s.org_id = $1",
        )
    else:
        head, sales, named = "", "sales s", TAIL.format(parameters.add(plan.tail))
    text = f"""{head}parts as ({rolled}
    union all
    select {_list(*wanted)} {"," if wanted else ""} {_OF_TAIL}
      from {sales}
      {LINES} and l.business_day = any({days}::date[])
           {" ".join(JOINS[alias] for alias in sorted(needs))}
     where {_and(named, *among.on_sale, *among.on_line)}
     group by {_list(*keys, "s.id", "s.kind")}
)"""
    return text, [*among.values, *parameters.values]


def _sums(
    plan: Plan,
    question: Question,
    criteria: SalesCriteria,
    principal: Principal,
    parameters: Parameters,
) -> str:
    parts = list[str]()
    if plan.handed is not None:
        parts.append(handed.sums(plan.handed, question, parameters))
    if plan.handed is None or plan.handed.lacks_facts:
        parts.append(_rolled(plan, question, criteria, principal, parameters))
        if plan.by_sale:
            parts.append(_orders(plan, question, criteria, principal, parameters))
    return " union all ".join(parts)


_SIGN: Final = "case s.kind when 'SALE' then 1 else -1 end"
_OF_TAIL: Final = f"""{_SIGN} * sum(l.quantity) as units,
           case s.kind when 'SALE' then sum(l.gross) else 0 end as gross,
           case s.kind when 'SALE' then sum(l.discounted) else 0 end as discount,
           {_SIGN} * sum(l.net) as net, {_SIGN} * coalesce(sum(l.cost), 0) as cost,
           {_SIGN} * coalesce(sum(l.net) filter (where l.cost is not null), 0) as costed,
           case s.kind when 'SALE' then 0 else sum(l.net) end as returned,
           count(l.cost) as costs, count(*) as lines,
           case s.kind when 'SALE' then 1 else 0 end as orders"""


def _rolled(
    plan: Plan,
    question: Question,
    criteria: SalesCriteria,
    principal: Principal,
    parameters: Parameters,
) -> str:
    """Return the sums of cells and facts, by number first, then by what the numbers stand for."""
    column_by = columns_of(dimensions_of(question, criteria))
    first = _named_first(question, column_by)
    numbers = sorted(
        {column_by[d] for d in question.group_by if d not in TIMES and column_by[d] not in first}
    )
    # What the sums are by, each with a name of its own: a time's key is worked out of the day or
    # the month's first day before they are made.
    by = {
        f"t{n}": time_of(d, question, "day") if d in TIMES else key_of(d, column_by[d])
        for n, d in enumerate(question.group_by)
        if d in TIMES or column_by[d] in first
    } | {column: f"x.{column}" for column in numbers}
    where = filters(plan, criteria, principal, parameters, column_by)
    source = _source(plan, where, parameters)
    keys = [
        f"{f'x.t{n}' if f't{n}' in by else key_of(d, column_by[d])} as k{n}"
        for n, d in enumerate(question.group_by)
    ]
    sums = [
        f"{_UNIT.format(name) if name in SCALED else f'sum({name})'} as {name}" for name in SUMS
    ]
    return f"""
    select {_list(*keys, *(f"x.{name}" for name in SUMS))} from (
        select {_list(*(f"{key} as {name}" for name, key in by.items()), *sums)}
          from ({source}) x {" ".join(KEY_JOINS[column] for column in sorted(first))}
         {f"group by {_list(*map(str, range(1, len(by) + 1)))}" if by else ""}) x
      {" ".join(KEY_JOINS[column] for column in numbers)}
     where x.lines > 0"""


_MANY: Final = 5_000
"""Groups from which on it takes long to add up what several numbers stand for once more."""
_OF_SEVERAL: Final = frozenset({_C.MIX, _C.AREA, _C.PLACE, _C.NODE})


def _named_first(question: Question, column_by: dict[SalesDimension, Column]) -> frozenset[Column]:
    """Return the columns whose keys are looked up for each row, before the sums are made."""
    is_many = likely_of(question, column_by) > _MANY
    return _shared(question, column_by) if is_many else frozenset()


def _shared(question: Question, column_by: dict[SalesDimension, Column]) -> frozenset[Column]:
    """Return the columns of which several numbers may stand for one key."""
    grouped = {column_by[d] for d in question.group_by if d not in TIMES}
    product = frozenset[Column]() if _D.PRODUCT in question.group_by else {_C.PRODUCT}
    return frozenset(grouped & (_OF_SEVERAL | product))


def is_grouped(plan: Plan, question: Question, criteria: SalesCriteria) -> bool:
    """Tell whether the rows of `parts` are the groups, with nothing left to add up."""
    if plan.handed is not None:
        is_whole = not plan.handed.lacks_facts and not plan.has_tail
        return is_whole and not FISCAL & frozenset(question.group_by)
    column_by = columns_of(dimensions_of(question, criteria))
    shared = _shared(question, column_by)
    is_one_each = shared <= _named_first(question, column_by)
    return is_one_each and not plan.has_tail and not plan.by_sale


_NOT_NONE: Final = "having count(*) > 0"


def _orders(
    plan: Plan,
    question: Question,
    criteria: SalesCriteria,
    principal: Principal,
    parameters: Parameters,
) -> str:
    """Return the orders of each group, counted over facts: a sale is an order of each."""
    column_by = columns_of(dimensions_of(question, criteria))
    grouped = sorted({column_by[d] for d in question.group_by if d not in TIMES})
    where = filters(plan, criteria, principal, parameters, column_by)
    whole = Segment(None, criteria.first_day, criteria.last_day)
    limits = [*between("day", whole, parameters), *_admitting(where), *_sold(plan)]
    if plan.handed is not None:
        limits += handed.lacking(plan.handed, parameters)
    times = [
        f"{time_of(d, question, 'day')} as t{n}"
        for n, d in enumerate(question.group_by)
        if d in TIMES
    ]
    keys = [
        f"{f'x.t{n}' if d in TIMES else key_of(d, column_by[d])} as k{n}"
        for n, d in enumerate(question.group_by)
    ]
    sums = [f"0 as {name}" for name in SUMS if name != "orders"]
    # Several numbers may stand for one key.
    count = "count(distinct x.sale)" if grouped else "count(*)"
    return f"""
    select {_list(*keys, *sums)}, {count} as orders
      from (select distinct {_list(*times, *grouped, "sale")} from rollup_facts
             where org_id = $1 and {_and(f"leads & {IS_RETURN} = 0", *limits)}) x
           {" ".join(KEY_JOINS[column] for column in grouped)}
     {f"group by {_list(*(f'k{n}' for n in range(len(keys))))}" if keys else _NOT_NONE}"""


def filters(
    plan: Plan,
    criteria: SalesCriteria,
    principal: Principal,
    parameters: Parameters,
    column_by: dict[SalesDimension, Column],
) -> list[tuple[Column, str]]:
    """Return, by column, an array of the numbers that are admitted: looked up, or to be."""
    chosen = choices(criteria, principal, column_by)
    if plan.numbers is None:
        return [
            (column, f"array({numbers.format(parameters.add(values))})")
            for column, numbers, values in chosen
        ]
    return [
        (column, f"{parameters.add(numbers)}::int[]")
        for (column, *_), numbers in zip(chosen, plan.numbers, strict=True)
    ]


def _source(plan: Plan, where: list[tuple[Column, str]], parameters: Parameters) -> str:
    if plan.handed is not None:
        facts = _facts(plan, plan.segments[0], where, parameters, by="{0} + 0")
        return f"{facts} and {_and(*handed.lacking(plan.handed, parameters))}"
    parts = [_segment(plan, segment, where, parameters) for segment in plan.segments]
    if plan.folded is not None and plan.grain is not None:
        behind = BEHIND.format(grain=plan.grain.no, finest=plan.finest.value)
        facts = _facts(plan, plan.folded, where, parameters, by="{0} + 0")
        parts.append(f"{facts} and {behind}")
    return " union all ".join(parts)


# Found by their numbers alone: PostgreSQL does not know that hardly a fact is behind, and would go
# through all that the filters admit. An index does not serve a column to which nothing is added.
# Between two numbers PostgreSQL expects few rows: it does not know either when it plans. Behind a
# policy an index is looked up by a plain number only, so that nothing is done to it outside.
BEHIND: Final = """
no > (select coalesce(max(folded), 0) from rollup_grains
               where org_id = $1 and grain = {grain} and finest = {finest})
           and no <= (select facts from rollup_cursors where org_id = $1)"""


def _segment(
    plan: Plan, segment: Segment, where: list[tuple[Column, str]], parameters: Parameters
) -> str:
    if segment.span is None or plan.grain is None:
        return _facts(plan, segment, where, parameters)
    columns = plan.grain.columns
    named = [f"{'abc'[n]} as {column}" for n, column in enumerate(columns)]
    sums = [f"0 as {name}" if name == "orders" and plan.by_sale else name for name in SUMS]
    limits = [
        f"{'abc'[columns.index(column)]} = any({numbers})"
        for column, numbers in where
        if column in columns
    ]
    return f"""
        select {_list("starts_on as day", *named, *sums)} from rollup_cells
         where org_id = $1 and grain = {plan.grain.no} and span = {segment.span.value}
           and {_and("true", *between("starts_on", segment, parameters), *limits)}"""


def _facts(
    plan: Plan,
    segment: Segment,
    where: list[tuple[Column, str]],
    parameters: Parameters,
    *,
    by: str = "{0}",
) -> str:
    """Return the facts of a segment; what chooses them is written as `by` says."""
    columns = plan.grain.columns if plan.grain is not None else sorted(plan.columns)
    limits = [*between(by.format("day"), segment, parameters), *_admitting(where, by)]
    limits += _sold(plan)
    sums = [f"{_FACT.get(name, name)} as {name}" for name in SUMS if name != "orders"]
    is_order = "false" if plan.by_sale else first_of(plan.lead)
    orders = f"case when {is_order} then 1 else 0 end as orders"
    return f"""
        select {_list("day", *columns, *sums, orders)} from rollup_facts
         where org_id = $1 and {_and("true", *limits)}"""


def _admitting(where: list[tuple[Column, str]], by: str = "{0}") -> list[str]:
    return [f"{by.format(column)} = any({numbers})" for column, numbers in where]


def _sold(plan: Plan) -> list[str]:
    """Return that its distributor sold a fact, in the words of the index that holds only these."""
    return [f"leads & {IS_SOLD} <> 0"] if plan.is_partner else []


def between(column: str, segment: Segment, parameters: Parameters) -> list[str]:
    """Return the conditions that a column of days lies in a segment."""
    limits = ((">=", segment.first), ("<=", segment.last))
    return [
        f"{column} {operator} {parameters.add(day)}::date"
        for operator, day in limits
        if day is not None
    ]


def _and(*pieces: str) -> str:
    return " and ".join(pieces)


def _list(*pieces: str) -> str:
    return ", ".join(piece for piece in pieces if piece)
