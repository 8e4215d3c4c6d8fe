"""What orders for 25,000 positions cost: processor time, and how long the event loop is busy."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg

from backend.core.ids import new_id
from backend.core.principal import program
from backend.core.settings import BackendSettings
from backend.infra import embedded
from backend.infra.database import Database
from backend.infra.migrator import migrate
from backend.infra.work import Reactions
from backend.replenishment import service, surplus
from backend.replenishment.levels import SupplyCriteria
from backend.replenishment.terms import Terms
from benchmarks.results import Figure, Result, at_most

PRODUCTS: Final = 500
LOCATIONS: Final = 50
ROUNDS: Final = 3
_MODEL: Final = UUID(int=1)
_RETAILER: Final = """
insert into organisations (id, code, name, currency, timezone)
values ('{org}', 'orders', 'Orders', 'USD', 'UTC');
insert into distributors (org_id, id, code, name)
select '{org}', gen_random_uuid(), 'D' || n, 'Distributor ' || n from generate_series(1, 5) n;
insert into products (org_id, id, sku, name, distributor_id)
select '{org}', gen_random_uuid(), 'SKU-' || lpad(n::text, 4, '0'), 'Product ' || n,
       (select id from distributors where code = 'D' || 1 + n % 5)
  from generate_series(1, {products}) n;
insert into locations (org_id, id, code, name, kind, timezone)
select '{org}', gen_random_uuid(), 'L-' || lpad(n::text, 3, '0'), 'Store ' || n, 'STORE', 'UTC'
  from generate_series(1, {locations}) n;
insert into product_prices (org_id, product_id, price, cost, valid_from)
select '{org}', id, 3.99, 2.01, now() - interval '400 days' from products;
insert into supply_terms (org_id, id, location_id, lead_time_days, updated_at, updated_by)
select '{org}', gen_random_uuid(), id, 3 + ascii(right(code, 1)) % 7, now(), 'benchmark'
  from locations;
insert into stock_levels (org_id, id, location_id, product_id, on_hand)
select '{org}', gen_random_uuid(), l.id, p.id, (hashtext(l.code || p.sku) & 1023) % 60
  from locations l cross join products p;
insert into forecasts
select '{org}', l.id, p.id, current_date, array_fill(1.5::real, array[28]),
       array_fill(1.5::real, array[252]),
       (select array_agg((1.5 * n)::real order by n) from generate_series(1, 28) n),
       (select array_agg((1.5 * n + (q - 5) * sqrt(n) / 2)::real order by n, q)
          from generate_series(1, 28) n, generate_series(1, 9) q),
       'SMOOTH', '{model}', '{model}', now(), now()
  from locations l cross join products p where p.sku > 'SKU-0025';
analyze;
"""


async def run() -> Result:
    """Ask for orders, transfers and markdowns of a made-up retailer, in this process."""
    with embedded.temporary(durable=False) as server:
        settings = BackendSettings.model_validate(
            {"data_dir": Path("/nonexistent"), "secret_key": "only for benchmarks" * 3}
        )
        await migrate(settings, server.owner_url, lambda _: None)
        org_id = new_id()
        await _fill(server.owner_url, org_id)
        async with Database(settings, server.owner_url, Reactions()) as database:
            found = [one for ask in _ASKED for one in await _measured(database, org_id, ask)]
    note = f"{PRODUCTS * LOCATIONS:,} positions, 100 rows shown, median of {ROUNDS}"
    return Result("orders", found, [note, "seconds of the processor, this process only"])


async def _fill(url: str, org_id: UUID) -> None:
    connection = await asyncpg.connect(url)
    try:
        sql = _RETAILER.format(org=org_id, model=_MODEL, products=PRODUCTS, locations=LOCATIONS)
        await connection.execute(sql)
    finally:
        await connection.close()


async def _orders(work: Any) -> object:
    return await service.reorder_suggestions(
        work, service.ReorderCriteria(), Terms(), first=100, after=None
    )


async def _transfers(work: Any) -> object:
    return await surplus.stock_transfers(work, SupplyCriteria(), Terms(), first=100)


async def _markdowns(work: Any) -> object:
    return await surplus.markdown_suggestions(work, SupplyCriteria(), Terms(), first=100)


_ASKED: Final = (("orders", _orders), ("transfers", _transfers), ("markdowns", _markdowns))


async def _measured(
    database: Database, org_id: UUID, asked: tuple[str, Callable[[Any], Awaitable[object]]]
) -> list[Figure]:
    name, ask = asked
    spent: list[tuple[float, float, float]] = []
    for _ in range(ROUNDS):
        whole, mine = time.process_time(), time.thread_time()
        who = program(org_id, "benchmark")
        async with _Stretches() as stretches, database.work(who, read_only=True) as work:
            await ask(work)
        spent.append((time.process_time() - whole, time.thread_time() - mine, stretches.longest))
    whole, mine, longest = (sorted(values)[ROUNDS // 2] for values in zip(*spent, strict=True))
    return [
        Figure(f"{name}: all in all", whole * 1000, "ms"),
        Figure(f"{name}: on the event loop", mine * 1000, "ms"),
        at_most(f"{name}: longest stretch of the event loop", longest * 1000, "ms", 50),
    ]


class _Stretches:
    """Watches how much of the processor the loop takes before it comes round again."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def __aenter__(self) -> "_Stretches":
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _watch(self) -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(0.001)
            self.longest = max(self.longest, time.thread_time() - before)
