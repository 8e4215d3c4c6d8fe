import asyncio
from datetime import timedelta

import pytest

from backend.programs import fleet
from tests.backend.fleet.agents import device, outbox
from tests.backend.shop import ALERTS
from tests.world import run_sql

HEARD_LONG_AGO = "update agents set heard_at = heard_at - $1::interval"
REVOKE = "mutation ($input: RevokeAgentInput!) { revokeAgent(input: $input) { agent { state } } }"


@pytest.fixture
def alerts(graphql):
    """Returns the alerts, those that are over too, as (kind, state) in the order of the kinds."""

    async def ask():
        nodes = (await graphql(ALERTS))["data"]["alerts"]["nodes"]
        return sorted((node["kind"], node["state"]) for node in nodes)

    return ask


@pytest.fixture
def look_after(app, settings, database_of_app):
    async def look():
        await fleet.look_after(database_of_app, settings)

    return look


async def test_a_silent_store_raises_one_alert_however_often_it_is_looked_for(
    graphql, agent, look_after, owner_url, alerts
):
    await agent.report()
    await run_sql(owner_url, HEARD_LONG_AGO, timedelta(minutes=2))

    await asyncio.gather(*(look_after() for _ in range(3)))

    (node,) = (await graphql(ALERTS))["data"]["alerts"]["nodes"]
    assert (node["kind"], node["severity"]) == ("AGENT_SILENT", "CRITICAL")
    assert (node["subject"], node["location"]) == ("pi-north", {"code": "north"})


async def test_the_alert_is_over_with_the_next_report_and_comes_again_with_the_next_silence(
    agent, look_after, owner_url, alerts
):
    await agent.report()
    for _ in range(2):
        await run_sql(owner_url, HEARD_LONG_AGO, timedelta(minutes=2))
        await look_after()
        await agent.report()

    assert await alerts() == [("AGENT_SILENT", "RESOLVED")] * 2


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"outbox": outbox(dropped=1)}, "AGENT_LOSES_READS"),
        ({"clockSkewMs": -70_000}, "AGENT_CLOCK_WRONG"),
        ({"devices": [device("north-1", state="QUARANTINED")]}, "DEVICE_QUARANTINED"),
        ({"outbox": outbox(oldestAt="2026-01-01T00:00:00Z")}, "AGENT_HOLDS_READS"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_trouble_raises_an_alert_and_its_end_settles_it(
    agent, alerts, owner_url, changes, kind
):
    await agent.report()

    for _ in range(3):
        await agent.report(**changes)

    assert await alerts() == [(kind, "OPEN")]
    await run_sql(owner_url, "update agents set losing_at = null")
    await agent.report(outbox=changes.get("outbox", outbox()) | {"oldestAt": None})
    assert await alerts() == [(kind, "RESOLVED")]


async def test_a_revoked_agent_has_no_alerts(graphql, agent, agents, alerts):
    await agent.report(clockSkewMs=70_000)

    await graphql(REVOKE, {"input": {"id": (await agents())[0]["id"]}})

    assert await alerts() == [("AGENT_CLOCK_WRONG", "RESOLVED")]


async def test_an_announced_stop_raises_no_alert(agent, look_after, owner_url, alerts):
    await agent.report(isStopping=True)
    await run_sql(owner_url, HEARD_LONG_AGO, timedelta(hours=10))

    await look_after()

    assert await alerts() == []
