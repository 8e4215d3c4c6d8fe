import json
from decimal import Decimal

import pytest

from backend.catalogue import service as catalogue
from backend.catalogue.events import ProductChanged as ProductChangedEvent
from backend.catalogue.graphql import ProductChanged
from backend.catalogue.service import DistributorDraft
from backend.identity.authentication import Identity
from tests.backend.statements import counted

from .builders import TEA_GTIN, gtin, numbered_gtin, product, put

UPSERT = """
mutation($input: UpsertProductsInput!) {
  upsertProducts(input: $input) {
    acceptedCount rejectedCount
    results { sku status product { sku version } userErrors { code field message } }
  }
}
"""
EVERYTHING = """
query($first: Int! = 50, $after: Cursor, $filter: ProductFilter, $sort: ProductSort) {
  products(first: $first, after: $after, filter: $filter, sort: $sort) {
    nodes {
      sku name category subcategory status price cost reorderPoint attributes updatedAt version
      gtins { gtin units } distributor { code name }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
SKUS = """
query($filter: ProductFilter, $sort: ProductSort) {
  products(filter: $filter, sort: $sort) { nodes { sku } }
}
"""


def sent(sku="TEA", **given):
    return {"sku": sku, "name": "Tea", "category": "Drinks", "price": "2"} | given


@pytest.fixture
async def stocked(app, principal):
    """Products A1, A2, B1 of two categories, one with everything."""
    database = app.state.services[Identity].database
    drafts = [
        product("A1", name="Earl Grey", subcategory="Hot", cost=Decimal("1.5"), distributor="D",
                gtins=[gtin(TEA_GTIN)], reorder_point=Decimal(3), attributes={"organic": True}),
        product("A2", name="Assam 50%"),
        product("B1", name="bread_roll", category="Food"),
    ]  # fmt: skip
    async with database.work(principal) as work:
        await catalogue.upsert_distributors(work, [DistributorDraft(code="D", name="Dee")])
        await catalogue.upsert_products(work, drafts)
    return database


async def test_products_sent_come_back_as_sent(graphql):
    first = await graphql(UPSERT, {"input": {"products": [sent(), sent("X", price="-1")]}})
    payload = first["data"]["upsertProducts"]

    assert (payload["acceptedCount"], payload["rejectedCount"]) == (1, 1)
    assert payload["results"][0] == {
        "sku": "TEA",
        "status": "ACCEPTED",
        "product": {"sku": "TEA", "version": 1},
        "userErrors": [],
    }
    [error] = payload["results"][1]["userErrors"]
    assert (error["code"], error["field"]) == (
        "INVALID_AMOUNT",
        ["input", "products", "1", "price"],
    )


async def test_null_clears_what_leaving_out_keeps(graphql):
    full = sent(reorderPoint="5", attributes={"a": 1}, gtins=[{"gtin": TEA_GTIN}])
    await graphql(UPSERT, {"input": {"products": [full]}})
    await graphql(UPSERT, {"input": {"products": [sent(attributes=None, status=None)]}})

    answer = await graphql(EVERYTHING)

    [node] = answer["data"]["products"]["nodes"]
    assert (node["reorderPoint"], node["attributes"], node["status"]) == ("5", {}, "ACTIVE")
    assert node["gtins"] == [{"gtin": TEA_GTIN, "units": "1"}]


async def test_six_hundred_products_in_one_call_are_refused(graphql):
    answer = await graphql(UPSERT, {"input": {"products": [sent(f"P{n}") for n in range(600)]}})

    assert answer["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"


async def test_a_product_shows_everything_known_of_it(graphql, stocked):
    answer = await graphql("""{ product(sku: "A1") {
      sku name category subcategory status price cost reorderPoint attributes version
      gtins { gtin units } distributor { code name } } }""")

    assert answer["data"]["product"] == {
        "sku": "A1",
        "name": "Earl Grey",
        "category": "Drinks",
        "subcategory": "Hot",
        "status": "ACTIVE",
        "price": "2",
        "cost": "1.5",
        "reorderPoint": "3",
        "attributes": {"organic": True},
        "version": 1,
        "gtins": [{"gtin": TEA_GTIN, "units": "1"}],
        "distributor": {"code": "D", "name": "Dee"},
    }
    assert (await graphql('{ product(sku: "NO") { sku } }'))["data"]["product"] is None


async def test_cost_is_hidden_from_those_who_may_not_analyse(graphql, stocked):
    query = '{ product(sku: "A1") { price cost } }'

    hidden = await graphql(query, None, "catalogue:read")
    shown = await graphql(query, None, "catalogue:read", "analytics:read")

    assert hidden["data"]["product"] == {"price": "2", "cost": None}
    assert shown["data"]["product"] == {"price": "2", "cost": "1.5"}


async def test_the_catalogue_asks_for_its_scopes(graphql):
    for query in (
        "{ products { nodes { sku } } }",
        "{ categories { name } }",
        "{ distributors { nodes { code } } }",
        "{ promotions { nodes { code } } }",
    ):
        answer = await graphql(query, None, "stock:read")
        assert answer["errors"][0]["extensions"]["code"] == "MISSING_SCOPE", query
    answer = await graphql(UPSERT, {"input": {"products": [sent()]}}, "catalogue:read")
    assert answer["errors"][0]["extensions"]["code"] == "MISSING_SCOPE"


async def test_products_are_found_by_each_filter(graphql, stocked):
    cases = [
        ({"skus": ["A2", "B1", "NO"]}, ["A2", "B1"]),
        ({"search": "a"}, ["A1", "A2", "B1"]),
        ({"search": "EARL"}, ["A1"]),
        ({"search": "50%"}, ["A2"]),
        ({"search": "d_r"}, ["B1"]),
        ({"categories": ["Drinks"]}, ["A1", "A2"]),
        ({"subcategories": ["Hot"]}, ["A1"]),
        ({"distributors": ["D"]}, ["A1"]),
        ({"statuses": ["ARCHIVED"]}, []),
        ({"gtin": "4006381333931"}, ["A1"]),
        ({"skus": []}, []),
    ]
    for given, skus in cases:
        answer = await graphql(SKUS, {"filter": given})
        assert [node["sku"] for node in answer["data"]["products"]["nodes"]] == skus, given


async def test_a_gtin_that_is_none_is_refused_with_its_field(graphql):
    answer = await graphql(SKUS, {"filter": {"gtin": "123"}})

    extensions = answer["errors"][0]["extensions"]
    assert (extensions["code"], extensions["field"]) == ("INVALID_GTIN", ["filter", "gtin"])


async def test_products_are_sorted_and_paged_either_way(graphql, stocked):
    for by, direction, skus in [
        ("SKU", "ASC", ["A1", "A2", "B1"]),
        ("SKU", "DESC", ["B1", "A2", "A1"]),
        ("NAME", "ASC", ["A2", "A1", "B1"]),
        ("UPDATED_AT", "DESC", None),
    ]:
        seen, after = [], None
        while True:
            page = await graphql(
                EVERYTHING,
                {"first": 1, "after": after, "sort": {"by": by, "direction": direction}},
            )
            connection = page["data"]["products"]
            seen += [node["sku"] for node in connection["nodes"]]
            after = connection["pageInfo"]["endCursor"]
            if not connection["pageInfo"]["hasNextPage"]:
                break
        assert seen == skus if skus else sorted(seen) == ["A1", "A2", "B1"]


async def test_a_list_takes_as_many_statements_for_200_products_as_for_two(app, graphql, principal):
    database = app.state.services[Identity].database
    async with database.work(principal) as work:
        suppliers = [DistributorDraft(code=f"D{n}", name="Dee") for n in range(9)]
        await catalogue.upsert_distributors(work, suppliers)
        await catalogue.upsert_products(
            work,
            [
                product(f"P{n:03}", gtins=[gtin(numbered_gtin(n))], distributor=f"D{n % 9}")
                for n in range(200)
            ],
        )

    with counted(app) as few:
        await graphql(EVERYTHING, {"first": 2})
    with counted(app) as many:
        answer = await graphql(EVERYTHING, {"first": 200})

    assert len(answer["data"]["products"]["nodes"]) == 200
    assert 0 < len(many) <= len(few), many


async def test_promotions_name_what_they_concern_and_are_found_by_it(graphql, stocked):
    location = {"code": "S1", "name": "One", "kind": "STORE"}
    await graphql(
        """mutation($input: UpsertLocationsInput!) {
             upsertLocations(input: $input) { acceptedCount } }""",
        {"input": {"locations": [location]}},
    )
    everything = {
        "code": "ALL", "name": "Everything", "startsOn": "2027-01-01", "endsOn": "2027-01-31",
        "discountRate": "0.1",
    }  # fmt: skip
    some = everything | {
        "code": "SOME", "startsOn": "2027-02-01", "endsOn": "2027-02-10", "skus": ["A1"],
        "locations": ["S1"],
    }  # fmt: skip
    bad = everything | {"code": "BAD", "skus": ["A1", "NO"]}
    made = await graphql(
        """mutation($input: UpsertPromotionsInput!) { upsertPromotions(input: $input) {
             acceptedCount results { code promotion { version } userErrors { code field } } } }""",
        {"input": {"promotions": [everything, some, bad]}},
    )
    results = made["data"]["upsertPromotions"]["results"]
    assert results[2]["userErrors"] == [
        {"code": "UNKNOWN_PRODUCT", "field": ["input", "promotions", "2", "skus", "1"]}
    ]

    query = """query($filter: PromotionFilter) { promotions(filter: $filter) { nodes {
      code discountRate products { sku } locations { code city } } } }"""
    answer = await graphql(query)
    assert answer["data"]["promotions"]["nodes"] == [
        {"code": "ALL", "discountRate": "0.1", "products": [], "locations": []},
        {
            "code": "SOME",
            "discountRate": "0.1",
            "products": [{"sku": "A1"}],
            "locations": [{"code": "S1", "city": None}],
        },
    ]
    for given, codes in [
        ({"from": "2027-02-01"}, ["SOME"]),
        ({"to": "2027-01-31"}, ["ALL"]),
        ({"from": "2027-01-31", "to": "2027-02-01"}, ["ALL", "SOME"]),
        ({"skus": ["A1"]}, ["ALL", "SOME"]),
        ({"skus": ["A2"]}, ["ALL"]),
        ({"locations": ["S1"]}, ["ALL", "SOME"]),
        ({"locations": ["NO"]}, ["ALL"]),
    ]:
        answer = await graphql(query, {"filter": given})
        found = [node["code"] for node in answer["data"]["promotions"]["nodes"]]
        assert found == codes, given


async def test_a_promotion_sent_twice_stays_at_its_version(graphql, stocked):
    one = {
        "code": "ALL", "name": "Everything", "startsOn": "2027-01-01", "endsOn": "2027-01-31",
        "discountRate": "0.10", "skus": ["A2", "A1"],
    }  # fmt: skip
    query = """mutation($input: UpsertPromotionsInput!) { upsertPromotions(input: $input) {
      results { promotion { version products { sku } } } } }"""

    first = await graphql(query, {"input": {"promotions": [one]}})
    second = await graphql(query, {"input": {"promotions": [one]}})
    left_out = await graphql(
        query,
        {
            "input": {
                "promotions": [{k: v for k, v in one.items() if k != "skus"} | {"name": "All"}]
            }
        },
    )

    assert first == second
    [result] = left_out["data"]["upsertPromotions"]["results"]
    assert result["promotion"]["version"] == 2
    assert len(result["promotion"]["products"]) == 2


async def test_distributors_have_a_place_and_are_listed_by_code(graphql):
    query = """mutation($input: UpsertDistributorsInput!) { upsertDistributors(input: $input) {
      results { status distributor { version latitude } userErrors { code field } } } }"""
    good = {"code": "D2", "name": "Dee", "latitude": 41.9, "longitude": -87.6, "city": "Chicago"}
    answer = await graphql(
        query,
        {"input": {"distributors": [good, {"code": "D1", "name": "One", "latitude": 91}]}},
    )
    again = await graphql(query, {"input": {"distributors": [{"code": "D2", "name": "Dee"}]}})

    results = answer["data"]["upsertDistributors"]["results"]
    assert results[1]["userErrors"] == [
        {"code": "INVALID_COORDINATES", "field": ["input", "distributors", "1", "latitude"]}
    ]
    [same] = again["data"]["upsertDistributors"]["results"]
    assert same["distributor"] == {"version": 1, "latitude": 41.9}
    listed = await graphql("{ distributors { nodes { code city country } } }")
    assert listed["data"]["distributors"]["nodes"] == [
        {"code": "D2", "city": "Chicago", "country": None}
    ]


async def test_categories_come_with_their_second_level(graphql, stocked):
    answer = await graphql("{ categories { name subcategories } }")

    assert answer["data"]["categories"] == [
        {"name": "Drinks", "subcategories": ["Hot"]},
        {"name": "Food", "subcategories": []},
    ]


async def test_what_happened_is_told_with_the_names_of_then(database, principal, reactions):
    facts = []

    async def note(work, events):
        facts.extend(event.fact() for event in events)

    reactions.on(ProductChangedEvent, note)
    await put(database, principal, product(subcategory="Hot"))
    await put(database, principal, product(name="Green tea", subcategory="Hot"))

    told = [ProductChanged.from_fact(fact) for fact in facts]

    assert [(one.product.name, one.product.subcategory) for one in told] == [
        ("Tea", "Hot"),
        ("Green tea", "Hot"),
    ]
    assert told[1].changed == ["name"]


@pytest.mark.parametrize(
    "variables",
    [
        {"filter": {"search": "\x00"}},
        {"filter": {"skus": ["\ud800"]}},
        {"filter": {"categories": ["\x00"]}},
        {"after": "l1.AAAA"},
        {"after": "x" * 5000},
        {"first": 501},
        {"first": -1},
        {"first": 2**40},
    ],
    ids=str,
)
async def test_a_list_asked_for_nonsense_says_so_with_a_code(client, token, variables):
    # Written here: half a surrogate pair is nothing a client library would send.
    body = json.dumps({"query": EVERYTHING, "variables": variables}).encode()
    headers = {"Authorization": f"Bearer {await token()}", "Content-Type": "application/json"}

    answer = (await client.post("/graphql", content=body, headers=headers)).json()

    assert answer["errors"][0]["extensions"]["code"] != "INTERNAL"
    assert answer["errors"][0]["extensions"]["code"]
