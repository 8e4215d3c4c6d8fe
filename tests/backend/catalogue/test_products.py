from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from backend.catalogue import service as catalogue
from backend.catalogue.events import ProductChanged
from backend.catalogue.rules import ProductStatus
from backend.catalogue.service import DistributorDraft
from tests.world import add_organisation, principal_with, run_sql

from .builders import CASE_GTIN, TEA_GTIN, gtin, numbered_gtin, product, put


@pytest.fixture
def changed(reactions):
    """The ProductChanged events of this test, in order."""
    seen = []

    async def note(work, events):
        seen.extend(events)

    reactions.on(ProductChanged, note)
    return seen


async def prices_of(owner_url):
    rows = await run_sql(owner_url, "select price, cost from product_prices order by valid_from")
    return [(row["price"], row["cost"]) for row in rows]


async def test_a_new_product_brings_its_categories_gtins_and_price(
    database, owner_url, principal, changed
):
    draft = product(
        subcategory="Hot",
        gtins=[gtin(TEA_GTIN), gtin(CASE_GTIN, 12)],
        cost=Decimal(1),
        reorder_point=Decimal(5),
        attributes={"organic": True},
    )

    [(error, detail)] = await put(database, principal, draft)

    assert error is None
    assert (detail.ref.category, detail.ref.subcategory, detail.version) == ("Drinks", "Hot", 1)
    assert await prices_of(owner_url) == [(2, 1)]
    assert set(changed[0].changed) >= {"name", "gtins", "price", "cost", "reorderPoint"}
    async with database.work(principal) as work:
        found = await catalogue.resolve_gtins(work, [TEA_GTIN, CASE_GTIN])
    assert {found[CASE_GTIN].units, found[TEA_GTIN].units} == {Decimal(12), Decimal(1)}


async def test_the_same_call_twice_changes_nothing(database, owner_url, principal, changed):
    draft = product(gtins=[gtin(TEA_GTIN)], attributes={"a": [1.5, None, {"b": "é"}]})
    first = await put(database, principal, draft)
    tables = ["products", "product_gtins", "product_prices", "categories", "event_log"]
    before = [await run_sql(owner_url, f"select * from {table}") for table in tables]

    second = await put(database, principal, draft)

    assert second == first
    assert [await run_sql(owner_url, f"select * from {table}") for table in tables] == before
    assert len(changed) == 1


async def test_what_is_left_out_stays_and_what_is_null_is_cleared(database, principal, changed):
    full = product(
        subcategory="Hot",
        gtins=[gtin(TEA_GTIN)],
        reorder_point=Decimal(5),
        attributes={"a": 1},
        cost=Decimal(1),
    )
    await put(database, principal, full)

    [(_, left_out)] = await put(database, principal, product(name="Green tea"))
    [(_, cleared)] = await put(
        database,
        principal,
        product(name="Green tea", subcategory=None, gtins=None, reorder_point=None,
                attributes=None, cost=None),
    )  # fmt: skip

    assert (left_out.ref.subcategory, left_out.ref.reorder_point) == ("Hot", 5)
    assert left_out.attributes == {"a": 1}
    assert (cleared.ref.subcategory, cleared.ref.reorder_point, cleared.attributes) == (
        None,
        None,
        {},
    )
    assert [event.changed for event in changed[1:]] == [
        ("name",),
        ("subcategory", "reorderPoint", "attributes", "gtins", "cost"),
    ]
    assert [event.version for event in changed] == [1, 2, 3]


async def test_an_event_carries_the_reorder_point_before(database, principal, changed):
    await put(database, principal, product(reorder_point=Decimal(5)))
    await put(database, principal, product(reorder_point=Decimal(8)))

    assert [(one.previous_reorder_point, one.product.reorder_point) for one in changed] == [
        (None, 5),
        (5, 8),
    ]
    assert changed[1].fact()["changed"] == ["reorderPoint"]


async def test_a_price_that_changes_opens_a_period_and_one_that_does_not_opens_none(
    database, owner_url, principal
):
    await put(database, principal, product(price=Decimal(2), cost=Decimal(1)))
    await put(database, principal, product(price=Decimal("2.00")))
    await put(database, principal, product(price=Decimal(3)))
    await put(database, principal, product(price=Decimal(3), cost=Decimal("1.5")))

    assert await prices_of(owner_url) == [(2, 1), (3, 1), (3, Decimal("1.5"))]


async def test_a_price_can_be_set_ahead_and_does_not_hold_yet(database, principal):
    now = datetime.now(UTC)
    await put(database, principal, product(price=Decimal(2)))
    ahead = product(price=Decimal(9), valid_from=now + timedelta(days=30))
    [(_, detail)] = await put(database, principal, ahead)
    await put(database, principal, ahead)

    async with database.work(principal) as work:
        days = [0, 29, 31]
        wanted = [(detail.ref.id, now + timedelta(days=day)) for day in days]
        found = await catalogue.prices_at(work, wanted)
    assert [price.price for price in found] == [2, 2, 9]


async def test_a_bad_product_is_rejected_with_a_code_and_a_field_and_the_others_stand(
    database, principal
):
    async with database.work(principal) as work:
        done = await catalogue.upsert_products(
            work, [product("A"), product("B", price=Decimal(-1)), product("C", distributor="NO")]
        )

    assert [row.error and (row.error.code, row.error.field) for row, _ in done] == [
        None,
        ("INVALID_AMOUNT", ["input", "products", "1", "price"]),
        ("UNKNOWN_DISTRIBUTOR", ["input", "products", "2", "distributor"]),
    ]
    assert [detail and detail.ref.sku for _, detail in done] == ["A", None, None]


async def test_with_all_or_nothing_one_bad_product_stops_the_good_ones(database, principal):
    done = await put(
        database, principal, product("A"), product("B", price=Decimal(-1)), all_or_nothing=True
    )

    assert [error for error, _ in done] == ["BATCH_REJECTED", "INVALID_AMOUNT"]
    async with database.work(principal) as work:
        assert await catalogue.resolve_skus(work, ["A", "B"]) == {}


async def test_a_sku_that_stands_twice_is_taken_once(database, principal):
    done = await put(database, principal, product("A"), product("A", name="Other"))

    assert [error for error, _ in done] == [None, "DUPLICATE_ROW"]
    assert done[0][1].ref.name == "Tea"


async def test_a_gtin_of_another_product_is_refused(database, principal):
    await put(database, principal, product("A", gtins=[gtin(TEA_GTIN)]))

    done = await put(
        database,
        principal,
        product("B", gtins=[gtin(TEA_GTIN)]),
        product("A", gtins=[gtin(TEA_GTIN), gtin(CASE_GTIN)]),
        product("C", gtins=[gtin(CASE_GTIN)]),
    )

    assert [error for error, _ in done] == ["DUPLICATE_GTIN", None, "DUPLICATE_GTIN"]


async def test_a_gtin_can_move_from_one_product_to_another_in_one_call(database, principal):
    await put(database, principal, product("A", gtins=[gtin(TEA_GTIN)]))

    done = await put(
        database, principal, product("B", gtins=[gtin(TEA_GTIN, 6)]), product("A", gtins=[])
    )

    assert [error for error, _ in done] == [None, None]
    async with database.work(principal) as work:
        found = await catalogue.resolve_gtins(work, [TEA_GTIN])
    assert (found[TEA_GTIN].product.sku, found[TEA_GTIN].units) == ("B", 6)


async def test_a_gtin_stays_when_the_product_that_would_give_it_up_is_refused(database, principal):
    await put(database, principal, product("A", gtins=[gtin(TEA_GTIN)]))
    await put(database, principal, product("X", gtins=[gtin(CASE_GTIN)]))

    done = await put(
        database,
        principal,
        product("B", gtins=[gtin(TEA_GTIN)]),
        product("A", gtins=[gtin(CASE_GTIN)]),
    )

    assert [error for error, _ in done] == ["DUPLICATE_GTIN", "DUPLICATE_GTIN"]


async def test_a_subcategory_does_not_follow_its_product_into_another_category(database, principal):
    await put(database, principal, product(subcategory="Hot"))

    [(_, detail)] = await put(database, principal, product(category="Food"))

    assert (detail.ref.category, detail.ref.subcategory) == ("Food", None)


async def test_categories_of_one_name_are_made_once_at_each_place(database, principal):
    await put(
        database,
        principal,
        product("A", subcategory="Other"),
        product("B", category="Food", subcategory="Other"),
        product("C", category="Other", subcategory="Drinks"),
    )

    async with database.work(principal) as work:
        found = await catalogue.list_categories(work)
    assert [(one.name, one.subcategories) for one in found] == [
        ("Drinks", ("Other",)),
        ("Food", ("Other",)),
        ("Other", ("Drinks",)),
    ]


async def test_a_product_keeps_its_distributor_until_another_is_named(database, principal):
    async with database.work(principal) as work:
        await catalogue.upsert_distributors(work, [DistributorDraft(code="D", name="Dee")])
    await put(database, principal, product(distributor="D"))
    [(_, kept)] = await put(database, principal, product(name="Other"))
    [(_, cleared)] = await put(database, principal, product(distributor=None))

    assert kept.ref.distributor_id is not None
    assert cleared.ref.distributor_id is None


async def test_products_met_in_an_import_are_provisional_until_somebody_completes_them(
    database, principal
):
    async with database.work(principal) as work:
        found = await catalogue.ensure_products(work, [product("A"), product("B"), product("A")])
        again = await catalogue.ensure_products(work, [product("A", name="Ignored")])
    [(_, completed)] = await put(database, principal, product("A"))

    assert sorted(found) == ["A", "B"]
    assert again["A"] == found["A"]
    assert completed.status is ProductStatus.ACTIVE
    assert completed.ref == found["A"]


async def test_two_organisations_can_have_the_same_sku_and_gtin(database, owner_url, principal):
    other = principal_with(await add_organisation(owner_url, "other"), *principal.scopes)
    draft = product(gtins=[gtin(TEA_GTIN)])

    [(one, mine)] = await put(database, principal, draft)
    [(two, theirs)] = await put(database, other, draft)

    assert (one, two) == (None, None)
    assert mine.ref.id != theirs.ref.id


async def test_five_hundred_products_take_as_many_statements_as_one(database, principal):
    async def statements_for(drafts):
        async with database.work(principal) as work:
            seen, rows = [], work.rows
            work.rows = lambda sql, *values: seen.append(sql) or rows(sql, *values)
            await catalogue.upsert_products(work, drafts)
        return len(seen)

    def batch(count, start):
        return [
            product(f"P{start + n}", gtins=[gtin(numbered_gtin(start + n))], category=f"C{n % 7}")
            for n in range(count)
        ]

    one = await statements_for(batch(1, 0))
    many = await statements_for(batch(500, 1))

    assert many <= one
