import asyncio
from datetime import timedelta

import pytest

from backend.programs import fleet
from edge_agent.__main__ import main
from edge_agent.agent import Agent
from edge_agent.clock import SystemClock
from edge_agent.heartbeat import Pace
from edge_agent.managed import ManagedConfiguration
from edge_agent.simulator import ScannerSimulator
from tests.backend.fleet.test_rollouts import ROLLOUTS, START
from tests.backend.shop import TEA_GTIN
from tests.edge.conftest import running
from tests.edge.waiting import eventually

QUICK = Pace(interval_s=0.2, least_s=0.05, look_s=0.02)
READS = "{ agents { nodes { devices { code reads state } } } }"


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"agent_heartbeat": timedelta(seconds=1)})


@pytest.fixture
def scanner(tmp_path):
    with ScannerSimulator(tmp_path / "scanner") as plugged:
        yield plugged


@pytest.fixture
async def config(server, new_code, tmp_path):
    """The configuration of an agent that was paired with the running backend."""
    file = tmp_path / "edge.toml"
    code = await new_code()
    words = ["pair", code.lower(), "--config", str(file), "--server", server.url]
    assert await asyncio.to_thread(main, words) == 0
    return file


def device(port, point):
    return f'\n[[devices]]\ncode = "north-1"\nread_point = "{point}"\nport = "{port}"\n'


def agent_on(config):
    managed = ManagedConfiguration(config, {}, SystemClock())
    return Agent(managed.start(), managed=managed, pace=QUICK)


async def test_an_agent_pairs_reads_reports_and_takes_a_configuration(
    config, scanner, graphql, agents, database_of_app, settings
):
    config.write_text(config.read_text() + device(scanner.port, "till"))

    async with running(agent_on(config)):
        await scanner.wait_opened()
        await scanner.scan(f"]E0{TEA_GTIN}")
        (agent,) = await eventually(lambda: reporting(agents, "north-1", 1))
        document = device(scanner.port, "dock")
        sent = {"agents": [agent["id"]], "document": document}
        answer = await graphql(START, {"input": sent})
        assert "errors" not in answer, answer

        async def is_completed():
            await fleet.look_after(database_of_app, settings)
            (rollout,) = (await graphql(ROLLOUTS))["data"]["agentRollouts"]["nodes"]
            return rollout["state"] == "COMPLETED"

        await eventually(is_completed, timeout_s=60)
        await scanner.scan(f"]E0{TEA_GTIN}")
        (agent,) = await eventually(lambda: reporting(agents, "north-1", 2))

    assert agent["configuration"] == {"version": 1, "state": "CONFIRMED", "error": None}
    (stopped,) = await agents()
    assert (stopped["state"], stopped["outbox"]["depth"]) == ("STOPPED", 0)


async def reporting(agents, code, reads):
    nodes = await agents()
    told = [(one["code"], one["reads"]) for node in nodes for one in node["devices"]]
    return nodes if told == [(code, reads)] and not nodes[0]["outbox"]["depth"] else None


async def test_a_code_is_good_for_one_agent(config, server, new_code, tmp_path, capsys):
    other = tmp_path / "other"
    code = await new_code()
    words = ["pair", code, "--server", server.url, "--config"]
    assert await asyncio.to_thread(main, [*words, str(config)]) == 0

    assert await asyncio.to_thread(main, [*words, str(other / "edge.toml")]) == 2

    assert "PAIRING_REFUSED: invalid_token" in capsys.readouterr().err
    assert list(other.iterdir()) == []
