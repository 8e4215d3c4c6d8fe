"""Registered documents: by id over every transport, and nothing else for restricted clients."""

import json
from hashlib import sha256

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from backend.core.scopes import parse_scopes
from backend.identity import clients
from backend.identity.authentication import Identity

NAME = "{ organisation { code } }"
ID = sha256(NAME.encode()).hexdigest()
OTHER = "{ organisation { name } }"
STOCK = "subscription { stockChanged { onHand } }"
INGEST = """
mutation ($input: IngestReadsInput!) { ingestReads(input: $input) { acceptedCount } }
"""
REGISTER = """
mutation ($input: RegisterDocumentsInput!) {
  registerDocuments(input: $input) { isRestricted documents { id body } }
}
"""
APOLLO = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": ID}}}


@pytest.fixture
async def agent(server, principal):
    """A client: its id and a bearer."""
    identity = server.app.state.services[Identity]
    async with identity.database.work(principal) as work:
        made = await clients.create_client(work, "an agent", parse_scopes("stock:read reads:write"))
    token = await identity.issue_token(made.client_id, made.client_secret, None, "here")
    return made.client_id, f"Bearer {token.access_token}"


@pytest.fixture
async def admin(server, principal):
    identity = server.app.state.services[Identity]
    async with identity.database.work(principal) as work:
        made = await clients.create_client(work, "an admin", parse_scopes("admin"))
    token = await identity.issue_token(made.client_id, made.client_secret, None, "here")
    return f"Bearer {token.access_token}"


@pytest.fixture
def post(server):
    async def send(bearer, body, **headers):
        headers = {"authorization": bearer, **headers}
        async with httpx2.AsyncClient(timeout=10) as http:
            return await http.post(f"{server.url}/graphql", json=body, headers=headers)

    return send


@pytest.fixture
def register(post, admin, agent):
    """Changes what the agent registered; returns the whole answer."""

    async def send(**changes):
        body = {"query": REGISTER, "variables": {"input": {"clientId": agent[0], **changes}}}
        return (await post(admin, body)).json()

    return send


def code_of(answer):
    return answer.json()["errors"][0]["extensions"]["code"]


@pytest.mark.parametrize(
    "named", [APOLLO, {"documentId": ID}, {"documentId": f"sha256:{ID}"}], ids=str
)
async def test_a_registered_document_is_asked_for_by_its_id(post, register, agent, named):
    before = await post(agent[1], named)
    made = await register(documents=[NAME])
    after = await post(agent[1], named)

    assert code_of(before) == "PERSISTED_QUERY_NOT_FOUND"
    assert made["data"]["registerDocuments"] == {
        "isRestricted": False,
        "documents": [{"id": ID, "body": NAME}],
    }
    assert after.json()["data"] == {"organisation": {"code": "test"}}


async def test_a_document_is_asked_for_with_get_too(server, register, agent):
    await register(documents=[NAME])
    headers = {"authorization": agent[1], "accept": "application/json"}
    async with httpx2.AsyncClient() as http:
        answer = await http.get(f"{server.url}/graphql?documentId={ID}", headers=headers)

    assert answer.json()["data"] == {"organisation": {"code": "test"}}


@pytest.mark.parametrize("given", ["nonsense", 5, "sha256:12"])
async def test_what_is_no_id_is_refused(post, agent, given):
    answer = await post(agent[1], {"documentId": given})

    assert answer.status_code == 400
    assert code_of(answer) == "BAD_REQUEST"


async def test_a_restricted_client_runs_nothing_else(post, register, agent, admin):
    await register(documents=[NAME], isRestricted=True)

    assert code_of(await post(agent[1], {"query": OTHER})) == "DOCUMENT_NOT_REGISTERED"
    assert (await post(agent[1], {"query": NAME})).json()["data"]
    assert (await post(agent[1], {"documentId": ID})).json()["data"]
    assert (await post(admin, {"query": OTHER})).json()["data"]
    await register(isRestricted=False)
    assert (await post(agent[1], {"query": OTHER})).json()["data"]


async def test_an_id_does_not_smuggle_another_text_in(post, register, agent):
    await register(documents=[NAME], isRestricted=True)

    answer = await post(agent[1], {"query": OTHER, "documentId": ID})

    assert code_of(answer) == "DOCUMENT_NOT_REGISTERED"


async def test_the_short_cut_is_no_way_around(post, register, agent):
    await register(documents=[NAME], isRestricted=True)
    variables = {"input": {"device": "d", "reads": []}}

    answer = await post(agent[1], {"query": INGEST, "variables": variables})

    assert code_of(answer) == "DOCUMENT_NOT_REGISTERED"


async def test_a_removed_document_is_gone(post, register, agent):
    await register(documents=[NAME, OTHER], isRestricted=True)
    await register(remove=[ID])

    assert code_of(await post(agent[1], {"documentId": ID})) == "PERSISTED_QUERY_NOT_FOUND"
    assert code_of(await post(agent[1], {"query": NAME})) == "DOCUMENT_NOT_REGISTERED"
    assert (await post(agent[1], {"query": OTHER})).json()["data"]


@pytest.mark.parametrize("body", ["{ nothing }", "{", "", "{ organisation { code } } " * 5_000])
async def test_what_could_not_run_is_not_registered(register, body):
    answer = await register(documents=[body])

    assert answer["errors"][0]["extensions"]["code"] == "INVALID_DOCUMENT"


async def test_only_an_administrator_registers(post, agent):
    body = {"query": REGISTER, "variables": {"input": {"clientId": agent[0]}}}

    assert code_of(await post(agent[1], body)) == "MISSING_SCOPE"


async def test_documents_of_an_unknown_client_are_refused(register):
    answer = await register(clientId="nobody")

    assert answer["errors"][0]["extensions"]["code"] == "CLIENT_NOT_FOUND"


async def test_a_restricted_client_opens_registered_subscriptions_over_a_socket(
    server, register, agent
):
    await register(documents=[NAME, STOCK], isRestricted=True)
    async with connect(
        server.socket_url, subprotocols=[Subprotocol("graphql-transport-ws")]
    ) as socket:

        async def ask(number, **payload):
            await socket.send(json.dumps({"id": number, "type": "subscribe", "payload": payload}))
            return json.loads(await socket.recv())

        init = {"type": "connection_init", "payload": {"authorization": agent[1]}}
        await socket.send(json.dumps(init))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        refused = await ask("1", query=OTHER)
        unknown = await ask("2", documentId=sha256(b"?").hexdigest())
        found = await ask("3", documentId=ID)

    assert refused["payload"][0]["extensions"]["code"] == "DOCUMENT_NOT_REGISTERED"
    assert unknown["payload"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    assert found["payload"]["data"] == {"organisation": {"code": "test"}}


async def test_an_event_stream_is_asked_for_by_id_and_refused_with_its_code(post, register, agent):
    await register(documents=[NAME], isRestricted=True)

    found = await post(agent[1], {"documentId": ID}, accept="text/event-stream")
    refused = await post(agent[1], {"query": OTHER}, accept="text/event-stream")

    assert '"code":"test"' in found.text
    assert code_of(refused) == "DOCUMENT_NOT_REGISTERED"
