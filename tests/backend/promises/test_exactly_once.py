"""A key acts once, for ever: where keys are purged, what is as old as they were is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.programs.retention import purge
from tests.backend.devices.test_ingest import ingest
from tests.backend.sales.test_recording import codes, on_hand, record
from tests.backend.shop import TEA, open_shop, read, sale
from tests.backend.stock.test_ledger import adjust, adjustment

WEEK_AGO = (datetime.now(UTC) - timedelta(days=7)).isoformat()


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"key_retention": timedelta(days=2)})


async def test_what_happened_before_the_horizon_is_refused(graphql):
    await open_shop(graphql)

    reads = await ingest(graphql, read("r", observedAt=WEEK_AGO))
    sales = await record(graphql, sale("s", (TEA, 1), soldAt=WEEK_AGO))
    adjustments = await adjust(graphql, adjustment("a", 1, occurredAt=WEEK_AGO))

    assert codes(reads) == codes(sales) == codes(adjustments) == ["TOO_OLD"]
    assert await on_hand(graphql) is None


async def test_no_key_acts_twice_though_it_was_purged(graphql, database, settings):
    await open_shop(graphql)
    once = sale("s", (TEA, 1))
    await record(graphql, once)
    later = datetime.now(UTC) + timedelta(days=3)

    purged = await purge(database, settings, later)
    again = await record(graphql, {**once, "soldAt": WEEK_AGO})

    assert purged.keys == 1
    assert codes(again) == ["TOO_OLD"]
    assert await on_hand(graphql) == "-1"
