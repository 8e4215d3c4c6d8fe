"""The set-based SQL of shelves. Every statement names the organisation as $1."""

from typing import Final

# Two numbers, so that feed_horizon never counts it; it ends with the transaction.
TURN: Final = "select pg_advisory_xact_lock(1397245004, hashtext($1::text))"

COUNT: Final = "select count(*) as shelves from shelves where org_id = $1"
BY_ID: Final = "select * from shelves where org_id = $1 and id = any($2::uuid[])"
BY_KEY: Final = """
select s.* from unnest($2::uuid[], $3::text[]) as k (location_id, code)
  join shelves s on s.org_id = $1 and s.location_id = k.location_id and s.code = k.code
"""
BOARDS: Final = """
select shelf_id, width_mm, height_mm, depth_mm from shelf_boards
 where org_id = $1 and shelf_id = any($2::uuid[]) order by shelf_id, number
"""
PRODUCTS: Final = """
select p.shelf_id, p.product_id, p.facings, p.board, p.least, p.most, p.block,
       z.width_mm, z.height_mm, z.depth_mm, z.units_per_facing, z.is_stackable
  from shelf_products p
  left join product_sizes z on z.org_id = p.org_id and z.product_id = p.product_id
 where p.org_id = $1 and p.shelf_id = any($2::uuid[])
 order by p.shelf_id, p.board nulls last, p.product_id
"""
SHARES: Final = """
select shelf_id, kind, name, share from shelf_shares
 where org_id = $1 and shelf_id = any($2::uuid[]) order by shelf_id, kind, name
"""
STANDING: Final = """
select distinct p.shelf_id from shelf_products p
 where p.org_id = $1 and p.product_id = any($2::uuid[]) order by p.shelf_id limit $3
"""

PUT: Final = """
insert into shelves (org_id, id, location_id, code, name, refill_days, version, updated_at,
                     updated_by)
select $1, w.*, 1, $7, $8
  from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::smallint[]) as w
on conflict (org_id, location_id, code) do update
   set name = excluded.name, refill_days = excluded.refill_days,
       version = shelves.version + 1, updated_at = excluded.updated_at,
       updated_by = excluded.updated_by
returning *
"""
TOUCH: Final = """
update shelves set version = version + 1, updated_at = $3, updated_by = $4
 where org_id = $1 and id = $2
returning *
"""
DELETE: Final = "delete from shelves where org_id = $1 and id = any($2::uuid[])"

DROP_BOARDS: Final = "delete from shelf_boards where org_id = $1 and shelf_id = any($2::uuid[])"
PUT_BOARDS: Final = """
insert into shelf_boards (org_id, shelf_id, number, location_id, width_mm, height_mm, depth_mm)
select $1, * from unnest($2::uuid[], $3::smallint[], $4::uuid[], $5::integer[], $6::integer[],
                         $7::integer[])
"""
DROP_SHARES: Final = "delete from shelf_shares where org_id = $1 and shelf_id = any($2::uuid[])"
PUT_SHARES: Final = """
insert into shelf_shares (org_id, shelf_id, kind, name, location_id, share)
select $1, * from unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::numeric[])
"""
DROP_PRODUCTS: Final = """
delete from shelf_products where org_id = $1 and shelf_id = $2 and product_id = any($3::uuid[])
"""
CLEAR_PRODUCTS: Final = (
    "delete from shelf_products where org_id = $1 and shelf_id = any($2::uuid[])"
)
PUT_PRODUCTS: Final = """
insert into shelf_products
       (org_id, shelf_id, product_id, location_id, facings, board, least, most, block)
select $1, * from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::smallint[], $6::smallint[],
                         $7::smallint[], $8::smallint[], $9::text[])
on conflict (org_id, shelf_id, product_id) do update
   set facings = excluded.facings, board = excluded.board, least = excluded.least,
       most = excluded.most, block = excluded.block
"""
# A board that is gone holds nothing any more.
LEAVE_BOARDS: Final = """
update shelf_products p set board = null
 where p.org_id = $1 and p.shelf_id = any($2::uuid[])
   and not exists (select from shelf_boards b where b.org_id = p.org_id
                      and b.shelf_id = p.shelf_id and b.number = p.board)
"""

SIZES: Final = """
select product_id, width_mm, height_mm, depth_mm, units_per_facing, is_stackable
  from product_sizes where org_id = $1 and product_id = any($2::uuid[])
"""
PUT_SIZES: Final = """
insert into product_sizes
       (org_id, product_id, width_mm, height_mm, depth_mm, units_per_facing, is_stackable)
select $1, * from unnest($2::uuid[], $3::integer[], $4::integer[], $5::integer[], $6::integer[],
                         $7::boolean[])
on conflict (org_id, product_id) do update
   set width_mm = excluded.width_mm, height_mm = excluded.height_mm,
       depth_mm = excluded.depth_mm, units_per_facing = excluded.units_per_facing,
       is_stackable = excluded.is_stackable
"""

ELASTICITIES: Final = """
select category, elasticity from shelf_elasticities where org_id = $1 order by category
"""
PUT_ELASTICITIES: Final = """
insert into shelf_elasticities (org_id, category, elasticity)
select $1, * from unnest($2::text[], $3::numeric[])
on conflict (org_id, category) do update set elasticity = excluded.elasticity
"""
DROP_ELASTICITIES: Final = """
delete from shelf_elasticities where org_id = $1 and category = any($2::text[])
"""
