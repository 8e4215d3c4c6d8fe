"""What the backend hears of an agent, and that hearing nothing harms nobody."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate
from graphql.execution.values import get_variable_values
from graphql.utilities import get_operation_ast

from edge_agent.agent import Agent
from edge_agent.clock import SystemClock
from edge_agent.crew import Crew
from edge_agent.errors import UplinkUnauthorised, UplinkUnavailable
from edge_agent.heartbeat import Heartbeat, Pace
from edge_agent.ingest import INGEST_READS
from edge_agent.report import REPORT_AGENT, Offer, read_instructions
from edge_agent.settings import DeviceSettings
from tests.edge.conftest import running
from tests.edge.fake_backend import Answer, graphql_error
from tests.edge.waiting import eventually

QUICK = Pace(interval_s=60, least_s=0.02, look_s=0.01)


def last(backend):
    return backend.reports[-1]


async def test_an_agent_reports_at_its_start_with_all_that_is_known(settings, scanner, backend):
    async with running(Agent(settings, pace=QUICK)):
        await scanner.wait_opened()
        await eventually(lambda: backend.reports and last(backend)["devices"][0]["state"])
        first = backend.reports[0]

    assert first["isStopping"] is False
    assert first["outbox"] == {
        "depth": 0, "bytes": first["outbox"]["bytes"], "refused": 0, "dropped": 0, "parked": 0,
        "oldestAt": None,
    }  # fmt: skip
    assert first["devices"][0] | {"state": "", "lastError": None} == {
        "code": "till-1", "port": scanner.port, "state": "", "protocol": "lines", "reads": 0,
        "garbage": 0, "lastReadAt": None, "lastError": None,
    }  # fmt: skip
    assert first["startedAt"] <= first["sentAt"]
    assert first["configuration"] is None
    assert len(first["bootId"]) == 36


async def test_what_waits_and_what_was_read_is_told(settings, scanner, backend):
    backend.heartbeat_s = 0  # no wish of its own: the agent's pace
    backend.refuse = lambda _reads: Answer(503, b"{}")
    device = DeviceSettings("gone", "dock", "/dev/not-there")
    both = dataclasses.replace(settings, devices=(*settings.devices, device))

    async with running(Agent(both, pace=dataclasses.replace(QUICK, interval_s=0.05))):
        await scanner.wait_opened()
        await scanner.scan("4006381333931")
        told = await eventually(lambda: report_of_a_read_that_waits(backend))

    till, gone = told["devices"]
    assert (till["state"], till["reads"]) == ("CONNECTED", 1)
    assert till["lastReadAt"] <= told["sentAt"]
    assert (gone["state"], "No such file" in gone["lastError"]) == ("DISCONNECTED", True)
    assert told["outbox"]["oldestAt"] <= told["sentAt"]
    assert "503" in told["lastError"]


def report_of_a_read_that_waits(backend):
    told = last(backend) if backend.reports else None
    return told if told and told["outbox"]["depth"] == 1 and told["lastError"] else None


async def test_a_change_is_told_at_once_and_a_stop_last(settings, scanner, backend):
    async with running(Agent(settings, pace=QUICK)):
        await scanner.wait_opened()
        await eventually(lambda: last(backend)["devices"][0]["state"] == "CONNECTED")
        scanner.unplug()
        await eventually(lambda: last(backend)["devices"][0]["state"] == "DISCONNECTED")

    assert [one["isStopping"] for one in backend.reports[-2:]] == [False, True]


async def test_changes_in_plenty_are_told_no_faster_than_the_pace(settings, scanner, backend):
    loop = asyncio.get_running_loop()
    began = loop.time()

    async with running(Agent(settings, pace=dataclasses.replace(QUICK, least_s=0.5))):
        for _ in range(3):
            await scanner.wait_opened()
            scanner.unplug()
            scanner.plug()
        count, seconds = len(backend.reports), loop.time() - began

    assert count <= 1 + seconds / 0.5


@pytest.mark.parametrize(
    "answer",
    [
        graphql_error("GRAPHQL_VALIDATION_FAILED", status=400),
        graphql_error("FORBIDDEN"),
        graphql_error("UNAVAILABLE", status=503),
        Answer(500, b"oops"),
        Answer(200, b"<html>Welcome to Shop WiFi</html>"),
        Answer(200, b'{"data": {"reportAgent": null}}'),
        Answer(200, b'{"data": {"reportAgent": {"heartbeatSeconds": "soon"}}}'),
        Answer(413),
        Answer(is_lost=True),
    ],
    ids=lambda answer: f"{answer.status} {answer.body[:40].decode()}",
)
async def test_a_report_that_fails_changes_nothing_else(settings, scanner, backend, answer, caplog):
    backend.report_answer = answer
    pace = dataclasses.replace(QUICK, interval_s=0.05, older_server_s=0.05)

    async with running(Agent(settings, pace=pace)):
        await scanner.wait_opened()
        await eventually(lambda: len(backend.reports) > 3)
        await scanner.scan("4006381333931")
        await eventually(lambda: backend.ledger)

    assert caplog.text.count("takes no reports") <= 2


async def test_a_report_that_hangs_holds_up_no_read(settings, scanner, backend):
    backend.report_answer = Answer(200, b"{}", {"Content-Length": "100"})  # the rest never comes

    async with running(Agent(settings, pace=QUICK)):
        await scanner.wait_opened()
        await eventually(lambda: backend.reports)
        await scanner.scan("4006381333931")
        await eventually(lambda: backend.ledger, timeout_s=1.5)
        assert len(backend.reports) == 1


async def test_a_backend_that_knows_no_reports_is_left_alone_for_long(settings, scanner, backend):
    backend.report_answer = graphql_error("GRAPHQL_VALIDATION_FAILED", status=400)
    pace = dataclasses.replace(QUICK, interval_s=0.02, older_server_s=60)

    async with running(Agent(settings, pace=pace)):
        await scanner.wait_opened()
        await asyncio.sleep(0.5)
        count = len(backend.reports)

    assert count <= 3  # at the start, and where a port changed


async def test_the_pace_is_the_backends_with_a_little_jitter(settings, outbox, backend):
    async with asyncio.TaskGroup() as group:
        crew = Crew(settings, outbox, SystemClock(), group)
        heartbeat = Heartbeat(crew, outbox, SystemClock(), None, QUICK)
        backend.heartbeat_s = 100
        delays = []
        for _ in range(5):
            await heartbeat._report()
            delays.append(heartbeat._due_at - heartbeat._last_at)
        await crew.api.__aexit__(None, None, None)

    assert all(79 < delay < 121 for delay in delays)
    assert len({round(delay, 3) for delay in delays}) > 1


@pytest.mark.parametrize("document", [INGEST_READS, REPORT_AGENT], ids=["reads", "report"])
def test_what_the_agent_asks_fits_the_schema(document):
    schema = build_schema((Path(__file__).parents[2] / "schema.graphql").read_text())

    assert validate(schema, parse(document)) == []


async def test_a_report_fits_the_schema(settings, backend):
    schema = build_schema((Path(__file__).parents[2] / "schema.graphql").read_text())
    async with running(Agent(settings, pace=QUICK)):
        await eventually(lambda: backend.reports)

    operation = get_operation_ast(parse(REPORT_AGENT))
    variables = get_variable_values(
        schema, operation.variable_definitions or (), {"input": backend.reports[0]}
    )
    assert not isinstance(variables, list), variables


def answered(**payload):
    return json.dumps({"data": {"reportAgent": payload}}).encode()


def test_an_answer_is_read_with_care():
    offered = {"version": 7, "document": "x", "trialSeconds": 60}

    full = read_instructions(200, answered(heartbeatSeconds=30, configuration=offered))
    odd = read_instructions(
        200,
        answered(
            heartbeatSeconds=-5,
            configuration={**offered, "trialSeconds": 10**9},
            userErrors=[{"code": "UNKNOWN_DEVICE", "message": "no"}, 3],
        ),
    )

    assert (full.heartbeat_s, full.offer) == (30, Offer(7, "x", 60))
    assert (odd.heartbeat_s, odd.offer, odd.user_errors) == (0, None, ("UNKNOWN_DEVICE: no",))


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, b"", UplinkUnauthorised),
        (200, graphql_error("UNAUTHENTICATED").body, UplinkUnauthorised),
        (200, b"[]", UplinkUnavailable),
        (500, b"", UplinkUnavailable),
    ],
)
def test_an_answer_that_is_none_is_named(status, body, kind):
    with pytest.raises(kind):
        read_instructions(status, body)
