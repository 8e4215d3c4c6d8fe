from decimal import Decimal

import pytest

from tests.backend.analytics.goals.planning import (
    DELETE,
    DETAIL,
    GOALS,
    RULES,
    ask,
    code_of,
    goal,
    set_goals,
)
from tests.backend.shop import open_shop
from tests.world import run_sql


async def test_a_goal_comes_back_as_it_was_set(graphql):
    payload = await set_goals(graphql, goal("2018-Q1", "1000.5", "West"), goal("2018", 9000))

    assert payload["acceptedCount"] == 2
    nodes = (await ask(graphql, GOALS))["nodes"]
    assert [one | {"id": None} for one in nodes] == [
        {
            "id": None,
            "period": "2018",
            "kind": "YEAR",
            "from": "2018-01-01",
            "to": "2018-12-31",
            "dimension": "ORGANISATION",
            "member": None,
            "measure": "NET_SALES",
            "amount": "9000",
            "version": 1,
        },
        {
            "id": None,
            "period": "2018-Q1",
            "kind": "QUARTER",
            "from": "2018-01-01",
            "to": "2018-03-31",
            "dimension": "REGION",
            "member": "West",
            "measure": "NET_SALES",
            "amount": "1000.5",
            "version": 1,
        },
    ]


async def test_a_goal_that_stays_the_same_is_no_change(graphql):
    await set_goals(graphql, goal("2018-Q1", 1000, "West"))

    payload = await set_goals(graphql, goal("2018-Q1", "1000.0000", "West"))

    assert payload["duplicateCount"] == 1
    assert payload["results"][0]["goal"]["version"] == 1


@pytest.mark.parametrize(
    ("sent", "code", "field"),
    [
        (goal("2018-Q5", 1), "INVALID_GOAL", "period"),
        (goal("FY2018-02", 1), "INVALID_GOAL", "period"),
        (goal("2018", 0), "INVALID_GOAL", "amount"),
        (goal("2018", -5), "INVALID_AMOUNT", "amount"),
        (goal("2018", "1.00001"), "INVALID_AMOUNT", "amount"),
        (goal("2018", "1e15"), "INVALID_AMOUNT", "amount"),
        (goal("2018", "NaN"), "INVALID_AMOUNT", "amount"),
        (goal("2018", "1e12", measure="UNITS"), "INVALID_QUANTITY", "amount"),
        (goal("2018", 1) | {"member": "x"}, "INVALID_GOAL", "member"),
        (goal("2018", 1) | {"dimension": "REGION"}, "INVALID_GOAL", "member"),
        (goal("2018", 1, " "), "INVALID_TEXT", "member"),
        (goal("2018", 1, "a\x00b"), "INVALID_TEXT", "member"),
        (goal("2018", 1, "nowhere", "LOCATION"), "UNKNOWN_GOAL_MEMBER", "member"),
        (goal("2018", 1, "nothing", "CATEGORY"), "UNKNOWN_GOAL_MEMBER", "member"),
        (goal("2018", 1, "nothing", "PRODUCT"), "UNKNOWN_GOAL_MEMBER", "member"),
        (goal("2018", 1, "nobody", "DISTRIBUTOR"), "UNKNOWN_GOAL_MEMBER", "member"),
    ],
)
async def test_a_goal_that_cannot_be_is_refused_with_its_field(graphql, sent, code, field):
    payload = await set_goals(graphql, goal("2018-Q1", 7), sent)

    assert (payload["acceptedCount"], payload["rejectedCount"]) == (1, 1)
    assert code_of(payload["results"][1]) == code
    assert payload["results"][1]["userErrors"][0]["field"] == ["input", "goals", "1", field]


async def test_the_same_goal_twice_in_a_batch_is_refused_the_second_time(graphql):
    payload = await set_goals(graphql, goal("2018", 1), goal("2018", 2))

    assert [one["status"] for one in payload["results"]] == ["ACCEPTED", "REJECTED"]
    assert code_of(payload["results"][1]) == "DUPLICATE_ROW"


async def test_nothing_takes_effect_where_everything_was_to(graphql):
    payload = await set_goals(
        graphql, goal("2018", 1), goal("2018-Q9", 2), errorPolicy="REJECT_EVERYTHING"
    )

    assert [code_of(one) for one in payload["results"]] == ["BATCH_REJECTED", "INVALID_GOAL"]
    assert (await ask(graphql, GOALS))["nodes"] == []


@pytest.mark.parametrize(("looked_at", "code"), [(0, "STALE_GOAL"), (1, "STALE_GOAL")])
async def test_a_goal_that_changed_since_it_was_looked_at_stays(graphql, looked_at, code):
    await set_goals(graphql, goal("2018", 1))
    await set_goals(graphql, goal("2018", 2, version=1))

    payload = await set_goals(graphql, goal("2018", 3, version=looked_at))

    assert code_of(payload["results"][0]) == code
    assert payload["results"][0]["goal"]["amount"] == "2"


async def test_a_goal_that_was_deleted_and_set_again_is_another_version(graphql):
    first = (await set_goals(graphql, goal("2018", 1)))["results"][0]["goal"]
    await ask(graphql, DELETE, input={"goals": [{"id": first["id"], "version": 1}]})
    again = (await set_goals(graphql, goal("2018", 5, version=0)))["results"][0]["goal"]

    payload = await set_goals(graphql, goal("2018", 3, version=1))

    assert again["version"] == 3
    assert code_of(payload["results"][0]) == "STALE_GOAL"
    changes = (await ask(graphql, DETAIL, id=again["id"]))["changes"]
    assert [(one["version"], one["amount"], one["origin"]) for one in changes] == [
        (3, "5", "ENTERED"),
        (2, None, "DELETED"),
        (1, "1", "ENTERED"),
    ]


async def test_deleting_needs_the_version_that_was_looked_at(graphql):
    made = (await set_goals(graphql, goal("2018", 1)))["results"][0]["goal"]
    await set_goals(graphql, goal("2018", 2))

    payload = await ask(
        graphql,
        DELETE,
        input={"goals": [{"id": made["id"], "version": 1}, {"id": "no id"}]},
    )

    assert [code_of(one) for one in payload["results"]] == ["STALE_GOAL", "GOAL_NOT_FOUND"]
    assert len((await ask(graphql, GOALS))["nodes"]) == 1


async def test_without_history_a_plan_is_spread_evenly_and_says_so(graphql):
    made = (await set_goals(graphql, goal("2018-02", 100)))["results"][0]["goal"]

    found = await ask(graphql, DETAIL, id=made["id"])

    amounts = [Decimal(one["amount"]) for one in found["days"]]
    assert found["season"] == "EVEN"
    assert (len(amounts), sum(amounts)) == (28, 100)
    assert max(amounts) - min(amounts) <= Decimal("0.0001")


async def test_goals_are_filtered_by_what_they_are_for_and_by_days(graphql):
    await open_shop(graphql)
    await set_goals(
        graphql,
        goal("2018-Q1", 1, "West"),
        goal("2018-Q2", 2, "West"),
        goal("2018-03", 3, "north", "LOCATION"),
        goal("FY2019", 4, "Ware", "CATEGORY"),
    )

    async def found(**chosen):
        return [one["amount"] for one in (await ask(graphql, GOALS, filter=chosen))["nodes"]]

    assert await found(**{"from": "2018-03-31", "to": "2018-04-01"}) == ["3", "1", "2"]
    assert await found(dimensions=["LOCATION", "CATEGORY"]) == ["3", "4"]
    assert await found(kinds=["QUARTER"], members=["West"], periods=["2018-Q2"]) == ["2"]
    assert await found(**{"from": "2019-01-01"}) == ["4"]
    assert await found(measures=["UNITS"]) == []
    assert await found(members=["a\x00"]) == []


async def test_levels_are_settled_once_and_by_the_version_looked_at(graphql):
    rules = {"reachedAt": "1.1", "missedBelow": "0.9"}
    made = await ask(graphql, RULES, input=rules)

    answer = await graphql(RULES, {"input": rules | {"version": 0}})

    assert made["rules"] == rules | {"version": 1}
    assert answer["errors"][0]["extensions"]["code"] == "STALE_GOAL"


@pytest.mark.parametrize(
    "rules", [("0", "0"), ("1", "1.1"), ("NaN", "0.5"), ("11", "1"), ("1", "-0.1")]
)
async def test_levels_that_are_none_are_refused(graphql, rules):
    sent = {"reachedAt": rules[0], "missedBelow": rules[1]}
    answer = await graphql(RULES, {"input": sent})

    assert answer["errors"][0]["extensions"]["code"] == "INVALID_GOAL"


async def test_planning_needs_its_own_scope(graphql):
    for scopes in (("sales:read",), ("goals:write",)):
        answer = await graphql(
            "mutation { setGoals(input: {goals: []}) { acceptedCount } }", None, *scopes
        )

        assert answer["errors"][0]["extensions"]["code"] == "MISSING_SCOPE"


async def test_goals_of_profit_are_for_those_who_may_know_cost(graphql):
    await set_goals(graphql, goal("2018", 10, measure="PROFIT"), goal("2018", 50))

    seen = await ask(graphql, GOALS, "sales:read", "goals:write")
    sent = {"goals": [goal("2018-Q1", 10, measure="PROFIT")]}
    answer = await graphql(
        "mutation ($input: SetGoalsInput!) { setGoals(input: $input) {"
        " results { userErrors { code } } } }",
        {"input": sent},
        "sales:read",
        "goals:write",
    )

    assert [one["amount"] for one in seen["nodes"]] == ["50"]
    assert code_of(answer["data"]["setGoals"]["results"][0]) == "MISSING_SCOPE"


async def test_every_change_stands_in_the_audit_log_and_in_the_feed(graphql, owner_url):
    made = (await set_goals(graphql, goal("2018", 1), goal("2019", 1)))["results"]
    await ask(graphql, DELETE, input={"goals": [{"id": made[0]["goal"]["id"]}]})

    actions = await run_sql(
        owner_url, "select action from audit_log where action like 'GOALS%' order by at"
    )
    events = await run_sql(owner_url, "select items from event_log where kind = 'GoalChanged'")

    assert [row["action"] for row in actions] == ["GOALS_SET", "GOALS_DELETED"]
    assert len(events) == 2
    assert "amount" not in events[0]["items"]
