import asyncio
import contextlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from tests.backend.events.facts import write
from tests.backend.transport.test_sharing import COUNTED, joined

EVENTS = {"accept": "text/event-stream"}


@contextlib.asynccontextmanager
async def stream(server, query, token="all", method="POST"):
    """Ask for an event stream; yields the response and its lines."""
    headers = EVENTS | {"authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(timeout=10) as client,
        client.stream(method, server.url, json={"query": query}, headers=headers) as response,
    ):
        yield response, response.aiter_lines()


async def event(lines):
    """Return name and data of the next event; comments are left out."""
    name = data = None
    async for line in lines:
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            data = line[6:]
        elif not line and name:
            return name, json.loads(data) if data else {}
    return None


async def test_a_subscription_streams_events_that_are_shared(server, database, principal):
    async with (
        stream(server, COUNTED) as (response, lines),
        stream(server, COUNTED) as (_, others),
        server.client() as client,
    ):
        await client.subscribe(COUNTED)
        await joined(server, 3)
        await write(database, principal, 1)
        got = [await event(lines), await event(others)]
        assert await client.data(1, "counted") == [{"key": "k", "number": 1}]

    assert response.headers["content-type"] == "text/event-stream"
    assert got == [("next", {"data": {"counted": {"key": "k", "number": 1}}})] * 2
    assert server.view.executions.started == 1


async def test_a_stream_that_is_over_says_so(server, principal):
    async with stream(server, "{ organisation }") as (_, lines):
        got = [await event(lines), await event(lines), await event(lines)]

    assert got[0] is not None
    assert got[0][1]["data"] == {"organisation": str(principal.org_id)}
    assert got[1:] == [("complete", {}), None]


async def test_an_operation_that_cannot_run_says_why(server):
    async with stream(server, "subscription { nothing }") as (_, lines):
        got = await event(lines)

    assert got is not None
    assert got[0] == "next"
    assert got[1]["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_a_stream_nobody_reads_any_more_ends(server):
    async with stream(server, COUNTED):
        await joined(server, 1)

    async with asyncio.timeout(10):
        while server.view.executions.runs or len(server.view.connections):
            await asyncio.sleep(0.01)


async def test_a_stream_ends_when_its_token_expires(server, principal):
    soon = datetime.now(UTC) + timedelta(seconds=0.3)
    server.callers["short"] = replace(principal, expires_at=soon)
    async with stream(server, COUNTED, "short") as (_, lines):
        assert await event(lines) is None


@pytest.mark.alone
async def test_a_stream_ends_when_its_client_is_revoked(server, principal):
    server.callers["leaver"] = replace(principal, client_id="leaver")
    async with stream(server, COUNTED, "leaver") as (_, lines):
        await joined(server, 1)
        del server.callers["leaver"]
        server.view.connections.look_again(lambda who: who.client_id == "leaver")

        async with asyncio.timeout(1):
            assert await event(lines) is None


@pytest.mark.parametrize(("token", "status"), [("wrong", 401)])
async def test_a_stream_needs_a_good_token(server, token, status):
    async with stream(server, COUNTED, token) as (response, _):
        assert response.status_code == status


async def test_a_stream_is_asked_for_with_post(server):
    async with stream(server, COUNTED, method="GET") as (response, _):
        assert response.status_code == 405
