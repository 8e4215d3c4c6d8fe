import asyncio
from decimal import Decimal

from tests.world import run_sql

from .builders import gtin, numbered_gtin, product, put


async def test_batches_of_the_same_products_at_once_neither_deadlock_nor_double_anything(
    database, owner_url, principal
):
    def batch(writer):
        drafts = [
            product(
                f"P{n}",
                price=Decimal(writer + 1),
                category=f"C{n % 3}",
                gtins=[gtin(numbered_gtin(n))],
            )
            for n in range(20)
        ]
        return drafts if writer % 2 else drafts[::-1]

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(put(database, principal, *batch(n))) for n in range(6)]

    assert {error for task in tasks for error, _ in task.result()} == {None}
    [counts] = await run_sql(
        owner_url,
        "select (select count(*) from products) as products,"
        " (select count(*) from product_gtins) as gtins,"
        " (select count(*) from categories) as categories,"
        " (select min(version) from products) as least,"
        " (select max(version) from products) as most",
    )
    assert dict(counts) == {"products": 20, "gtins": 20, "categories": 3, "least": 6, "most": 6}
