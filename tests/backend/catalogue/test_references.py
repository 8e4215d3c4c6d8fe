from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from backend.catalogue import service as catalogue
from backend.core.ids import new_id
from tests.world import run_sql

YEAR_AGO = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
async def tea(owner_url, org_id):
    """A product with a case code and two price periods, put there by hand."""
    ids = {name: new_id() for name in ("drinks", "hot", "tea")}
    await run_sql(
        owner_url,
        "insert into categories (org_id, id, name, parent_id)"
        " values ($1, $2, 'Drinks', null), ($1, $3, 'Hot', $2)",
        org_id, ids["drinks"], ids["hot"],
    )  # fmt: skip
    await run_sql(
        owner_url,
        "insert into products (org_id, id, sku, name, category_id, subcategory_id, reorder_point)"
        " values ($1, $2, 'TEA', 'Tea', $3, $4, 5)",
        org_id, ids["tea"], ids["drinks"], ids["hot"],
    )  # fmt: skip
    await run_sql(
        owner_url,
        "insert into product_gtins (org_id, gtin, product_id, units)"
        " values ($1, '04006381333931', $2, 12)",
        org_id, ids["tea"],
    )  # fmt: skip
    await run_sql(
        owner_url,
        "insert into product_prices (org_id, product_id, valid_from, price, cost)"
        " values ($1, $2, $3, 2, 1), ($1, $2, $4, 3, null)",
        org_id, ids["tea"], YEAR_AGO, YEAR_AGO + timedelta(days=100),
    )  # fmt: skip
    return ids["tea"]


async def test_a_sku_stands_for_a_product_with_its_two_categories(database, principal, tea):
    async with database.work(principal) as work:
        found = await catalogue.resolve_skus(work, ["TEA", "TEA", "NO\x00PE", "COFFEE"])

    assert list(found) == ["TEA"]
    product = found["TEA"]
    assert (product.id, product.category, product.subcategory) == (tea, "Drinks", "Hot")
    assert product.reorder_point == Decimal(5)


async def test_a_case_code_stands_for_its_units(database, principal, tea):
    async with database.work(principal) as work:
        found = await catalogue.resolve_gtins(work, {"04006381333931", "00000000000000"})

    assert {gtin: (one.product.sku, one.units) for gtin, one in found.items()} == {
        "04006381333931": ("TEA", Decimal(12))
    }


async def test_an_id_stands_for_its_product(database, principal, tea):
    async with database.work(principal) as work:
        found = await catalogue.products_by_id(work, [tea, new_id()])

    assert {id_: one.sku for id_, one in found.items()} == {tea: "TEA"}


async def test_a_price_is_the_one_of_its_day(database, principal, tea):
    days = [-400, 0, 99, 100, 1000]
    async with database.work(principal) as work:
        wanted = [(tea, YEAR_AGO + timedelta(days=day)) for day in days]
        found = await catalogue.prices_at(work, [*wanted, (new_id(), YEAR_AGO)])

    assert [one and (one.price, one.cost) for one in found] == [
        (2, 1),
        (2, 1),
        (2, 1),
        (3, None),
        (3, None),
        None,
    ]


async def test_nothing_asked_for_costs_no_statement(database, principal):
    async with database.work(principal) as work:
        work.rows = None

        assert await catalogue.resolve_skus(work, []) == {}
        assert await catalogue.prices_at(work, []) == []
