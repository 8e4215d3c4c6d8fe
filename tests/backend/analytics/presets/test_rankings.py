from decimal import Decimal
from typing import Any

import pytest

from backend.analytics.presets.choices import Measure
from backend.analytics.rules import SalesDimension as D
from backend.sales.filters import SalesCriteria
from tests.backend.analytics import brute
from tests.backend.analytics.presets.tables import answer, as_dict, ask, rows
from tests.world import run_sql


@pytest.fixture
async def lines(owner_url, org_id):
    """Random sales of eight products of two categories, and a ninth and tenth nobody bought."""
    found = await brute.fill(owner_url, org_id, sales=120)
    for sku, status in (("Dusty", "ACTIVE"), ("Gone", "ARCHIVED")):
        await run_sql(
            owner_url,
            "insert into products (org_id, id, sku, name, category_id, status)"
            " select org_id, gen_random_uuid(), $1, $1, id, $2 from categories where name = 'Toys'",
            sku,
            status,
        )
    return found


def ranked(lines, *names, measure: int = 3) -> list[tuple[Any, Any]]:
    groups, _ = brute.summarise(lines, names)
    return sorted(groups.items(), key=lambda one: (-one[1][measure], one[0]))


async def test_the_best_come_first_with_their_rank(lines, database, principal):
    found = await ask(database, principal, "BEST_SELLERS", measure=Measure.UNITS, top=3)

    wanted = [
        (n, keys[0], one[0]) for n, (keys, one) in enumerate(ranked(lines, "PRODUCT", measure=0), 1)
    ]
    assert [(row["rank"], row["product"], row["units"]) for row in found] == wanted[:3]


async def test_the_least_include_what_nobody_bought(lines, database, principal):
    found = await ask(database, principal, "LEAST_SELLERS", top=3)

    worst = [(keys[0], one[3]) for keys, one in reversed(ranked(lines, "PRODUCT"))]
    assert [(row["product"], row["netSales"]) for row in found] == sorted(
        [("Dusty", Decimal()), *worst], key=lambda one: one[1]
    )[:3]


@pytest.mark.parametrize("criteria", [{"categories": ["Food"]}, {"skus": ["Dolls-0"]}], ids=str)
async def test_what_the_filter_leaves_out_is_not_unsold(lines, database, principal, criteria):
    chosen: Any = {name: frozenset(value) for name, value in criteria.items()}

    found = await ask(database, principal, "LEAST_SELLERS", SalesCriteria(**chosen), top=50)

    assert "Dusty" not in {row["product"] for row in found}


async def test_every_place_has_its_best_its_least_and_what_it_never_sold(
    lines, database, principal
):
    found = await ask(
        database, principal, "TOP_AND_BOTTOM_WITHIN", within=D.POSTAL_CODE, by=D.PRODUCT, top=2
    )

    for place in {line["POSTAL_CODE"] for line in lines}:
        there = [line for line in lines if line["POSTAL_CODE"] == place]
        best = [keys[0] for keys, _ in ranked(there, "PRODUCT")]
        never = [keys[0] for keys, _ in ranked(lines, "PRODUCT") if keys[0] not in best]
        rows = [row for row in found if row["postalCode"] == place]
        by_side = {side: [r["product"] for r in rows if r["side"] == side] for side in SIDES}
        assert by_side == {
            "TOP": best[:2],
            "BOTTOM": [
                keys[0]
                for keys, _ in sorted(
                    ((keys, one) for keys, one in ranked(there, "PRODUCT")),
                    key=lambda one: (one[1][3], one[0]),
                )
            ][:2],
            "UNSOLD": [*never, "Dusty"][:2],
        }


async def test_shares_run_up_to_one(lines, database, principal):
    found = await answer(database, principal, "CONTRIBUTION", by=D.CATEGORY)

    shown, totals = rows(found.table), as_dict(found.table, found.table.totals)
    _, total = brute.summarise(lines, ())
    assert shown[-1]["cumulativeShare"] == 1
    assert totals["netSales"] == total[3]
    values = [row["netSales"] for row in shown]
    assert values == sorted(values, reverse=True)


async def test_how_often_counts_orders_over_the_days_of_the_sales(lines, database, principal):
    found = await answer(database, principal, "FREQUENCY_OF_SALE", by=D.CATEGORY)

    days = (max(line["day"] for line in lines) - min(line["day"] for line in lines)).days + 1
    groups, _ = brute.summarise(lines, ("CATEGORY",))
    for cells in rows(found.table):
        orders = groups[(cells["category"],)][7]
        assert cells["orders"] == orders
        assert float(cells["ordersPerWeek"]) == pytest.approx(orders * 7 / days, abs=1e-6)
        assert float(cells["daysBetween"]) == pytest.approx(days / orders, abs=1e-6)


SIDES = ("TOP", "BOTTOM", "UNSOLD")


async def test_each_distributor_shows_its_largest_products(lines, database, principal):
    found = await answer(database, principal, "DISTRIBUTOR_BY_PRODUCT", top=2)

    shown = [(row["distributor"], row["product"]) for row in rows(found.table)]
    for one in {line["DISTRIBUTOR"] for line in lines}:
        theirs = [line for line in lines if line["DISTRIBUTOR"] == one]
        best = [keys[0] for keys, _ in ranked(theirs, "PRODUCT")[:2]]
        assert [product for distributor, product in shown if distributor == one] == best
    totals = as_dict(found.table, found.table.totals)
    assert totals["netSales"] == brute.summarise(lines, ())[1][3]
