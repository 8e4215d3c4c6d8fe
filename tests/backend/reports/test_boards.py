"""Boards through GraphQL: drafted, published with fixed days, addressed, talked about, restated."""

import json
from functools import partial

import pytest

from tests.backend.analytics import brute
from tests.backend.reports.people import code, enter
from tests.world import run_sql

BOARD = """
  id title version publishedNumber versions roles locations ownerName isMineToChange
  draft { kind title words period }
  published {
    number title publishedByName
    blocks { kind title words analysis choice period filter pivot { rows period filter }
             restatedDays }
  }
  comments { id text authorName isMine block number }
"""
SAVE = (
    f"mutation ($input: SaveBoardInput!) {{ saveBoard(input: $input) {{ board {{ {BOARD} }} }} }}"
)
PUBLISH = (
    "mutation ($input: PublishBoardInput!)"
    f" {{ publishBoard(input: $input) {{ board {{ {BOARD} }} }} }}"
)
FIRST = """
query ($ids: [ID!]) { boards(filter: {ids: $ids}) { nodes { published(number: 1) { title } } } }
"""
COMMENT = (
    "mutation ($input: CommentOnBoardInput!)"
    f" {{ commentOnBoard(input: $input) {{ board {{ {BOARD} }} }} }}"
)
UNSAY = (
    "mutation ($input: DeleteBoardCommentInput!)"
    f" {{ deleteBoardComment(input: $input) {{ board {{ {BOARD} }} }} }}"
)
DELETE = "mutation ($input: DeleteBoardInput!) { deleteBoard(input: $input) { id } }"
LIST = f"{{ boards(sort: {{ by: TITLE, direction: ASC }}) {{ nodes {{ {BOARD} }} }} }}"
BLOCKS = [
    {"kind": "SUMMARY", "title": "What happened", "words": "Sales **rose**."},
    {
        "kind": "ANALYSIS",
        "title": "Best sellers",
        "analysis": "BEST_SELLERS",
        "choice": {"by": "CATEGORY", "top": 5},
        "period": "LAST_7_DAYS",
    },
    {"kind": "PIVOT", "title": "By region", "pivot": {"rows": ["REGION"], "period": "ALL_TIME"}},
    {"kind": "RECOMMENDATIONS", "title": "What to do", "words": "1. Order more."},
]


@pytest.fixture
def person(client, app, owner_url, principal):
    return partial(enter, client, app, owner_url, principal)


def drafted(title="Week 12", **more):
    return {"input": {"title": title, "blocks": BLOCKS} | more}


async def saved(who, **more):
    return (await who(SAVE, drafted(**more)))["data"]["saveBoard"]["board"]


async def published(who, **more):
    board = await saved(who, **more)
    answer = await who(PUBLISH, {"input": {"id": board["id"], "version": board["version"]}})
    return answer["data"]["publishBoard"]["board"]


def titles(answer):
    return [node["title"] for node in answer["data"]["boards"]["nodes"]]


async def test_a_draft_is_its_authors_until_it_is_published(person):
    analyst, manager = await person("ANALYST"), await person("MANAGER")
    board = await saved(analyst)

    before = titles(await manager(LIST))
    await analyst(PUBLISH, {"input": {"id": board["id"], "version": 1}})
    (seen,) = (await manager(LIST))["data"]["boards"]["nodes"]

    assert before == []
    assert (seen["title"], seen["draft"], seen["isMineToChange"]) == ("Week 12", None, False)
    assert [one["title"] for one in seen["published"]["blocks"]] == [one["title"] for one in BLOCKS]


async def test_what_is_published_is_about_the_days_it_was_about_then(person):
    analyst = await person("ANALYST")

    board = await published(analyst)

    _, analysis, pivot, _ = board["published"]["blocks"]
    assert analysis["period"] == pivot["pivot"]["period"] == "DAYS"
    assert set(analysis["filter"]) == {"from", "to"}
    assert analysis["choice"] == {"by": "CATEGORY", "top": 5}
    assert board["draft"][1]["period"] == "LAST_7_DAYS"


async def test_each_publication_is_a_version_that_stays(person):
    analyst = await person("ANALYST")
    board = await published(analyst)
    change = drafted("Week 13", id=board["id"], version=board["version"])
    changed = (await analyst(SAVE, change))["data"]["saveBoard"]["board"]

    again = (await analyst(PUBLISH, {"input": {"id": board["id"], "version": changed["version"]}}))[
        "data"
    ]["publishBoard"]["board"]

    assert (again["versions"], again["published"]["title"]) == ([2, 1], "Week 13")
    (node,) = (await analyst(FIRST, {"ids": [board["id"]]}))["data"]["boards"]["nodes"]
    assert node["published"]["title"] == "Week 12"


async def test_only_those_it_is_addressed_to_find_it(person):
    analyst, manager, auditor = [await person(role) for role in ("ANALYST", "MANAGER", "AUDITOR")]
    await published(analyst, title="all")
    await published(analyst, title="managers", roles=["MANAGER"])

    found = [titles(await one(LIST)) for one in (analyst, manager, auditor)]

    assert found == [["all", "managers"], ["all", "managers"], ["all"]]


async def test_a_board_for_other_locations_is_not_there(client, person, owner_url, org_id, token):
    await brute.fill(owner_url, org_id, sales=5)
    rows = await run_sql(owner_url, "select id, code from locations order by code limit 2")
    analyst = await person("ANALYST")
    await published(analyst, title="first", locations=[rows[0]["code"]])
    await published(analyst, title="second", locations=[rows[1]["code"]])

    bearer = await token("reports:read", "sales:read", locations=[rows[0]["id"]])
    headers = {"Authorization": f"Bearer {bearer}"}
    answer = await client.post("/graphql", json={"query": LIST}, headers=headers)

    assert titles(answer.json()) == ["first"]


async def test_late_sales_mark_the_figures_of_their_days(person, owner_url, org_id):
    await brute.fill(owner_url, org_id, sales=20)
    analyst = await person("ANALYST")
    board = await published(analyst)
    before = board["published"]["blocks"][2]["restatedDays"]

    await run_sql(owner_url, "update sales set recorded_at = now() + interval '1 minute'")
    (node,) = (await analyst(LIST))["data"]["boards"]["nodes"]

    words, _, pivot, _ = node["published"]["blocks"]
    assert before == words["restatedDays"] == []
    assert pivot["restatedDays"]


async def test_readers_talk_about_it_and_take_back_only_their_own_words(person):
    analyst, manager = await person("ANALYST"), await person("MANAGER")
    board = await published(analyst)

    said = await manager(COMMENT, {"input": {"board": board["id"], "text": "<b>Why?</b>"}})

    (comment,) = said["data"]["commentOnBoard"]["board"]["comments"]
    assert (comment["text"], comment["isMine"]) == ("<b>Why?</b>", True)
    theirs = await analyst(UNSAY, {"input": {"id": comment["id"]}})
    assert code(theirs) == "COMMENT_NOT_FOUND"
    gone = await manager(UNSAY, {"input": {"id": comment["id"]}})
    assert gone["data"]["deleteBoardComment"]["board"]["comments"] == []


async def test_a_draft_has_no_comments(person):
    analyst = await person("ANALYST")
    board = await saved(analyst)

    said = await analyst(COMMENT, {"input": {"board": board["id"], "text": "Hm."}})

    assert code(said) == "NOTHING_PUBLISHED"


async def test_a_change_of_an_older_version_is_refused(person):
    analyst = await person("ANALYST")
    board = await saved(analyst)
    await analyst(SAVE, drafted("again", id=board["id"], version=1))

    late = await analyst(SAVE, drafted("late", id=board["id"], version=1))
    publication = await analyst(PUBLISH, {"input": {"id": board["id"], "version": 1}})

    assert (code(late), code(publication)) == ("STALE_BOARD", "STALE_BOARD")


async def test_others_neither_change_nor_delete_it(person):
    analyst, manager = await person("ANALYST"), await person("MANAGER")
    board = await published(analyst)

    changed = await manager(SAVE, drafted(id=board["id"], version=board["version"]))
    deleted = await manager(DELETE, {"input": {"id": board["id"]}})

    assert (code(changed), code(deleted)) == ("BOARD_NOT_FOUND", "BOARD_NOT_FOUND")


async def test_a_deleted_board_takes_versions_and_comments_along(person, owner_url):
    analyst = await person("ANALYST")
    board = await published(analyst)
    await analyst(COMMENT, {"input": {"board": board["id"], "text": "Hm."}})

    await analyst(DELETE, {"input": {"id": board["id"]}})

    counts = (
        "select (select count(*) from board_versions) + (select count(*) from board_comments) n"
    )
    assert titles(await analyst(LIST)) == []
    assert (await run_sql(owner_url, counts))[0]["n"] == 0


@pytest.mark.parametrize(
    "blocks",
    [
        [{"kind": "TEXT", "title": "Words", "words": " "}],
        [{"kind": "ANALYSIS", "title": "Which?"}],
        [{"kind": "PIVOT", "title": "Which?"}],
        [{"kind": "TEXT", "title": "Long", "words": "x" * 10_001}],
        [{"kind": "TEXT", "title": "Many", "words": "x"}] * 21,
        [{"kind": "ANALYSIS", "title": "Many", "analysis": "BEST_SELLERS"}] * 13,
    ],
    ids=["no words", "no analysis", "no pivot", "long", "many blocks", "many figures"],
)
async def test_a_board_beyond_its_limits_is_refused(graphql, blocks):
    answer = await graphql(SAVE, {"input": {"title": "A board", "blocks": blocks}})

    assert code(answer) == "INVALID_BOARD"


async def test_a_comment_names_the_block_it_is_about(person):
    analyst, manager = await person("ANALYST"), await person("MANAGER")
    board = await published(analyst)

    def about(block):
        return {"input": {"board": board["id"], "text": "Why?", "block": block}}

    said = (await manager(COMMENT, about(1)))["data"]["commentOnBoard"]["board"]["comments"]
    nowhere = await manager(COMMENT, about(len(BLOCKS)))

    assert [(one["block"], one["number"]) for one in said] == [("Best sellers", 1)]
    assert code(nowhere) == "INVALID_BOARD"


async def test_the_feed_tells_what_becomes_of_a_board_and_nothing_of_what_is_on_it(
    person, owner_url
):
    analyst = await person("ANALYST")
    board = await published(analyst)
    text = {"input": {"board": board["id"], "text": "A secret remark"}}
    said = (await analyst(COMMENT, text))["data"]["commentOnBoard"]["board"]["comments"]

    await analyst(UNSAY, {"input": {"id": said[0]["id"]}})
    await analyst(DELETE, {"input": {"id": board["id"]}})

    logged = "select items::text as items from event_log where kind = 'BoardChanged' order by seq"
    facts = [fact for row in await run_sql(owner_url, logged) for fact in json.loads(row["items"])]
    changes = ["SAVED", "PUBLISHED", "COMMENTED", "COMMENTED", "DELETED"]
    assert [(one["key"], one["change"]) for one in facts] == [(board["id"], one) for one in changes]
    assert {name for one in facts for name in one} == {"key", "change", "occurredAt"}
