"""The locations' set-based SQL. Every statement names the organisation as $1."""

from typing import Final

_REF: Final = "select id, code, name, kind, timezone, sales_source from locations where org_id = $1"

ALL_LOCATIONS: Final = f"{_REF} order by code"
LOCATIONS_BY_CODE: Final = f"{_REF} and code = any($2::text[])"
LOCATIONS_BY_ID: Final = f"{_REF} and id = any($2::uuid[])"

LOCATION_DETAILS: Final = """
select id, code, name, kind, timezone, sales_source, latitude, longitude, city, state, postal_code,
       region, country, opening_days, attributes, updated_at, version
  from locations where org_id = $1 and id = any($2::uuid[])
"""

# Held to the end of the transaction: changes of one organisation's locations happen one after the
# other. Two integers, so that it can never be taken for one of the feed's locks.
LOCK: Final = "select pg_advisory_xact_lock(x'53484c4f'::int, hashtext($1::text))"

LOCATIONS_TO_CHANGE: Final = """
select id, code, name, kind, timezone, sales_source, latitude, longitude, city, state, postal_code,
       region, country, opening_days, attributes, updated_at, version
  from locations where org_id = $1 and code = any($2::text[])
"""
# Arrays of arrays cannot be unnested by row: opening days come joined by commas.
PUT_LOCATIONS: Final = """
insert into locations as l
       (org_id, id, code, name, kind, latitude, longitude, city, state, postal_code, region,
        country, timezone, opening_days, sales_source, attributes, created_at, updated_at)
select $1, id, code, name, kind, latitude, longitude, city, state, postal_code, region, country,
       timezone, string_to_array(opening_days, ','), sales_source, attributes::jsonb, $17, $17
  from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::float8[], $7::float8[],
              $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[],
              $14::text[], $15::text[], $16::text[])
       as n (id, code, name, kind, latitude, longitude, city, state, postal_code, region, country,
             timezone, opening_days, sales_source, attributes)
on conflict (org_id, code) do update
   set name = excluded.name, kind = excluded.kind, latitude = excluded.latitude,
       longitude = excluded.longitude, city = excluded.city, state = excluded.state,
       postal_code = excluded.postal_code, region = excluded.region, country = excluded.country,
       timezone = excluded.timezone, opening_days = excluded.opening_days,
       sales_source = excluded.sales_source, attributes = excluded.attributes,
       updated_at = excluded.updated_at, version = l.version + 1
returning code, version
"""
