import asyncio
import json
import time

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from backend.core.scopes import parse_scopes
from backend.identity import clients as identity
from backend.identity.authentication import Identity

SECOND = 1.0
PROTOCOL = Subprotocol("graphql-transport-ws")


@pytest.fixture
def service(server):
    return server.app.state.services[Identity]


@pytest.fixture
async def made(service, principal):
    async with service.database.work(principal) as work:
        return await identity.create_client(work, "a screen", parse_scopes("sales:read"))


@pytest.fixture
async def bearer(service, made):
    token = await service.issue_token(made.client_id, made.client_secret, None, "here")
    return f"Bearer {token.access_token}"


def open_socket(server):
    return connect(server.socket_url, subprotocols=[PROTOCOL])


async def greet(socket, authorization):
    payload = {} if authorization is None else {"authorization": authorization}
    await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
    return json.loads(await socket.recv())


async def read_to_the_end(socket):
    async with asyncio.timeout(10):
        while True:
            await socket.recv()


async def closing_code(socket):
    with pytest.raises(ConnectionClosed) as closed:
        await read_to_the_end(socket)
    return closed.value.rcvd.code


async def test_a_socket_opens_for_a_good_token(server, bearer):
    async with open_socket(server) as socket:
        assert (await greet(socket, bearer))["type"] == "connection_ack"


@pytest.mark.parametrize("authorization", [None, "", "Bearer x", "Basic x", 5])
async def test_a_socket_closes_for_a_stranger(server, authorization):
    async with open_socket(server) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await greet(socket, authorization)

    assert closed.value.rcvd.code == 4403


@pytest.mark.alone
async def test_an_open_socket_closes_within_a_second_of_its_client_s_revocation(
    server, service, principal, made, bearer
):
    async with open_socket(server) as socket:
        await greet(socket, bearer)
        async with service.database.work(principal) as work:
            await identity.revoke_client(work, made.client_id)
        began = time.monotonic()

        code = await closing_code(socket)

    assert code == 4403
    assert time.monotonic() - began < SECOND


async def test_a_page_from_elsewhere_cannot_open_a_socket(server):
    with pytest.raises(InvalidStatus) as refused:
        await connect(server.socket_url, origin=Origin("http://evil.example"))

    assert refused.value.response.status_code == 403
