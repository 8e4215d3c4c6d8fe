import pytest

from tests.backend.merchandising.test_adding import SOLD, entry
from tests.backend.shop import open_shop
from tests.world import run_sql


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"buy": -1}, "buy"),
        ({"buy": "3"}, "buy"),
        ({"buy": True}, "buy"),
        ({"buy": 1e300}, "buy"),
        ({"profit": None}, "profit"),
        ({"profit": "4.5"}, "profit"),
        ({"time": "yesterday"}, "time"),
        ({"time": -1}, "time"),
        ({"time": 10**18}, "time"),
        ({"name": 5}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"location": ["north"]}, "location"),
    ],
    ids=str,
)
async def test_values_of_another_kind_are_refused_by_name(graphql, add, owner_url, bad, field):
    await open_shop(graphql)

    answer = await add(entry(), entry() | bad)

    (error,) = answer.json()["errors"]
    assert answer.status_code == 400
    assert (error["extensions"]["code"], error["extensions"]["field"]) == (
        "INVALID_ENTRY", ["1", field],
    )  # fmt: skip
    assert await run_sql(owner_url, SOLD) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"{}", b"[]", b"null", b"NaN", b"[" * 100_000, b"\xff\xfe", b'[["name"]]'],
    ids=["nothing", "half", "an object", "no entry", "null", "NaN", "deep", "no text", "a list"],
)
async def test_a_body_that_is_no_list_of_entries_is_refused(add, body):
    answer = await add(body=body)

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (400, "INVALID_ENTRY")
