"""The SQL that turns gathered lines into facts and facts into cells."""

from typing import Final

from backend.analytics.rollups.grains import (
    GRAINS,
    IS_RETURN,
    IS_SOLD,
    LEADS,
    Column,
    Grain,
    Span,
    kept_spans,
)

# What a line may share with one before it in its sale: its number there, the numbers before.
_SHARED: Final = {
    frozenset({Column.PRODUCT}): "product",
    frozenset({Column.NODE}): "node",
    frozenset({Column.CATEGORY}): "category",
    frozenset({Column.DISTRIBUTOR}): "distributor",
    frozenset({Column.BAND}): "band",
    frozenset({Column.NODE, Column.DISTRIBUTOR}): "(node::bigint << 31 | distributor)",
    frozenset({Column.CATEGORY, Column.DISTRIBUTOR}): "(category::bigint << 31 | distributor)",
}
_LEADS: Final = " + ".join(
    f"case when {shared} = any(array_agg({shared}) over before) then 0 else {LEADS[columns]} end"
    for columns, shared in _SHARED.items()
)


def _same(left: str, right: dict[str, str]) -> str:
    """Return that columns are the same, nulls equal to nulls, in a way that can be hashed."""
    pairs = [
        f"coalesce({left}.{name}, {empty}) = coalesce({value}, {empty})"
        for name, value in right.items()
        for empty in [_NO_ID if name == "own" else "''"]
    ]
    nulls = [
        " + ".join(f"({one} is null)::int * {1 << n}" for n, one in enumerate(side))
        for side in ([f"{left}.{name}" for name in right], right.values())
    ]
    return " and ".join([*pairs, " = ".join(nulls)])


_NO_ID: Final = "'00000000-0000-0000-0000-000000000000'::uuid"
_MIX: Final = {"sale_type": "r.sale_type", "channel": "r.channel", "segment": "r.segment"}
_AREA: Final = {"state": "r.area_state", "region": "r.area_region", "country": "r.area_country"}
_PLACE: Final = {
    "own": "case when not is_shipped then r.location_id end",
    "state": "r.state",
    "postal_code": "r.postal_code",
    "region": "r.region",
    "country": "r.country",
}
_FACTS: Final = f"""
select numbered.*,
       case when is_return then {IS_RETURN} else
           case when row_number() over sold = 1 then {LEADS[frozenset()]} else 0 end
           + {_LEADS} end + case when is_sold then {IS_SOLD} else 0 end as leads
  from (
    select r.sale_id as sale, r.line_no, r.is_return, r.is_sold, r.day, r.hour, r.band,
           mix.no as mix,
           location.no as location, place.no as place, area.no as area,
           coalesce(customer.no, 0) as customer, coalesce(seller.no, 0) as seller,
           product.no as product, coalesce(node.no, 0) as node,
           coalesce(category.no, 0) as category, coalesce(distributor.no, 0) as distributor,
           (r.units * 10000)::bigint as units, (r.gross * 10000)::bigint as gross,
           (r.discount * 10000)::bigint as discount, (r.net * 10000)::bigint as net,
           coalesce((r.cost * 10000)::bigint, 0) as cost, (r.cost is not null)::int as costs
      from rolling r
      join rolling_names location on location.id = r.location_id
      join rolling_names product on product.id = r.product_id
      left join rolling_names node on node.id = r.node_id
      left join rolling_names category on category.id = r.category_id
      left join rolling_names distributor on distributor.id = r.distributor_id
      left join rolling_names customer on customer.id = r.customer_id
      left join rolling_names seller on seller.name = r.sold_by
      join rollup_mixes mix on mix.org_id = $1 and {_same("mix", _MIX)}
      join rollup_areas area on area.org_id = $1 and {_same("area", _AREA)}
      join rollup_places place on place.org_id = $1 and {_same("place", _PLACE)}
    ) numbered
window sold as (partition by sale order by line_no),
       before as (sold rows between unbounded preceding and 1 preceding)
"""
_COLUMNS: Final = """sale, line_no, day, hour, mix, location, place, area, customer, seller,
    product, node, category, distributor, band, leads, units, gross, discount, net, cost, costs"""
# Facts lie in the order in which filters choose: a store's together, there those of a product.
ORDER: Final = "location, category, node, product, day, sale, line_no"
INSERT: Final = f"""
insert into rollup_facts (org_id, no, {_COLUMNS})
select $1, (select facts from rollup_cursors where org_id = $1)
           + row_number() over (order by {ORDER}), {_COLUMNS}
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
SCALED: Final = ("units", "gross", "discount", "net", "cost", "costed", "returned")
"""Those in ten-thousandths."""
_FACT_SUMS: Final = f"""sum(units) as units, sum(gross) as gross, sum(discount) as discount,
       sum(net) as net, sum(cost) as cost,
       coalesce(sum(net) filter (where costs <> 0), 0) as costed,
       coalesce(-sum(net) filter (where leads & {IS_RETURN} <> 0), 0) as returned,
       sum(costs) as costs, count(*) as lines"""
_SUMMED: Final = ", ".join(f"sum({name}) as {name}" for name in SUMS)
_CELL: Final = f"org_id, grain, span, starts_on, a, b, {', '.join(SUMS)}"
_START: Final = {
    Span.DAY: "{0}",
    Span.THIRD: "(date_trunc('month', {0}::timestamp)::date"
    " + least((extract(day from {0})::int - 1) / 10, 2) * 10)",
    Span.MONTH: "date_trunc('month', {0}::timestamp)::date",
    Span.YEAR: "date_trunc('year', {0}::timestamp)::date",
}


def first_of(columns: frozenset[Column]) -> str:
    """Return the condition that a fact of `rollup_facts` is the first of its order by columns.

    The first of its order by some of them is so by all; of the rest those before it tell. No fact
    of a return is.
    """
    if columns in LEADS:
        return f"leads & {LEADS[columns]} <> 0"
    bits = sum({bit for some, bit in LEADS.items() if some < columns})
    same = " and ".join(f"earlier.{one} = rollup_facts.{one}" for one in sorted(columns))
    return f"""(leads & {bits} <> 0 or leads & {IS_RETURN} = 0 and not exists (
            select from rollup_facts earlier
             where earlier.org_id = $1 and earlier.sale = rollup_facts.sale
               and earlier.line_no < rollup_facts.line_no and {same}))"""


def fold(grain: Grain, finest: Span) -> str:
    """Return the statement that adds facts to a grain's cells: those from behind $2 to $3."""
    among = f"no > $2::bigint and no <= $3::bigint and day >= {_since(grain)}"
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
    return f"""
with parts as ({_parts(grain, finest, f"{_OF_YEAR.format('day')} and {_folded(grain)}")})
insert into rollup_cells ({_CELL})
select $1, {grain.no}, {Span.YEAR.value}, {_YEAR}, a, b, {_SUMMED} from (
    select a, b, {", ".join(SUMS)} from parts
    union all select a, b, {", ".join(SUMS)} from rollup_cells
     where org_id = $1 and grain = {grain.no} and span = {Span.MONTH.value}
       and {_OF_YEAR.format("starts_on")}) cells
 group by a, b"""


def archive_month(grain: Grain) -> str:
    """Return the statement that keeps a grain's sums of the month of the day $2, as it goes.

    For a grain of years: its share of the year can be told then.
    """
    among = f"day >= $2::date and day < $2::date + interval '1 month' and day >= {_since(grain)}"
    return _insert(grain, Span.MONTH, among, (Span.MONTH,))


_YEAR: Final = "date_trunc('year', $2::date)::date"
_OF_YEAR: Final = f"{{0}} >= {_YEAR} and {{0}} < {_YEAR} + interval '1 year'"
UNFOLD_MONTH: Final = f"""
delete from rollup_cells where org_id = $1 and grain = any($3::smallint[])
   and span in ({Span.DAY.value}, {Span.THIRD.value}, {Span.MONTH.value})
   and starts_on >= $2::date and starts_on < $2::date + interval '1 month'
"""
UNFOLD_YEAR: Final = f"""
delete from rollup_cells where org_id = $1 and grain = any($3::smallint[])
   and span = {Span.YEAR.value} and starts_on = {_YEAR}
"""
# The same facts, written anew in their order: numbers stay, so what is folded stays folded.
SETTLE: Final = f"""
with unsettled as (
    delete from rollup_facts where org_id = $1 and day >= $2::date and day < $3::date returning *)
insert into rollup_facts select * from unsettled order by {ORDER}
"""
# Nothing but the mark changes: cells have what they had.
MARK: Final = f"""
update rollup_facts f set leads = leads | {IS_SOLD} from sales s
 where f.org_id = $1 and f.day >= $2::date and f.day < $3::date and f.leads & {IS_SOLD} = 0
   and s.org_id = $1 and s.business_day >= $2::date and s.business_day < $3::date
   and s.id = f.sale and s.distributor_id is not null
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
    """Return that a fact is in a grain's cells, and no month let go keeps it there already."""
    folded = f"(select folded from rollup_grains where org_id = $1 and grain = {grain.no})"
    archived = "(select archived_before from sales_let_go where org_id = $1)"
    return f"no <= {folded} and day >= coalesce({archived}, '-infinity') and day >= {_since(grain)}"


def _since(grain: Grain) -> str:
    since = f"(select since from rollup_grains where org_id = $1 and grain = {grain.no})"
    return f"coalesce({since}, '-infinity')"


def _parts(grain: Grain, finest: Span, among: str) -> str:
    a, b = (*grain.columns, "0", "0")[:2]
    return f"""
    select {_START[finest].format("day")} as starts_on, {a} as a, {b} as b,
           {_FACT_SUMS},
           count(*) filter (where {first_of(grain.lead)}) as orders
      from rollup_facts
     where org_id = $1 and {among}
     group by {", ".join(["1", *grain.columns])}"""


# Span, start and columns: cells that are read together lie together.
_IN_ORDER: Final = "3, 4, 5, 6"


def _insert(grain: Grain, finest: Span, among: str, spans: tuple[Span, ...]) -> str:
    coarser = [
        f"""
    union all
    select {span.value}, {_START[span].format("starts_on")}, a, b, {_SUMMED}
      from parts group by 2, a, b"""
        for span in spans
        if span is not finest
    ]
    return f"""
with parts as ({_parts(grain, finest, among)})
insert into rollup_cells as known ({_CELL})
select $1, {grain.no}, cells.* from (
    select {finest.value}, starts_on, a, b, {", ".join(SUMS)} from parts {"".join(coarser)}
    ) cells
 order by {_IN_ORDER}"""


_CONFLICT: Final = f"""
on conflict (org_id, grain, span, starts_on, a, b) do update
   set {", ".join(f"{name} = known.{name} + excluded.{name}" for name in SUMS)}
"""
