"""The SQL that reads sales into a table of their lines, and numbers what these name."""

from typing import Final

from backend.analytics.dimensions import BAND
from backend.analytics.rollups.grains import Column
from backend.sales.filters import DISTRIBUTOR, LINES

# Sales named by the log behind a position: every committed one has its event there.
LOGGED: Final = """
select (item.value ->> 'key')::uuid as id
  from event_log e cross join json_array_elements(e.items) item
 where e.org_id = $1 and e.seq > {after} and e.kind in ('SaleRecorded', 'ReturnRecorded')"""

# Where to stop: a bounded number of entries and of bytes. Null: nothing to roll yet.
UPTO: Final = """
select max(seq) as seq, bool_or(kind in ('SaleRecorded', 'ReturnRecorded')) as has_sales
  from (select seq, kind, sum(octet_length(items::text)) over (order by seq) as bytes
          from (select seq, kind, items from event_log
                 where org_id = $1 and seq > $2 and seq <= $3 order by seq limit $4) page) measured
 where bytes <= $5 or seq = (select min(seq) from event_log where org_id = $1 and seq > $2)
"""

CURSOR: Final = "select * from rollup_cursors where org_id = $1"
LOCK_CURSOR: Final = CURSOR + " for update skip locked"
# What is rolled of the days before is all there is of them: it is never rolled anew.
KEPT: Final = "coalesce((select before from sales_let_go where org_id = $1), '-infinity')"
# History begins at the month of the first sale that is kept.
BEGIN: Final = f"""
insert into rollup_cursors (org_id, seq, rolled_at, built_before)
select $1, $2, clock_timestamp(), date_trunc('month', min(business_day))::date
  from sales where org_id = $1 and business_day >= {KEPT}
on conflict do nothing
"""
ADVANCE: Final = """
update rollup_cursors set seq = $2, rolled_at = clock_timestamp() where org_id = $1
"""
# Behind the months that follow and have no more than so many sales together.
UNTIL: Final = """
select (greatest(date_trunc('month', $2::date) + interval '1 month',
                 date_trunc('month', coalesce(
                     (select business_day from sales where org_id = $1 and business_day >= $2::date
                       order by business_day offset $3 limit 1),
                     (select max(business_day) from sales where org_id = $1) + interval '1 month'
                     ))))::date as until
"""
BUILT: Final = """
update rollup_cursors
   set built_before = (select date_trunc('month', min(business_day))::date from sales
                        where org_id = $1 and business_day >= $2::date),
       settled_before = least($2::date, date_trunc('month', clock_timestamp())::date),
       rolled_at = clock_timestamp()
 where org_id = $1 returning built_before
"""
ANALYSE_ALL: Final = "select analyse_rollups()"
# The oldest month that is over and whose facts lie as they came.
UNSETTLED: Final = """
select date_trunc('month', day)::date as month from rollup_facts
 where org_id = $1
   and day >= (select coalesce(settled_before, '-infinity') from rollup_cursors where org_id = $1)
   and day < date_trunc('month', clock_timestamp() - interval '2 days')::date
 order by day limit 1
"""
SETTLED: Final = "update rollup_cursors set settled_before = $2 where org_id = $1"
# The first month whose facts do not say yet who sold.
UNMARKED: Final = """
select date_trunc('month', day::timestamp)::date as month from rollup_facts
 where org_id = $1
   and day >= (select unmarked_from from rollup_cursors where org_id = $1) order by day limit 1
"""
MARKED: Final = "update rollup_cursors set unmarked_from = $2 where org_id = $1"
# The next month of what moved, and the last that was redone.
MOVED: Final = f"""
select min(date_trunc('month', f.day))::date as month, max(m.redone) as redone,
       array_agg(distinct m.id) as ids, max(m.moved_at) as moved_at
  from rollup_moves m
  left join rollup_keys k on k.org_id = m.org_id and k.id = m.id
  left join lateral (
      (select day from rollup_facts
        where org_id = m.org_id and m.what = 'PRODUCT' and product = k.no
          and day >= {KEPT}
          and (m.redone is null or day >= m.redone + interval '1 month') order by day limit 1)
      union all
      (select day from rollup_facts
        where org_id = m.org_id and m.what = 'LOCATION' and location = k.no
          and day >= {KEPT}
          and (m.redone is null or day >= m.redone + interval '1 month') order by day limit 1)
      ) f on true
 where m.org_id = $1 having count(*) > 0
"""
REDONE: Final = """
update rollup_moves set redone = $2 where org_id = $1 and (redone is null or redone < $2)
"""
# Copies of the facts follow this.
REWRITTEN: Final = """
with counted as (
    update rollup_cursors set rewritten = rewritten + 1 where org_id = $1 returning rewritten)
insert into rollup_rewrites (org_id, month, no) select $1, $2, rewritten from counted
    on conflict (org_id, month) do update set no = excluded.no
"""
# Those that moved again meanwhile stay.
ALL_REDONE: Final = """
delete from rollup_moves where org_id = $1 and id = any($2::uuid[]) and moved_at <= $3
"""
# What moved counts in the months let go where it was, if it was sold before.
LEFT_BEHIND: Final = """
update sales_let_go l set moved_at = $3
 where l.org_id = $1
   and exists (select from rollup_keys where org_id = $1 and id = any($2::uuid[]))
"""
# How many values each column has, of the facts rolled last, and how many lines a day there are
# since the first of these: of some days only a few stores are among them.
SAMPLE: Final = f"""
with latest as materialized (select * from rollup_facts where org_id = $1 and no > $2::bigint)
select (select count(*)::float8 / greatest(count(distinct day), 1) from rollup_facts
         where org_id = $1 and day >= (select min(day) from latest)) as lines_a_day,
       {", ".join(f"count(distinct {column}) as {column}" for column in Column)}
  from latest
"""
CHOSEN: Final = "select grain, finest, folded from rollup_grains where org_id = $1"
DROP_GRAINS: Final = (
    "delete from rollup_cells where org_id = $1 and grain = any($2::smallint[])",
    "delete from rollup_grains where org_id = $1 and grain = any($2::smallint[])",
)
ADD_GRAINS: Final = """
insert into rollup_grains (org_id, grain, finest, since)
select $1, grain, finest, $4::date
  from unnest($2::smallint[], $3::smallint[]) added (grain, finest)
"""
LET_GO: Final = "select before from sales_let_go where org_id = $1"
CHOOSE: Final = """
update rollup_cursors set chosen_for = facts, lines_a_day = $2::real where org_id = $1
"""
TURN_OFF: Final = "update rollup_cursors set is_off = true where org_id = $1"

TEMPORARY: Final = """
create temporary table if not exists rolling (
    sale_id uuid, line_no smallint, is_return boolean, day date, hour smallint, location_id uuid,
    sale_type text, channel text, segment text, is_shipped boolean, state text, postal_code text,
    region text, country text, area_state text, area_region text, area_country text,
    customer_id uuid, sold_by text, product_id uuid, category_id uuid, node_id uuid,
    distributor_id uuid, band smallint, recorded_at timestamptz, units numeric, gross numeric,
    discount numeric, net numeric, cost numeric, is_sold boolean) on commit delete rows
"""
# The numbers of what the gathered lines name: few beside those of all customers there are.
TEMPORARY_NAMES: Final = """
create temporary table if not exists rolling_names (no int, id uuid, name text)
    on commit delete rows
"""
_GATHER: Final = """
insert into rolling
select s.id, l.line_no, s.kind = 'RETURN', s.business_day,
       extract(hour from s.sold_at at time zone loc.timezone), s.location_id, s.sale_type,
       s.channel, s.segment, so, case when so then s.ship_state end,
       case when so then s.ship_postal_code end, case when so then s.ship_region end,
       case when so then s.ship_country end, case when so then s.ship_state else loc.state end,
       case when so then s.ship_region else loc.region end,
       case when so then s.ship_country else loc.country end, s.customer_id, s.sold_by,
       l.product_id, p.category_id, coalesce(p.subcategory_id, p.category_id),
       {distributor}, {band}, s.recorded_at,
       sign * l.quantity, case when sign > 0 then l.gross else 0 end,
       case when sign > 0 then l.discounted else 0 end, sign * l.net, sign * l.cost,
       s.distributor_id is not null
  from {sales}
  {lines}
  join locations loc on loc.org_id = s.org_id and loc.id = s.location_id
  join products p on p.org_id = l.org_id and p.id = l.product_id
 cross join lateral (select coalesce(s.ship_country, s.ship_state, s.ship_postal_code,
                                     s.ship_region, s.ship_city) is not null as so) shipped
 cross join lateral (select case s.kind when 'SALE' then 1 else -1 end as sign) signed
"""
_UPTO: Final = f"{LOGGED.format(after='$2')} and e.seq <= $3"
# One by one: with as much memory as a roll-up has, PostgreSQL would make a table of all sales.
LOGGED_DAYS: Final = f"""
select array_agg(distinct s.business_day) as days
  from ({_UPTO}) logged cross join lateral (
       select business_day from sales where org_id = $1 and id = logged.id offset 0) s
"""
GATHER_LOGGED: Final = _GATHER.format(
    distributor=DISTRIBUTOR,
    band=BAND,
    lines=f"{LINES} and l.business_day = any($4::date[])",
    sales=f"(select distinct id from ({_UPTO}) found) logged"
    "  join sales s on s.org_id = $1 and s.id = logged.id",
)
GATHER_MONTHS: Final = (
    _GATHER.format(distributor=DISTRIBUTOR, band=BAND, lines=LINES, sales="sales s")
    + f""" where s.org_id = $1
   and s.business_day >= $2::date and s.business_day < $3::date
   and l.business_day >= $2::date and l.business_day < $3::date
   and s.id not in ({LOGGED.format(after="$4")})"""
)
ANALYSE: Final = "analyze rolling"
ANALYSE_NAMES: Final = "analyze rolling_names"

_NUMBERED: Final = """
insert into rollup_{table} (org_id, no, {columns})
select $1, (select coalesce(max(no), 0) from rollup_{table} where org_id = $1)
           + row_number() over (), fresh.*
  from (select {columns} from ({source}) said
        except select {columns} from rollup_{table} where org_id = $1) fresh
"""
_IDS: Final = " union all ".join(
    f"select distinct {column} as id, null::text as name from rolling where {column} is not null"
    for column in (
        "location_id",
        "product_id",
        "category_id",
        "node_id",
        "distributor_id",
        "customer_id",
    )
)
NUMBER: Final = (
    _NUMBERED.format(
        table="keys",
        columns="id, name",
        source=f"{_IDS} union all"
        " select distinct null::uuid, sold_by from rolling where sold_by is not null",
    ),
    _NUMBERED.format(
        table="mixes",
        columns="sale_type, channel, segment",
        source="select distinct sale_type, channel, segment from rolling",
    ),
    _NUMBERED.format(
        table="areas",
        columns="state, region, country",
        source="select distinct area_state as state, area_region as region,"
        " area_country as country from rolling",
    ),
    _NUMBERED.format(
        table="places",
        columns="own, state, postal_code, region, country",
        source="select distinct case when not is_shipped then location_id end as own,"
        " state, postal_code, region, country from rolling",
    ),
)
NAMES: Final = f"""
insert into rolling_names
select k.no, k.id, k.name from rollup_keys k
 where k.org_id = $1 and (k.id in (select id from ({_IDS}) named)
       or k.name in (select sold_by from rolling where sold_by is not null))
"""
DAYS: Final = """
insert into rollup_days as known (org_id, location_id, day, changed_at)
select $1, location_id, day, max(recorded_at) from rolling group by location_id, day
on conflict (org_id, location_id, day) do update
   set changed_at = greatest(known.changed_at, excluded.changed_at)
"""
