"""The stock added up: what is on hand and worth, how it moved, what was lost, how old it is.

Days are those of each location's own time. Costs are those of the catalogue now; what has none
is worth nothing here and counted apart. Oversold stock counts as none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from backend.infra.work import Work

MOST_ROWS: Final = 50_001
"""One more than anybody is answered."""
AGES: Final = (30, 60, 90, 180, 365)
"""Upper ends of the classes of age, in days."""


class StockKey(StrEnum):
    """By what stock is added up."""

    PRODUCT = "PRODUCT"
    CATEGORY = "CATEGORY"
    SUBCATEGORY = "SUBCATEGORY"
    LOCATION = "LOCATION"
    DISTRIBUTOR = "DISTRIBUTOR"


@dataclass(frozen=True, slots=True)
class StockScope:
    """Which stock; None does not limit. Distributors are those who supply the product."""

    skus: frozenset[str] | None = None
    categories: frozenset[str] | None = None
    subcategories: frozenset[str] | None = None
    locations: frozenset[str] | None = None
    distributors: frozenset[str] | None = None

    @property
    def values(self) -> tuple[list[str] | None, ...]:
        """The parameters $2 to $6 of every statement here."""
        fields = (
            self.skus, self.categories, self.subcategories, self.locations, self.distributors,
        )  # fmt: skip
        return tuple(None if one is None else sorted(one) for one in fields)


_KEYS: Final = {
    StockKey.PRODUCT: ("p.sku", "p.name"),
    StockKey.CATEGORY: ("above.name", "above.name"),
    StockKey.SUBCATEGORY: ("below.name", "below.name"),
    StockKey.LOCATION: ("loc.code", "loc.name"),
    StockKey.DISTRIBUTOR: ("d.code", "d.name"),
}
_AMONG: Final = """
       join products p on p.org_id = l.org_id and p.id = l.product_id
       join locations loc on loc.org_id = l.org_id and loc.id = l.location_id
       left join categories above on above.org_id = p.org_id and above.id = p.category_id
       left join categories below on below.org_id = p.org_id and below.id = p.subcategory_id
       left join distributors d on d.org_id = p.org_id and d.id = p.distributor_id
       left join lateral (
            select c.cost from product_prices c
             where c.org_id = l.org_id and c.product_id = l.product_id and c.valid_from <= now()
             order by c.valid_from desc limit 1) worth on true
 where l.org_id = $1
   and ($2::text[] is null or p.sku = any($2))
   and ($3::text[] is null or above.name = any($3))
   and ($4::text[] is null or below.name = any($4))
   and ($5::text[] is null or loc.code = any($5))
   and ($6::text[] is null or d.code = any($6))"""
# The end of day $7 at the location, or now.
_END: Final = "(($7::date + 1)::timestamp at time zone loc.timezone)"
_AT_END: Final = f"""
greatest(l.on_hand - case when $7::date is null then 0 else coalesce((
            select sum(m.quantity) from stock_movements m
             where m.org_id = l.org_id and m.location_id = l.location_id
               and m.product_id = l.product_id and m.occurred_at >= {_END}), 0) end, 0)"""


async def on_hand(
    work: Work, key: StockKey, scope: StockScope, last: date | None
) -> list[dict[str, Any]]:
    """Return id, label, units, value and uncosted units of each at the end of a day, None: now."""
    id_, label = _KEYS[key]
    text = f"""
select id, min(label) as label, sum(units) as units, coalesce(sum(units * cost), 0) as value,
       coalesce(sum(units) filter (where cost is null), 0) as uncosted
  from (select {id_} as id, {label} as label, worth.cost, {_AT_END} as units
          from stock_levels l {_AMONG}) held
 group by id limit {MOST_ROWS}
"""
    return await work.rows(text, work.principal.org_id, *scope.values, last)


async def mean_value(
    work: Work, key: StockKey, scope: StockScope, starts: Sequence[date]
) -> list[dict[str, Any]]:
    """Return id, label and the mean value of each over the beginnings of these days, ascending."""
    id_, label = _KEYS[key]
    text = f"""
with held as materialized (
    select {id_} as id, {label} as label, worth.cost, l.on_hand, l.location_id, l.product_id,
           loc.timezone
      from stock_levels l {_AMONG} and worth.cost is not null
), moved as (
    select h.location_id, h.product_id,
           width_bucket((m.occurred_at at time zone h.timezone)::date, $7::date[]) as n,
           sum(m.quantity) as quantity
      from held h join stock_movements m on m.org_id = $1 and m.location_id = h.location_id
           and m.product_id = h.product_id
           and m.occurred_at >= (($7::date[])[1]::timestamp at time zone h.timezone)
     group by 1, 2, 3
), stood as (
    select h.id, h.label, n.n, h.cost * greatest(h.on_hand - coalesce(sum(m.quantity) over (
               partition by h.location_id, h.product_id order by n.n desc), 0), 0) as value
      from held h cross join generate_series(1, cardinality($7::date[])) n(n)
           left join moved m on m.location_id = h.location_id and m.product_id = h.product_id
                            and m.n = n.n
)
select id, min(label) as label, sum(value) / cardinality($7::date[]) as value
  from stood group by id limit {MOST_ROWS}
"""
    return await work.rows(text, work.principal.org_id, *scope.values, list(starts))


async def losses(
    work: Work, key: StockKey, scope: StockScope, first: date, last: date
) -> list[dict[str, Any]]:
    """Return id, label, units by reason and the value of what counts, losses and damage took."""
    id_, label = _KEYS[key]
    sums = ", ".join(
        f"-coalesce(sum(l.quantity) filter (where l.reason = '{reason.upper()}'), 0) as {reason}"
        for reason in ("count", "shrinkage", "damaged")
    )
    text = f"""
select {id_} as id, min({label}) as label, {sums},
       -coalesce(sum(l.quantity * worth.cost), 0) as value
  from stock_movements l {_AMONG}
   and l.reason in ('COUNT', 'SHRINKAGE', 'DAMAGED')
   and l.occurred_at >= ($7::date::timestamp at time zone loc.timezone)
   and l.occurred_at < (($8::date + 1)::timestamp at time zone loc.timezone)
   -- No clock is further from UTC than a day: said again so that the index can tell.
   and l.occurred_at between $7::date::timestamptz - interval '1 day'
                         and $8::date::timestamptz + interval '2 days'
 group by 1 limit {MOST_ROWS}
"""
    return await work.rows(text, work.principal.org_id, *scope.values, first, last)


async def ages(
    work: Work, key: StockKey, scope: StockScope, last: date | None
) -> list[dict[str, Any]]:
    """Return id, label, units, value, mean age and units by class of age, first in first out.

    What is on hand at the end of the day (None: now) is what came in last. The classes are
    `age0` (up to the first of AGES) and so on.
    """
    id_, label = _KEYS[key]
    edges = [0, *(one + 1 for one in AGES)]
    classes = ", ".join(
        f"coalesce(sum(units) filter (where width_bucket(age, array{edges}) = {n}), 0)"
        f" as age{n - 1}"
        for n in range(1, len(edges) + 1)
    )
    text = f"""
with held as (
    select {id_} as id, {label} as label, worth.cost, l.location_id, l.product_id, loc.timezone,
           {_AT_END} as units,
           coalesce({_END}, 'infinity') as until,
           coalesce($7::date, (now() at time zone loc.timezone)::date) as day
      from stock_levels l {_AMONG}
), layers as (
    select h.id, h.label, h.cost,
           greatest(h.day - (a.occurred_at at time zone h.timezone)::date, 0) as age,
           least(a.quantity, h.units - (a.upto - a.quantity)) as units
      from held h cross join lateral (
           select m.occurred_at, m.quantity,
                  sum(m.quantity) over (order by m.occurred_at desc, m.id desc) as upto
             from stock_movements m
            where m.org_id = $1 and m.location_id = h.location_id and m.product_id = h.product_id
              and m.quantity > 0 and m.occurred_at < h.until) a
     where h.units > 0 and a.upto - a.quantity < h.units
)
select id, min(label) as label, sum(units) as units, coalesce(sum(units * cost), 0) as value,
       sum(units * age) / sum(units) as mean_age, max(age) as oldest, {classes}
  from layers group by id limit {MOST_ROWS}
"""
    return await work.rows(text, work.principal.org_id, *scope.values, last)
