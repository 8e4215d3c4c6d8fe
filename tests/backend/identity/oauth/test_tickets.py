import asyncio
import json
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from backend.identity.authentication import Identity
from backend.identity.oauth.server import AuthorizationServer
from backend.infra.database import Database
from backend.infra.work import Reactions
from tests.live import issue_token
from tests.world import run_sql


@pytest.fixture
async def bearer(server, principal):
    return await issue_token(server.app, principal, ["sales:read"])


@pytest.fixture
def get_ticket(server, bearer):
    async def get(token=bearer, **form):
        async with httpx2.AsyncClient(base_url=server.url) as http:
            headers = {"Authorization": f"Bearer {token}"}
            return await http.post("/oauth/ticket", headers=headers, data=form)

    return get


def open_socket(server):
    return connect(server.socket_url, subprotocols=[Subprotocol("graphql-transport-ws")])


async def greet(socket, ticket):
    await socket.send(json.dumps({"type": "connection_init", "payload": {"ticket": ticket}}))
    return json.loads(await socket.recv())


async def test_a_ticket_opens_a_socket_once(server, get_ticket):
    answer = (await get_ticket()).json()

    async with open_socket(server) as socket:
        assert (await greet(socket, answer["ticket"]))["type"] == "connection_ack"

    assert answer["expiresIn"] == 30
    async with open_socket(server) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await greet(socket, answer["ticket"])
    assert closed.value.rcvd.code == 4403


async def test_a_ticket_is_good_for_half_a_minute(server, get_ticket, owner_url):
    ticket = (await get_ticket()).json()["ticket"]
    await run_sql(owner_url, "update socket_tickets set expires_at = now()")

    async with open_socket(server) as socket:
        with pytest.raises(ConnectionClosed):
            await greet(socket, ticket)


@pytest.mark.parametrize("ticket", ["", "sct_made-up", "é", None, 7, {}])
async def test_a_made_up_ticket_opens_nothing(server, ticket):
    async with open_socket(server) as socket:
        with pytest.raises(ConnectionClosed):
            await greet(socket, ticket)


@pytest.mark.alone
async def test_the_socket_of_a_ticket_closes_when_the_token_is_revoked(server, get_ticket, bearer):
    services = server.app.state.services
    who = await services[Identity].authenticate(bearer)
    client = await services[Identity].proof.client(who.client_id)
    async with open_socket(server) as socket:
        await greet(socket, (await get_ticket()).json()["ticket"])
        await services[AuthorizationServer].revoke(client, bearer)

        async with asyncio.timeout(1):
            await socket.wait_closed()

    assert socket.close_code == 4403


async def test_a_ticket_of_one_process_is_good_in_another(
    get_ticket, bearer, server, settings, owner_url
):
    ticket = (await get_ticket()).json()["ticket"]
    async with Database(settings, owner_url, Reactions()) as database:
        other = AuthorizationServer(Identity(database, settings), settings)

        who = await (await other.redeem(ticket))()

    assert who == await server.app.state.services[Identity].authenticate(bearer)


async def test_the_database_holds_no_ticket(get_ticket, owner_url):
    ticket = (await get_ticket()).json()["ticket"]

    (row,) = await run_sql(owner_url, "select * from socket_tickets")

    assert ticket not in str(dict(row))


@pytest.mark.parametrize("token", ["nonsense", "a.b.c"])
async def test_a_ticket_takes_a_good_token(get_ticket, token):
    answer = await get_ticket(token)

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert answer.headers["www-authenticate"].startswith("Bearer")


ORGANISATION = "{ organisation { name } }"
CLIENTS = "{ clients { nodes { name } } }"
REVOKE = 'mutation { revokeClient(input: {clientId: "sc_any"}) { client { name } } }'


async def ask(socket, document):
    """Return the data of an operation, or the code of its refusal."""
    request = {"type": "subscribe", "id": document, "payload": {"query": document}}
    await socket.send(json.dumps(request))
    answer: dict[str, Any] = {"type": "complete"}
    async with asyncio.timeout(5):
        while answer["type"] == "complete" or answer["id"] != document:
            answer = json.loads(await socket.recv())
    is_refused = answer["type"] == "error"
    errors = answer["payload"] if is_refused else answer["payload"].get("errors")
    return errors[0]["extensions"]["code"] if errors else answer["payload"]["data"]


async def test_a_narrowed_ticket_of_an_admin_changes_nothing(server, principal, get_ticket):
    admin = await issue_token(server.app, principal, ["admin"])
    await server.app.state.services[Identity].authenticate(admin)  # as admin it is remembered
    ticket = (await get_ticket(admin, scope="sales:read")).json()["ticket"]

    async with open_socket(server) as socket:
        await greet(socket, ticket)
        answers = [await ask(socket, each) for each in (ORGANISATION, CLIENTS, REVOKE)]

    assert "organisation" in answers[0]
    assert answers[1:] == ["MISSING_SCOPE", "MISSING_SCOPE"]


async def test_a_ticket_never_has_more_than_its_token(server, get_ticket):
    ticket = (await get_ticket(scope="sales:read sales:write admin")).json()["ticket"]

    who = await (await server.app.state.services[AuthorizationServer].redeem(ticket))()

    assert who.scopes == {"sales:read"}


@pytest.mark.parametrize("scope", ["sales:read world:rule", "stock:read", " "])
async def test_a_scope_that_leaves_nothing_or_is_unknown_is_refused(get_ticket, scope):
    answer = await get_ticket(scope=scope)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
