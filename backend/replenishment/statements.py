"""The set-based SQL of replenishment. Every statement names the organisation as $1."""

from typing import Final

# Two numbers, so that feed_horizon never counts it; it ends with the transaction.
TURN: Final = "select pg_advisory_xact_lock(x'53555050'::int, hashtext($1::text))"

# Every level of a product that is dealt in, in no order: columns of so many rows as bytes, for
# tens of thousands of objects would keep who reads them busy for long.
LEVELS: Final = """
with found as (
    select l.location_id, l.product_id, l.on_hand, l.committed, l.unavailable, l.incoming,
           l.reorder_point, row_number() over () / 2000 as slice
      from stock_levels l
      join products p on p.org_id = l.org_id and p.id = l.product_id and p.status <> 'ARCHIVED'
      join locations loc on loc.org_id = l.org_id and loc.id = l.location_id
      left join categories above on above.org_id = p.org_id and above.id = p.category_id
      left join distributors d on d.org_id = p.org_id and d.id = p.distributor_id
     where l.org_id = $1
       and ($2::text[] is null or p.sku = any($2))
       and ($3::text[] is null or loc.code = any($3))
       and ($4::text[] is null or above.name = any($4))
       and ($5::text[] is null or d.code = any($5))
     limit $6
)
select string_agg(uuid_send(location_id), ''::bytea) as locations,
       string_agg(uuid_send(product_id), ''::bytea) as products,
       string_agg(uuid_send(location_id) || uuid_send(product_id), ''::bytea) as keys,
       string_agg(float8send(on_hand::float8), ''::bytea) as on_hand,
       string_agg(float8send(committed::float8), ''::bytea) as committed,
       string_agg(float8send(unavailable::float8), ''::bytea) as unavailable,
       string_agg(float8send(incoming::float8), ''::bytea) as incoming,
       string_agg(float8send(coalesce(reorder_point::float8, 'NaN')), ''::bytea) as own_point
  from found group by slice
"""

# Of each product, in the order asked for: who supplies it, its smallest pack, price and cost now.
SUPPLIED: Final = """
select p.distributor_id, d.code as distributor, d.name as distributor_name,
       packed.units as pack, packed.gtin as pack_gtin, worth.price, worth.cost
  from unnest($2::uuid[]) with ordinality as w (product_id, n)
  join products p on p.org_id = $1 and p.id = w.product_id
  left join distributors d on d.org_id = p.org_id and d.id = p.distributor_id
  left join lateral (
       select g.units, g.gtin from product_gtins g
        where g.org_id = p.org_id and g.product_id = p.id and g.units > 1
        order by g.units, g.gtin limit 1) packed on true
  left join lateral (
       select c.price, c.cost from product_prices c
        where c.org_id = p.org_id and c.product_id = p.id and c.valid_from <= now()
        order by c.valid_from desc limit 1) worth on true
 order by w.n
"""

# Products of these categories that these distributors supply.
SUPPLIED_BY: Final = """
select p.id
  from products p
  left join categories above on above.org_id = p.org_id and above.id = p.category_id
  left join distributors d on d.org_id = p.org_id and d.id = p.distributor_id
 where p.org_id = $1
   and ($2::text[] is null or above.name = any($2))
   and ($3::text[] is null or d.code = any($3))
"""

# Mean and standard deviation of what was sold a day, from $3 (or the first day on which anything
# was sold) up to the day before $4. More returns than sales are no demand; what distributors sold
# never was in our stock.
PAST: Final = """
with days as (
    select s.location_id, l.product_id, s.business_day,
           greatest(sum(case s.kind when 'SALE' then l.quantity else -l.quantity end), 0) as units
      from sales s
      join sale_lines l on l.org_id = s.org_id and l.business_day = s.business_day
       and l.sale_id = s.id
     where s.org_id = $1 and s.sale_type = 'DIRECT' and l.business_day >= $3
       and s.business_day >= $3 and s.business_day < $4
       and ($2::uuid[] is null or l.product_id = any($2))
     group by 1, 2, 3
), span as (select ($4::date - least(min(business_day), $4::date - 1))::float8 as days from days
), sold as (
    select location_id, product_id, (sum(units) / span.days)::float8 as mean,
           sqrt(greatest(sum(units ^ 2) / span.days - (sum(units) / span.days) ^ 2, 0))::float8
               as deviation, span.days::int as days, row_number() over () / 2000 as slice
      from days cross join span group by 1, 2, span.days
)
select string_agg(uuid_send(location_id) || uuid_send(product_id), ''::bytea) as keys,
       string_agg(float8send(mean), ''::bytea) as mean,
       string_agg(float8send(deviation), ''::bytea) as deviation, days
  from sold group by slice, days
"""

TERMS: Final = """
select distributor_id, product_id, location_id, lead_time_days, review_days, service_level,
       pack_size, minimum, cover_days
  from supply_terms where org_id = $1
"""
COUNT_TERMS: Final = "select count(*) as terms from supply_terms where org_id = $1"
# The terms of these parts of the business, in the order asked for; a part without terms has none.
TERMS_BY_KEY: Final = """
select k.n, t.id, t.version, t.lead_time_days, t.review_days, t.service_level, t.pack_size,
       t.minimum, t.cover_days
  from unnest($2::uuid[], $3::uuid[], $4::uuid[]) with ordinality
       as k (distributor_id, product_id, location_id, n)
  left join supply_terms t on t.org_id = $1
   and t.distributor_id is not distinct from k.distributor_id
   and t.product_id is not distinct from k.product_id
   and t.location_id is not distinct from k.location_id
 order by k.n
"""
PUT_TERMS: Final = """
insert into supply_terms (org_id, id, distributor_id, product_id, location_id, lead_time_days,
                          review_days, service_level, pack_size, minimum, cover_days, updated_at,
                          updated_by)
select $1, w.*, $12, $13
  from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::smallint[], $7::smallint[],
              $8::numeric[], $9::numeric[], $10::numeric[], $11::smallint[]) as w
on conflict (org_id, distributor_id, product_id, location_id) do update
   set lead_time_days = excluded.lead_time_days, review_days = excluded.review_days,
       service_level = excluded.service_level, pack_size = excluded.pack_size,
       minimum = excluded.minimum, cover_days = excluded.cover_days,
       version = supply_terms.version + 1, updated_at = excluded.updated_at,
       updated_by = excluded.updated_by
returning id, version
"""
DISTRIBUTOR_CODES: Final = """
select id, code from distributors where org_id = $1 and id = any($2::uuid[])
"""
DROP_TERMS: Final = "delete from supply_terms where org_id = $1 and id = any($2::uuid[])"
