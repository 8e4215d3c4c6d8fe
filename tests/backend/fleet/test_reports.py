import asyncio
from datetime import timedelta

import pytest

from backend.core.scopes import Scope
from backend.fleet.rules import Pace
from backend.fleet.watch import find_silent
from backend.identity import clients
from backend.identity.authentication import Identity
from tests.backend.fleet.agents import REPORT, Agent, device, let_in, outbox, said
from tests.people import add_user, sign_in
from tests.world import run_sql

EVENTS = "select kind, location_id, items from event_log where kind = 'AgentChanged' order by seq"
HEARD_LONG_AGO = "update agents set heard_at = heard_at - $1::interval"


@pytest.fixture
def news(owner_url):
    """Counts the events about agents."""

    async def count():
        return len(await run_sql(owner_url, EVENTS))

    return count


@pytest.fixture
def watch(app, principal):
    """Looks for silent agents once."""
    service = app.state.services[Identity]

    async def look():
        async with service.database.work(principal) as work:
            return await find_silent(work, app.state.services[Pace])

    return look


async def test_an_agent_is_shown_as_it_reported(agent, agents):
    answer = await agent.report()

    (row,) = await agents()
    assert answer["heartbeatSeconds"] == 30
    assert answer["userErrors"] == []
    assert row["state"] == "REPORTING"
    assert row["troubles"] == []
    assert row["locations"] == [{"code": "north"}]
    assert row["softwareVersion"] == "0.1.0"
    assert row["outbox"] == {
        "depth": 3, "refused": 0, "dropped": 0, "parked": 1, "oldestAt": None
    }  # fmt: skip
    assert row["devices"][0] == device("north-1", lastError=None)
    assert row["heardAt"] is not None


async def test_an_enrolled_agent_is_there_before_it_reports(agent, agents):
    (row,) = await agents()

    assert (row["state"], row["heardAt"], row["devices"]) == ("ENROLLED", None, [])


async def test_beats_that_a_person_would_not_see_are_no_news(agent, news):
    await agent.report()
    before = await news()

    for depth in (5, 900, 0):
        ports = [device("north-1", reads=depth, lastReadAt="2026-01-01T09:00:00Z")]
        await agent.report(outbox=outbox(depth=depth), devices=ports, clockSkewMs=depth)

    assert await news() == before


@pytest.mark.parametrize(
    "changes",
    [
        {"version": "0.2.0"},
        {"startedAt": "2026-01-02T08:00:00Z"},
        {"devices": [device("north-1", state="DISCONNECTED")]},
        {"devices": [device("north-1", state="QUARANTINED")]},
        {"devices": []},
        {"lastError": "UPLINK_UNAVAILABLE"},
        {"clockSkewMs": 61_000},
        {"isStopping": True},
        {"configuration": {"version": 3, "state": "TRIAL"}},
    ],
    ids=lambda changes: next(iter(changes)),
)
async def test_what_a_person_would_see_is_news_once(agent, news, changes):
    await agent.report()
    before = await news()

    for _ in range(2):
        await agent.report(**changes)

    assert await news() == before + 1


async def test_losses_are_trouble_for_a_while(agent, agents, owner_url):
    await agent.report(outbox=outbox(refused=5, dropped=2))
    first = (await agents())[0]["troubles"]

    await agent.report(outbox=outbox(refused=5, dropped=3))
    then = (await agents())[0]["troubles"]
    await run_sql(owner_url, "update agents set losing_at = losing_at - interval '16 minutes'")
    await agent.report(outbox=outbox(refused=5, dropped=3))

    assert first == []
    assert then == ["LOSES_READS"]
    assert (await agents())[0]["troubles"] == []


async def test_reads_that_wait_although_the_agent_reaches_us_are_trouble(agent, agents):
    await agent.report(
        sentAt="2026-01-01T12:00:00Z", outbox=outbox(oldestAt="2026-01-01T11:49:00Z")
    )

    assert (await agents())[0]["troubles"] == ["HOLDS_READS"]


async def test_devices_that_are_not_there_are_named_and_the_report_is_kept(agent, agents):
    answer = await agent.report(devices=[device("north-1"), device("gone", port="tcp")])

    assert answer["userErrors"] == [
        {
            "code": "UNKNOWN_DEVICE",
            "message": "no device 'gone'",
            "field": ["input", "devices", "1", "code"],
        }
    ]
    assert len((await agents())[0]["devices"]) == 2


async def test_an_old_client_becomes_an_agent_where_its_devices_are(
    graphql, app, client, principal, shop, agents
):
    service = app.state.services[Identity]
    async with service.database.work(principal) as work:
        made = await clients.create_client(work, "edge", frozenset({Scope.READS_WRITE}))
    token = await service.issue_token(made.client_id, made.client_secret, None, "test")
    old = Agent(client, token.access_token, made.client_id)

    await old.report(devices=[device("north-1"), device("south-1", port="b")])

    (row,) = await agents()
    assert row["name"] == "edge"
    assert row["locations"] == [{"code": "north"}, {"code": "south"}]


async def test_two_first_reports_at_once_make_one_agent(app, client, principal, shop, agents):
    service = app.state.services[Identity]
    async with service.database.work(principal) as work:
        made = await clients.create_client(work, "edge", frozenset({Scope.READS_WRITE}))
    token = await service.issue_token(made.client_id, made.client_secret, None, "test")
    old = Agent(client, token.access_token, made.client_id)

    await asyncio.gather(*(old.report() for _ in range(4)))

    assert len(await agents()) == 1


async def test_a_person_is_no_agent(app, client, owner_url, principal, shop):
    await add_user(app, owner_url, principal.org_id, "clerk@shop.example", "CLERK")
    person = Agent(client, await sign_in(app, principal, "clerk@shop.example"), "")

    answer = await person.ask(REPORT, {"input": said()})

    assert answer["errors"][0]["extensions"]["code"] == "NOT_AN_AGENT"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"outbox": outbox(depth=-1)}, ["input", "outbox", "depth"]),
        ({"devices": [device("north-1", reads=-1)]}, ["input", "devices", "0", "reads"]),
        ({"devices": [device("north-1")] * 201}, ["input", "devices"]),
    ],
    ids=["depth", "reads", "too many"],
)
async def test_a_report_that_cannot_be_is_refused(agent, changes, field):
    answer = await agent.ask(REPORT, {"input": said(**changes)})

    assert answer["errors"][0]["extensions"]["code"] == "INVALID_REPORT"
    assert answer["errors"][0]["extensions"]["field"] == field


async def test_texts_are_cut_to_what_is_kept(agent, agents):
    await agent.report(lastError="x\x00" * 900, hostname="h" * 900)

    (row,) = await agents()
    assert row["lastError"] == "x" * 500
    assert row["hostname"] == "h" * 100


async def test_an_agent_not_heard_of_is_silent_until_it_reports(
    agent, agents, watch, owner_url, news
):
    await agent.report()
    assert await watch() == 0
    await run_sql(owner_url, HEARD_LONG_AGO, timedelta(seconds=91))
    before = await news()

    counts = [await watch(), await watch()]

    assert counts == [1, 0]
    assert (await agents())[0]["state"] == "SILENT"
    await agent.report()
    assert (await agents())[0]["state"] == "REPORTING"
    assert await news() == before + 2


async def test_a_stop_that_was_announced_is_silent_only_much_later(agent, agents, watch, owner_url):
    await agent.report(isStopping=True)
    await run_sql(owner_url, HEARD_LONG_AGO, timedelta(hours=35))
    assert await watch() == 0
    assert (await agents())[0]["state"] == "STOPPED"
    await run_sql(owner_url, HEARD_LONG_AGO, timedelta(hours=2))

    found = await watch()

    assert found == 1


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        ({"states": ["REPORTING"]}, ["pi-north"]),
        ({"states": ["ENROLLED", "SILENT"]}, ["pi-south"]),
        ({"locations": ["south"]}, ["pi-south"]),
        ({"locations": ["nowhere"]}, []),
        ({"troubles": ["CLOCK_WRONG"]}, ["pi-north"]),
        ({"troubles": ["LOSES_READS"]}, []),
        ({"text": "SOUTH"}, ["pi-south"]),
    ],
)
async def test_agents_are_filtered(graphql, client, agent, agents, criteria, found):
    await let_in(graphql, client, "south", name="pi-south")
    await agent.report(clockSkewMs=100_000)

    names = [one["name"] for one in await agents(**criteria)]

    assert names == found
