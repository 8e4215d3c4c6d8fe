"""The same questions of DuckDB: one wide table of the same lines, made from the same database."""

import time
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import duckdb

_WIDE: Final = """
select s.business_day, s.location_id::text as location, s.channel, s.sale_type, s.segment,
       coalesce(s.ship_state, loc.state) as state, coalesce(s.ship_region, loc.region) as region,
       s.sold_by as seller, p.sku, p.category_id::text as category, s.kind,
       ('x' || right(s.id::text, 12))::bit(48)::bigint as sale,
       p.subcategory_id::text as subcategory, l.quantity, l.gross, l.discounted, l.net, l.cost
  from sales s join sale_lines l on l.org_id = s.org_id and l.sale_id = s.id
  join products p on p.org_id = l.org_id and p.id = l.product_id
  join locations loc on loc.org_id = s.org_id and loc.id = s.location_id
 where s.org_id = '{org}'
"""
_SUMS: Final = "sum(quantity), sum(gross), sum(discounted), sum(net), sum(cost)"
_ASKED: Final = (
    ("date_trunc('month', business_day), category", "true"),
    ("state", "channel = 'ONLINE'"),
    ("category, location", "business_day between '2023-03-07' and '2024-02-11'"),
    ("sku", "location = (select min(location) from lines)"),
    ("business_day", "category = (select min(category) from lines)"),
    ("channel, segment", "state = 'State 7'"),
)


_ORDERS: Final = "count(distinct case when kind = 'SALE' then sale end)"


async def times(url: str, org_id: UUID, folder: Path) -> tuple[list[float], list[float]]:
    """Return the milliseconds of six questions, the best of three each: without orders, and with.

    Sales are numbers there, which is what counts them fastest.
    """
    file = folder / "lines.csv"
    connection = await asyncpg.connect(url)
    await connection.copy_from_query(
        _WIDE.format(org=org_id), output=str(file), format="csv", header=True
    )
    await connection.close()
    with duckdb.connect(str(folder / "lines.duckdb")) as duck:
        duck.execute(f"create table lines as select * from read_csv('{file}')")
        file.unlink()
        return _all(duck, _SUMS), _all(duck, f"{_SUMS}, {_ORDERS}")


def _all(duck: Any, sums: str) -> list[float]:
    return [min(_time(duck, sums, *asked) for _ in range(3)) for asked in _ASKED]


def _time(duck: Any, sums: str, keys: str, where: str) -> float:
    started = time.perf_counter()
    duck.execute(f"select {keys}, {sums} from lines where {where} group by all").fetchall()
    return (time.perf_counter() - started) * 1000
