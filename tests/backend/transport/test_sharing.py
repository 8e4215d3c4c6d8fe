import asyncio
from contextlib import AsyncExitStack, aclosing

import pytest

from backend.events.service import Feed
from backend.infra.api.context import Context
from backend.infra.api.sharing import encode
from tests.backend.events.facts import write
from tests.backend.transport import server as tiny

COUNTED = "subscription { counted { key number } }"


@pytest.fixture(autouse=True)
def _no_executions():
    tiny.executions.clear()


async def subscribed(server, stack, query, count, token="all", variables=None):
    """Return sockets that have joined the shared execution of a subscription."""
    clients = [await stack.enter_async_context(server.client(token)) for _ in range(count)]
    for client in clients:
        await client.subscribe(query, variables=variables)
    return clients


async def joined(server, count):
    """Wait until so many subscribers take part in shared executions."""
    runs = server.view.executions.runs
    async with asyncio.timeout(10):
        while sum(run.subscribers for run in runs) < count:
            await asyncio.sleep(0.005)


async def test_fifty_who_ask_the_same_share_one_execution(server, database, principal):
    async with AsyncExitStack() as stack:
        clients = await subscribed(server, stack, COUNTED, 50)
        await joined(server, 50)
        await write(database, principal, 1, 2)

        got = [await client.data(2, "counted") for client in clients]

    assert got == [[{"key": "k", "number": 1}, {"key": "k", "number": 2}]] * 50
    assert tiny.executions.count(True) == 1


async def test_another_audience_has_an_execution_of_its_own(server, database, principal):
    async with AsyncExitStack() as stack:
        await subscribed(server, stack, COUNTED, 1, "all")
        await subscribed(server, stack, COUNTED, 1, "stock")
        await joined(server, 2)

    assert tiny.executions.count(True) == 2


async def test_other_variables_have_an_execution_of_their_own(server):
    query = "subscription ($note: String!) { counted(note: $note) { number } }"
    async with AsyncExitStack() as stack:
        for note in ("a", "b", "b"):
            await subscribed(server, stack, query, 1, variables={"note": note})
        await joined(server, 3)

    assert tiny.executions.count(True) == 2


async def test_an_execution_nobody_follows_any_more_ends(server):
    async with AsyncExitStack() as stack:
        await subscribed(server, stack, COUNTED, 2)
        await joined(server, 2)

    async with asyncio.timeout(10):
        while server.view.executions.runs:
            await asyncio.sleep(0.005)


async def test_whoever_joins_later_gets_only_what_comes_later(server, database, principal):
    async with AsyncExitStack() as stack:
        [first] = await subscribed(server, stack, COUNTED, 1)
        await joined(server, 1)
        await write(database, principal, 1)
        await first.data(1, "counted")
        [second] = await subscribed(server, stack, COUNTED, 1)
        await joined(server, 2)
        await write(database, principal, 2)

        assert await second.data(1, "counted") == [{"key": "k", "number": 2}]


async def test_whoever_joins_what_has_only_a_last_value_gets_it_at_once(
    server, database, principal
):
    latest = "subscription { latest { number } }"
    async with AsyncExitStack() as stack:
        [first] = await subscribed(server, stack, latest, 1)
        await joined(server, 1)
        await write(database, principal, 7)
        await first.data(1, "latest")

        [second] = await subscribed(server, stack, latest, 1)

        assert await second.data(1, "latest") == [{"number": 7}]


async def test_shared_bytes_are_those_of_an_execution_alone(server, database, principal):
    start = await server.feed.here()
    async with AsyncExitStack() as stack:
        [client] = await subscribed(server, stack, COUNTED, 1)
        await joined(server, 1)
        await write(database, principal, 1)
        shared = await client.receive_text()
    context = Context(database, {Feed: server.feed})
    context.caller = principal
    context.emission.resume = start
    async with aclosing(await tiny.SCHEMA.stream(COUNTED, context_value=context)) as results:
        alone = await anext(results)

    assert shared == '{"id":"1","type":"next","payload":' + encode(alone) + "}"


async def test_a_subscription_that_does_not_offer_to_share_runs_alone(server):
    async with server.client() as client:
        await client.subscribe("subscription { alone { number } }")

        assert await client.data(2, "alone") == [{"number": 0}, {"number": 1}]
        assert (await client.receive())["type"] == "complete"


async def test_a_slow_socket_gets_everything_in_order_from_the_log(server, database, principal):
    async with server.slow_client() as slow, server.client() as quick:
        for client in (slow, quick):
            await client.subscribe(COUNTED)
        await joined(server, 2)
        long_key = "k" * 20_000
        for start in range(0, 1000, 100):
            await write(database, principal, *range(start, start + 100), key=long_key)
            await quick.data(100, "counted")

        got = await slow.data(1000, "counted")

    assert [count["number"] for count in got] == list(range(1000))
    assert tiny.executions.count(False) > 2


async def test_a_slow_socket_gets_the_newest_of_each_key(server, database, principal):
    levels = "subscription { levels { key number } }"
    async with server.slow_client() as slow, server.client() as quick:
        for client in (slow, quick):
            await client.subscribe(levels)
        await joined(server, 2)
        filler = "k" * 20_000
        for number in range(1, 2001, 100):
            await write(database, principal, *range(number, number + 100), key=filler)
        await write(database, principal, 1, key="end")
        while (await quick.data(1, "levels"))[0]["key"] != "end":
            pass

        got = []
        while not got or got[-1]["key"] != "end":
            got += await slow.data(1, "levels")

    numbers = [count["number"] for count in got[:-1]]
    assert numbers == sorted(numbers)
    assert numbers[-1] == 2000
    assert len(numbers) < 2000
