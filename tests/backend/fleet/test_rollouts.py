import asyncio

import pytest

from backend.programs import fleet
from tests.backend.fleet.agents import let_in
from tests.world import run_sql

START = """
mutation ($input: StartAgentRolloutInput!) {
  startAgentRollout(input: $input) { rollout { id configurationVersion state wave waves } }
}"""
STEER = """
mutation ($input: AgentRolloutInput!) {{
  {verb}AgentRollout(input: $input) {{ rollout {{ id state wave }} }}
}}"""
ROLLOUTS = """{ agentRollouts { nodes {
  id state wave reason startedByName agents { name wave state previousVersion error deliveredAt }
} } }"""
CONFIGURATIONS = "{ agentConfigurations { nodes { version note basedOn diff document } } }"
CHECK = """
query ($document: String!, $agents: [ID!]!, $basedOn: Int) {
  checkAgentConfiguration(document: $document, agents: $agents, basedOn: $basedOn) {
    diff problems { line key message }
  }
}"""
ENTRIES = "select action from audit_log where action like 'AGENT_ROLLOUT%' order by seq"
LATE = "update agent_rollout_members set sent_at = sent_at - interval '1 day' where state = 'SENT'"
DEBUG, INFO = 'log_level = "DEBUG"\n', 'log_level = "INFO"\n'


class Fleet:
    """Three agents that report, and who rolls configurations out to them."""

    def __init__(self, graphql, look, agents):
        self.graphql, self.look, self.agents, self.ids = graphql, look, agents, []

    async def start(self, document=DEBUG, **changes):
        sent = {"agents": self.ids, "document": document, **changes}
        return await self.graphql(START, {"input": sent})

    async def steer(self, verb):
        rollout = (await self.rollouts())[0]
        return await self.graphql(STEER.format(verb=verb), {"input": {"id": rollout["id"]}})

    async def rollouts(self):
        answer = await self.graphql(ROLLOUTS)
        assert "errors" not in answer, answer
        return answer["data"]["agentRollouts"]["nodes"]

    async def states(self):
        (rollout, *_) = await self.rollouts()
        return rollout["state"], [one["state"] for one in rollout["agents"]]

    async def wanted(self):
        """Return what each agent is told to run with, as (version, document), None for nothing."""
        found = []
        for agent in self.agents:
            told = (await agent.report(**agent.said))["configuration"]
            found.append(told and (told["version"], told["document"]))
        return found

    async def say(self, number, version, state, error=None):
        """Let an agent say what became of a version, now and from now on."""
        agent = self.agents[number]
        agent.said = {"configuration": {"version": version, "state": state, "error": error}}
        return await agent.report(**agent.said)


@pytest.fixture
async def three(graphql, client, shop, database_of_app, settings, agents):
    members = [await let_in(graphql, client, name=f"pi-{number}") for number in range(3)]

    async def look():
        await fleet.look_after(database_of_app, settings)

    made = Fleet(graphql, look, members)
    for member in members:
        member.said = {"configuration": {"state": "CONFIRMED"}}
        await member.report(**member.said)
    by_client = {one["clientId"]: one["id"] for one in await agents()}
    made.ids = [by_client[member.client_id] for member in members]
    return made


async def test_the_first_agent_tries_it_alone(three):
    answer = await three.start()

    rollout = answer["data"]["startAgentRollout"]["rollout"]
    assert (rollout["state"], rollout["wave"], rollout["waves"]) == ("RUNNING", 0, 2)
    assert await three.wanted() == [(1, DEBUG), None, None]


async def test_the_next_wave_begins_when_the_one_before_confirmed(three):
    await three.start()

    await three.say(0, 1, "TRIAL")
    await three.look()
    assert await three.wanted() == [None, None, None]
    await three.say(0, 1, "CONFIRMED")
    await three.look()

    assert await three.wanted() == [None, (1, DEBUG), (1, DEBUG)]


async def test_it_is_completed_when_all_confirmed(three, owner_url):
    await three.start()
    for number in range(3):
        await three.say(number, 1, "CONFIRMED")
        await three.look()

    await three.look()

    assert await three.states() == ("COMPLETED", ["CONFIRMED"] * 3)
    actions = [row["action"] for row in await run_sql(owner_url, ENTRIES)]
    assert actions == [
        "AGENT_ROLLOUT_STARTED", "AGENT_ROLLOUT_ADVANCED", "AGENT_ROLLOUT_COMPLETED"
    ]  # fmt: skip


@pytest.mark.parametrize("state", ["REJECTED", "ROLLED_BACK"])
async def test_one_that_cannot_use_it_takes_all_back(three, state):
    await three.start()
    await three.say(0, 1, "CONFIRMED")
    await three.look()

    await three.say(2, 1, state, "port: is missing")
    await three.look()

    (rollout,) = await three.rollouts()
    assert rollout["state"] == "ROLLED_BACK"
    assert rollout["reason"] == "pi-2: port: is missing"
    assert [one["state"] for one in rollout["agents"]] == ["TAKEN_BACK", "TAKEN_BACK", "FAILED"]
    assert await three.wanted() == [(0, ""), None, (0, "")]


async def test_one_that_is_silent_beyond_its_trial_takes_all_back(three, owner_url):
    await three.start()
    await three.wanted()
    await three.look()
    assert (await three.states())[0] == "RUNNING"
    await run_sql(owner_url, LATE)

    await asyncio.gather(three.look(), three.look())

    (rollout,) = await three.rollouts()
    assert rollout["state"] == "ROLLED_BACK"
    assert [one["state"] for one in rollout["agents"]] == ["FAILED", "SKIPPED", "SKIPPED"]
    assert rollout["agents"][0]["deliveredAt"] is not None
    assert rollout["agents"][0]["error"] == "it did not confirm in time"


async def test_what_an_agent_went_back_from_it_is_not_told_again(three):
    await three.start()

    answer = await three.say(0, 1, "ROLLED_BACK")

    assert answer["configuration"] is None


async def test_a_roll_back_leads_to_what_each_had_before(three):
    await three.start()
    for number in range(3):
        await three.say(number, 1, "CONFIRMED")
        await three.look()
    await three.look()
    await three.start(INFO, basedOn=1)
    assert await three.wanted() == [(2, INFO), None, None]

    await three.say(0, 2, "REJECTED")
    await three.look()

    assert await three.wanted() == [(1, DEBUG), None, None]


async def test_a_pause_holds_the_next_wave_back_until_it_goes_on(three):
    await three.start()
    await three.steer("pause")
    await three.say(0, 1, "CONFIRMED")
    await three.look()
    assert await three.wanted() == [None, None, None]

    await three.steer("resume")
    await three.look()

    assert await three.wanted() == [None, (1, DEBUG), (1, DEBUG)]


async def test_a_cancelled_one_leaves_the_configuration_where_it_is(three):
    await three.start()
    await three.say(0, 1, "CONFIRMED")

    await three.steer("cancel")
    await three.look()

    assert await three.states() == ("CANCELLED", ["CONFIRMED", "SKIPPED", "SKIPPED"])
    assert await three.wanted() == [None, None, None]


async def test_a_person_takes_a_completed_one_back(three):
    await three.start()
    for number in range(3):
        await three.say(number, 1, "CONFIRMED")
        await three.look()
    await three.look()

    await three.steer("rollBack")

    assert await three.states() == ("ROLLED_BACK", ["TAKEN_BACK"] * 3)
    assert await three.wanted() == [(0, "")] * 3


async def test_what_is_over_cannot_be_steered(three):
    await three.start()
    await three.steer("cancel")

    answer = await three.steer("resume")

    assert answer["errors"][0]["extensions"]["code"] == "ROLLOUT_OVER"


async def test_an_agent_is_in_one_roll_out_at_a_time(three):
    answers = await asyncio.gather(*(three.start() for _ in range(3)))

    codes = [one["errors"][0]["extensions"]["code"] for one in answers if "errors" in one]
    assert codes == ["AGENT_IN_ROLLOUT"] * 2


async def test_a_revoked_agent_holds_nobody_up(three):
    revoke = "mutation ($input: RevokeAgentInput!) { revokeAgent(input: $input) {\
 agent { id } } }"
    await three.start()

    await three.graphql(revoke, {"input": {"id": three.ids[0]}})
    await three.look()

    (rollout,) = await three.rollouts()
    assert (rollout["state"], rollout["wave"]) == ("RUNNING", 1)
    assert [one["state"] for one in rollout["agents"]] == ["SKIPPED", "SENT", "SENT"]


async def test_a_bad_document_is_refused_with_its_problems_and_leaves_nothing(three):
    answer = await three.start('[uplink]\nurl = "https://evil.example"\n')

    extensions = answer["errors"][0]["extensions"]
    assert extensions["code"] == "INVALID_CONFIGURATION"
    assert extensions["problems"] == [
        {"line": 2, "key": "uplink.url", "message": "is the agent's own and stays in its file"}
    ]
    assert await three.rollouts() == []
    answer = await three.graphql(CONFIGURATIONS)
    assert answer["data"]["agentConfigurations"]["nodes"] == []


async def test_a_document_is_checked_and_compared_before_it_is_rolled_out(three):
    await three.start(DEBUG)
    bad = '[[devices]]\ncode = "south-1"\nread_point = "till"\nport = "a"\n'
    values = {"document": bad, "agents": three.ids[:1], "basedOn": 1}

    check = (await three.graphql(CHECK, values))["data"]["checkAgentConfiguration"]

    assert [(one["line"], one["key"]) for one in check["problems"]] == [(2, "devices.0.code")]
    assert '-log_level = "DEBUG"' in check["diff"]
    assert '+code = "south-1"' in check["diff"]


async def test_no_agent_loses_the_devices_of_a_configuration_unasked(three):
    ports = '[[devices]]\ncode = "north-1"\nread_point = "till"\nport = "a"\n'
    await three.start(ports, agents=three.ids[:1])
    await three.steer("cancel")

    answer = await three.start(DEBUG)

    (problem,) = answer["errors"][0]["extensions"]["problems"]
    assert problem["key"] == "devices"
    assert problem["message"].startswith("pi-0 has its devices from version 1")


async def test_versions_are_kept_with_their_notes_and_what_they_changed(three):
    await three.start(DEBUG, note="to see more")
    await three.steer("cancel")
    await three.start(INFO, basedOn=1)

    nodes = (await three.graphql(CONFIGURATIONS))["data"]["agentConfigurations"]["nodes"]

    assert [(one["version"], one["note"], one["basedOn"]) for one in nodes] == [
        (2, None, 1),
        (1, "to see more", None),
    ]
    assert nodes[0]["diff"] == '@@ -1 +1 @@\n-log_level = "DEBUG"\n+log_level = "INFO"'


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"agents": []}, "INVALID_ROLLOUT"),
        ({"agents": ["6f1b5bb4-0f4c-4c64-8b1c-5d3a1b2c3d4e"]}, "AGENT_NOT_FOUND"),
        ({"agents": ["x"]}, "AGENT_NOT_FOUND"),
        ({"trialSeconds": 1}, "INVALID_ROLLOUT"),
        ({"wavePercents": [10]}, "INVALID_ROLLOUT"),
    ],
    ids=["nobody", "unknown", "no id", "short", "not all"],
)
async def test_a_roll_out_that_cannot_be_is_refused(three, changes, code):
    answer = await three.start(**changes)

    assert answer["errors"][0]["extensions"]["code"] == code


async def test_whoever_only_reads_devices_rolls_nothing_out(three, graphql):
    answer = await graphql(
        START, {"input": {"agents": three.ids, "document": DEBUG}}, "devices:read"
    )

    assert answer["errors"][0]["extensions"]["code"] == "MISSING_SCOPE"
