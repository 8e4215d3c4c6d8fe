"""The SQL that turns gathered lines into facts and facts into cells."""

from typing import Final

from backend.analytics.rollups.grains import GRAINS, IS_RETURN, LEADS, Column, Grain, Span


def _lead(column: Column, id_: str) -> str:
    return f"""case when row_number() over (partition by sale_id, {id_} order by line_no) = 1
                    then {LEADS[column]} else 0 end"""


# Rows are compared as texts: nulls equal one another there, and the comparison can be hashed.
_FACTS: Final = f"""
select $1, day, sale_id, line_no,
       case when is_return then {IS_RETURN} else
           case when row_number() over (partition by sale_id order by line_no) = 1
                then {LEADS[None]} else 0 end
           + {_lead(Column.PRODUCT, "product_id")}
           + {_lead(Column.NODE, "node_id")}
           + {_lead(Column.CATEGORY, "category_id")}
           + {_lead(Column.DISTRIBUTOR, "distributor_id")}
           + {_lead(Column.BAND, "band")} end as leads,
       hour, mix.no as mix, location.no as location, place.no as place, area.no as area,
       coalesce(customer.no, 0) as customer, coalesce(seller.no, 0) as seller,
       product.no as product, coalesce(node.no, 0) as node, coalesce(category.no, 0) as category,
       coalesce(distributor.no, 0) as distributor, band, (units * 10000)::bigint as units,
       (gross * 10000)::bigint as gross, (discount * 10000)::bigint as discount,
       (net * 10000)::bigint as net, (cost * 10000)::bigint as cost
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
FACT_SUMS: Final = """sum(units) as units, sum(gross) as gross, sum(discount) as discount,
       sum(net) as net, coalesce(sum(cost), 0) as cost,
       coalesce(sum(net) filter (where cost is not null), 0) as costed,
       -coalesce(sum(net) filter (where leads & 32 <> 0), 0) as returned, count(cost) as costs,
       count(*) as lines"""
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
_START: Final = {
    Span.DAY: "{}",
    Span.MONTH: "date_trunc('month', {})::date",
    Span.YEAR: "date_trunc('year', {})::date",
}
_CELL: Final = f"org_id, grain, span, starts_on, a, b, {', '.join(SUMS)}"
_BY_NO: Final = {grain.no: grain for grain in GRAINS}


def _from_facts(grain: Grain, finest: Span) -> str:
    a, b = (*grain.columns, "0", "0")[:2]
    keys = ", ".join(["1", "2", "3", *grain.columns])
    return f"""
    select {grain.no}::smallint as grain, {finest.value}::smallint as span,
           {_START[finest].format("day")} as starts_on, {a} as a, {b} as b, {FACT_SUMS},
           count(*) filter (where leads & {grain.lead} <> 0) as orders
      from fresh group by {keys}"""


def _from_inside(grain: Grain, finest: Span) -> str:
    columns = _BY_NO[grain.inside or 0].columns
    a = "ab"[columns.index(grain.columns[0])] if grain.columns else "0"
    return f"""
    select {grain.no}, {finest.value}, starts_on, {a}, 0, {_sums()}
      from pairs where grain = {grain.inside} group by 1, 2, 3, 4"""


def _sums() -> str:
    return ", ".join(f"sum({name}) as {name}" for name in SUMS)


_CONFLICT: Final = f"""
on conflict (org_id, grain, span, starts_on, a, b) do update
   set {", ".join(f"{name} = known.{name} + excluded.{name}" for name in SUMS)}
"""


def _add(spans: tuple[Span, ...]) -> str:
    """Return the rest of a statement that adds its facts `fresh` to the cells of these spans."""
    kept = [grain for grain in GRAINS if grain.finest <= max(spans)]
    pairs = [_from_facts(one, one.finest) for one in kept if one.inside is None]
    single = [_from_inside(one, one.finest) for one in kept if one.inside is not None]
    coarser = [
        f"""
    select grain, {span.value}, {_START[span].format("starts_on")}, a, b, {_sums()}
      from parts where span < {span.value} group by 1, 2, 3, 4, 5"""
        for span in spans[1:]
    ]
    return f"""
, pairs as materialized ({" union all ".join(pairs)})
, parts as materialized (select * from pairs union all {" union all ".join(single)})
insert into rollup_cells as known ({_CELL})
select $1, cells.* from (select * from parts union all {" union all ".join(coarser)}) cells
{_CONFLICT}"""


_FACT_COLUMNS: Final = """(org_id, day, sale, line_no, leads, hour, mix, location, place, area,
    customer, seller, product, node, category, distributor, band, units, gross, discount, net,
    cost)"""
_MONTHS: Final = "day >= $2::date and day < $3::date"
_WITH_FRESH: Final = (
    f"with fresh as (insert into rollup_facts {_FACT_COLUMNS} {_FACTS} returning *)"
)
INSERT: Final = f"{_WITH_FRESH} {_add(tuple(Span))}"
INSERT_MONTHS: Final = f"{_WITH_FRESH} {_add((Span.DAY, Span.MONTH))}"

# Months of one year are rolled anew; the year is added up again afterwards.
UNROLL: Final = (
    f"""delete from rollup_cells where org_id = $1
   and grain = any(array{[grain.no for grain in GRAINS]})
   and span in ({Span.DAY.value}, {Span.MONTH.value})
   and starts_on >= $2::date and starts_on < $3::date""",
    f"delete from rollup_facts where org_id = $1 and {_MONTHS}",
)
_OF_YEARS: Final = [grain for grain in GRAINS if grain.finest is Span.YEAR]
_YEAR: Final = "date_trunc('year', $2::date)::date"
UNROLL_YEAR: Final = f"""
delete from rollup_cells where org_id = $1 and grain = any(array{[grain.no for grain in GRAINS]})
   and span = {Span.YEAR.value} and starts_on = {_YEAR}
"""
ROLL_YEAR: Final = f"""
with fresh as (select * from rollup_facts where org_id = $1
                  and day >= {_YEAR} and day < {_YEAR} + interval '1 year')
insert into rollup_cells ({_CELL})
select $1, cells.* from (
    select grain, {Span.YEAR.value}, {_YEAR}, a, b, {", ".join(f"sum({name})" for name in SUMS)}
      from rollup_cells where org_id = $1 and span = {Span.MONTH.value}
       and starts_on >= {_YEAR} and starts_on < {_YEAR} + interval '1 year'
       and grain = any(array{[grain.no for grain in GRAINS]}) group by 1, 4, 5
    union all {" union all ".join(_from_facts(grain, Span.YEAR) for grain in _OF_YEARS)}) cells
"""
