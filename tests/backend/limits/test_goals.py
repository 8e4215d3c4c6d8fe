from datetime import UTC, datetime

from backend.core.scopes import Scope
from backend.forecasting.outlooks import GoalOutlooks
from backend.identity.authentication import Identity
from backend.programs import goals as program
from tests.backend.analytics.goals.planning import (
    DELETE,
    GOALS,
    OPPORTUNITIES,
    PROGRESS,
    RULES,
    SET,
    code_of,
    goal,
    set_goals,
)
from tests.world import run_sql

WRITER = frozenset(scope for scope in Scope if scope is not Scope.ADMIN)
YEAR = f"{datetime.now(UTC).date():%Y}"
ALERTS = "{ alerts { nodes { kind location { code } } } }"


async def plan(graphql):
    """Set a goal of the whole, of two stores and of a distributor; return their ids by name."""
    payload = await set_goals(
        graphql,
        goal(YEAR, 1),
        goal(YEAR, 2, "north", "LOCATION"),
        goal(YEAR, 3, "web", "LOCATION"),
        goal(YEAR, 4, "acme", "DISTRIBUTOR"),
    )
    return {one["goal"]["member"]: one["goal"]["id"] for one in payload["results"]}


async def seen(ask, **limits):
    lists = await ask(GOALS, **limits)
    report = await ask(PROGRESS, **limits)
    among = await ask(OPPORTUNITIES, {"lower": "0", "upper": "10"}, **limits)
    for found in (report.data["goalProgress"], among.data["opportunities"]):
        rows = {one["goal"]["member"] for one in found["rows"]}
        assert rows <= {one["member"] for one in lists.data["goals"]["nodes"]}
    return {one["member"] for one in lists.data["goals"]["nodes"]}


async def test_who_is_limited_to_a_location_sees_its_goals_only(graphql, shop, ask):
    await plan(graphql)

    found = await seen(ask, locations=frozenset({shop.locations["north"]}))

    assert found == {"north"}


async def test_partners_see_no_goals(graphql, shop, ask):
    await plan(graphql)

    assert await seen(ask, partner=shop.distributors["acme"]) == set()
    assert await seen(ask, channel="ONLINE") == set()


async def test_who_is_limited_to_a_location_plans_it_and_nothing_else(graphql, shop, ask):
    ids = await plan(graphql)
    limits = {"locations": frozenset({shop.locations["north"]}), "scopes": WRITER}
    goals = [
        goal(YEAR, 20, "north", "LOCATION"),
        goal(YEAR, 20, "web", "LOCATION"),
        goal(YEAR, 20),
        goal(YEAR, 20, "West"),
    ]

    made = await ask(SET, {"input": {"goals": goals}}, **limits)
    gone = await ask(
        DELETE, {"input": {"goals": [{"id": ids["web"]}, {"id": ids[None]}]}}, **limits
    )

    results = made.data["setGoals"]["results"]
    assert results[0]["status"] == "ACCEPTED"
    assert [code_of(one) for one in results[1:]] == [
        "UNKNOWN_GOAL_MEMBER",
        "GOAL_OUT_OF_REACH",
        "GOAL_OUT_OF_REACH",
    ]
    assert {code_of(one) for one in gone.data["deleteGoals"]["results"]} == {"GOAL_NOT_FOUND"}


async def test_who_is_limited_does_not_settle_levels(shop, ask):
    limits = {"locations": frozenset({shop.locations["north"]}), "scopes": WRITER}

    answer = await ask(RULES, {"input": {"reachedAt": "1", "missedBelow": "0.5"}}, **limits)

    assert answer.errors[0].extensions["code"] == "OUT_OF_REACH"


async def test_alerts_about_goals_of_the_whole_are_for_those_who_see_it(
    graphql, shop, ask, app, owner_url, org_id
):
    await plan(graphql)
    north = shop.locations["north"]

    await program.look_after(app.state.services[Identity].database, GoalOutlooks())

    whole = await ask(ALERTS)
    part = await ask(ALERTS, locations=frozenset({north}))
    of_goals = [
        [one["location"] for one in found.data["alerts"]["nodes"] if "GOAL" in one["kind"]]
        for found in (whole, part)
    ]
    assert None in of_goals[0]
    assert of_goals[1] == [{"code": "north"}]
    told = await run_sql(owner_url, "select location_id from event_log where kind = 'AlertChanged'")
    assert {row["location_id"] for row in told} >= {org_id, north}
    assert None not in {row["location_id"] for row in told}
