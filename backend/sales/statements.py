"""The set-based SQL of recording."""

from typing import Final

# A batch of sales and all their lines in one statement.
INSERT: Final = """
with recorded as (
    insert into sales
           (org_id, id, kind, idempotency_key, source, location_id, channel, sale_type, sold_at,
            business_day, recorded_at, distributor_id, sold_by, customer_id, segment, ship_city,
            ship_state, ship_postal_code, ship_region, ship_country, currency, exchange_rate,
            return_of)
    select $1, id, kind, key, source, location_id, channel, sale_type, sold_at, business_day, $2,
           distributor_id, sold_by, customer_id, segment, ship_city, ship_state, ship_postal_code,
           ship_region, ship_country, currency, exchange_rate, return_of
      from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::text[],
                  $9::text[], $10::timestamptz[], $11::date[], $12::uuid[], $13::text[],
                  $14::uuid[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[],
                  $20::text[], $21::text[], $22::numeric[], $23::uuid[])
           as s (id, kind, key, source, location_id, channel, sale_type, sold_at, business_day,
                 distributor_id, sold_by, customer_id, segment, ship_city, ship_state,
                 ship_postal_code, ship_region, ship_country, currency, exchange_rate, return_of)
)
insert into sale_lines
       (org_id, sale_id, line_no, product_id, quantity, unit_price, discount, tax, unit_cost,
        gross, discounted, net, cost, business_day)
select $1, l.* from unnest($24::uuid[], $25::smallint[], $26::uuid[], $27::numeric[],
                           $28::numeric[], $29::numeric[], $30::numeric[], $31::numeric[],
                           $32::numeric[], $33::numeric[], $34::numeric[], $35::numeric[],
                           $36::date[]) as l
"""

# The sales that returns belong to. A return waits here for others of the same sale, in key order.
LOCK_SALES: Final = """
select pg_advisory_xact_lock(hashtextextended(id::text, 5348)) from unnest($1::uuid[]) as s (id)
"""
FIND_SALES: Final = """
select k.digest, s.id, s.channel, s.sale_type, s.currency, s.exchange_rate, s.customer_id,
       s.segment, s.distributor_id, s.sold_by, s.ship_city, s.ship_state, s.ship_postal_code,
       s.ship_region, s.ship_country
  from effect_key k
  left join sales s on s.org_id = k.org_id and s.id = k.effect_id
       and s.business_day >= coalesce((select before from sales_let_go where org_id = $1),
                                      '-infinity')
 where k.org_id = $1 and k.kind = any($2::smallint[]) and k.digest = any($3::bytea[])
   and (s.kind = 'SALE'
        or s.id is null and k.kind <> 1 and exists (select from sales_let_go where org_id = $1))
 -- A recorded sale before an imported or a read one of the same key; one that is there before all.
 order by s.id is not null, k.kind = 2
"""
# The days of sales and of their returns.
DAYS: Final = """
select distinct business_day as day from sales
 where org_id = $1 and (id = any($2::uuid[]) or return_of = any($2::uuid[]))
"""
# What was sold less what came back, per sale and product, with the line's average price, discount,
# tax and cost per unit.
RETURNABLE: Final = """
select root.id as sale_id, l.product_id,
       sum(case s.kind when 'SALE' then l.quantity else -l.quantity end) as quantity,
       sum(l.unit_price * l.quantity) filter (where s.kind = 'SALE')
         / nullif(sum(l.quantity) filter (where s.kind = 'SALE'), 0) as unit_price,
       sum(l.discount) filter (where s.kind = 'SALE')
         / nullif(sum(l.quantity) filter (where s.kind = 'SALE'), 0) as unit_discount,
       sum(l.tax) filter (where s.kind = 'SALE')
         / nullif(sum(l.quantity) filter (where s.kind = 'SALE'), 0) as unit_tax,
       max(l.unit_cost) filter (where s.kind = 'SALE') as unit_cost
  from unnest($2::uuid[]) as root (id)
  join sales s on s.org_id = $1 and (s.id = root.id or s.return_of = root.id)
  join sale_lines l on l.org_id = $1 and l.business_day = s.business_day and l.sale_id = s.id
 where l.business_day = any($3::date[])
 group by 1, 2
"""
