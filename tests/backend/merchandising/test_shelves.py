from base64 import b64encode

import pytest

from tests.backend.merchandising.asking import (
    FACINGS,
    IMPORT,
    SHELVES,
    SIZES,
    UPSERT,
    ask,
    board,
    code_of,
    put,
    shelf,
    shop_with_shelf,
)
from tests.backend.shop import CUP, POT, TEA, open_shop
from tests.world import run_sql

SIZE = {"widthCm": "12.5", "heightCm": "20", "depthCm": "10"}


def standing(answer):
    return {one["product"]["sku"]: one for one in answer["shelf"]["products"]}


async def test_a_shelf_comes_back_as_it_was_put(graphql):
    await open_shop(graphql)
    share = {"kind": "CATEGORY", "name": "Ware", "share": "0.25"}

    [made] = await put(
        graphql,
        shelf(TEA, name="Wall", refillDays=3, boards=[board(100), board("99.5")], shares=[share]),
    )

    assert made["status"] == "ACCEPTED"
    found = made["shelf"]
    assert (found["name"], found["refillDays"], found["version"]) == ("Wall", 3, 1)
    assert found["location"] == {"code": "north"}
    assert [one["widthCm"] for one in found["boards"]] == ["100", "99.5"]
    assert found["shares"] == [share]
    assert found["products"][0] == {
        "product": {"sku": TEA}, "facings": 1, "board": 1, "least": None, "most": None,
        "block": None, "size": None,
    }  # fmt: skip


async def test_what_is_left_out_of_a_shelf_stays_and_null_clears(graphql):
    await shop_with_shelf(graphql, name="Wall", shares=[{"kind": "BRAND", "name": "B", "share": 1}])

    [changed] = await put(graphql, {"code": "A1", "location": "north", "shares": None})

    assert changed["shelf"]["name"] == "Wall"
    assert changed["shelf"]["version"] == 2
    assert changed["shelf"]["shares"] == []
    assert len(changed["shelf"]["products"]) == 3


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"location": "nowhere"}, "UNKNOWN_LOCATION", "location"),
        ({"code": " "}, "INVALID_CODE", "code"),
        ({"name": ""}, "INVALID_TEXT", "name"),
        ({"refillDays": 0}, "INVALID_SHELF", "refillDays"),
        ({"refillDays": 29}, "INVALID_SHELF", "refillDays"),
        ({"boards": []}, "INVALID_SHELF", "boards"),
        ({"boards": [board("NaN")]}, "INVALID_SHELF", "widthCm"),
        ({"boards": [board("0")]}, "INVALID_SHELF", "widthCm"),
        ({"boards": [board("10.05")]}, "INVALID_SHELF", "widthCm"),
        ({"boards": [board("1e9")]}, "INVALID_SHELF", "widthCm"),
        ({"boards": [board(1)] * 21}, "TOO_MANY_ON_SHELF", "boards"),
        ({"products": [{"sku": "?"}]}, "UNKNOWN_PRODUCT", "sku"),
        ({"products": [{"sku": TEA}, {"sku": TEA}]}, "INVALID_SHELF", "sku"),
        ({"products": [{"sku": TEA, "board": 2}]}, "INVALID_SHELF", "board"),
        ({"products": [{"sku": TEA, "facings": -1}]}, "INVALID_SHELF", "facings"),
        ({"products": [{"sku": TEA, "facings": 201}]}, "INVALID_SHELF", "facings"),
        ({"products": [{"sku": TEA, "least": 3, "most": 2}]}, "INVALID_SHELF", "least"),
        ({"products": [{"sku": TEA, "block": ""}]}, "INVALID_TEXT", "block"),
        ({"shares": [{"kind": "BRAND", "name": "B", "share": "1.1"}]}, "INVALID_SHELF", "share"),
        ({"shares": [{"kind": "BRAND", "name": "B", "share": "0"}]}, "INVALID_SHELF", "share"),
        ({"version": 3}, "STALE_SHELF", "version"),
    ],
)
async def test_what_no_shelf_can_be_is_refused_with_its_field(graphql, changes, code, field):
    await open_shop(graphql)

    [result] = await put(graphql, shelf(TEA) | changes)

    assert result["status"] == "REJECTED"
    assert result["userErrors"][0]["code"] == code
    assert result["userErrors"][0]["field"][-1] == field


async def test_good_shelves_of_a_batch_take_effect_unless_all_or_nothing_is_wanted(graphql):
    await open_shop(graphql)
    batch = [shelf(TEA), shelf(TEA, code="A2", refillDays=99)]

    together = await put(graphql, *batch, errorPolicy="REJECT_EVERYTHING")
    apart = await put(graphql, *batch)

    assert [one["userErrors"][0]["code"] for one in together] == [
        "BATCH_REJECTED",
        "INVALID_SHELF",
    ]
    assert [one["status"] for one in apart] == ["ACCEPTED", "REJECTED"]


async def test_facings_are_set_added_and_taken_away_at_once(graphql):
    id_ = await shop_with_shelf(graphql)
    change = {"sku": TEA, "facings": 4, "least": 2, "block": "hot"}

    answer = await ask(
        graphql,
        FACINGS,
        input={"shelf": id_, "version": 1, "products": [change], "removed": [CUP]},
    )

    assert answer["shelf"]["version"] == 2
    found = standing(answer)
    assert found.keys() == {TEA, POT}
    assert (found[TEA]["facings"], found[TEA]["board"], found[TEA]["least"]) == (4, 1, 2)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"version": 9}, "STALE_SHELF"),
        ({"shelf": "no id"}, "UNKNOWN_SHELF"),
        ({"products": [{"sku": "?"}]}, "UNKNOWN_PRODUCT"),
        ({"products": [{"sku": TEA, "board": 2}]}, "INVALID_SHELF"),
        ({"products": [{"sku": TEA, "facings": 201}]}, "INVALID_SHELF"),
    ],
)
async def test_facings_that_cannot_be_are_refused(graphql, changes, code):
    id_ = await shop_with_shelf(graphql)

    sent = {"shelf": id_, "products": [{"sku": TEA, "facings": 2}]} | changes

    assert await code_of(graphql, FACINGS, input=sent) == code


async def test_a_board_that_goes_holds_nothing_any_more(graphql):
    await open_shop(graphql)
    await put(
        graphql,
        shelf(boards=[board(100)] * 2) | {"products": [{"sku": TEA, "facings": 2, "board": 2}]},
    )

    [changed] = await put(graphql, {"code": "A1", "location": "north", "boards": [board(100)]})

    assert changed["shelf"]["products"][0]["board"] is None
    assert changed["shelf"]["products"][0]["facings"] == 2


async def test_sizes_are_kept_with_their_products(graphql):
    await shop_with_shelf(graphql)
    sizes = [{"sku": TEA, **SIZE}, {"sku": "?", **SIZE}, {"sku": CUP, **SIZE, "widthCm": "-1"}]

    answer = await ask(graphql, SIZES, input={"sizes": sizes})

    assert [one["status"] for one in answer["results"]] == ["ACCEPTED", "REJECTED", "REJECTED"]
    assert [one["userErrors"][0]["code"] for one in answer["results"][1:]] == [
        "UNKNOWN_PRODUCT",
        "INVALID_SHELF",
    ]
    [changed] = await put(graphql, {"code": "A1", "location": "north"})
    assert {one["product"]["sku"]: one["size"] for one in changed["shelf"]["products"]} == {
        TEA: {"widthCm": "12.5"}, CUP: None, POT: None,
    }  # fmt: skip


async def test_a_file_says_what_stands_there_and_how_large_it_is(graphql):
    id_ = await shop_with_shelf(graphql)
    text = f"SKU;Facings;Board;Width (cm);Height;Depth\n{TEA};3;1;7,5;20;10\n{CUP};2;;;;\n"

    sent = {"shelf": id_, "content": b64encode(text.encode()).decode(), "decimalComma": True}
    tried = await ask(graphql, IMPORT, input=sent | {"dryRun": True})
    done = await ask(graphql, IMPORT, input=sent | {"replace": True})

    assert tried["shelf"] is None
    assert (tried["foundCount"], tried["sizedCount"], tried["problems"]) == (2, 1, [])
    found = standing(done)
    assert found.keys() == {TEA, CUP}
    assert (found[TEA]["facings"], found[TEA]["size"]) == (3, {"widthCm": "7.5"})
    assert (found[CUP]["facings"], found[CUP]["size"]) == (2, None)


async def test_nothing_of_a_file_with_mistakes_takes_effect(graphql):
    id_ = await shop_with_shelf(graphql)
    text = f"SKU,Facings,Width,Height,Depth\n{TEA},many,,,\n{CUP},2,10,,\n?,1,,,\n"

    sent = {"shelf": id_, "content": b64encode(text.encode()).decode()}
    answer = await ask(graphql, IMPORT, input=sent)

    assert answer["shelf"] is None
    assert [(one["line"], one["column"], one["code"]) for one in answer["problems"]] == [
        (2, "Facings", "INVALID_SHELF"),
        (3, "Height", "INVALID_SHELF"),
        (4, "SKU", "UNKNOWN_PRODUCT"),
    ]


@pytest.mark.parametrize("content", ["", b64encode(b"a,b\n1,2\n").decode(), "%%%"])
async def test_a_file_that_is_no_table_of_products_is_refused(graphql, content):
    id_ = await shop_with_shelf(graphql)

    sent = {"shelf": id_, "content": content}

    assert await code_of(graphql, IMPORT, input=sent) == "UNREADABLE_SHELF"


async def test_shelves_are_seen_and_changed_at_the_caller_s_locations_only(
    graphql, client, token, owner_url
):
    await shop_with_shelf(graphql)
    await put(graphql, shelf(CUP, location="south"))
    [south] = await run_sql(owner_url, "select id from locations where code = 'south'")
    limited = await token("forecast:read", "forecast:write", locations=frozenset({south["id"]}))

    async def as_limited(document, variables):
        headers = {"Authorization": f"Bearer {limited}"}
        body = {"query": document, "variables": variables}
        return (await client.post("/graphql", json=body, headers=headers)).json()

    seen = await ask(as_limited, SHELVES)
    refused = await ask(as_limited, UPSERT, input={"shelves": [shelf(TEA)]})

    assert [one["location"]["code"] for one in seen["nodes"]] == ["south"]
    assert refused["results"][0]["userErrors"][0]["code"] == "UNKNOWN_LOCATION"
