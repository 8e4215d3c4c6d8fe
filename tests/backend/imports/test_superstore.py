import json
from datetime import datetime
from decimal import Decimal

import msgspec
import polars as pl
import pytest

from backend.analytics.rules import SalesDimension as D
from backend.locations import service as locations
from backend.sales import queries
from backend.sales.filters import SalesCriteria
from tests.backend.imports.runs import run_import, summary, table
from tests.data import data_file
from tests.world import run_sql

EXACT = pl.Decimal(38, 4)
TABLES = (
    "sales",
    "sale_lines",
    "stock_movements",
    "stock_levels",
    "customers",
    "products",
    "event_log",
)


@pytest.fixture
def raw():
    frame = pl.read_csv(data_file("superstore/superstore.csv"), infer_schema=False)
    return frame.with_columns(
        pl.col("Sales", "Profit", "Quantity").cast(EXACT),
        pl.col("Order Date").str.to_date("%m/%d/%Y").alias("day"),
        pl.col("Postal Code").str.zfill(5).alias("postal"),
    )


@pytest.fixture
async def superstore(database, principal, tmp_path):
    file = data_file("superstore/superstore.csv")
    return await run_import(database, principal, file, rejects=tmp_path / "rejects.csv")


def expected(raw, *columns):
    found = raw.group_by(columns).agg(
        pl.col("Sales").sum(),
        pl.col("Profit").sum(),
        pl.col("Quantity").sum(),
        pl.col("Order ID").n_unique(),
    )
    return {row[: len(columns)]: row[len(columns) :] for row in found.iter_rows()}


def figures(measures):
    return (measures.net_sales, measures.profit, measures.units, measures.orders)


async def test_the_file_is_known_and_comes_in_whole(superstore, tmp_path):
    assert (superstore.profile, superstore.rows, superstore.lines) == ("superstore", 9994, 9994)
    assert (superstore.sales, superstore.customers, superstore.products) == (5009, 793, 1862)
    assert superstore.rejected == superstore.set_aside == superstore.returns == 0
    assert not (tmp_path / "rejects.csv").exists()


async def test_totals_are_exact_to_the_last_digit(superstore, database, principal, raw):
    _, totals = await summary(database, principal)

    assert totals.net_sales == Decimal("2297200.8603")
    assert totals.profit == raw["Profit"].sum()
    assert totals.cost == raw["Sales"].sum() - raw["Profit"].sum()
    assert (totals.units, totals.orders) == (raw["Quantity"].sum(), 5009)
    assert totals.net_sales_without_cost == totals.returns == 0
    assert totals.gross_sales - totals.discount == totals.net_sales


@pytest.mark.parametrize(
    ("dimensions", "columns"),
    [
        ((D.CATEGORY, D.MONTH), ("Category", pl.col("day").dt.strftime("%Y-%m"))),
        ((D.SUBCATEGORY, D.REGION), ("Sub-Category", "Region")),
        ((D.STATE, D.POSTAL_CODE), ("State", "postal")),
        ((D.PRODUCT,), ("Product ID",)),
        ((D.SEGMENT, D.YEAR), ("Segment", pl.col("day").dt.strftime("%Y"))),
        ((D.WEEK,), (pl.col("day").dt.strftime("%G-W%V"),)),
        ((D.DAY,), (pl.col("day").dt.strftime("%Y-%m-%d"),)),
        ((D.WEEKDAY, D.CATEGORY), (pl.col("day").dt.weekday().cast(pl.String), "Category")),
    ],
    ids=["category-month", "sub-region", "place", "product", "segment", "week", "day", "weekday"],
)
async def test_every_cut_equals_the_file(superstore, database, principal, raw, dimensions, columns):
    named = raw.with_columns(
        (pl.col(one) if isinstance(one, str) else one).alias(f"c{n}")
        for n, one in enumerate(columns)
    )

    found, _ = await summary(database, principal, *dimensions)

    wanted = expected(named, *(f"c{n}" for n in range(len(columns))))
    assert {keys: figures(one) for keys, one in found.items()} == wanted


async def test_the_best_products_within_each_state_equal_the_file(
    superstore, database, principal, raw
):
    best = (
        raw.group_by("State", "Product ID")
        .agg(pl.col("Sales").sum())
        .sort("Sales", "Product ID", descending=[True, False])
        .group_by("State", maintain_order=True)
        .head(3)
    )

    found, _ = await summary(database, principal, D.STATE, D.PRODUCT, top=3, top_within=(D.STATE,))

    wanted = {(state, sku): sales for state, sku, sales in best.iter_rows()}
    assert {keys: one.net_sales for keys, one in found.items()} == wanted


async def test_a_filter_leaves_what_the_file_has(superstore, database, principal, raw):
    criteria = SalesCriteria(
        states=frozenset({"California", "Vermont"}), categories=frozenset({"Technology"})
    )
    wanted = raw.filter(
        pl.col("State").is_in(["California", "Vermont"]) & (pl.col("Category") == "Technology")
    )

    _, totals = await summary(database, principal, criteria=criteria)

    assert totals.net_sales == wanted["Sales"].sum()
    assert totals.orders == wanted["Order ID"].n_unique()


async def test_its_places_are_ship_to_places_of_one_web_shop(superstore, database, principal):
    async with database.work(principal, read_only=True) as work:
        shops = await locations.all_locations(work)
        page = await queries.sales(work, SalesCriteria(states=frozenset({"Vermont"})), first=500)

    assert [(shop.code, shop.kind.value) for shop in shops] == [("superstore-web", "WEB_SHOP")]
    codes = {sale.ship_to.postal_code for _, sale in page.rows}
    assert codes <= {None, "05401"}
    assert all(sale.business_day == shops[0].business_day(sale.sold_at) for _, sale in page.rows)


async def test_facts_of_the_feed_equal_the_sales(superstore, database, principal):
    items = await table(
        database, principal, "select items::text from event_log where kind = 'SaleRecorded'"
    )
    facts = {fact["key"]: fact for (text,) in items for fact in json.loads(text)}

    async with database.work(principal, read_only=True) as work:
        page = await queries.sales(work, SalesCriteria(), first=300)
    assert len(facts) == 5009
    for _, sale in page.rows:
        assert normal(facts[str(sale.id)]) == normal(as_json(sale.fact()))


async def test_names_of_persons_are_nowhere_but_with_the_customers(superstore, owner_url):
    tables = await run_sql(
        owner_url,
        "select tablename from pg_tables where schemaname = 'public' and tablename <> 'pg_stat'",
    )
    for (name,) in tables:
        rows = await run_sql(
            owner_url, f'select count(*) from "{name}" t where t::text like $1', "%Claire Gute%"
        )
        assert rows[0][0] == 0, name


async def test_a_second_time_changes_nothing(superstore, database, principal):
    before = await state(database, principal)

    again = await run_import(database, principal, data_file("superstore/superstore.csv"))

    assert (again.sales, again.lines, again.movements, again.duplicates) == (0, 0, 0, 5009)
    assert await state(database, principal) == before


async def state(database, principal):
    return [
        await table(
            database,
            principal,
            f"select count(*), md5(string_agg(t::text, '' order by t::text)) from {name} t",
        )
        for name in TABLES
    ]


def as_json(fact):
    return msgspec.json.decode(msgspec.json.Encoder(decimal_format="string").encode(fact))


def normal(fact):
    """Moments as such, and decimals without their trailing zeros."""
    if isinstance(fact, dict):
        return {name: normal(value) for name, value in fact.items()}
    if isinstance(fact, list):
        return [normal(one) for one in fact]
    if not isinstance(fact, str) or not fact[:1].isdigit():
        return fact
    if fact.endswith("Z"):
        return datetime.fromisoformat(fact)
    return Decimal(fact).normalize() if fact.replace(".", "", 1).isdigit() else fact
