import polars as pl
import pytest

from backend.analytics.presets.choices import Measure
from backend.analytics.rules import SalesDimension as D
from tests.backend.analytics.presets import superstore as frames
from tests.backend.analytics.presets.tables import ask
from tests.backend.imports.runs import run_import
from tests.data import data_file

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


@pytest.fixture
def raw():
    return frames.read()


@pytest.fixture
async def superstore(database, principal):
    await run_import(database, principal, data_file("superstore/superstore.csv"))


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


async def test_every_cut_equals_the_file(raw, superstore, database, principal):
    for name, dimensions in CUTS.items():
        found = await ask(database, principal, name)

        assert as_cut(found, *dimensions) == frames.cut(raw, *dimensions), name


async def test_every_cut_over_time_equals_the_file(raw, superstore, database, principal):
    for name, dimensions in OVER_TIME.items():
        for grain in (D.DAY, D.WEEK, D.MONTH, D.QUARTER, D.YEAR):
            found = await ask(database, principal, name, grain=grain)

            wanted = frames.cut(raw, grain.value, *dimensions)
            assert as_cut(found, grain.value, *dimensions) == wanted, (name, grain)
            periods = [row[camel(grain.value)] for row in found]
            assert [str(one) for one in periods] == sorted(map(str, periods))


async def test_best_and_least_equal_the_file(raw, superstore, database, principal):
    for by in (D.PRODUCT, D.STATE, D.POSTAL_CODE):
        for measure, column in ((Measure.NET_SALES, "Sales"), (Measure.PROFIT, "Profit")):
            sums = raw.group_by(frames.COLUMNS[by.value]).agg(pl.col(column).sum())
            values = sums[column].sort()

            best = await ask(database, principal, "BEST_SELLERS", by=by, measure=measure)
            least = await ask(database, principal, "LEAST_SELLERS", by=by, measure=measure)

            key = camel(measure.value)
            assert [row[key] for row in best] == values.reverse().head(5).to_list()
            assert [row[key] for row in least] == values.head(5).to_list()


async def test_the_best_and_least_of_each_state_equal_the_file(
    raw, superstore, database, principal
):
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


async def test_contribution_and_frequency_equal_the_file(raw, superstore, database, principal):
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
