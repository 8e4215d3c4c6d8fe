"""When nothing of a product was on hand at a location, as far as the ledger knows."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from backend.infra.work import Work

# Levels are followed backwards from what is on hand now, so that no older movement is read. Known
# they are from the first movement that is neither a sale nor what an import put in front of one.
# `bounds` is joined once: the planner takes it for one row, and a second join for nothing.
_OUTAGES: Final = """
with kept as (
    select location_id, product_id, min(occurred_at) as since from stock_movements
     where org_id = $1 and reason not in ('SALE', 'RETURN')
       and (reference is null or reference not like 'import:%')
       and ($4::uuid[] is null or product_id = any($4::uuid[]))
       and ($5::uuid[] is null or location_id = any($5::uuid[]))
     group by 1, 2
), bounds as (
    select k.location_id, k.product_id, l.on_hand, loc.timezone,
           greatest(k.since, $2::date::timestamp at time zone loc.timezone) as since
      from kept k
      join stock_levels l on l.org_id = $1 and l.location_id = k.location_id
                         and l.product_id = k.product_id
      join locations loc on loc.org_id = $1 and loc.id = k.location_id
), moved as (
    select m.location_id, m.product_id, m.occurred_at, m.id, m.quantity, b.on_hand, b.timezone
      from stock_movements m
      join bounds b on b.location_id = m.location_id and b.product_id = m.product_id
     where m.org_id = $1 and m.occurred_at >= $2::date::timestamptz - interval '1 day'
       and m.occurred_at > b.since
    union all
    select location_id, product_id, since, null, 0, on_hand, timezone from bounds
), stood as (
    select m.location_id, m.product_id, m.occurred_at as since,
           lead(m.occurred_at) over forwards as until,
           m.on_hand - coalesce(sum(m.quantity) over (
               partition by m.location_id, m.product_id order by m.occurred_at desc, m.id desc
               rows between unbounded preceding and 1 preceding), 0) as on_hand,
           m.timezone
      from moved m
    window forwards as (
        partition by m.location_id, m.product_id order by m.occurred_at, m.id nulls first)
)
select location_id, product_id, since at time zone timezone as since,
       least(until, $3) at time zone timezone as until
  from stood
 where on_hand = 0 and coalesce(until, $3) > since and since < $3
"""


@dataclass(frozen=True, slots=True)
class Outage:
    """From when to when nothing was on hand, by the location's own clock."""

    location_id: UUID
    product_id: UUID
    since: datetime
    until: datetime


async def outages(
    work: Work,
    first: date,
    until: datetime,
    *,
    products: list[UUID] | None = None,
    locations: list[UUID] | None = None,
) -> list[Outage]:
    """Return when nothing was on hand between the beginning of a day and a moment.

    Where stock was never counted, received or corrected nobody knows. Where more was sold than was
    there, the ledger is wrong and the shelf was not empty: only what is exactly nothing counts.
    """
    rows = await work.rows(_OUTAGES, work.principal.org_id, first, until, products, locations)
    return [Outage(**row) for row in rows]
