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
