import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from websockets.exceptions import InvalidStatus

from backend.core.scopes import Scope
from tests.backend.events.facts import write
from tests.backend.transport.test_sharing import COUNTED, joined


async def test_queries_and_mutations_work_over_a_socket(server, principal):
    async with server.client() as client:
        await client.subscribe("{ organisation }")
        assert await client.data(1, "organisation") == [str(principal.org_id)]
        assert (await client.receive()) == {"id": "1", "type": "complete"}

        await client.subscribe("mutation { touch }")
        assert await client.data(1, "touch") == [1]


async def test_two_operations_of_one_socket_run_side_by_side(server, database, principal):
    async with server.client() as client:
        await client.subscribe(COUNTED, "a")
        await client.subscribe("subscription { levels { number } }", "b")
        await joined(server, 2)
        await write(database, principal, 1)

        got = {(await client.receive())["id"] for _ in range(2)}

    assert got == {"a", "b"}


async def test_a_completed_subscription_sends_nothing_more(server, database, principal):
    async with server.client() as client:
        await client.subscribe(COUNTED)
        await joined(server, 1)
        await client.send(id="1", type="complete")
        async with asyncio.timeout(10):
            while server.view.executions.runs:
                await asyncio.sleep(0.005)
        await write(database, principal, 1)
        await client.subscribe("{ organisation }", "2")

        assert (await client.receive())["id"] == "2"


async def test_a_bad_token_is_refused(server):
    async with server.socket() as client:
        await client.send(type="connection_init", payload={"authorization": "Bearer wrong"})

        assert await client.closed() == 4403


async def test_a_subscription_without_the_scope_is_refused_with_its_code(server):
    async with server.client("none") as client:
        await client.subscribe(COUNTED)

        message = await client.receive()

    assert message["type"] == "error"
    assert message["payload"][0]["extensions"]["code"] == "MISSING_SCOPE"


@pytest.mark.parametrize("query", ["subscription { nothing }", "subscription {", ""])
async def test_a_document_that_cannot_run_is_an_error_of_its_operation(server, query):
    async with server.client() as client:
        await client.subscribe(query)

        message = await client.receive()

    assert message["type"] == "error"
    assert message["payload"][0]["extensions"]["code"]


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "[]",
        '{"type": "subscribe", "id": "1", "payload": []}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 5}}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{ organisation }"}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "variables": []}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "operationName": 1}}',
        '{"type": "unknown"}',
        "{}",
    ],
)
async def test_a_message_outside_the_protocol_closes_with_4400(server, text):
    async with server.client() as client:
        await client.socket.send(text)

        assert await client.closed() == 4400


async def test_a_page_of_another_origin_gets_no_socket(server):
    with pytest.raises(InvalidStatus) as refused:
        async with server.socket(origin="http://evil.test"):
            pass

    assert refused.value.response.status_code == 403


async def test_the_dashboard_gets_a_socket(server):
    async with server.client(origin="http://dashboard.test:8050") as client:
        await client.send(type="ping")

        assert (await client.receive())["type"] == "pong"


async def test_a_socket_closes_when_its_token_expires(server, principal):
    server.callers["short"] = replace(
        principal, expires_at=datetime.now(UTC) + timedelta(seconds=1)
    )
    async with server.client("short") as client:
        assert await client.closed() == 4403


@pytest.mark.alone
async def test_a_revoked_client_loses_its_socket_within_a_second(server, principal):
    server.callers["leaver"] = replace(principal, client_id="leaver")
    async with server.client("leaver") as client:
        await client.subscribe(COUNTED)
        await joined(server, 1)
        del server.callers["leaver"]
        server.view.connections.look_again(lambda who: who.client_id == "leaver")

        async with asyncio.timeout(1):
            assert await client.closed() == 4403


async def test_a_client_with_fewer_rights_loses_what_it_may_no_longer_follow(server, principal):
    server.callers["changing"] = replace(principal, client_id="changing")
    async with server.client("changing") as client:
        await client.subscribe(COUNTED)
        await joined(server, 1)
        server.callers["changing"] = replace(
            principal, client_id="changing", scopes=frozenset({Scope.SALES_READ})
        )
        server.view.connections.look_again(lambda who: who.client_id == "changing")

        message = await client.receive()

    assert message["payload"][0]["extensions"]["code"] == "MISSING_SCOPE"


async def test_other_clients_keep_their_sockets(server, database, principal):
    async with server.client() as client:
        await client.subscribe(COUNTED)
        await joined(server, 1)
        server.view.connections.look_again(lambda who: who.client_id == "leaver")
        await write(database, principal, 1)

        assert await client.data(1, "counted") == [{"key": "k", "number": 1}]
