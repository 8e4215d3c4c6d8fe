"""Alerts about goals, as the worker finds them; the year of today, whatever day it is."""

from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest

from backend.analytics.goals.rules import GoalRules, GoalStanding
from backend.analytics.goals.watching import latched_of
from backend.forecasting.outlooks import GoalOutlooks
from backend.identity.authentication import Identity
from backend.programs import goals as program
from tests.backend.analytics.goals.planning import DELETE, RULES, ask, goal, set_goals
from tests.backend.shop import POT, RECORD_SALES, open_shop, sale
from tests.world import run_sql

ALERTS = """
query { alerts(first: 100, filter: { kinds: [GOAL_REACHED, GOAL_AT_RISK] },
  sort: { by: OPENED_AT, direction: ASC }) {
    nodes { kind severity state subject location { code } value threshold } } }"""
YEAR = f"{datetime.now(UTC).date():%Y}"
NAME = f"{YEAR} Organisation, net sales"


@pytest.fixture
async def judge(app, graphql):
    """Opens the shop, sells pots for 25 each, and lets the worker judge."""
    await open_shop(graphql)
    database = app.state.services[Identity].database

    async def run(pots=0, **fields):
        if pots:
            row = sale(f"{pots}-{fields}", (POT, pots), **fields)
            await ask(graphql, RECORD_SALES, input={"sales": [row]})
        await program.look_after(database, GoalOutlooks())
        return (await ask(graphql, ALERTS))["nodes"]

    return run


async def test_a_goal_that_is_reached_is_told_once(graphql, judge):
    await set_goals(graphql, goal(YEAR, 100))
    before = await judge(pots=3)

    found = await judge(pots=1)

    assert [one["kind"] for one in before] in ([], ["GOAL_AT_RISK"])
    reached = [one for one in found if one["kind"] == "GOAL_REACHED"]
    assert reached == [
        {
            "kind": "GOAL_REACHED",
            "severity": "INFO",
            "state": "OPEN",
            "subject": NAME,
            "location": None,
            "value": "100",
            "threshold": "100",
        }
    ]
    assert await judge(pots=2) == found


async def test_what_falls_back_below_its_level_is_over_and_told_again(graphql, judge):
    await set_goals(graphql, goal(YEAR, 100))
    await judge(pots=4)
    await set_goals(graphql, goal(YEAR, 200))
    fallen = await judge()

    again = await judge(pots=5)

    assert [one["state"] for one in fallen if one["kind"] == "GOAL_REACHED"] == ["RESOLVED"]
    assert [one["state"] for one in again if one["kind"] == "GOAL_REACHED"] == ["RESOLVED", "OPEN"]


async def test_a_level_may_lie_below_or_above_the_goal(graphql, judge):
    await ask(graphql, RULES, input={"reachedAt": "0.5", "missedBelow": "0.5"})
    await set_goals(graphql, goal(YEAR, 100))

    found = await judge(pots=2)

    (one,) = [one for one in found if one["kind"] == "GOAL_REACHED"]
    assert (one["value"], one["threshold"]) == ("50", "50")


async def test_a_goal_that_is_deleted_takes_its_alert_along(graphql, judge):
    made = (await set_goals(graphql, goal(YEAR, 100)))["results"][0]["goal"]
    await judge(pots=4)

    await ask(graphql, DELETE, input={"goals": [{"id": made["id"]}]})

    found = await judge()
    assert {one["state"] for one in found} == {"RESOLVED"}


async def test_goals_of_a_location_have_alerts_there_and_those_of_profit_none(graphql, judge):
    await set_goals(
        graphql,
        goal(YEAR, 25, "north", "LOCATION"),
        goal(YEAR, "0.01", measure="PROFIT"),
    )

    found = await judge(pots=1)

    reached = [one for one in found if one["kind"] == "GOAL_REACHED"]
    assert [one["location"] for one in reached] == [{"code": "north"}]


async def test_a_week_after_its_period_nothing_is_said_of_a_goal(graphql, judge, owner_url):
    await set_goals(graphql, goal(YEAR, 100))
    await judge(pots=4)

    await run_sql(owner_url, "update goals set period = '2019'")
    await judge()

    rows = await run_sql(owner_url, "select latched from goals")
    assert [row["latched"] for row in rows] == [None]


def standing(name, *, was=None, landing=None, elapsed="0.5"):
    return SimpleNamespace(
        goal=SimpleNamespace(latched=was and GoalStanding(was), amount=Decimal(100)),
        standing=GoalStanding(name),
        landing=landing and Decimal(landing),
        elapsed=Decimal(elapsed),
    )


@pytest.mark.parametrize(
    ("one", "latched"),
    [
        (standing("ON_TRACK", landing=99), None),
        (standing("AT_RISK", landing=94), "AT_RISK"),
        (standing("AT_RISK", landing=94, elapsed="0.19"), None),
        (standing("ON_TRACK", landing=99, was="AT_RISK"), "AT_RISK"),
        (standing("ON_TRACK", landing=100, was="AT_RISK"), None),
        (standing("AT_RISK", landing=94, was="AT_RISK", elapsed="0.1"), "AT_RISK"),
        (standing("AT_RISK", landing=94, was="REACHED"), "AT_RISK"),
        (standing("ON_TRACK", landing=96, was="REACHED"), None),
        (standing("TOO_EARLY", was="AT_RISK"), "AT_RISK"),
        (standing("TOO_EARLY", was="REACHED"), None),
        (standing("REACHED", landing=120, was="AT_RISK"), "REACHED"),
        (standing("MISSED", landing=80), "AT_RISK"),
        (standing("NOT_STARTED"), None),
    ],
    ids=str,
)
def test_what_is_at_risk_stays_so_until_all_of_the_goal_is_in_sight(one, latched):
    assert latched_of(one, GoalRules()) == latched
