from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from backend.analytics.rollups import keeping
from backend.core.ids import new_id
from backend.core.scopes import Scope
from backend.forecasting.demand.ledger import LedgerCriteria, Room, read_panel
from tests.backend.analytics import brute
from tests.backend.forecasting.shops import move_stock, open_shop, sell
from tests.world import principal_with, run_sql

ENDED = datetime(2020, 3, 1, tzinfo=UTC)
"""Long ago: what ended then is complete."""


async def read(database, principal, *arguments, **named):
    async with database.work(principal, read_only=False) as work:
        return await read_panel(work, *arguments, **named)


def day(n):
    return (ENDED + timedelta(days=n)).date()


def at(n, hour):
    return ENDED + timedelta(days=n, hours=hour)


async def daily(owner_url, org_id, days=70, units=5, **shop):
    """A shop that sold tea at noon of every day."""
    ids = await open_shop(owner_url, org_id, **shop)
    rows = [(ids["north"], ids["TEA"], day(n), units) for n in range(days)]
    await sell(owner_url, org_id, rows)
    return ids


@pytest.mark.parametrize("rolled", ["nothing", "all", "some"])
@pytest.mark.parametrize("seed", [1, 2])
async def test_demand_is_what_plain_sums_of_the_lines_say(
    database, principal, owner_url, org_id, seed, rolled
):
    shelf = await brute.fill_shelf(owner_url, org_id, seed=seed)
    lines = await brute.sell(owner_url, org_id, shelf, seed=seed, sales=200)
    if rolled != "nothing":
        await keeping.catch_up(database, org_id)
    if rolled == "some":
        lines += await brute.sell(owner_url, org_id, shelf, seed=seed + 9, sales=60, at_once=7)
    elif rolled == "nothing":
        lines += await brute.sell(owner_url, org_id, shelf, seed=seed + 9, sales=60)

    ledger = await read(database, principal)

    assert found(ledger, await names(owner_url)) == pytest.approx(
        plain(lines, ledger.panel.through)
    )


def plain(lines, last):
    """Return demand by location, product and day of what was sold in the year before the end."""
    sums, latest = defaultdict(float), defaultdict(str)
    for line in lines:
        if line["SALE_TYPE"] != "TRACE":
            key = line["LOCATION"], line["PRODUCT"]
            sums[*key, line["DAY"]] += float(line["quantity"]) * line["sign"]
            latest[key] = max(latest[key], line["DAY"])
    active = str(last - timedelta(days=364))
    return {key: n for key, n in sums.items() if n > 0 and latest[key[:2]] >= active}


async def names(owner_url):
    rows = await run_sql(
        owner_url, "select id, sku as name from products union select id, code from locations"
    )
    return {row["id"]: row["name"] for row in rows}


def found(ledger, names):
    panel = ledger.panel
    return {
        (*(names[one] for one in ledger.series[row]), str(panel.start + timedelta(days=int(n)))):
            float(panel.demand[row, n])
        for row, n in zip(*np.nonzero(panel.demand), strict=True)
    }  # fmt: skip


async def test_half_a_day_out_of_stock_is_half_exposed(database, principal, owner_url, org_id):
    ids = await daily(owner_url, org_id)
    moves = [
        (at(0, 0), 500, "RECEIVED"),
        (at(40, 12), -500, "SHRINKAGE"),
        (at(42, 6), 80, "RECEIVED"),
    ]
    await move_stock(owner_url, org_id, ids["north"], ids["TEA"], moves)
    await run_sql(
        owner_url, "delete from sale_lines where business_day between $1 and $2", day(41), day(42)
    )
    await run_sql(
        owner_url, "delete from sales where business_day between $1 and $2", day(41), day(42)
    )

    ledger = await read(database, principal)

    exposure = ledger.panel.exposure[0, -70:]
    assert exposure[39:44] == pytest.approx([1, 0.5, 0, 0.75, 1])


async def test_stock_that_nobody_ever_counted_says_nothing_of_the_shelf(
    database, principal, owner_url, org_id
):
    ids = await daily(owner_url, org_id)
    moves = [(at(0, 0), 1, "SALE"), (at(40, 12), -1, "SALE")]
    await move_stock(owner_url, org_id, ids["north"], ids["TEA"], moves)

    ledger = await read(database, principal)

    assert ledger.panel.exposure[0, -70:].min() == 1


async def test_what_was_sold_beyond_the_stock_was_on_the_shelf(
    database, principal, owner_url, org_id
):
    ids = await daily(owner_url, org_id)
    moves = [(at(0, 0), 5, "RECEIVED"), (at(40, 1), -5, "SALE"), (at(40, 2), -3, "SALE")]
    await move_stock(owner_url, org_id, ids["north"], ids["TEA"], moves)

    ledger = await read(database, principal)

    assert ledger.panel.exposure[0, -29:].min() == 1


async def test_nobody_knows_the_demand_before_the_first_sale(
    database, principal, owner_url, org_id
):
    ids = await daily(owner_url, org_id, days=3)

    ledger = await read(database, principal)

    assert ledger.series == ((ids["north"], ids["TEA"]),)
    assert ledger.panel.exposure[0, -4:].tolist() == [0, 1, 1, 1]
    assert ledger.panel.periods == 70


async def test_a_location_is_exposed_on_its_opening_days_and_when_it_sold_anyway(
    database, principal, owner_url, org_id
):
    ids = await open_shop(owner_url, org_id, opening_days=["MONDAY", "TUESDAY"])
    monday = date(2020, 3, 2)
    rows = [(ids["north"], ids["TEA"], monday + timedelta(days=n), 3) for n in (0, 1, 6, 7, 8)]
    await sell(owner_url, org_id, rows)

    ledger = await read(database, principal, ahead=7)

    assert ledger.panel.exposure[0, -9:].tolist() == [1, 1, 0, 0, 0, 0, 1, 1, 1]
    assert np.asarray(ledger.panel.plans.opened)[0, -7:].tolist() == [0, 0, 0, 0, 0, 1, 1]


async def test_promotions_prices_and_countries_reach_beyond_the_last_day(
    database, principal, owner_url, org_id
):
    ids = await daily(owner_url, org_id, skus=("TEA", "CUP"), country="Germany")
    await sell(owner_url, org_id, [(ids["north"], ids["CUP"], day(69), 1)])
    add = "insert into promotions (org_id, id, code, name, starts_on, ends_on, discount_rate, {0})"
    await run_sql(
        owner_url, add.format("product_ids") + " values ($1, $2, 'p', 'p', $3, $4, 0.2, $5)",
        org_id, new_id(), day(72), day(73), [ids["TEA"]],
    )  # fmt: skip
    price = "insert into product_prices values ($1, $2, $3, $4)"
    for moment, amount in ((at(-9, 0), 4), (at(71, 0), 5)):
        await run_sql(owner_url, price, org_id, ids["TEA"], moment, amount)

    ledger = await read(database, principal, ahead=5)

    tea = [series[1] for series in ledger.series].index(ids["TEA"])
    assert np.asarray(ledger.panel.plans.promo)[tea, -5:] == pytest.approx([0, 0, 0.2, 0.2, 0])
    assert np.asarray(ledger.panel.plans.promo)[1 - tea].max() == 0
    assert np.asarray(ledger.panel.plans.price)[tea, -5:].tolist() == [4, 5, 5, 5, 5]
    assert np.isnan(np.asarray(ledger.panel.plans.price)[1 - tea]).all()
    assert ledger.panel.countries == ("DE",)


async def test_today_is_exposed_as_far_as_it_is_gone(database, principal, owner_url, org_id):
    ids = await open_shop(owner_url, org_id, codes=("north", "south"))
    now = datetime.now(UTC)
    rows = [(ids["north"], ids["TEA"], now - timedelta(days=n), 2) for n in range(30)]
    await sell(owner_url, org_id, rows)

    ended, running = await read(database, principal), await read(database, principal, today=True)

    assert ended.panel.through == now.date() - timedelta(days=1)
    assert running.panel.through == now.date()
    assert running.closed == running.panel.periods - 1
    gone = (now - now.replace(hour=0, minute=0, second=0)).total_seconds() / 86_400
    assert running.panel.exposure[0, -1] == pytest.approx(max(gone, 0.1), abs=0.01)
    assert running.panel.demand[0, -1] == 2


async def test_some_are_drawn_where_there_is_no_room_for_all_and_those_wanted_among_them(
    database, principal, owner_url, org_id
):
    ids = await daily(owner_url, org_id, skus=("TEA", "CUP"))
    await sell(owner_url, org_id, [(ids["north"], ids["CUP"], day(60), 1)])

    for sku in ("TEA", "CUP"):
        wanted = LedgerCriteria(wanted=frozenset({(ids["north"], ids[sku])}))
        ledger = await read(database, principal, wanted, room=Room(cells=100))

        assert ledger.series == ((ids["north"], ids[sku]),)
        assert ledger.left_out == 1


async def test_the_best_selling_are_kept_where_all_are_too_many(
    database, principal, owner_url, org_id
):
    ids = await daily(owner_url, org_id, skus=("TEA", "CUP"))
    await sell(owner_url, org_id, [(ids["north"], ids["CUP"], day(60), 1)])

    ledger = await read(database, principal, room=Room(series=1))

    assert ledger.series == ((ids["north"], ids["TEA"]),)
    assert ledger.left_out == 1


@pytest.mark.parametrize("rolled", [True, False], ids=["rolled up", "not rolled up"])
async def test_what_a_shop_sold_that_closed_long_ago_takes_no_room(
    database, principal, owner_url, org_id, rolled
):
    ids = await daily(owner_url, org_id, codes=("north", "closed"))
    await sell(owner_url, org_id, [(ids["closed"], ids["TEA"], day(-900), 1)])
    if rolled:
        await keeping.catch_up(database, org_id)

    ledger = await read(database, principal)

    assert ledger.series == ((ids["north"], ids["TEA"]),)
    assert ledger.panel.start == (day(0) if rolled else day(-900))
    assert ledger.panel.demand[:, -70:].tolist() == [[5.0] * 70]


async def test_what_is_archived_is_not_forecast(database, principal, owner_url, org_id):
    ids = await daily(owner_url, org_id, skus=("TEA", "CUP"))
    await sell(owner_url, org_id, [(ids["north"], ids["CUP"], day(60), 1)])
    await run_sql(owner_url, "update products set status = 'ARCHIVED' where sku = 'CUP'")

    ledger = await read(database, principal)

    assert ledger.series == ((ids["north"], ids["TEA"]),)
    assert ledger.left_out == 0


async def test_who_is_limited_to_a_location_reads_the_demand_of_that(database, owner_url, org_id):
    ids = await daily(owner_url, org_id, codes=("north", "south"))
    await sell(owner_url, org_id, [(ids["south"], ids["TEA"], day(60), 1)])
    narrow = principal_with(org_id, Scope.FORECAST_READ, locations=[ids["south"]])

    ledger = await read(database, narrow)

    assert ledger.series == ((ids["south"], ids["TEA"]),)


async def test_nothing_sold_is_no_panel(database, principal, owner_url, org_id):
    await open_shop(owner_url, org_id)

    assert await read(database, principal) is None
    everything = LedgerCriteria(location_ids=frozenset())
    assert await read(database, principal, everything) is None
