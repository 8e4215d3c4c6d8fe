"""What was sold of each product at each location, day by day, for those who forecast it.

From facts and what is not rolled yet; while roll-ups are made, from the lines. What distributors
sold on (`TRACE`) left no shelf of ours and is not in it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from backend.analytics import queries
from backend.analytics.rollups import standing as rollups
from backend.analytics.rollups.gathering import LOGGED
from backend.infra.work import Work
from backend.sales.filters import LINES

_AMONG: Final = """($4::uuid[] is null or {product} = any($4::uuid[]))
   and ($5::uuid[] is null or {location} = any($5::uuid[]))"""
_NUMBERS: Final = "select no from rollup_keys where org_id = $1 and id = any({0}::uuid[])"
_FACTS: Final = f"""
    select of_location.id as location_id, of_product.id as product_id, f.day, f.units
      from (select location, product, day, sum(units) * 0.0001 as units from rollup_facts
             where org_id = $1 and day >= $2::date and day <= $3::date
               and mix = any(array(select no from rollup_mixes
                                    where org_id = $1 and sale_type <> 'TRACE'))
               and ($4::uuid[] is null or product = any(array({_NUMBERS.format("$4")})))
               and ($5::uuid[] is null or location = any(array({_NUMBERS.format("$5")})))
             group by location, product, day) f
      join rollup_keys of_location on of_location.org_id = $1 and of_location.no = f.location
      join rollup_keys of_product on of_product.org_id = $1 and of_product.no = f.product"""
_FROM_SALES: Final = f"""
    select s.location_id, l.product_id, s.business_day as day,
           case s.kind when 'SALE' then l.quantity else -l.quantity end as units
      from {{sales}} {LINES} and l.business_day >= $2::date and l.business_day <= $3::date
     where s.org_id = $1 and s.sale_type <> 'TRACE'
       and s.business_day >= $2::date and s.business_day <= $3::date
       and {_AMONG.format(product="l.product_id", location="s.location_id")}"""
_TAIL: Final = _FROM_SALES.format(
    sales=f"""(select distinct id from ({
        LOGGED.format(after="(select seq from rollup_cursors where org_id = $1)")
    }) found) tail join sales s on s.org_id = $1 and s.id = tail.id"""
)
_LINES: Final = _FROM_SALES.format(sales="sales s")
# Days and units of a series as two strings of numbers of four bytes: a tenth of arrays of objects.
_SERIES: Final = """
select location_id, product_id, min(day) as first_day, max(day) as last_day,
       string_agg(int4send(day - $2::date), ''::bytea order by day) as days,
       string_agg(float4send(units::real), ''::bytea order by day) as units
  from (select location_id, product_id, day, sum(units) as units
          from ({source}) sold group by 1, 2, 3) added
 group by 1, 2
"""
_SOLD: Final = """
select location_id, product_id, sum(units)::float8 as units from ({source}) sold group by 1, 2
"""
_DAYS_SOLD: Final = """
select min(business_day) as first, max(business_day) as last from sales where org_id = $1
"""
_FIRST_SOLD: Final = """
select min(day) as first from rollup_days where org_id = $1 and location_id = any($2::uuid[])
"""
_HOURS: Final = """
select k.id as location_id, f.hour, f.lines
  from (select location, hour, count(*) as lines from rollup_facts
         where org_id = $1 and day >= $2::date and day <= $3::date group by 1, 2) f
  join rollup_keys k on k.org_id = $1 and k.no = f.location
"""
_CHANGED: Final = """
select location_id, day from rollup_days where org_id = $1 and changed_at >= $2
"""
_ROOM: Final = """
select set_config('work_mem', '64MB', true), set_config('statement_timeout', '10min', true),
       set_config('jit', 'off', true)
"""


@dataclass(frozen=True, slots=True)
class DailyUnits:
    """Units of one product at one location, returns taken off, on the days with a line.

    `days` and `units` are numbers of four bytes, the highest first: days since the first asked for,
    ascending, and what was sold on each (IEEE 754).
    """

    location_id: UUID
    product_id: UUID
    first_day: date
    last_day: date
    days: bytes
    units: bytes


@dataclass(frozen=True, slots=True)
class SeriesSold:
    """A product at a location, and how many units of it were sold, returns taken off."""

    location_id: UUID
    product_id: UUID
    units: float


async def series_sold(
    work: Work,
    first: date,
    last: date,
    *,
    products: list[UUID] | None = None,
    locations: list[UUID] | None = None,
) -> list[SeriesSold]:
    """Return what has a line on business days from `first` to `last`; None does not limit.

    Raises:
        SummaryTooSlow: it takes longer than ten minutes.
    """
    rows = await _summed(work, _SOLD, (first, last, products, locations))
    return [SeriesSold(**row) for row in rows]


async def daily_units(
    work: Work,
    first: date,
    last: date,
    *,
    products: list[UUID] | None = None,
    locations: list[UUID] | None = None,
) -> list[DailyUnits]:
    """Return what was sold on business days from `first` to `last`; None does not limit.

    Raises:
        SummaryTooSlow: it takes longer than ten minutes.
    """
    rows = await _summed(work, _SERIES, (first, last, products, locations))
    return [DailyUnits(**row) for row in rows]


async def _summed(work: Work, statement: str, values: tuple[object, ...]) -> list[dict[str, Any]]:
    """Run a statement over facts and what is not rolled yet; while they are made, over lines."""
    await work.rows(_ROOM)
    is_ready = (await rollups.standing(work)).is_ready
    source = f"{_FACTS} union all {_TAIL}" if is_ready else _LINES
    return await queries.run(work, statement.format(source=source), values)


async def days_sold(work: Work) -> tuple[date, date] | None:
    """Return the first and the last business day with a sale; None: nothing was sold."""
    row = await work.row(_DAYS_SOLD, work.principal.org_id)
    return None if row is None or row["first"] is None else (row["first"], row["last"])


async def first_sold(work: Work, locations: list[UUID]) -> date | None:
    """Return the first business day of any of these locations; None: not rolled up yet."""
    if not (await rollups.standing(work)).is_ready:
        return None
    row = await work.row(_FIRST_SOLD, work.principal.org_id, locations)
    return None if row is None else row["first"]


async def hours_sold(work: Work, first: date, last: date) -> dict[UUID, list[float]]:
    """Return by location how many lines were sold in each hour of the day, as far as rolled."""
    rows = await queries.run(work, _HOURS, (first, last))
    found: dict[UUID, list[float]] = {}
    for row in rows:
        found.setdefault(row["location_id"], [0.0] * 24)[row["hour"]] = float(row["lines"])
    return found


async def days_changed(work: Work, since: datetime) -> list[tuple[UUID, date]]:
    """Return where and on which business days sums changed since a moment, as far as rolled."""
    rows = await work.rows(_CHANGED, work.principal.org_id, since)
    return [(row["location_id"], row["day"]) for row in rows]
