"""The SQL that counts orders by what is in them besides what a filter names."""

from dataclasses import dataclass
from typing import Final

from backend.analytics.dimensions import DIMENSIONS, NOT_SAID
from backend.analytics.rollups import handed as handed_over, reading
from backend.analytics.rollups.admitting import Parameters
from backend.analytics.rollups.covering import Segment
from backend.analytics.rollups.filling import first_of
from backend.analytics.rollups.grains import IS_RETURN, OF_LINES, Column
from backend.analytics.rollups.keys import KEY_JOINS, key_of
from backend.analytics.rollups.planning import Handed, Plan, columns_of, filters_of
from backend.analytics.rules import MOST_GROUPS, SalesDimension
from backend.core.principal import Principal
from backend.sales.filters import JOINS, LINES, Conditions, SalesCriteria, conditions

_D = SalesDimension
_C = Column
_Where = list[tuple[Column, str]]
_COLUMNS: Final = {_D.PRODUCT: _C.PRODUCT, _D.SUBCATEGORY: _C.NODE, _D.CATEGORY: _C.CATEGORY}


@dataclass(frozen=True, slots=True)
class _Others:
    """What orders are counted by; `where`: what the filter admits, by column.

    `is_led`: of the lines of one kind in an order all are the filter's, or none: the first counts.
    """

    by: SalesDimension
    where: _Where
    is_led: bool

    @property
    def column(self) -> Column:
        """The column of facts that says what they are."""
        return _COLUMNS[self.by]

    @property
    def among(self) -> str:
        """The condition that a fact is not what the filter names."""
        named = [f"{column} = any({n})" for column, n in self.where if column in OF_LINES]
        once = first_of(frozenset({self.column})) if self.is_led else f"leads & {IS_RETURN} = 0"
        return f"not ({_and(*named)}) and {once}"

    def counted(self, rows: str) -> str:
        """Return the number of orders by key, of rows with their column and order."""
        if self.is_led:
            of_each = f"select {self.column}, count(*) as n from ({rows}) y group by 1"
            return _keyed(self.by, of_each, "sum(x.n)")
        of_each = f"select distinct {self.column}, sale from ({rows}) y"
        return _keyed(self.by, of_each, "count(distinct x.sale)")


def _is_led(by: SalesDimension, criteria: SalesCriteria) -> bool:
    # Of subcategories no: products without any are of several nodes, but one of these.
    named = filters_of(criteria).keys() & {*_COLUMNS, _D.DISTRIBUTOR}
    return by is _D.PRODUCT or (by is _D.CATEGORY and named == {_D.CATEGORY})


def of_lines(
    by: SalesDimension, criteria: SalesCriteria, principal: Principal
) -> tuple[str, tuple[object, ...]]:
    """Return the statement that reads lines, and its parameters after $1, the organisation.

    `by` is the product, subcategory or category. Its rows have `id`, `label` and `n`, the number of
    orders, most first.
    """
    among = conditions(criteria, principal)
    return _named(by, _from_lines(by, among)), among.values


def of_facts(
    plan: Plan, by: SalesDimension, criteria: SalesCriteria, principal: Principal
) -> tuple[str, tuple[object, ...]]:
    """Return the same from a copy's sums or from facts, and from lines that are not rolled yet."""
    among = conditions(criteria, principal)
    # The conditions of lines number their parameters themselves.
    known = among.values if plan.has_tail else ()
    parameters = Parameters(2 + len(known))
    column_by = columns_of(filters_of(criteria))
    is_whole = plan.handed is not None and not plan.handed.lacks_facts
    # A parameter that stands nowhere is an error.
    where = [] if is_whole else reading.filters(plan, criteria, principal, parameters, column_by)
    others = _Others(by, where, is_led=_is_led(by, criteria))
    if plan.handed is not None:
        parts = _handed(plan, others, plan.handed, parameters)
    else:
        parts = [_from_facts(plan, others, one, parameters) for one in plan.segments]
    if not plan.has_tail:
        return _named(by, _union(parts)), tuple(parameters.values)
    behind = parameters.add(list(plan.days_behind) or [reading.NO_DAY])
    days = f"business_day = any({behind}::date[])"
    if plan.tail is None:
        head, chosen = f"{reading.LONG_TAIL}, ", "s.id in (select id from tail)"
    else:
        head, chosen = "", reading.TAIL.format(parameters.add(plan.tail))
    parts.append(_from_lines(by, among, f"s.{days}", f"l.{days}", chosen))
    return _named(by, _union(parts), head), (*known, *parameters.values)


def _named(by: SalesDimension, parts: str, head: str = "") -> str:
    one = DIMENSIONS[by]
    return f"""
with {head}counted as (
    select k, sum(n)::bigint as n from ({parts}) parts
     group by k order by n desc limit {MOST_GROUPS})
select {one.id.format(k="g.k", n="n0")} as id, g.n,
       coalesce({one.label.format(k="g.k", n="n0")}, '{NOT_SAID}') as label
  from counted g {one.naming.format(k="g.k", n="n0")} order by g.n desc, id
"""


def _from_lines(
    by: SalesDimension,
    among: Conditions,
    sale_days: str = "true",
    line_days: str = "true",
    chosen: str = "true",
) -> str:
    joins = " ".join(JOINS[one] for one in sorted(among.sale_joins | among.line_joins | {"p"}))
    others = " ".join(JOINS[one] for one in sorted(among.line_joins | {"p"}))
    named = _and(*among.on_line)
    days = (*among.on_days, line_days)
    found = _and("s.org_id = $1", "s.kind = 'SALE'", *among.on_sale, *days, sale_days, chosen)
    return f"""
    select k, count(distinct id) as n from (
        with base as materialized (
            select distinct s.org_id, s.id, s.business_day, s.distributor_id
              from sales s {LINES} {joins} where {found} and {named})
        select {DIMENSIONS[by].key} as k, s.id from base s {LINES} {others}
         where {_and("l.org_id = $1", *days)} and not coalesce({named}, false)) x
     group by k"""


def _from_facts(plan: Plan, others: _Others, segment: Segment, parameters: Parameters) -> str:
    """Return the orders the filter finds first, then what else is in each of them."""
    found = _found(plan, others.where, reading.between("day", segment, parameters))
    return others.counted(f"""
        select f.{others.column}, f.sale from ({found} offset 0) found
          join rollup_facts f on f.org_id = $1 and f.sale = found.sale where {others.among}""")


def _handed(plan: Plan, others: _Others, handed: Handed, parameters: Parameters) -> list[str]:
    """Return what a copy counted, and what that lacks."""
    rows = handed_over.unnested(handed, parameters)
    parts = [_keyed(others.by, f"select * from {rows}", "sum(x.orders)")]
    if handed.lacks_facts:
        lacking = handed_over.lacking(handed, parameters)
        parts.append(_behind(plan, others, plan.segments[0], lacking, parameters))
    return parts


def _behind(
    plan: Plan, others: _Others, segment: Segment, lacking: list[str], parameters: Parameters
) -> str:
    """Return what sums lack: of these few facts first, then whether the filter finds the order."""
    days = reading.between("day + 0", segment, parameters)
    return others.counted(f"""
        select f.* from (
            select {others.column}, sale from rollup_facts
             where {_and("org_id = $1", *days, others.among, *lacking)} offset 0) f
         cross join lateral ({_found(plan, others.where, ["sale = f.sale"])} limit 1) found""")


def _found(plan: Plan, where: _Where, also: list[str]) -> str:
    """Return the orders that the filter finds, each once."""
    limits = [f"{column} = any({numbers})" for column, numbers in where]
    lead = f"leads & {IS_RETURN} = 0" if plan.by_sale else first_of(plan.lead)
    once = "distinct " if plan.by_sale else ""
    return f"select {once}sale from rollup_facts where {_and('org_id = $1', lead, *limits, *also)}"


def _keyed(by: SalesDimension, rows: str, count: str) -> str:
    column = _COLUMNS[by]
    key = key_of(by, column)
    return f"""
    select {key} as k, {count} as n from ({rows}) x {KEY_JOINS[column]} group by 1"""


def _union(parts: list[str]) -> str:
    return " union all ".join(parts)


def _and(*pieces: str) -> str:
    return " and ".join(pieces)
