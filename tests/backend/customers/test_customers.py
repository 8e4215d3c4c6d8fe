from backend.customers import service as customers
from backend.customers.rules import CustomerRef
from tests.world import run_sql


async def test_a_reference_becomes_the_same_customer_every_time(database, principal):
    async with database.work(principal) as work:
        first = await customers.resolve_customers(work, ["C-1", "C-2"], {"C-1": "Consumer"})
    async with database.work(principal) as work:
        second = await customers.resolve_customers(work, ["C-2", "C-1"])

    assert second == first
    assert {one.segment for one in first.values()} == {"Consumer", None}


async def test_a_segment_said_later_replaces_the_one_known(database, principal):
    async with database.work(principal) as work:
        first = await customers.resolve_customers(work, ["C-1"], {"C-1": "Consumer"})
        second = await customers.resolve_customers(work, ["C-1"], {"C-1": "Corporate"})

    assert second == {"C-1": CustomerRef(first["C-1"].id, "Corporate")}


async def test_a_reference_is_not_kept_in_the_clear(database, owner_url, principal):
    async with database.work(principal) as work:
        await customers.resolve_customers(work, ["jane@example.com"])

    rows = await run_sql(owner_url, "select c::text from customers c")
    assert "jane" not in str(rows)
    assert b"jane".hex() not in str(rows)
