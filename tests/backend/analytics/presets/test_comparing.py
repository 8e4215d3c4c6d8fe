"""Small retailers whose figures can be added up by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from backend.analytics.presets.choices import Baseline, Measure
from backend.analytics.rules import SalesDimension as D
from backend.sales.filters import SalesCriteria
from tests.backend.analytics.presets.ledger import Shop
from tests.backend.analytics.presets.tables import answer, as_dict, ask, rows

MAY = SalesCriteria(first_day=date(2024, 5, 1), last_day=date(2024, 5, 31))


@pytest.fixture
async def shop(owner_url, org_id):
    """Tea and cups of two categories, in shops called here and there."""
    found = Shop(owner_url, org_id)
    await found.open("here", "there")
    await found.list_product("tea", cost=2)
    await found.list_product("cup", cost=5, category="Ware")
    return found


async def test_growth_compares_whole_periods_only(shop, database, principal):
    for month, net in ((1, 100), (2, 150), (3, 75)):
        for day in (1, 28 if month < 3 else 10):
            await shop.sell("here", date(2024, month, day), ("tea", 1, net, 1))

    found = await answer(database, principal, "GROWTH")

    january, february, march = rows(found.table)
    assert [row["netSales"] for row in (january, february, march)] == [200, 300, 150]
    assert (january["previous"], january["change"]) == (None, None)
    assert (february["previous"], february["change"]) == (200, Decimal("0.5"))
    assert (march["previous"], march["change"]) == (300, None)
    assert [(note.code, note.value) for note in found.table.notes] == [
        ("PERIOD_INCOMPLETE", "2024-03")
    ]


async def test_growth_a_year_compounds_from_the_first_year(shop, database, principal):
    for year, net in ((2021, 100), (2022, 90), (2023, 121)):
        for day in (date(year, 1, 1), date(year, 12, 31)):
            await shop.sell("here", day, ("tea", 1, net, 1))

    found = await answer(database, principal, "GROWTH", grain=D.YEAR)

    assert [row["yearChange"] for row in rows(found.table)] == [
        None,
        Decimal("-0.1"),
        Decimal("0.344444"),
    ]
    totals = as_dict(found.table, found.table.totals)
    assert float(totals["annualGrowth"]) == pytest.approx(0.1, abs=1e-4)


async def test_a_month_without_sales_is_a_period_of_nothing(shop, database, principal):
    for day in (date(2024, 1, 1), date(2024, 1, 31), date(2024, 3, 1), date(2024, 3, 31)):
        await shop.sell("here", day, ("tea", 1, 10, 1))

    found = await ask(database, principal, "GROWTH")

    assert [(row["month"], row["netSales"], row["change"]) for row in found] == [
        ("2024-01", 20, None),
        ("2024-02", 0, -1),
        ("2024-03", 20, None),
    ]


async def test_contributions_to_growth_add_up(shop, database, principal):
    await shop.sell("here", date(2024, 3, 31), ("tea", 1, 100, 1), ("cup", 1, 100, 1))
    await shop.sell("here", date(2024, 5, 10), ("tea", 1, 160, 1), ("cup", 1, 80, 1))

    found = await answer(
        database, principal, "GROWTH_DRIVERS", MAY, baseline=Baseline.PREVIOUS_PERIOD
    )

    tea, cup = rows(found.table)
    assert (tea["product"], tea["change"], tea["contribution"]) == ("tea", 60, Decimal("0.3"))
    assert (cup["product"], cup["change"], cup["contribution"]) == ("cup", -20, Decimal("-0.1"))
    assert as_dict(found.table, found.table.totals)["changeRate"] == Decimal("0.2")
    assert [note.value for note in found.table.notes] == ["PREVIOUS_PERIOD"]


async def test_without_sales_a_year_ago_the_days_before_are_taken_and_it_says_so(
    shop, database, principal
):
    await shop.sell("here", date(2024, 3, 31), ("tea", 1, 100, 1))
    await shop.sell("here", date(2024, 5, 31), ("tea", 1, 110, 1))

    found = await answer(database, principal, "GROWTH_DRIVERS", MAY)

    assert [note.code for note in found.table.notes] == ["BASELINE_CHANGED", "COMPARED"]
    assert [row["before"] for row in rows(found.table)] == [100]


@pytest.mark.parametrize(("now", "trend"), [(40, "EMERGING"), (21, "STEADY"), (4, "FADING")])
async def test_only_a_change_beyond_chance_is_a_trend(shop, database, principal, now, trend):
    for month, cups in ((4, 20), (5, now)):
        for n in range(50):
            line = ("cup", 1, 9, 5) if n < cups else ("tea", 1, 3, 2)
            await shop.sell("here", date(2024, month, 1 + n % 30), line)

    found = await ask(
        database, principal, "EMERGING_AND_FADING", MAY, baseline=Baseline.PREVIOUS_PERIOD
    )

    (cup,) = (row for row in found if row["product"] == "cup")
    assert (cup["ordersBefore"], cup["ordersNow"]) == (20, now)
    assert (cup["shareBefore"], cup["shareNow"]) == (Decimal("0.4"), Decimal(now) / 50)
    assert cup["trend"] == trend


async def test_a_shift_of_one_place_is_not_one_of_another(shop, database, principal):
    for place, month, cups in (("here", 4, 5), ("here", 5, 25), ("there", 4, 10), ("there", 5, 10)):
        for n in range(30):
            line = ("cup", 1, 9, 5) if n < cups else ("tea", 1, 3, 2)
            await shop.sell(place, date(2024, month, 1 + n), line)

    found = await ask(
        database, principal, "PREFERENCE_SHIFTS", MAY,
        within=D.LOCATION, baseline=Baseline.PREVIOUS_PERIOD,
    )  # fmt: skip

    trends = {(row["location"], row["category"]): row["trend"] for row in found}
    assert trends == {
        ("here", "Ware"): "EMERGING",
        ("here", "Goods"): "FADING",
        ("there", "Ware"): "STEADY",
        ("there", "Goods"): "STEADY",
    }


async def test_what_sells_in_one_season_only_is_preferred_there(shop, database, principal):
    for n in range(40):
        day = date(2023, 1, 5) + timedelta(days=9 * n)
        await shop.sell("here", day, ("cup" if day.month > 9 else "tea", 1, 3, 2))

    found = await ask(database, principal, "PREFERENCES_BY_SEASON")

    trends = {(row["season"], row["category"]): row["trend"] for row in found}
    assert trends[("Q4", "Ware")] == "EMERGING"
    assert trends[("Q4", "Goods")] == "FADING"


async def test_direct_and_trace_stand_side_by_side(shop, database, principal):
    await shop.sell("here", date(2024, 5, 1), ("tea", 3, 30, 6))
    await shop.sell("here", date(2024, 5, 2), ("tea", 1, 10, 2), sale_type="TRACE")
    await shop.sell("here", date(2024, 6, 2), ("tea", 1, 10, 2), sale_type="TRACE")

    found = await answer(database, principal, "DIRECT_AGAINST_TRACE")

    assert [tuple(row.values()) for row in rows(found.table)] == [
        ("2024-05", 3, 1, 30, 10, Decimal("0.25")),
        ("2024-06", 0, 1, 0, 10, 1),
    ]
    assert as_dict(found.table, found.table.totals)["traceShare"] == Decimal("0.4")


async def test_the_break_even_discount_leaves_the_cost(shop, database, principal, owner_url):
    await shop.sell("here", date(2024, 5, 1), ("tea", 1, 80, 50))
    await shop._run("update sale_lines set gross = 100, discounted = 20 where org_id = $1")

    (found,) = await ask(database, principal, "BREAK_EVEN_DISCOUNT")

    assert (found["discountRate"], found["margin"]) == (Decimal("0.2"), Decimal("0.375"))
    assert (found["breakEven"], found["headroom"]) == (Decimal("0.5"), Decimal("0.3"))


async def test_what_came_back_is_a_part_of_what_was_sold(shop, database, principal):
    await shop.sell("here", date(2024, 5, 1), ("tea", 4, 80, 8), ("cup", 1, 20, 5))
    await shop.sell("here", date(2024, 5, 9), ("tea", 1, 20, 2), kind="RETURN")

    found = await answer(database, principal, "RETURN_RATE")

    tea, cup = rows(found.table)
    assert (tea["product"], tea["returns"], tea["returnRate"]) == ("tea", 20, Decimal("0.25"))
    assert (cup["returns"], cup["returnRate"]) == (0, 0)
    assert as_dict(found.table, found.table.totals)["returnRate"] == Decimal("0.2")


async def test_what_goes_along_is_counted_by_orders_that_have_both(shop, database, principal):
    await shop.list_product("milk")
    for day, *skus in ((1, "tea", "milk"), (2, "tea", "milk", "cup"), (3, "tea"), (4, "milk")):
        lines = [(sku, 1, 1, None) for sku in skus]
        await shop.sell("here", date(2024, 5, day), *lines)

    found = await answer(database, principal, "ATTACH_RATE", SalesCriteria(skus=frozenset({"tea"})))

    milk, cup = rows(found.table)
    assert (milk["product"], milk["attached"], milk["attachRate"]) == (
        "milk", 2, Decimal("0.666667"),
    )  # fmt: skip
    assert float(milk["lift"]) == pytest.approx((2 / 3) / (3 / 4), abs=1e-5)
    assert (cup["product"], cup["attached"], float(cup["lift"])) == (
        "cup", 1, pytest.approx((1 / 3) / (1 / 4), abs=1e-5),
    )  # fmt: skip
    assert as_dict(found.table, found.table.totals)["attached"] == 3


async def test_a_basket_counts_units_and_products(shop, database, principal):
    await shop.sell("here", date(2024, 5, 1), ("tea", 3, 30, 6), ("cup", 1, 10, 5))
    await shop.sell("here", date(2024, 5, 2), ("tea", 2, 20, 4))

    (found,) = await ask(database, principal, "BASKET_SIZE", by=D.LOCATION)

    assert (found["orders"], found["unitsPerOrder"]) == (2, 3)
    assert (found["orderValue"], found["productsPerOrder"]) == (30, Decimal("1.5"))


async def test_regular_and_large_is_ax_rare_and_small_is_cz(shop, database, principal):
    await shop.list_product("bell")
    for month in range(1, 13):
        for day in (1, 28 if month == 2 else 30):
            await shop.sell("here", date(2024, month, day), ("tea", 5, 50, 10))
    await shop.sell("here", date(2024, 6, 10), ("cup", 1, 250, 5))
    await shop.sell("here", date(2024, 7, 10), ("bell", 4, 40, None))

    found = await ask(database, principal, "ABC_XYZ")
    classes = await ask(database, principal, "ABC_XYZ_CLASSES")

    assert {row["product"]: row["abcXyz"] for row in found} == {
        "tea": "AX",
        "cup": "BZ",
        "bell": "CZ",
    }
    assert {row["abcXyz"]: (row["members"], row["netSales"]) for row in classes} == {
        **{abc + xyz: (0, 0) for abc in "ABC" for xyz in "XYZ"},
        "AX": (1, 1_200),
        "BZ": (1, 250),
        "CZ": (1, 40),
    }
    tea = found[0]
    assert (tea["meanUnits"], tea["variation"]) == (10, 0)


async def test_too_short_a_series_has_no_season_and_says_so(shop, database, principal):
    for day in (date(2024, 1, 1), date(2024, 1, 31)):
        await shop.sell("here", day, ("tea", 1, 10, 1))

    found = await answer(database, principal, "SEASONAL_DECOMPOSITION", measure=Measure.UNITS)

    assert [note.code for note in found.table.notes] == ["TOO_SHORT"]
    assert [(row["units"], row["trend"]) for row in rows(found.table)] == [(2, None)]


async def test_the_weekend_is_a_peak_of_the_week(shop, database, principal):
    for n in range(28):
        day = date(2024, 1, 1) + timedelta(days=n)
        await shop.sell("here", day, ("tea", 1, 30 if day.weekday() == 5 else 10, 1))

    found = await ask(database, principal, "SEASONAL_PEAKS", grain=D.DAY)

    peak = next(row for row in found if row["peak"] == "PEAK")
    assert (peak["season"], peak["seasonName"]) == (6, "Saturday")
    assert float(peak["index"]) == pytest.approx(30 / (90 / 7), abs=1e-5)
    assert peak["strength"] == 1
