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
DISTRIBUTORS_BY_ID: Final = """
select id, code, name, latitude, longitude, city, state, postal_code, region, country,
       attributes, updated_at, version
  from distributors where org_id = $1 and id = any($2::uuid[])
"""
