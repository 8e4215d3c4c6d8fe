"""The SQL that turns gathered lines into facts and facts into cells."""

from typing import Final

from backend.analytics.rollups.grains import (
    GRAINS,
    IS_RETURN,
    LEADS,
    Column,
    Grain,
    Span,
    kept_spans,
)

_IDS: Final = {
    Column.PRODUCT: "product_id",
    Column.NODE: "node_id",
    Column.CATEGORY: "category_id",
    Column.DISTRIBUTOR: "distributor_id",
    Column.BAND: "band",
}


def _lead(columns: frozenset[Column]) -> str:
    parts = ", ".join(["sale_id", *sorted(_IDS[column] for column in columns)])
    return f"""case when row_number() over (partition by {parts} order by line_no) = 1
                then {LEADS[columns]} else 0 end"""


# A product of a sale has one distributor, so that they share a bit.
_MARKED: Final = {bit: columns for columns, bit in reversed(LEADS.items())}
# Rows are compared as texts: nulls equal one another there, and the comparison can be hashed.
_FACTS: Final = f"""
select sale_id as sale, line_no, day, hour, mix.no as mix, location.no as location,
       place.no as place, area.no as area, coalesce(customer.no, 0) as customer,
       coalesce(seller.no, 0) as seller, product.no as product, coalesce(node.no, 0) as node,
       coalesce(category.no, 0) as category, coalesce(distributor.no, 0) as distributor, band,
       case when is_return then {IS_RETURN} else
           {" + ".join(_lead(columns) for columns in _MARKED.values())} end as leads,
       (units * 10000)::bigint as units, (gross * 10000)::bigint as gross,
       (discount * 10000)::bigint as discount, (net * 10000)::bigint as net,
       coalesce((cost * 10000)::bigint, 0) as cost, (cost is not null)::int as costs
  from rolling r
  join rollup_keys location on location.org_id = $1 and location.id = r.location_id
  join rollup_keys product on product.org_id = $1 and product.id = r.product_id
  join rollup_mixes mix on mix.org_id = $1
       and row(mix.sale_type, mix.channel, mix.segment)::text
           = row(r.sale_type, r.channel, r.segment)::text
  join rollup_areas area on area.org_id = $1
       and row(area.state, area.region, area.country)::text
           = row(r.area_state, r.area_region, r.area_country)::text
  join rollup_places place on place.org_id = $1
       and row(place.own, place.state, place.postal_code, place.region,
               place.country)::text
           = row(case when not is_shipped then r.location_id end, r.state, r.postal_code, r.region,
                 r.country)::text
  left join rollup_keys node on node.org_id = $1 and node.id = r.node_id
  left join rollup_keys category on category.org_id = $1 and category.id = r.category_id
  left join rollup_keys distributor on distributor.org_id = $1
       and distributor.id = r.distributor_id
  left join rollup_keys customer on customer.org_id = $1 and customer.id = r.customer_id
  left join rollup_keys seller on seller.org_id = $1 and seller.name = r.sold_by
"""
_COLUMNS: Final = """sale, line_no, day, hour, mix, location, place, area, customer, seller,
    product, node, category, distributor, band, leads, units, gross, discount, net, cost, costs"""
# The day first: facts of one day lie together.
INSERT: Final = f"""
insert into rollup_facts (org_id, no, {_COLUMNS})
select $1, (select facts from rollup_cursors where org_id = $1)
           + row_number() over (order by day, sale), {_COLUMNS}
  from ({_FACTS}) fresh
"""
NUMBERED: Final = """
update rollup_cursors
   set facts = greatest(facts, (select max(no) from rollup_facts where org_id = $1))
 where org_id = $1
"""
SUMS: Final = (
    "units",
    "gross",
    "discount",
    "net",
    "cost",
    "costed",
    "returned",
    "costs",
    "lines",
    "orders",
)
_FACT_SUMS: Final = f"""sum(units) as units, sum(gross) as gross, sum(discount) as discount,
       sum(net) as net, sum(cost) as cost,
       coalesce(sum(net) filter (where costs <> 0), 0) as costed,
       coalesce(-sum(net) filter (where leads & {IS_RETURN} <> 0), 0) as returned,
       sum(costs) as costs, count(*) as lines"""
_SUMMED: Final = ", ".join(f"sum({name}) as {name}" for name in SUMS)
_CELL: Final = f"org_id, grain, span, starts_on, a, b, {', '.join(SUMS)}"
_START: Final = {
    Span.DAY: "{0}",
    Span.THIRD: "(date_trunc('month', {0})::date"
    " + least((extract(day from {0})::int - 1) / 10, 2) * 10)",
    Span.MONTH: "date_trunc('month', {0})::date",
    Span.YEAR: "date_trunc('year', {0})::date",
}


def fold(grain: Grain, finest: Span) -> str:
    """Return the statement that adds facts to a grain's cells: those from behind $2 to $3."""
    among = "no > $2::bigint and no <= $3::bigint"
    return f"{_insert(grain, finest, among, kept_spans(finest))} {_CONFLICT}"


def fold_month(grain: Grain, finest: Span) -> str:
    """Return the statement that makes a grain's cells of the month of the day $2 anew.

    Of the facts it has folded. The year is for `fold_year`.
    """
    among = f"day >= $2::date and day < $2::date + interval '1 month' and {_folded(grain)}"
    return _insert(grain, finest, among, kept_spans(finest)[:-1])


def fold_year(grain: Grain, finest: Span) -> str:
    """Return the statement that makes a grain's cells of the year of the day $2 anew."""
    if finest is not Span.YEAR:
        return f"""
insert into rollup_cells ({_CELL})
select $1, grain, {Span.YEAR.value}, {_YEAR}, a, b, {_SUMMED}
  from rollup_cells where org_id = $1 and grain = {grain.no} and span = {Span.MONTH.value}
   and starts_on >= {_YEAR} and starts_on < {_YEAR} + interval '1 year' group by grain, a, b"""
    among = f"day >= {_YEAR} and day < {_YEAR} + interval '1 year' and {_folded(grain)}"
    return _insert(grain, finest, among, (finest,))


_YEAR: Final = "date_trunc('year', $2::date)::date"
UNFOLD_MONTH: Final = f"""
delete from rollup_cells where org_id = $1 and grain = any($3::smallint[])
   and span in ({Span.DAY.value}, {Span.THIRD.value}, {Span.MONTH.value})
   and starts_on >= $2::date and starts_on < $2::date + interval '1 month'
"""
UNFOLD_YEAR: Final = f"""
delete from rollup_cells where org_id = $1 and grain = any($3::smallint[])
   and span = {Span.YEAR.value} and starts_on = {_YEAR}
"""
FOLDED: Final = "update rollup_grains set folded = $3 where org_id = $1 and grain = $2"

# What changes in a fact when what it names moves, and so the grains that are made anew.
MOVING: Final = (Column.HOUR, Column.AREA, Column.NODE, Column.CATEGORY, Column.DISTRIBUTOR)
MOVED_GRAINS: Final = [grain.no for grain in GRAINS if set(grain.columns) & set(MOVING)]
_MOVED: Final = ("leads", *(column.value for column in MOVING))
# Numbers stay: what is folded stays folded.
MOVE: Final = f"""
update rollup_facts f set {", ".join(f"{name} = fresh.{name}" for name in _MOVED)}
  from ({_FACTS}) fresh
 where f.org_id = $1 and f.day >= $2::date and f.day < $2::date + interval '1 month'
   and f.sale = fresh.sale and f.line_no = fresh.line_no
   and ({", ".join(f"f.{name}" for name in _MOVED)})
       is distinct from ({", ".join(f"fresh.{name}" for name in _MOVED)})
"""


def _folded(grain: Grain) -> str:
    return f"no <= (select folded from rollup_grains where org_id = $1 and grain = {grain.no})"


def _insert(grain: Grain, finest: Span, among: str, spans: tuple[Span, ...]) -> str:
    a, b = (*grain.columns, "0", "0")[:2]
    coarser = [
        f"""
    union all
    select {span.value}, {_START[span].format("starts_on")}, a, b, {_SUMMED}
      from parts group by 2, a, b"""
        for span in spans
        if span is not finest
    ]
    return f"""
with parts as (
    select {_START[finest].format("day")} as starts_on, {a} as a, {b} as b, {_FACT_SUMS},
           count(*) filter (where leads & {grain.lead} <> 0) as orders
      from rollup_facts where org_id = $1 and {among}
     group by {", ".join(["1", *grain.columns])})
insert into rollup_cells as known ({_CELL})
select $1, {grain.no}, cells.* from (
    select {finest.value}, starts_on, a, b, {", ".join(SUMS)} from parts {"".join(coarser)}
    ) cells"""


_CONFLICT: Final = f"""
on conflict (org_id, grain, span, starts_on, a, b) do update
   set {", ".join(f"{name} = known.{name} + excluded.{name}" for name in SUMS)}
"""
