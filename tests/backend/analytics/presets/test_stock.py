from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from backend.analytics.errors import InvalidAnalysis
from backend.analytics.presets.catalogue import PRESETS
from backend.analytics.presets.names import AnalysisName
from backend.analytics.rules import SalesDimension as D
from backend.core.principal import MissingScope
from backend.core.scopes import Scope
from backend.sales.filters import SalesCriteria
from tests.backend.analytics.presets.ledger import NEW_YORK, Shop
from tests.backend.analytics.presets.tables import answer, as_dict, ask
from tests.world import principal_with

JANUARY, MARCH = date(2024, 1, 1), date(2024, 3, 31)
QUARTER = SalesCriteria(first_day=JANUARY, last_day=MARCH)


@pytest.fixture
async def shop(owner_url, org_id):
    """Tea at 2 and cups at 5 in a shop called here; what is sold is told by each test."""
    found = Shop(owner_url, org_id)
    await found.open("here", "there")
    await found.list_product("tea", cost=2)
    await found.list_product("cup", cost=5, category="Ware")
    return found


async def test_sell_through_is_what_was_sold_of_what_there_was(shop, database, principal):
    await shop.move("here", "tea", 100, "RECEIVED", JANUARY)
    await shop.move("here", "cup", 10, "RECEIVED", JANUARY)
    await shop.sell("here", date(2024, 2, 1), ("tea", 25, 100, 50))
    await shop.sell("here", date(2024, 2, 2), ("tea", 40, 160, 80), sale_type="TRACE")
    await shop.sell("here", date(2024, 4, 1), ("tea", 70, 280, 140))

    found = await answer(database, principal, "SELL_THROUGH", QUARTER)

    tea, cup = (as_dict(found.table, row) for row in found.table.rows)
    assert (tea["product"], tea["productName"]) == ("tea", "Tea")
    assert (tea["unitsSold"], tea["onHand"], tea["sellThrough"]) == (25, 75, Decimal("0.25"))
    assert tea["stockValue"] == 150
    assert (cup["unitsSold"], cup["onHand"], cup["sellThrough"]) == (0, 10, 0)
    totals = as_dict(found.table, found.table.totals)
    assert (totals["unitsSold"], totals["onHand"]) == (25, 85)
    assert totals["sellThrough"] == Decimal("0.227273")


async def test_weeks_of_supply_divide_stock_by_the_pace_of_sales(shop, database, principal):
    await shop.move("here", "tea", 100, "RECEIVED", JANUARY)
    await shop.move("there", "tea", 30, "RECEIVED", JANUARY)
    await shop.move("here", "cup", 10, "RECEIVED", JANUARY)
    two_weeks = SalesCriteria(first_day=date(2024, 2, 1), last_day=date(2024, 2, 14))
    await shop.sell("here", date(2024, 2, 1), ("tea", 20, 80, 40))
    await shop.sell("there", date(2024, 2, 14), ("tea", 10, 40, 20))

    by_product = await ask(database, principal, "WEEKS_OF_SUPPLY", two_weeks)
    by_place = await ask(database, principal, "WEEKS_OF_SUPPLY", two_weeks, by=D.LOCATION)

    assert [(row["product"], row["onHand"], row["weeks"]) for row in by_product] == [
        ("tea", 100, Decimal("6.666667")),
        ("cup", 10, None),
    ]
    assert [(row["location"], row["unitsPerWeek"], row["weeks"]) for row in by_place] == [
        ("there", 5, 4),
        ("here", 10, 9),
    ]


async def test_a_young_shop_sold_for_as_many_weeks_as_it_is_old(shop, database, principal):
    await shop.move("here", "tea", 100, "RECEIVED", JANUARY)
    eight_weeks = SalesCriteria(first_day=date(2024, 1, 1), last_day=date(2024, 2, 25))
    for day in range(12, 26):
        await shop.sell("here", date(2024, 2, day), ("tea", 2, 8, 4))

    (tea,) = await ask(database, principal, "WEEKS_OF_SUPPLY", eight_weeks)

    assert (tea["unitsPerWeek"], tea["weeks"]) == (14, Decimal("5.142857"))


async def test_gmroi_divides_margin_by_the_mean_of_the_stock_at_cost(shop, database, principal):
    await shop.move("here", "tea", 100, "INITIAL", date(2023, 12, 1))
    await shop.sell("here", date(2024, 1, 15), ("tea", 50, 250, 100))
    await shop.move("here", "tea", 150, "RECEIVED", date(2024, 2, 20))
    await shop.sell("here", date(2024, 5, 1), ("tea", 100, 500, 200))

    found = await answer(database, principal, "GMROI", QUARTER)

    # At the beginning of January, February, March and April: 100, 50, 200, 200 units at 2.
    (tea,) = (as_dict(found.table, row) for row in found.table.rows)
    assert (tea["profit"], tea["meanStock"]) == (150, 275)
    assert tea["gmroi"] == Decimal("0.545455")
    assert float(tea["gmroiYear"]) == pytest.approx(150 / 275 * 365 / 91, abs=1e-5)
    assert as_dict(found.table, found.table.totals)["meanStock"] == 275


async def test_shrinkage_counts_what_is_missing_at_cost(shop, database, principal):
    await shop.move("here", "tea", 100, "RECEIVED", JANUARY)
    await shop.sell("here", date(2024, 2, 1), ("tea", 50, 200, 100))
    for quantity, reason in ((-4, "COUNT"), (1, "COUNT"), (-2, "SHRINKAGE"), (-5, "DAMAGED")):
        await shop.move("here", "tea", quantity, reason, date(2024, 2, 10))
    await shop.move("here", "tea", -9, "COUNT", date(2024, 4, 1))
    await shop.move("here", "tea", -7, "CORRECTION", date(2024, 2, 10))

    (tea,) = await ask(database, principal, "SHRINKAGE", QUARTER)

    assert (tea["counted"], tea["shrinkage"], tea["damaged"]) == (3, 2, 5)
    assert (tea["lostValue"], tea["netSales"], tea["shrinkageRate"]) == (20, 200, Decimal("0.1"))


async def test_the_last_that_came_in_is_what_is_still_there(shop, database, principal):
    end = date(2024, 12, 31)
    for days, quantity in ((400, 50), (200, 20), (45, 10), (10, 5)):
        await shop.move("here", "tea", quantity, "RECEIVED", end - timedelta(days=days))
    await shop.sell("here", end - timedelta(days=1), ("tea", 55, 1, 1))
    await shop.move("here", "cup", 3, "RECEIVED", end - timedelta(days=30))

    found = await answer(database, principal, "STOCK_AGEING", SalesCriteria(last_day=end))

    # 30 are left of tea: 5 of 10 days, 10 of 45, 15 of 200.
    tea, cup = (as_dict(found.table, row) for row in found.table.rows)
    assert tea["onHand"] == 30
    assert [tea[f"age{n}"] for n in range(6)] == [5, 10, 0, 0, 15, 0]
    assert float(tea["meanAge"]) == pytest.approx((5 * 10 + 10 * 45 + 15 * 200) / 30, abs=1e-5)
    assert (tea["oldest"], tea["stockValue"]) == (200, 60)
    assert (cup["age0"], cup["oldest"]) == (3, 30)
    totals = as_dict(found.table, found.table.totals)
    assert (totals["onHand"], totals["oldest"], totals["stockValue"]) == (33, 200, 75)


async def test_age_and_stock_of_now_need_no_day(shop, database, principal):
    today = datetime.now(UTC).date()
    await shop.move("here", "tea", 7, "RECEIVED", today - timedelta(days=61), hour=0)

    (aged,) = await ask(database, principal, "STOCK_AGEING")
    (held,) = await ask(database, principal, "WEEKS_OF_SUPPLY")

    assert (aged["age2"], aged["oldest"]) == (7, 61)
    assert (held["onHand"], held["weeks"]) == (7, None)


async def test_a_day_ends_when_it_ends_at_the_place(owner_url, org_id, database, principal):
    shop = Shop(owner_url, org_id)
    await shop.open("ny", timezone=NEW_YORK)
    await shop.list_product("tea", cost=2)
    await shop.move("ny", "tea", 8, "RECEIVED", date(2024, 1, 11), hour=3)  # still the 10th there
    await shop.move("ny", "tea", 1, "RECEIVED", date(2024, 1, 11), hour=6)

    (found,) = await ask(
        database, principal, "SELL_THROUGH", SalesCriteria(last_day=date(2024, 1, 10))
    )

    assert found["onHand"] == 8


async def test_what_is_oversold_counts_as_none(shop, database, principal):
    await shop.sell("here", JANUARY, ("tea", 5, 20, 10))

    (tea,) = await ask(database, principal, "SELL_THROUGH", QUARTER)

    assert (tea["onHand"], tea["sellThrough"]) == (0, 1)


async def test_stock_without_a_cost_is_told_of(shop, database, principal):
    await shop.list_product("gift")
    await shop.move("here", "gift", 4, "RECEIVED", JANUARY)

    found = await answer(database, principal, "SELL_THROUGH", QUARTER)

    assert [note.code for note in found.table.notes] == ["SALES_OF", "COST_UNKNOWN"]


@pytest.mark.parametrize(
    "chosen",
    [{"skus": ["cup"]}, {"categories": ["Ware"]}, {"locations": ["there"]}],
    ids=str,
)
async def test_a_filter_limits_sales_and_stock_alike(shop, database, principal, chosen):
    for place in ("here", "there"):
        await shop.move(place, "tea", 9, "RECEIVED", JANUARY)
    await shop.move("there", "cup", 6, "RECEIVED", JANUARY)
    await shop.sell("there", date(2024, 2, 1), ("cup", 2, 20, 10))
    criteria = SalesCriteria(
        JANUARY, MARCH, **{name: frozenset(value) for name, value in chosen.items()}
    )

    found = await ask(database, principal, "SELL_THROUGH", criteria)

    wanted = {("cup", 2, 4)} | ({("tea", 0, 9)} if "locations" in chosen else set())
    assert {(row["product"], row["unitsSold"], row["onHand"]) for row in found} == wanted


@pytest.mark.parametrize("name", ["SELL_THROUGH", "GMROI", "SHRINKAGE", "STOCK_AGEING"])
async def test_stock_is_not_filtered_by_what_it_does_not_have(database, principal, name):
    with pytest.raises(InvalidAnalysis) as refused:
        await ask(database, principal, name, SalesCriteria(sale_types=frozenset({"DIRECT"})))

    assert refused.value.field == ["filter", "saleTypes"]


@pytest.mark.parametrize("name", AnalysisName)
async def test_an_analysis_says_which_filters_it_refuses(database, principal, name):
    refused = set()
    for field in {one.name for one in fields(SalesCriteria)} - {"first_day", "last_day"}:
        criteria = SalesCriteria(None, None, **{field: frozenset({"x"})})
        try:
            await ask(database, principal, name, criteria)
        except InvalidAnalysis as exc:
            refused.update((exc.field or [])[-1:])

    assert refused == set(PRESETS[name].refused_filters)


@pytest.mark.parametrize(
    "days", [(date(1, 1, 1), date(9999, 12, 31)), (date(1, 1, 1), date(1, 1, 1))], ids=str
)
async def test_any_range_has_an_answer(shop, database, principal, days):
    await shop.move("here", "tea", 9, "RECEIVED", JANUARY)
    await shop.sell("here", JANUARY, ("tea", 2, 20, 10))

    for name in ("SELL_THROUGH", "WEEKS_OF_SUPPLY", "GMROI", "SHRINKAGE", "STOCK_AGEING"):
        assert await answer(database, principal, name, SalesCriteria(*days))


async def test_stock_needs_its_own_scope_and_its_worth_another(shop, database, org_id):
    sales = principal_with(org_id, Scope.SALES_READ)
    both = principal_with(org_id, Scope.SALES_READ, Scope.STOCK_READ)

    with pytest.raises(MissingScope):
        await ask(database, sales, "SELL_THROUGH")
    with pytest.raises(MissingScope):
        await ask(database, both, "GMROI")
    found = await answer(database, both, "SELL_THROUGH")
    assert "stockValue" not in [column.name for column in found.table.columns]


async def test_who_is_limited_to_a_place_sees_its_stock_only(shop, database, org_id):
    await shop.move("here", "tea", 9, "RECEIVED", JANUARY)
    await shop.move("there", "tea", 4, "RECEIVED", JANUARY)
    narrow = principal_with(org_id, *SEEING, locations=[shop.ids["there"]])

    for name in ("SELL_THROUGH", "WEEKS_OF_SUPPLY", "STOCK_AGEING"):
        (found,) = await ask(database, narrow, name, QUARTER)
        assert found["onHand"] == 4, name


SEEING = (Scope.SALES_READ, Scope.STOCK_READ, Scope.ANALYTICS_READ)
