from datetime import date

import polars as pl
import pytest
import pytest_asyncio

from backend.analytics.presets.choices import Measure
from backend.analytics.rules import SalesDimension as D
from backend.sales.filters import SalesCriteria
from tests.backend.analytics.presets import superstore as frames
from tests.backend.analytics.presets.imported import imported_superstore
from tests.backend.analytics.presets.tables import answer, as_dict, ask, rows
from tests.backend.imports.runs import table

CUTS = {
    "SALES_BY_POSTAL_CODE": ("POSTAL_CODE",),
    "SALES_BY_STATE": ("STATE",),
    "SALES_BY_PRODUCT": ("PRODUCT",),
    "STATE_BY_POSTAL_CODE": ("STATE", "POSTAL_CODE"),
    "SALES_BY_CATEGORY": ("CATEGORY",),
    "SALES_BY_SUBCATEGORY": ("SUBCATEGORY",),
    "SALES_BY_REGION": ("REGION",),
    "SALES_BY_COUNTRY": ("COUNTRY",),
    "SALES_BY_SEGMENT": ("SEGMENT",),
}
OVER_TIME = {"SALES_OVER_TIME": (), "CATEGORY_BY_PRODUCT": ("CATEGORY", "PRODUCT")}


@pytest.fixture(scope="module")
def raw():
    return frames.read()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def superstore(databases, tmp_path_factory):
    """The file, imported once for all tests here: its database and organisation."""
    async with imported_superstore(databases, tmp_path_factory.mktemp("data")) as found:
        yield found


@pytest.fixture
def owner_url(superstore):
    return superstore.url


@pytest.fixture
def org_id(superstore):
    return superstore.org_id


def camel(name):
    first, *rest = name.lower().split("_")
    return first + "".join(map(str.capitalize, rest))


def as_cut(rows, *dimensions):
    return {
        tuple(row[camel(name)] for name in dimensions): tuple(
            row[name] for name in ("units", "orders", "netSales", "profit")
        )
        for row in rows
    }


async def test_every_cut_equals_the_file(raw, database, principal):
    for name, dimensions in CUTS.items():
        found = await ask(database, principal, name)

        assert as_cut(found, *dimensions) == frames.cut(raw, *dimensions), name


async def test_every_cut_over_time_equals_the_file(raw, database, principal):
    for name, dimensions in OVER_TIME.items():
        for grain in (D.DAY, D.WEEK, D.MONTH, D.QUARTER, D.YEAR):
            found = await ask(database, principal, name, grain=grain)

            wanted = frames.cut(raw, grain.value, *dimensions)
            assert as_cut(found, grain.value, *dimensions) == wanted, (name, grain)
            periods = [row[camel(grain.value)] for row in found]
            assert [str(one) for one in periods] == sorted(map(str, periods))


async def test_best_and_least_equal_the_file(raw, database, principal):
    for by in (D.PRODUCT, D.STATE, D.POSTAL_CODE):
        for measure, column in ((Measure.NET_SALES, "Sales"), (Measure.PROFIT, "Profit")):
            sums = raw.group_by(frames.COLUMNS[by.value]).agg(pl.col(column).sum())
            values = sums[column].sort()

            best = await ask(database, principal, "BEST_SELLERS", by=by, measure=measure)
            least = await ask(database, principal, "LEAST_SELLERS", by=by, measure=measure)

            key = camel(measure.value)
            assert [row[key] for row in best] == values.reverse().head(5).to_list()
            assert [row[key] for row in least] == values.head(5).to_list()


async def test_the_best_and_least_of_each_state_equal_the_file(raw, database, principal):
    found = await ask(database, principal, "TOP_AND_BOTTOM_WITHIN", within=D.STATE)

    sums = raw.group_by("State", "Product ID").agg(pl.col("Sales").sum())
    catalogue = set(raw["Product ID"])
    for state in set(raw["State"]):
        there = sums.filter(pl.col("State") == state)
        rows = [row for row in found if row["state"] == state]
        sides = {
            side: [row["netSales"] for row in rows if row["side"] == side]
            for side in ("TOP", "BOTTOM")
        }
        assert sides["TOP"] == there["Sales"].sort(descending=True).head(5).to_list()
        assert sides["BOTTOM"] == there["Sales"].sort().head(5).to_list()
        unsold = {row["product"] for row in rows if row["side"] == "UNSOLD"}
        assert unsold <= catalogue - set(there["Product ID"])
        assert len(unsold) == 5


async def test_contribution_and_frequency_equal_the_file(raw, database, principal):
    pareto = await ask(database, principal, "CONTRIBUTION", by=D.SUBCATEGORY)
    often = await ask(database, principal, "FREQUENCY_OF_SALE")

    sums = raw.group_by("Sub-Category").agg(pl.col("Sales").sum()).sort("Sales", descending=True)
    running = (sums["Sales"].cast(pl.Float64).cum_sum() / float(raw["Sales"].sum())).to_list()
    assert [row["subcategory"] for row in pareto] == sums["Sub-Category"].to_list()
    assert [float(row["cumulativeShare"]) for row in pareto] == pytest.approx(running, abs=1e-6)
    orders = raw.group_by("Product ID").agg(pl.col("Order ID").n_unique())
    assert {row["product"]: row["orders"] for row in often} == dict(orders.iter_rows())
    days = (raw["day"].max() - raw["day"].min()).days + 1
    assert all(
        float(row["daysBetween"]) == pytest.approx(days / row["orders"], abs=1e-6) for row in often
    )


async def test_channels_and_sale_types_equal_the_file(raw, database, principal):
    (channel,) = await ask(database, principal, "CHANNELS")
    years = await ask(database, principal, "DIRECT_AGAINST_TRACE", by=D.YEAR)

    orders, sales = raw["Order ID"].n_unique(), raw["Sales"].sum()
    assert (channel["channel"], channel["orders"], channel["netSales"]) == ("ONLINE", orders, sales)
    assert float(channel["orderValue"]) == pytest.approx(float(sales) / orders, abs=1e-6)
    assert float(channel["margin"]) == pytest.approx(
        float(raw["Profit"].sum()) / float(sales), abs=1e-6
    )
    by_year = {row["year"]: row["directNetSales"] for row in years}
    assert by_year == dict(raw.group_by("YEAR").agg(pl.col("Sales").sum()).iter_rows())
    assert {row["traceNetSales"] for row in years} == {0}


async def test_discount_bands_equal_the_file(raw, database, principal):
    found = await ask(database, principal, "DISCOUNT_BANDS")

    bands = raw.with_columns(
        (pl.col("Discount").cast(pl.Float64) * 10 - 1e-9).ceil().cast(pl.Int64).alias("band")
    ).with_columns(pl.when(pl.col("band") > 5).then(10).otherwise(pl.col("band")).alias("band"))
    wanted = {
        str(band * 10): figures
        for (band,), figures in frames.cut(bands.rename({"band": "BAND"}), "BAND").items()
    }
    assert {
        row["discountBand"]: tuple(row[name] for name in ("units", "orders", "netSales", "profit"))
        for row in found
    } == wanted
    profits = [row["profit"] for row in found]
    assert profits[0] > 0 > profits[-1]


async def test_the_break_even_discount_is_where_the_profit_is_nothing(raw, database, principal):
    found = await ask(database, principal, "BREAK_EVEN_DISCOUNT", by=D.SUBCATEGORY)

    gross = pl.col("Sales").cast(pl.Float64) / (1 - pl.col("Discount").cast(pl.Float64))
    cost = (pl.col("Sales") - pl.col("Profit")).cast(pl.Float64)
    wanted = raw.group_by("Sub-Category").agg(1 - cost.sum() / gross.sum())
    assert {row["subcategory"]: float(row["breakEven"]) for row in found} == pytest.approx(
        dict(wanted.iter_rows()), abs=1e-5
    )


async def test_profit_and_customers_equal_the_file(raw, database, principal):
    items = await ask(database, principal, "PROFIT_BY_ITEM")
    customers = await ask(database, principal, "CUSTOMERS_BY_VALUE", top=1000)

    profit = raw.group_by("Product ID").agg(pl.col("Profit").sum())
    assert {row["product"]: row["profit"] for row in items} == dict(profit.iter_rows())
    values = raw.group_by("Customer ID").agg(pl.col("Sales").sum())["Sales"]
    assert [row["netSales"] for row in customers] == values.sort(descending=True).to_list()
    assert len(customers) == 793


async def test_growth_equals_the_file(raw, database, principal):
    months = await ask(database, principal, "GROWTH")
    years = await answer(database, principal, "GROWTH", grain=D.YEAR)

    sums = dict(raw.group_by("MONTH").agg(pl.col("Sales").sum()).iter_rows())
    ids = sorted(sums)
    assert [(row["month"], row["netSales"]) for row in months] == [(one, sums[one]) for one in ids]
    for n, row in enumerate(months):
        if n:
            assert row["previous"] == sums[ids[n - 1]]
            change = float(sums[ids[n]]) / float(sums[ids[n - 1]]) - 1
            assert float(row["change"]) == pytest.approx(change, abs=1e-6)
        if n >= 12:
            change = float(sums[ids[n]]) / float(sums[ids[n - 12]]) - 1
            assert float(row["yearChange"]) == pytest.approx(change, abs=1e-6)
    by_year = [
        float(one) for one in raw.group_by("YEAR").agg(pl.col("Sales").sum()).sort("YEAR")["Sales"]
    ]
    total = as_dict(years.table, years.table.totals)
    assert float(total["annualGrowth"]) == pytest.approx(
        (by_year[-1] / by_year[0]) ** (1 / 3) - 1, abs=1e-3
    )


async def test_what_growth_comes_from_adds_up(raw, database, principal):
    found = await answer(database, principal, "GROWTH_DRIVERS", Y2019, by=D.SUBCATEGORY)

    before = raw.filter(pl.col("day").is_between(date(2018, 1, 2), date(2019, 1, 1)))
    now = raw.filter(pl.col("YEAR") == "2019")
    sums = [
        dict(one.group_by("Sub-Category").agg(pl.col("Sales").sum()).iter_rows())
        for one in (before, now)
    ]
    shown = {row["subcategory"]: (row["before"], row["now"]) for row in rows(found.table)}
    assert shown == {name: (sums[0][name], sums[1][name]) for name in sums[1]}
    total = as_dict(found.table, found.table.totals)
    assert (total["before"], total["now"]) == (before["Sales"].sum(), now["Sales"].sum())
    added = sum(row["contribution"] for row in rows(found.table))
    assert float(added) == pytest.approx(float(total["changeRate"]), abs=1e-4)


async def test_trend_and_season_equal_a_decomposition_made_with_polars(raw, database, principal):
    found = await ask(database, principal, "SEASONAL_DECOMPOSITION")

    months = raw.group_by("MONTH").agg(pl.col("Sales").sum().cast(pl.Float64)).sort("MONTH")
    weights = [0.5, *[1.0] * 11, 0.5]
    trend = months.with_columns(
        (pl.col("Sales").rolling_mean(13, weights=weights, center=True)).alias("trend")
    ).with_columns(
        (pl.col("Sales") / pl.col("trend")).alias("ratio"),
        pl.col("MONTH").str.slice(5).alias("season"),
    )
    pattern = trend.group_by("season").agg(pl.col("ratio").mean()).sort("season")
    factors = (pattern["ratio"] / pattern["ratio"].mean()).to_list()
    assert [float(row["trend"]) for row in found if row["trend"] is not None] == pytest.approx(
        trend["trend"].drop_nulls().to_list(), abs=1e-4
    )
    assert [float(row["seasonal"]) for row in found[:12]] == pytest.approx(factors, abs=1e-6)
    assert factors.index(max(factors)) in (8, 10, 11)


async def test_peaks_equal_indices_made_with_polars(raw, database, principal):
    found = await ask(database, principal, "SEASONAL_PEAKS", grain=D.QUARTER)

    for (category,), sold in raw.group_by("Category"):
        index, strength = _quarterly(sold)
        shown = [row for row in found if row["category"] == category]
        assert [row["seasonName"] for row in shown] == ["Q1", "Q2", "Q3", "Q4"]
        assert [float(row["index"]) for row in shown] == pytest.approx(index, abs=1e-6)
        assert [float(row["strength"]) for row in shown] == pytest.approx([strength] * 4, abs=1e-6)
        marks = {max(index): "PEAK", min(index): "LOW"}
        assert [row["peak"] for row in shown] == [marks.get(one) for one in index]


def _quarterly(sold):
    """Return the seasonal index of each quarter and the strength of the season."""
    ratio, trend = pl.col("ratio"), pl.col("trend")
    weights = [0.5, 1.0, 1.0, 1.0, 0.5]
    quarters = (
        sold.group_by("QUARTER").agg(pl.col("Sales").sum().cast(pl.Float64)).sort("QUARTER")
        .with_columns(pl.col("Sales").rolling_mean(5, weights=weights, center=True).alias("trend"))
        .with_columns((pl.col("Sales") / trend).alias("ratio"))
        .with_columns(ratio.mean().over(pl.col("QUARTER").str.slice(5)).alias("mean"))
    )  # fmt: skip
    index = quarters["mean"][:4] / quarters["mean"][:4].mean()
    known = quarters.with_columns(pl.Series("season", index.to_list() * 4)).drop_nulls(["trend"])
    rest = (known["ratio"] / known["season"]).var(ddof=0)
    return index.to_list(), max(0, 1 - rest / known["ratio"].var(ddof=0))


async def test_the_heat_map_has_every_hour_and_equals_the_file(raw, database, principal):
    found = await ask(database, principal, "WEEKDAY_BY_HOUR")

    sums = raw.group_by(pl.col("day").dt.weekday()).agg(pl.col("Sales").sum())
    shown = {}
    for row in found:
        shown[int(row["weekday"])] = shown.get(int(row["weekday"]), 0) + row["netSales"]
    assert len(found) == 7 * 24
    assert shown == dict(sums.iter_rows())
    days = pl.date_range(raw["day"].min(), raw["day"].max(), eager=True)
    mondays = days.dt.weekday().to_list().count(1)
    monday = next(row for row in found if row["weekday"] == "1" and row["netSales"])
    assert float(monday["perDay"]) == pytest.approx(float(monday["netSales"]) / mondays, abs=1e-6)


async def test_shares_before_and_now_equal_the_file(raw, database, principal):
    products = await ask(
        database, principal, "EMERGING_AND_FADING", Y2019, by=D.SUBCATEGORY, top=100
    )
    shifts = await ask(database, principal, "PREFERENCE_SHIFTS", Y2019)
    seasons = await ask(database, principal, "PREFERENCES_BY_SEASON")

    before = raw.filter(pl.col("day").is_between(date(2018, 1, 2), date(2019, 1, 1)))
    now = raw.filter(pl.col("YEAR") == "2019")
    counted = [frames.cut(one, "SUBCATEGORY") for one in (before, now)]
    assert {(row["subcategory"],): (row["ordersBefore"], row["ordersNow"]) for row in products} == {
        key: (counted[0][key][1], counted[1][key][1]) for key in counted[1]
    }
    within = [frames.cut(one, "SEGMENT", "CATEGORY") for one in (before, now)]
    wholes = frames.cut(now, "SEGMENT")
    for row in shifts:
        key = (row["segment"], row["category"])
        assert (row["ordersBefore"], row["ordersNow"]) == (within[0][key][1], within[1][key][1])
        share = within[1][key][1] / wholes[(row["segment"],)][1]
        assert float(row["shareNow"]) == pytest.approx(share, abs=1e-6)
    quarters = raw.with_columns(pl.col("QUARTER").str.slice(5).alias("Q"))
    by_season = frames.cut(quarters, "Q", "CATEGORY")
    assert {(row["season"], row["category"]): row["ordersNow"] for row in seasons} == {
        key: one[1] for key, one in by_season.items()
    }


async def test_baskets_and_what_goes_along_equal_the_file(raw, database, principal):
    (web,) = await ask(database, principal, "BASKET_SIZE")
    phones = SalesCriteria(subcategories=frozenset({"Phones"}))
    found = await ask(database, principal, "ATTACH_RATE", phones, by=D.SUBCATEGORY)
    alone = await ask(database, principal, "ATTACH_RATE", by=D.CATEGORY)

    orders = raw["Order ID"].n_unique()
    kinds = raw.select("Order ID", "Product ID").unique().height
    assert float(web["productsPerOrder"]) == pytest.approx(kinds / orders, abs=1e-6)
    assert float(web["unitsPerOrder"]) == pytest.approx(
        float(raw["Quantity"].sum()) / orders, abs=1e-6
    )
    with_phone = set(raw.filter(pl.col("Sub-Category") == "Phones")["Order ID"])
    others = raw.filter(
        pl.col("Order ID").is_in(list(with_phone)) & (pl.col("Sub-Category") != "Phones")
    )
    wanted = others.group_by("Sub-Category").agg(pl.col("Order ID").n_unique())
    assert {row["subcategory"]: row["attached"] for row in found} == dict(wanted.iter_rows())
    usual = {key[0]: one[1] / orders for key, one in frames.cut(raw, "SUBCATEGORY").items()}
    for row in found:
        rate = row["attached"] / len(with_phone)
        assert float(row["attachRate"]) == pytest.approx(rate, abs=1e-6)
        assert float(row["lift"]) == pytest.approx(rate / usual[row["subcategory"]], rel=1e-4)
    assert {row["category"]: row["attached"] for row in alone} == {
        key[0]: one[1] for key, one in frames.cut(raw, "CATEGORY").items()
    }


async def test_classes_equal_the_file(raw, database, principal):
    found = await ask(database, principal, "ABC_XYZ", by=D.SUBCATEGORY)

    sums = raw.group_by("Sub-Category").agg(pl.col("Sales").sum().cast(pl.Float64))
    sums = sums.sort("Sales", descending=True).with_columns(
        ((pl.col("Sales").cum_sum() - pl.col("Sales")) / pl.col("Sales").sum()).alias("before")
    )
    abc = {
        name: "A" if before < 0.8 else "B" if before < 0.95 else "C"
        for name, _, before in sums.iter_rows()
    }
    months = raw.group_by("Sub-Category", "MONTH").agg(pl.col("Quantity").sum().cast(pl.Float64))
    grid = raw.select("Sub-Category").unique().join(raw.select("MONTH").unique(), how="cross")
    spread = (
        grid.join(months, on=["Sub-Category", "MONTH"], how="left")
        .fill_null(0.0)
        .group_by("Sub-Category")
        .agg((pl.col("Quantity").std(ddof=0) / pl.col("Quantity").mean()).alias("variation"))
    )
    variations = dict(spread.iter_rows())
    assert {row["subcategory"]: row["abc"] for row in found} == abc
    for row in found:
        variation = variations[row["subcategory"]]
        assert float(row["variation"]) == pytest.approx(variation, abs=1e-5)
        assert row["xyz"] == ("X" if variation <= 0.5 else "Y" if variation <= 1 else "Z")
        assert row["abcXyz"] == row["abc"] + row["xyz"]


async def test_classes_have_the_members_and_the_value_of_the_file(raw, database, principal):
    each = await ask(database, principal, "ABC_XYZ", by=D.SUBCATEGORY)
    found = await ask(database, principal, "ABC_XYZ_CLASSES", by=D.SUBCATEGORY)

    sold = dict(raw.group_by("Sub-Category").agg(pl.col("Sales").sum()).iter_rows())
    assert [row["abcXyz"] for row in found] == [
        abc + xyz for abc in ("A", "B", "C") for xyz in ("X", "Y", "Z")
    ]
    assert sum(row["members"] for row in found) == len(sold)
    for row in found:
        members = [one["subcategory"] for one in each if one["abcXyz"] == row["abcXyz"]]
        assert row["members"] == len(members)
        assert row["netSales"] == sum(sold[name] for name in members)
        assert float(row["valueShare"]) == pytest.approx(
            float(row["netSales"] / sum(sold.values())), abs=1e-6
        )


async def test_sell_through_of_the_imported_ledger_equals_the_file(raw, database, principal):
    found = await ask(database, principal, "SELL_THROUGH", Y2019, by=D.CATEGORY)
    stocked = await table(
        database,
        principal,
        "select c.name, sum(m.quantity) from stock_movements m join products p on p.id ="
        " m.product_id join categories c on c.id = p.category_id group by 1",
    )

    sold = raw.filter(pl.col("YEAR") == "2019").group_by("Category").agg(pl.col("Quantity").sum())
    assert {row["category"]: row["unitsSold"] for row in found} == dict(sold.iter_rows())
    assert {row["category"]: row["onHand"] for row in found} == dict(stocked)


Y2019 = SalesCriteria(first_day=date(2019, 1, 1), last_day=date(2019, 12, 31))
