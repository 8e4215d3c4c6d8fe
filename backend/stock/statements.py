"""The ledger's set-based SQL."""

from typing import Final

# One statement for a batch: its movements, and every level they change, locked and updated in key
# order.
# The arrays of levels come sorted by (location, product); each movement makes one version.
POST: Final = """
with moved as (
    insert into stock_movements
           (org_id, id, location_id, product_id, quantity, reason, reference, occurred_at,
            recorded_at)
    select $1, id, location_id, product_id, quantity, reason, reference, occurred_at, $9
      from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::numeric[], $6::text[], $7::text[],
                  $8::timestamptz[])
           as m (id, location_id, product_id, quantity, reason, reference, occurred_at)
)
insert into stock_levels as l
       (org_id, id, location_id, product_id, on_hand, version, reorder_point, updated_at)
select $1, id, location_id, product_id, quantity, movements, reorder_point, $9
  from unnest($10::uuid[], $11::uuid[], $12::uuid[], $13::numeric[], $14::int[], $15::numeric[])
       with ordinality as d (id, location_id, product_id, quantity, movements, reorder_point, n)
 order by n
on conflict (org_id, location_id, product_id) do update
   set on_hand = l.on_hand + excluded.on_hand,
       version = l.version + excluded.version,
       updated_at = greatest(l.updated_at, excluded.updated_at)
returning l.id, l.location_id, l.product_id, l.on_hand, l.committed, l.unavailable, l.incoming,
          l.reorder_point, l.version, l.updated_at
"""

LOCK_LEVELS: Final = """
select l.location_id, l.product_id, l.on_hand from stock_levels l
  join unnest($2::uuid[], $3::uuid[]) as w (location_id, product_id) using (location_id, product_id)
 where l.org_id = $1
 order by l.location_id, l.product_id
   for update of l
"""

# Sums by two times: what had happened by $4, as far as it was known by $5 (both inclusive; null: no
# limit).
SUMS_AT: Final = """
select w.location_id, w.product_id, coalesce(sum(m.quantity), 0) as quantity,
       count(m.id) as movements, max(m.recorded_at) as recorded_at
  from unnest($2::uuid[], $3::uuid[]) as w (location_id, product_id)
  left join stock_movements m
    on m.org_id = $1 and m.location_id = w.location_id and m.product_id = w.product_id
   and ($4::timestamptz is null or m.occurred_at <= $4)
   and ($5::timestamptz is null or m.recorded_at <= $5)
 group by 1, 2
"""

SET_REORDER_POINTS: Final = """
update stock_levels l
   set reorder_point = c.reorder_point, version = l.version + 1, updated_at = $4
  from unnest($2::uuid[], $3::numeric[]) as c (product_id, reorder_point)
 where l.org_id = $1 and l.product_id = c.product_id
   and l.reorder_point is distinct from c.reorder_point
returning l.id, l.location_id, l.product_id, l.on_hand, l.committed, l.unavailable, l.incoming,
          l.reorder_point, l.version, l.updated_at
"""
LOCK_PRODUCT_LEVELS: Final = """
select 1 from stock_levels where org_id = $1 and product_id = any($2::uuid[])
 order by location_id, product_id for update
"""

RECONCILE: Final = """
with sums as (
    select location_id, product_id, sum(quantity) as quantity from stock_movements
     where org_id = $1 and ($2::uuid is null or location_id = $2) group by 1, 2
), levels as (
    select location_id, product_id, on_hand from stock_levels
     where org_id = $1 and ($2::uuid is null or location_id = $2)
), compared as (
    select location_id, product_id, coalesce(s.quantity, 0) as ledger,
           coalesce(l.on_hand, 0) as level
      from sums s full join levels l using (location_id, product_id)
)
select count(*) over () as checked, location_id, product_id, ledger, level,
       ledger is distinct from level as differs
  from compared order by differs desc, location_id, product_id limit $3
"""

LEVEL: Final = """
select id, on_hand, committed, unavailable, incoming, reorder_point, version, updated_at
  from stock_levels where org_id = $1 and location_id = $2 and product_id = $3
"""

# When each product last moved for a reason, at any location that is seen.
LAST_MOVED: Final = """
select l.product_id, max(last.occurred_at) as at
  from stock_levels l
 cross join lateral (
       select m.occurred_at from stock_movements m
        where m.org_id = l.org_id and m.location_id = l.location_id
          and m.product_id = l.product_id and m.reason = $3
        order by m.occurred_at desc limit 1) last
 where l.org_id = $1 and l.product_id = any($2::uuid[])
 group by 1
"""
