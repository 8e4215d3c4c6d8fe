"""Saved pivots through GraphQL: kept, shared, changed by one at a time."""

import json
from functools import partial

import pytest

from tests.backend.analytics import brute
from tests.backend.reports.people import code, enter
from tests.world import run_sql

SAVE = """
mutation ($input: SavePivotInput!) {
  savePivot(input: $input) {
    pivot {
      id name version sharing roles ownerName isMineToChange
      definition { rows columns measures period filter sort descending }
    }
  }
}
"""
LIST = "{ savedPivots { nodes { name isMineToChange } } }"
DELETE = "mutation ($input: DeletePivotInput!) { deletePivot(input: $input) { id } }"
PIVOT = """
query ($definition: PivotInput!) {
  pivot(definition: $definition) {
    asOf from to currency rows
    measures { measure label kind }
    columns { keys { dimension id label } }
    notes { code }
  }
}
"""
DEFINITION = {
    "rows": ["REGION", "STATE"],
    "columns": ["YEAR"],
    "measures": ["NET_SALES", "ORDERS"],
    "period": "DAYS",
    "filter": {"from": "2018-01-01", "to": "2018-12-31", "channels": ["ONLINE"]},
    "sort": "ORDERS",
    "descending": False,
}


@pytest.fixture
def person(client, app, owner_url, principal):
    return partial(enter, client, app, owner_url, principal)


def saving(name="By region", **more):
    return {"input": {"name": name, "definition": DEFINITION} | more}


def names(answer):
    return [node["name"] for node in answer["data"]["savedPivots"]["nodes"]]


async def test_a_pivot_is_read_as_it_was_saved(person):
    analyst = await person("ANALYST")

    saved = (await analyst(SAVE, saving()))["data"]["savePivot"]["pivot"]

    assert saved["definition"] == DEFINITION
    assert (saved["sharing"], saved["version"], saved["ownerName"]) == ("PRIVATE", 1, "Kim Doe")
    assert saved["isMineToChange"]


async def test_a_pivot_is_found_by_those_it_is_shared_with(person):
    analyst, manager, auditor = [await person(role) for role in ("ANALYST", "MANAGER", "AUDITOR")]
    await analyst(SAVE, saving("mine"))
    await analyst(SAVE, saving("for managers", sharing="ROLES", roles=["MANAGER"]))
    await analyst(SAVE, saving("for all", sharing="ORGANISATION"))

    found = [names(await one(LIST)) for one in (analyst, manager, auditor)]

    assert found == [["for all", "for managers", "mine"], ["for all", "for managers"], ["for all"]]


async def test_who_reads_a_pivot_of_somebody_else_cannot_change_it(person):
    analyst, manager = await person("ANALYST"), await person("MANAGER")
    saved = (await analyst(SAVE, saving(sharing="ORGANISATION")))["data"]["savePivot"]["pivot"]

    changed = await manager(SAVE, saving("theirs", id=saved["id"], version=1))
    deleted = await manager(DELETE, {"input": {"id": saved["id"]}})

    assert (code(changed), code(deleted)) == ("PIVOT_NOT_FOUND", "PIVOT_NOT_FOUND")
    node = (await manager(LIST))["data"]["savedPivots"]["nodes"][0]
    assert node == {"name": "By region", "isMineToChange": False}


async def test_a_change_of_an_older_version_is_refused(person):
    analyst = await person("ANALYST")
    saved = (await analyst(SAVE, saving()))["data"]["savePivot"]["pivot"]
    await analyst(SAVE, saving("again", id=saved["id"], version=1))

    late = await analyst(SAVE, saving("late", id=saved["id"], version=1))

    assert code(late) == "STALE_PIVOT"
    assert names(await analyst(LIST)) == ["again"]


async def test_a_deleted_pivot_is_gone(person):
    analyst = await person("ANALYST")
    saved = (await analyst(SAVE, saving()))["data"]["savePivot"]["pivot"]

    await analyst(DELETE, {"input": {"id": saved["id"]}})

    assert names(await analyst(LIST)) == []
    assert code(await analyst(DELETE, {"input": {"id": saved["id"]}})) == "PIVOT_NOT_FOUND"


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"rows": ["STATE", "STATE"]}, "rows"),
        ({"rows": ["STATE", "REGION", "DAY", "PRODUCT", "YEAR"]}, "rows"),
        ({"rows": ["STATE"], "columns": ["STATE"]}, "columns"),
        ({"rows": ["STATE"], "columns": ["DAY", "YEAR", "MONTH"]}, "columns"),
        ({"rows": ["STATE"], "measures": []}, "measures"),
        ({"rows": ["STATE"], "sort": "UNITS"}, "sort"),
    ],
)
async def test_a_pivot_that_makes_no_sense_is_refused_with_its_field(graphql, parts, field):
    answer = await graphql(PIVOT, {"definition": parts})

    extensions = answer["errors"][0]["extensions"]
    assert (extensions["code"], extensions["field"]) == ("INVALID_PIVOT", ["definition", field])


async def test_sharing_with_roles_needs_roles(graphql):
    answer = await graphql(SAVE, saving(sharing="ROLES"))

    assert code(answer) == "INVALID_PIVOT"


async def test_a_pivot_answers_with_heads_and_exact_cells(graphql, owner_url, org_id):
    lines = await brute.fill(owner_url, org_id, sales=60)
    asked = {"rows": ["CATEGORY"], "columns": ["CHANNEL"], "period": "ALL_TIME"}

    found = (await graphql(PIVOT, {"definition": asked}))["data"]["pivot"]

    _, total = brute.summarise(lines, ())
    heads = [[key["id"] for key in one["keys"]] for one in found["columns"]]
    assert heads[0] == []
    assert found["rows"][0] == [[], [], found["rows"][0][2]]
    assert found["rows"][0][2][0] == [f"{total[3].normalize():f}"]
    assert found["measures"] == [{"measure": "NET_SALES", "label": "Net sales", "kind": "MONEY"}]
    assert all(len(row[2]) == len(heads) for row in found["rows"])


async def test_cost_alone_is_refused_to_who_may_not_know_it(graphql):
    asked = {"rows": ["CATEGORY"], "measures": ["COST"]}

    answer = await graphql(PIVOT, {"definition": asked}, "sales:read")

    assert code(answer) == "MISSING_SCOPE"


async def test_the_feed_tells_that_a_pivot_was_saved_and_nothing_of_what_it_asks(person, owner_url):
    analyst = await person("ANALYST")
    saved = (await analyst(SAVE, saving()))["data"]["savePivot"]["pivot"]
    await analyst(DELETE, {"input": {"id": saved["id"]}})

    logged = "select items::text as items from event_log where kind = 'PivotChanged' order by seq"
    rows = await run_sql(owner_url, logged)

    facts = [fact for row in rows for fact in json.loads(row["items"])]
    assert [(one["key"], one["change"]) for one in facts] == [
        (saved["id"], "SAVED"),
        (saved["id"], "DELETED"),
    ]
    assert {name for one in facts for name in one} == {"key", "change", "occurredAt"}
