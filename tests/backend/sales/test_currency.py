"""The first sale and a change of the currency never overlook each other."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import asyncpg
import pytest

from backend.core.errors import Unreachable
from backend.identity import closing
from backend.identity.closing import OrganisationChange
from backend.identity.errors import CurrencyInUse
from backend.sales import service as sales
from backend.sales.rules import Channel, LineDraft, SaleDraft
from tests.backend.shop import TEA, open_shop
from tests.world import run_sql

FIRST = SaleDraft(
    idempotency_key="first",
    location="north",
    channel=Channel.IN_STORE,
    sold_at=datetime.now(UTC),
    lines=[LineDraft(sku=TEA, quantity=Decimal(1))],
)
EURO = OrganisationChange(currency="EUR")
WAITING = "select from pg_locks where locktype = 'advisory' and not granted"


@pytest.fixture(autouse=True)
async def shop(graphql):
    await open_shop(graphql)


async def test_the_currency_stays_while_the_first_sale_is_being_recorded(database, principal):
    async with database.work(principal) as selling:
        await sales.record_sales(selling, [FIRST])

        with pytest.raises(CurrencyInUse):
            async with database.work(principal) as changing:
                await closing.update_organisation(changing, EURO)


async def test_a_sale_that_gave_up_does_not_keep_the_currency(database, principal, owner_url):
    async def give_up():
        async with database.work(principal) as selling:
            await sales.record_sales(selling, [FIRST])
            await selling.rows("select 1 / 0")

    with pytest.raises(asyncpg.DivisionByZeroError):
        await give_up()

    async with database.work(principal) as changing:
        await closing.update_organisation(changing, EURO)

    (own,) = await run_sql(owner_url, "select currency from organisations")
    assert own["currency"] == "EUR"


async def test_a_sale_begun_before_the_currency_changed_is_to_be_sent_again(
    database, principal, owner_url
):
    begun, changed = asyncio.Event(), asyncio.Event()

    async def sell():
        async with database.work(principal) as selling:
            begun.set()
            await changed.wait()
            await sales.record_sales(selling, [FIRST])

    async with database.work(principal) as changing:
        selling = asyncio.create_task(sell())
        await begun.wait()
        await closing.update_organisation(changing, EURO)
        changed.set()
        async with asyncio.timeout(10):
            while not await run_sql(owner_url, WAITING):
                await asyncio.sleep(0.01)

    with pytest.raises(Unreachable):
        await selling
    assert await run_sql(owner_url, "select from sales") == []
    async with database.work(principal) as again:
        _, recorded = await sales.record_sales(again, [FIRST])
    assert [sale.currency for sale in recorded.values()] == ["EUR"]
