"""What a socket or an event stream may take, keep and delay."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.backend.events.facts import write
from tests.backend.transport.test_event_stream import stream
from tests.backend.transport.test_sharing import COUNTED, joined

BRIEF = timedelta(milliseconds=100)


async def test_a_message_beyond_the_limit_closes_the_socket(limited):
    async with limited(max_message_bytes=1000) as server, server.client() as client:
        await client.socket.send("x" * 1001)

        assert await client.closed() == 1009
        assert server.times("message_size") == 1


async def test_more_operations_than_allowed_are_refused_one_by_one(limited):
    async with limited(max_subscriptions=1) as server, server.client() as client:
        await client.subscribe(COUNTED, "1")
        await client.subscribe(COUNTED, "2")

        message = await client.receive()

        assert (message["id"], message["type"]) == ("2", "error")
        assert message["payload"][0]["extensions"] == {
            "code": "LIMIT_EXCEEDED",
            "of": "subscriptions",
            "limit": 1,
        }
        assert server.times("subscriptions") == 1


async def test_a_socket_that_never_introduces_itself_is_closed(limited):
    async with limited(init_timeout=BRIEF) as server, server.socket() as client:
        assert await client.closed() == 4408
        assert server.times("init_timeout") == 1


async def test_a_client_opens_only_so_many_sockets_and_streams_and_another_is_not_hindered(limited):
    async with limited(max_connections=2) as server:
        server.callers["other"] = replace(server.callers["all"], client_id="another")
        async with server.client(), stream(server, COUNTED), server.socket() as third:
            await joined(server, 1)
            await third.send(type="connection_init", payload={"authorization": "Bearer all"})
            assert await third.closed() == 1013
            assert third.socket.close_reason == "TOO_MANY_CONNECTIONS"
            async with stream(server, COUNTED) as (response, _):
                assert response.status_code == 429
            async with server.client("other"):
                pass
        assert server.times("connections") == 2
        async with asyncio.timeout(5):
            while len(server.view.connections):
                await asyncio.sleep(0.01)
        async with server.client(), server.client():
            pass


async def test_a_socket_on_which_nothing_runs_is_closed_and_a_busy_one_is_not(limited):
    async with limited(idle_timeout=BRIEF) as server:
        async with server.client() as busy, server.client() as idle:
            await busy.subscribe(COUNTED)

            assert await idle.closed() == 1000
            assert idle.socket.close_reason == "idle"
            await busy.subscribe("{ organisation }", "2")
            assert (await busy.receive())["id"] == "2"
        assert server.times("idle") == 1


async def test_whoever_does_not_read_is_cut_off(limited, database, principal):
    async with limited(send_timeout=BRIEF) as server, server.slow_client() as client:
        await client.subscribe(COUNTED)
        await joined(server, 1)
        async with asyncio.timeout(30):
            while not server.times("slow_reader"):
                await write(database, principal, *range(200))


async def test_a_socket_is_warned_at_half_of_a_short_life(limited):
    async with limited() as server:
        expires_at = datetime.now(UTC) + timedelta(seconds=3)
        server.callers["brief"] = replace(server.callers["all"], expires_at=expires_at)
        began = asyncio.get_running_loop().time()
        async with server.client("brief") as client:
            message = await client.receive()
            after = asyncio.get_running_loop().time() - began

    assert message == {
        "type": "ping",
        "payload": {"reason": "TOKEN_EXPIRES", "expiresAt": expires_at.isoformat()},
    }
    assert 1.4 < after < 2.5


async def test_a_socket_with_a_long_life_is_warned_a_minute_before_its_end(limited):
    async with limited() as server:
        long = datetime.now(UTC) + timedelta(minutes=10)
        server.callers["brief"] = replace(server.callers["all"], expires_at=long)
        async with server.client("brief"):
            (watch,) = server.view.connections._open.values()

    assert watch.warn_at == long - timedelta(seconds=60)


async def test_an_event_stream_is_warned_in_a_comment(limited):
    async with limited() as server:
        expires_at = datetime.now(UTC) + timedelta(seconds=1)
        server.callers["brief"] = replace(server.callers["all"], expires_at=expires_at)
        async with stream(server, COUNTED, "brief") as (_, lines):
            got = [line async for line in lines if line]

    assert got[0] == f': {{"reason":"TOKEN_EXPIRES","expiresAt":"{expires_at.isoformat()}"}}'


async def test_subscribing_is_paid_once_however_often_it_begins_anew(limited, database, principal):
    budget = {"query_cost_burst": 12, "query_cost_rate": 0.001}
    async with limited(**budget) as server, server.client() as client:
        await client.subscribe(COUNTED)
        await joined(server, 1)
        for connection in list(server.view.connections._open):
            connection.narrow(server.callers["all"])
        await joined(server, 1)
        await write(database, principal, 1)
        assert await client.data(1, "counted") == [{"key": "k", "number": 1}]
        await client.subscribe(COUNTED, "2")
        refused = await client.receive()

    assert refused["type"] == "error"
    assert refused["payload"][0]["extensions"]["code"] == "THROTTLED"


async def test_a_query_over_a_socket_says_what_it_cost(limited):
    async with limited() as server, server.client() as client:
        await client.subscribe("{ organisation }")

        message = await client.receive()

    assert message["payload"]["extensions"]["cost"]["requestedQueryCost"] == 0
