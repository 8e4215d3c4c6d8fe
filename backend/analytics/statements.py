"""The one statement behind every summary, put together from the table of dimensions.

No text of a client ever stands in it.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from backend.analytics.candidates import candidates
from backend.analytics.dimensions import NOT_SAID, Dimension, dimension
from backend.analytics.rollups import handed, reading
from backend.analytics.rollups.admitting import Parameters
from backend.analytics.rollups.planning import Plan
from backend.analytics.rules import MOST_GROUPS, Question, SalesDimension, SummaryOrder
from backend.core.principal import Principal
from backend.sales.filters import JOINS, LINES, SalesCriteria, conditions

# The sums of the lines of one sale that fall into one group.
_PARTS: Final = """
sum(l.quantity) as quantity, sum(l.gross) as gross, sum(l.discounted) as discounted,
           sum(l.net) as net, sum(l.cost) as cost,
           sum(l.net) filter (where l.cost is not null) as costed"""
_SIGN: Final = "case s.kind when 'SALE' then 1 else -1 end as sign"
# A sale that has lines in several groups is an order of each, and one order of the total.
_MEASURES: Final = """
       coalesce(sum(sign * quantity), 0) as units,
       coalesce(sum(gross) filter (where sign > 0), 0) as gross_sales,
       coalesce(sum(discounted) filter (where sign > 0), 0) as discount,
       coalesce(sum(sign * net), 0) as net_sales,
       sum(sign * cost) as cost,
       sum(sign * (costed - cost)) as profit,
       coalesce(sum(sign * (net - coalesce(costed, 0))), 0) as net_sales_without_cost,
       count(*) filter (where sign > 0) as orders,
       coalesce(sum(net) filter (where sign < 0), 0) as returns"""
MOST_ROWS: Final = MOST_GROUPS + 1
MEASURES: Final = (
    "units",
    "gross_sales",
    "discount",
    "net_sales",
    "cost",
    "profit",
    "net_sales_without_cost",
    "orders",
    "returns",
)


# The same of parts that come from roll-ups, where a group's sales are counted already; and where a
# group is one part.
_ROLLED: Final = """
       coalesce(sum(units), 0) as units, coalesce(sum(gross), 0) as gross_sales,
       coalesce(sum(discount), 0) as discount, coalesce(sum(net), 0) as net_sales,
       case when sum(costs) > 0 then sum(cost) end as cost,
       case when sum(costs) > 0 then sum(costed) - sum(cost) end as profit,
       coalesce(sum(net) - sum(costed), 0) as net_sales_without_cost,
       coalesce(sum(orders), 0)::bigint as orders, coalesce(sum(returned), 0) as returns"""
_OF_ONE: Final = """
       units, gross as gross_sales, discount, net as net_sales,
       case when costs > 0 then cost end as cost,
       case when costs > 0 then costed - cost end as profit,
       net - costed as net_sales_without_cost, orders::bigint as orders, returned as returns"""


def summary(
    question: Question, criteria: SalesCriteria, principal: Principal
) -> tuple[str, tuple[object, ...]]:
    """Return the statement for a question and its parameters after $1, the organisation.

    It adds up lines. Its rows have `id0`, `label0` … per dimension, the measures, and the first one
    those of the total as `total_…`; one row more than may be answered comes back when there are
    too many.
    Without any group one row carries the total, its `is_group` null.
    """
    return _shaped(question, *_added_up(question, criteria, principal))


def _added_up(
    question: Question, criteria: SalesCriteria, principal: Principal
) -> tuple[str, list[object]]:
    """Return the head of a statement that adds up lines."""
    among = conditions(criteria, principal)
    dimensions = _dimensions(question)
    keys = _keys(question)
    needs = among.sale_joins | among.line_joins | {alias for d in dimensions for alias in d.needs}
    wanted = [f"{d.key} as {key}" for d, key in zip(dimensions, keys, strict=True)]
    head = f"""
with parts as materialized (
    select {_list(*wanted, "s.id as sale_id", _SIGN)},
           {_PARTS.strip()}
      from sales s {LINES}
           {" ".join(JOINS[alias] for alias in sorted(needs))}
     where {" and ".join(["s.org_id = $1", *among.on_sale, *among.on_days, *among.on_line])}
     group by {_list(*keys, "s.id", "s.kind")}
), groups as (
    select {_list("true as is_group", *keys, _MEASURES.strip())} from parts
     {_grouping(keys)}
), totals as (
    select {_MEASURES.strip()} from (
        select sale_id, sign, sum(quantity) as quantity, sum(gross) as gross,
               sum(discounted) as discounted, sum(net) as net, sum(cost) as cost,
               sum(costed) as costed
          from parts group by sale_id, sign) whole
)"""
    return head, list(among.values)


def rolled_summary(
    plan: Plan,
    question: Question,
    criteria: SalesCriteria,
    principal: Principal,
    *,
    has_totals: bool = True,
) -> tuple[str, tuple[object, ...]]:
    """Return the statement that answers the same from roll-ups; without `has_totals` no total.

    Orders of the total are those of the groups added up, right or not: that is the plan's to know.
    """
    head, values = _rolled_up(plan, question, criteria, principal)
    if has_totals:
        head += f", totals as (select {_ROLLED.strip()} from parts)"
    return _shaped(question, head, values, has_totals=has_totals)


def values(
    plan: Plan | None,
    question: Question,
    criteria: SalesCriteria,
    principal: Principal,
    figure: str,
) -> tuple[str, tuple[object, ...]]:
    """Return the statement for one figure of each group; the order needs no other.

    From roll-ups, else (no plan) from the lines.
    """
    if plan is None:
        head, given = _added_up(question, criteria, principal)
    else:
        head, given = _rolled_up(plan, question, criteria, principal)
    text, named = _named_and_placed(question, head, given, (figure,))
    return f"{text} {_WITHOUT_TOTALS}", named


def _rolled_up(
    plan: Plan, question: Question, criteria: SalesCriteria, principal: Principal
) -> tuple[str, list[object]]:
    """Return the head of a statement that reads roll-ups, without totals."""
    parts, values = reading.parts(plan, question, criteria, principal)
    keys = _keys(question)
    measures, grouping = _ROLLED, _grouping(keys)
    if keys and reading.is_grouped(plan, question, criteria):
        measures, grouping = _OF_ONE, ""
    head = f"""
with {parts}, groups as (
    select {_list("true as is_group", *keys, measures.strip())} from parts
     {grouping}
)"""
    return head, values


def unit_squares(
    plan: Plan | None, question: Question, criteria: SalesCriteria, principal: Principal
) -> tuple[str, tuple[object, ...]]:
    """Return the statement for the units of each first key: their sum over the second, of squares.

    From roll-ups, else (no plan) from the lines.
    """
    by = _dimensions(question)[0]
    if plan is not None and plan.handed is not None and handed.SQUARES in plan.handed.columns:
        squares, values = handed.squares(plan.handed, question)
        text = f"""
with g as ({squares})
select {by.id.format(k="g.k0", n="n0")} as id, sum(g.units) as units, sum(g.squares) as squares
  from g {by.naming.format(k="g.k0", n="n0")} group by 1
"""
        return text, tuple(values)
    parts, values = _parts(plan, question, criteria, principal)
    text = f"""
with {parts}, g as (select k0, sum(units) as units from parts group by k0, k1)
select {by.id.format(k="g.k0", n="n0")} as id, sum(g.units) as units,
       sum(g.units * g.units) as squares
  from g {by.naming.format(k="g.k0", n="n0")} group by 1
"""
    return text, tuple(values)


def orders_of_each(
    plan: Plan | None, question: Question, criteria: SalesCriteria, principal: Principal
) -> tuple[str, tuple[object, ...]]:
    """Return the statement for the orders of all groups that share the first key, added up.

    From roll-ups, else (no plan) from the lines.
    """
    parts, values = _parts(plan, question, criteria, principal)
    by = _dimensions(question)[0]
    text = f"""
with {parts}, g as (select k0, sum(orders) as orders from parts group by k0)
select {by.id.format(k="g.k0", n="n0")} as id, sum(g.orders)::bigint as orders
  from g {by.naming.format(k="g.k0", n="n0")} group by 1
"""
    return text, tuple(values)


def days(
    plan: Plan | None, question: Question, criteria: SalesCriteria, principal: Principal
) -> tuple[str, tuple[object, ...]]:
    """Return the statement for the days of a question by day, in order: one row, an array."""
    parts, values = _parts(plan, question, criteria, principal)
    return f"with {parts} select array_agg(distinct k0 order by k0) as days from parts", (*values,)


def group_count(
    plan: Plan, question: Question, criteria: SalesCriteria, principal: Principal
) -> tuple[str, tuple[object, ...]]:
    """Return the statement for how many groups a question has: one row."""
    parts, values = reading.parts(replace(plan, by_sale=False), question, criteria, principal)
    keys = _list(*_keys(question))
    text = f"with {parts} select count(*) as groups from (select distinct {keys} from parts) g"
    return text, tuple(values)


def with_unsold(
    plan: Plan | None,
    question: Question,
    criteria: SalesCriteria,
    principal: Principal,
) -> tuple[str, tuple[object, ...]]:
    """Return the statement for a summary by something and by product, and for what did not sell.

    After its groups, without the total, come as many products as it has `top` that each first key
    did not sell, those first that the others sell most of: their `is_group` is false. From
    roll-ups, else (no plan) from the lines.
    """
    if plan is None:
        head, values = _added_up(question, criteria, principal)
    else:
        head, values = _rolled_up(plan, question, criteria, principal)
    shaped, values = _named_and_placed(question, head, values)
    limit, place = f"${len(values) + 1}", _dimensions(question)[0]
    parameters = Parameters(2 + len(values))
    admitted = candidates(criteria, parameters)
    if plan is not None and plan.handed is not None and plan.handed.lacking is not None:
        rows = handed.lacked(plan.handed.lacking, question, parameters)
        lacking = _HANDED_LACKING.format(rows=rows, candidates=admitted)
    else:
        best = "" if question.order is SummaryOrder.KEY else question.order.value.lower()
        value = f"sum({best})" if best else "null::numeric"
        lacking = _LACKING.format(value=value, candidates=admitted)
    label = f"{place.label.format(k='g.k0', n='n0')}, " if place.has_label else ""
    text = f"""{shaped}, {lacking}
select * from placed
union all
select false, {place.id.format(k="g.k0", n="n0")}, {label}g.sku, g.name,
       {_list(*("null" for _ in MEASURES))}, g.rank, null, {MOST_ROWS} + g.rank
  from lacking g {place.naming.format(k="g.k0", n="n0")} where g.rank <= {limit}
 order by place
"""
    return text, (*values, *parameters.values)


_LACKING: Final = """candidates as materialized (
    select c.id, c.sku, c.name, row_number() over (
               order by sold.k1 is null, sold.value desc nulls last, c.sku) as n
      from ({candidates}) c
      left join (select k1, {value} as value from groups group by k1) sold on sold.k1 = c.id
     where c.is_offered or sold.k1 is not null
), sold as materialized (
    select row(k0)::text as place, k0, k1 from groups
), lacking as (
    select w.k0, c.sku, c.name, c.n, row_number() over (partition by w.place order by c.n) as rank
      from (select distinct k0, place from sold) w cross join candidates c
      left join sold on sold.place = w.place and sold.k1 = c.id
     where sold.k1 is null
)"""
# The copy knows these products by where they stand in the order of their SKUs.
_HANDED_LACKING: Final = """candidates as materialized (
    select c.sku, c.name, row_number() over (order by c.sku) as n from ({candidates}) c
), lacking as (
    select w.k0, c.sku, c.name, c.n, w.rank from ({rows}) w join candidates c on c.n = w.n
)"""


def _parts(
    plan: Plan | None, question: Question, criteria: SalesCriteria, principal: Principal
) -> tuple[str, list[object]]:
    """Return a CTE `parts` of keys, units and orders, with parameters from $2 on.

    It adds up to units and orders of the groups by all keys.
    """
    if plan is not None:
        return reading.parts(plan, question, criteria, principal)
    among = conditions(criteria, principal)
    dimensions = _dimensions(question)
    needs = among.sale_joins | among.line_joins | {alias for d in dimensions for alias in d.needs}
    keys = [f"{d.key} as k{n}" for n, d in enumerate(dimensions)]
    text = f"""parts as (
    select {_list(*keys)},
           sum(case s.kind when 'SALE' then l.quantity else -l.quantity end) as units,
           case s.kind when 'SALE' then 1 else 0 end as orders
      from sales s {LINES}
           {" ".join(JOINS[alias] for alias in sorted(needs))}
     where {" and ".join(["s.org_id = $1", *among.on_sale, *among.on_days, *among.on_line])}
     group by {_list(*_keys(question), "s.id", "s.kind")})"""
    return text, list(among.values)


def _shaped(
    question: Question, head: str, values: list[object], *, has_totals: bool = True
) -> tuple[str, tuple[object, ...]]:
    """Return a statement with `groups` and `totals` in its head, named, sorted and shortened."""
    text, named = _named_and_placed(question, head, values)
    return f"{text} {_WITH_TOTALS if has_totals else _WITHOUT_TOTALS}", named


def _named_and_placed(
    question: Question, head: str, values: list[object], figures: Sequence[str] = MEASURES
) -> tuple[str, tuple[object, ...]]:
    """Return a head with `placed` after `groups`, its last parameter how many rows are left."""
    limit = f"${len(values) + 2}"
    rows, last = ("true", limit) if question.top is None else (f"named.rank <= {limit}", MOST_ROWS)
    if question.both_ends:
        rows = f"(named.rank <= {limit} or named.low <= {limit})"
    order = _list(*_final_order(question))
    text = f"""{head}, named as (
    select {_list("g.*", *_names(question), _rank(question))} from {_near(question, limit)} g
           {_naming(question)}
), placed as (
    select {_list(*_answered(question, figures))}, row_number() over (order by {order}) as place
      from named where {rows} order by place limit {last}
)"""
    return text, (*values, MOST_ROWS if question.top is None else question.top)


_WITHOUT_TOTALS: Final = "select * from placed order by place"
# The total once: beside each of fifty thousand rows it takes longer than the rows themselves.
_WITH_TOTALS: Final = f"""select placed.*, {
    ", ".join(
        f"case when coalesce(place, 1) = 1 then totals.{name} end as total_{name}"
        for name in MEASURES
    )
}
  from totals left join placed on true order by place"""


def _answered(question: Question, figures: Sequence[str]) -> list[str]:
    """Return the columns that are sent."""
    named = (
        f"id{n}, label{n}" if one.has_label else f"id{n}"
        for n, one in _numbered_dimensions(question)
    )
    ranks = ("rank", "low") if question.both_ends else ("rank",)
    return ["is_group", *named, *figures, *(ranks if question.top is not None else ())]


def _near(question: Question, limit: str) -> str:
    """Return the groups that may be among the first, ties included: others are never named."""
    if question.top is None or question.order is SummaryOrder.KEY or not question.group_by:
        return "groups"
    partition = _partition(question)
    measure = question.order.value.lower()

    def within(direction: str) -> str:
        return f"rank() over ({partition}order by {measure} {direction} nulls last) <= {limit}"

    down, up = ("desc", "asc") if question.descending else ("asc", "desc")
    near = [
        f"{within(down)} as is_near",
        *([f"{within(up)} as is_far"] if question.both_ends else []),
    ]
    among = "is_near or is_far" if question.both_ends else "is_near"
    return f"(select * from (select groups.*, {_list(*near)} from groups) g where {among})"


def _dimensions(question: Question) -> list[Dimension]:
    return [dimension(one, question.calendar) for one in question.group_by]


def _numbered_dimensions(question: Question) -> list[tuple[int, Dimension]]:
    return list(enumerate(_dimensions(question)))


def _keys(question: Question) -> list[str]:
    return [f"k{n}" for n in range(len(question.group_by))]


def _names(question: Question) -> list[str]:
    columns: list[str] = []
    for n, one in _numbered_dimensions(question):
        templates = [("id", one.id), ("o", one.order)]
        if one.has_label:
            templates.append(("label", f"coalesce({one.label}, '{NOT_SAID}')"))
        columns += [
            f"{template.format(k=f'g.k{n}', n=f'n{n}')} as {name}{n}"
            for name, template in templates
        ]
    return columns


def _naming(question: Question) -> str:
    joins = (
        one.naming.format(k=f"g.k{n}", n=f"n{n}") for n, one in enumerate(_dimensions(question))
    )
    return " ".join(filter(None, joins))


def _rank(question: Question) -> str:
    if question.top is None:
        return ""
    rank = f"{_numbered(question)} as rank"
    if not question.both_ends:
        return rank
    turned = replace(question, descending=not question.descending)
    return f"{rank}, {_numbered(turned)} as low"


def _numbered(question: Question) -> str:
    columns = [
        one.order.format(k=f"g.k{n}", n=f"n{n}") for n, one in enumerate(_dimensions(question))
    ]
    order = _list(*_sorted(question, columns, "g."))
    return f"row_number() over ({_partition(question)}order by {order})" if order else "1"


def _partition(question: Question) -> str:
    keys = _list(*(f"k{question.group_by.index(one)}" for one in question.top_within))
    return f"partition by {keys} " if keys else ""


def _final_order(question: Question) -> list[str]:
    within = [f"o{_at(question, one)} nulls last" for one in question.top_within]
    columns = [f"o{n}" for n in range(len(question.group_by))]
    return [*within, *_sorted(question, columns, "named.")] or ["1"]


def _sorted(question: Question, columns: list[str], alias: str) -> list[str]:
    """Return the order of rows: as asked for, ties by the keys; what is not said comes last."""
    direction = "desc" if question.descending else "asc"
    if question.order is SummaryOrder.KEY:
        return [f"{column} {direction} nulls last" for column in columns]
    measure = f"{alias}{question.order.value.lower()} {direction} nulls last"
    return [measure, *(f"{column} nulls last" for column in columns)] if columns else []


def _at(question: Question, dimension: SalesDimension) -> int:
    return question.group_by.index(dimension)


def _grouping(keys: list[str]) -> str:
    return f"group by {_list(*keys)}" if keys else "having count(*) > 0"


def _list(*pieces: str) -> str:
    return ", ".join(piece for piece in pieces if piece)
