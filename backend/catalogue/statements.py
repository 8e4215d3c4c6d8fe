"""The catalogue's set-based SQL. Every statement names the organisation as $1."""

from typing import Final

_REF: Final = """
select p.id, p.sku, p.name, c.name as category, s.name as subcategory, p.distributor_id,
       p.reorder_point
"""
_JOINS: Final = """
  left join categories c on c.org_id = p.org_id and c.id = p.category_id
  left join categories s on s.org_id = p.org_id and s.id = p.subcategory_id
"""

PRODUCTS_BY_SKU: Final = (
    f"{_REF} from products p {_JOINS} where p.org_id = $1 and p.sku = any($2::text[])"
)
PRODUCTS_BY_ID: Final = (
    f"{_REF} from products p {_JOINS} where p.org_id = $1 and p.id = any($2::uuid[])"
)
PRODUCTS_BY_GTIN: Final = f"""
{_REF}, g.gtin, g.units
  from product_gtins g join products p on p.org_id = g.org_id and p.id = g.product_id {_JOINS}
 where g.org_id = $1 and g.gtin = any($2::text[])
"""

# The period that contains the moment, else the first one; nulls where a product has none.
PRICES_AT: Final = """
select found.price, found.cost
  from unnest($2::uuid[], $3::timestamptz[]) with ordinality as w (product_id, moment, n)
  left join lateral (
    (select 1 as rank, price, cost from product_prices
      where org_id = $1 and product_id = w.product_id and valid_from <= w.moment
      order by valid_from desc limit 1)
    union all
    (select 2, price, cost from product_prices
      where org_id = $1 and product_id = w.product_id order by valid_from limit 1)
    order by rank limit 1
  ) found on true
 order by w.n
"""

DISTRIBUTOR_IDS: Final = (
    "select code, id from distributors where org_id = $1 and code = any($2::text[])"
)

PRODUCT_DETAILS: Final = f"""
{_REF}, p.status, p.attributes, p.updated_at, p.version
  from products p {_JOINS} where p.org_id = $1 and p.id = any($2::uuid[])
"""
PACKAGINGS: Final = """
select product_id, gtin, units from product_gtins
 where org_id = $1 and product_id = any($2::uuid[]) order by units, gtin
"""
_DISTRIBUTOR: Final = """
id, code, name, latitude, longitude, city, state, postal_code, region, country, attributes,
       updated_at, version
"""
DISTRIBUTORS_BY_ID: Final = f"""
select {_DISTRIBUTOR} from distributors where org_id = $1 and id = any($2::uuid[])
"""
DISTRIBUTORS_BY_CODE: Final = f"""
select {_DISTRIBUTOR} from distributors where org_id = $1 and code = any($2::text[])
"""
PUT_DISTRIBUTORS: Final = f"""
insert into distributors as d
       (org_id, id, code, name, latitude, longitude, city, state, postal_code, region, country,
        attributes, updated_at)
select $1, id, code, name, latitude, longitude, city, state, postal_code, region, country,
       attributes::jsonb, $13
  from unnest($2::uuid[], $3::text[], $4::text[], $5::float8[], $6::float8[], $7::text[],
              $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
       as n (id, code, name, latitude, longitude, city, state, postal_code, region, country,
             attributes)
on conflict (org_id, code) do update
   set name = excluded.name, latitude = excluded.latitude, longitude = excluded.longitude,
       city = excluded.city, state = excluded.state, postal_code = excluded.postal_code,
       region = excluded.region, country = excluded.country, attributes = excluded.attributes,
       updated_at = excluded.updated_at, version = d.version + 1
returning {_DISTRIBUTOR}
"""

# Held to the end of the transaction: changes of one catalogue happen one after the other. Two
# integers, so that it can never be taken for one of the feed's locks, which have one bigint.
LOCK: Final = "select pg_advisory_xact_lock(x'53484341'::int, hashtext($1::text))"

# With the price that holds at each row's own moment.
PRODUCTS_TO_CHANGE: Final = f"""
{_REF}, p.status, p.attributes, p.updated_at, p.version, d.code as distributor,
       known.price, known.cost
  from unnest($2::text[], $3::timestamptz[]) as w (sku, moment)
  join products p on p.org_id = $1 and p.sku = w.sku {_JOINS}
  left join distributors d on d.org_id = p.org_id and d.id = p.distributor_id
  left join lateral (
    select price, cost from product_prices
     where org_id = $1 and product_id = p.id and valid_from <= w.moment
     order by valid_from desc limit 1
  ) known on true
"""
GTINS_TO_CHANGE: Final = """
select g.gtin, g.units, p.sku
  from product_gtins g join products p on p.org_id = g.org_id and p.id = g.product_id
 where g.org_id = $1 and (g.gtin = any($2::text[]) or g.product_id = any($3::uuid[]))
"""
CATEGORIES_BY_NAME: Final = """
select id, name, parent_id from categories where org_id = $1 and name = any($2::text[])
"""
ADD_CATEGORIES: Final = """
insert into categories (org_id, id, name, parent_id)
select $1, * from unnest($2::uuid[], $3::text[], $4::uuid[])
"""
PUT_PRODUCTS: Final = """
insert into products as p
       (org_id, id, sku, name, category_id, subcategory_id, distributor_id, reorder_point, status,
        attributes, created_at, updated_at)
select $1, id, sku, name, category_id, subcategory_id, distributor_id, reorder_point, status,
       attributes::jsonb, $11, $11
  from unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::uuid[],
              $8::numeric[], $9::text[], $10::text[])
       as n (id, sku, name, category_id, subcategory_id, distributor_id, reorder_point, status,
             attributes)
on conflict (org_id, sku) do update
   set name = excluded.name, category_id = excluded.category_id,
       subcategory_id = excluded.subcategory_id, distributor_id = excluded.distributor_id,
       reorder_point = excluded.reorder_point, status = excluded.status,
       attributes = excluded.attributes, updated_at = excluded.updated_at,
       version = p.version + 1
returning id, sku, version
"""
DROP_GTINS: Final = """
delete from product_gtins where org_id = $1 and gtin = any($2::text[])
"""
PUT_GTINS: Final = """
insert into product_gtins (org_id, gtin, product_id, units)
select $1, * from unnest($2::text[], $3::uuid[], $4::numeric[])
on conflict (org_id, gtin) do update
   set product_id = excluded.product_id, units = excluded.units
"""
PUT_PRICES: Final = """
insert into product_prices (org_id, product_id, valid_from, price, cost)
select $1, * from unnest($2::uuid[], $3::timestamptz[], $4::numeric[], $5::numeric[])
on conflict (org_id, product_id, valid_from) do update
   set price = excluded.price, cost = excluded.cost
"""

PROMOTIONS_BY_CODE: Final = """
select id, code, name, starts_on, ends_on, discount_rate, product_ids, location_ids, updated_at,
       version
  from promotions where org_id = $1 and code = any($2::text[])
"""
# Arrays of arrays cannot be unnested by row: the lists of ids come as JSON.
PUT_PROMOTIONS: Final = """
insert into promotions as p
       (org_id, id, code, name, starts_on, ends_on, discount_rate, product_ids, location_ids,
        updated_at)
select $1, id, code, name, starts_on, ends_on, discount_rate,
       array(select v::uuid from jsonb_array_elements_text(products::jsonb) v),
       array(select v::uuid from jsonb_array_elements_text(locations::jsonb) v), $10
  from unnest($2::uuid[], $3::text[], $4::text[], $5::date[], $6::date[], $7::numeric[],
              $8::text[], $9::text[])
       as n (id, code, name, starts_on, ends_on, discount_rate, products, locations)
on conflict (org_id, code) do update
   set name = excluded.name, starts_on = excluded.starts_on, ends_on = excluded.ends_on,
       discount_rate = excluded.discount_rate, product_ids = excluded.product_ids,
       location_ids = excluded.location_ids, updated_at = excluded.updated_at,
       version = p.version + 1
returning id, code, name, starts_on, ends_on, discount_rate, product_ids, location_ids, updated_at,
          version
"""
CATEGORIES: Final = """
select id, name, parent_id from categories where org_id = $1 order by name
"""
