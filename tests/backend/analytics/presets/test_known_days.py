"""Older years that were imported with gaps: what is missing is no growth."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from backend.analytics.presets.choices import Baseline
from backend.analytics.rules import SalesDimension as D
from backend.sales.filters import SalesCriteria
from tests.backend.analytics.presets.ledger import Shop
from tests.backend.analytics.presets.tables import answer, as_dict, ask, rows

THIS_YEAR = SalesCriteria(first_day=date(2024, 1, 1), last_day=date(2024, 12, 31))


@pytest.fixture
async def shop(owner_url, org_id):
    """Tea and cups, sold all through 2022 and 2024, but in two months of 2023 only."""
    found = Shop(owner_url, org_id)
    await found.open("here")
    await found.list_product("tea", cost=2)
    await found.list_product("cup", cost=5, category="Ware")
    for first, last in ((date(2022, 1, 1), date(2022, 12, 31)),
                        (date(2023, 11, 1), date(2024, 12, 31))):  # fmt: skip
        await found.sell_often("here", first, last, ("tea", 1, 10, 2), ("cup", 1, 5, 2))
    return found


async def test_a_year_of_which_two_months_are_known_is_no_measure(shop, database, principal):
    found = await answer(database, principal, "GROWTH", grain=D.YEAR)

    before, gap, now = rows(found.table)
    reason = "2023: 61 of 365 days are known"
    assert before["incomplete"] is None
    assert (gap["netSales"], gap["change"], gap["incomplete"]) == (195, None, reason)
    assert (now["previous"], now["change"], now["yearChange"]) == (195, None, None)
    assert now["incomplete"] == reason
    assert [(one.code, one.value) for one in found.table.notes] == [("PERIOD_INCOMPLETE", "2023")]


async def test_months_without_any_sale_have_one_note(shop, database, principal):
    found = await answer(database, principal, "GROWTH")

    notes = [(one.code, one.value) for one in found.table.notes]
    by_month = {row["month"]: row for row in rows(found.table)}
    assert notes == [("PERIOD_INCOMPLETE", "2023-01")]
    assert by_month["2023-11"]["change"] is None
    assert by_month["2023-12"]["change"] is not None
    assert by_month["2024-06"]["yearChange"] is None
    assert by_month["2024-12"]["yearChange"] is not None


async def test_what_growth_comes_from_has_no_rates_where_days_are_missing(
    shop, database, principal
):
    found = await answer(
        database, principal, "GROWTH_DRIVERS", THIS_YEAR, baseline=Baseline.PREVIOUS_PERIOD
    )

    tea, cup = rows(found.table)
    assert (tea["before"], tea["now"], cup["before"]) == (140, 740, 70)
    assert {row["changeRate"] for row in (tea, cup)} == {None}
    assert as_dict(found.table, found.table.totals)["contribution"] is None
    assert [(one.code, one.value) for one in found.table.notes] == [
        ("COMPARED", "PREVIOUS_PERIOD"),
        ("BASELINE_INCOMPLETE", "62/366"),
    ]


async def test_the_days_before_are_taken_where_more_of_them_are_known(shop, database, principal):
    spring = SalesCriteria(first_day=date(2024, 4, 1), last_day=date(2024, 6, 30))

    found = await answer(database, principal, "GROWTH_DRIVERS", spring)

    assert [one.code for one in found.table.notes] == ["BASELINE_CHANGED", "COMPARED"]
    assert rows(found.table)[0]["changeRate"] is not None


@pytest.mark.parametrize("name", ["EMERGING_AND_FADING", "PREFERENCE_SHIFTS"])
async def test_shares_are_compared_and_say_what_is_missing(shop, database, principal, name):
    choice = {"within": D.LOCATION} if name == "PREFERENCE_SHIFTS" else {}

    found = await answer(
        database, principal, name, THIS_YEAR, baseline=Baseline.PREVIOUS_PERIOD, **choice
    )

    assert [one.code for one in found.table.notes] == ["COMPARED", "BASELINE_INCOMPLETE"]
    assert {row["trend"] for row in rows(found.table)} == {"STEADY"}


async def test_days_that_are_missing_now_are_said_as_well(shop, database, principal):
    last_year = SalesCriteria(first_day=date(2023, 1, 1), last_day=date(2023, 12, 31))

    found = await answer(database, principal, "GROWTH_DRIVERS", last_year)

    assert [(one.code, one.value) for one in found.table.notes] == [
        ("COMPARED", "YEAR_AGO"),
        ("PERIOD_INCOMPLETE", "61/365"),
    ]


async def test_regularity_and_seasons_come_from_the_longest_run(shop, database, principal):
    classes = await answer(database, principal, "ABC_XYZ")
    parts = await answer(database, principal, "SEASONAL_DECOMPOSITION")
    peaks = await answer(database, principal, "SEASONAL_PEAKS")

    assert {row["xyz"] for row in rows(classes.table)} == {"X"}
    assert rows(parts.table)[0]["month"] == "2023-11"
    for found in (classes, parts, peaks):
        assert ("RUN_CHOSEN", "2023-11") in [(one.code, one.value) for one in found.table.notes]
    assert rows(classes.table)[0]["meanUnits"] == Decimal("6.214286")


async def test_paces_are_of_the_days_in_which_sales_are_recorded(shop, database, principal):
    often = await ask(database, principal, "FREQUENCY_OF_SALE")
    grid = await ask(database, principal, "WEEKDAY_BY_HOUR")

    for row in often:
        days = Decimal(365 + 61 + 366) / row["orders"]
        assert row["daysBetween"] == pytest.approx(days, abs=Decimal("1e-6"))
    mondays = sum(
        (date(2022, 1, 1) + timedelta(days=n)).weekday() == 0
        for n in (*range(365), *range(669, 1096))
    )
    monday = next(row for row in grid if row["weekday"] == "1" and row["netSales"])
    assert monday["perDay"] == pytest.approx(monday["netSales"] / mondays, abs=Decimal("1e-6"))
