"""Sessions of the dashboard: tokens stay with it, and are renewed one at a time."""

import asyncio

import httpx2
import pytest

from dashboard.client import BackendClient, BackendUnreachable, SignedOut
from dashboard.sessions import MOST_SESSIONS, Sessions
from tests.dashboard.token_endpoint import TokenEndpoint

REFUSED = httpx2.Response(400, json={"error": "invalid_grant"})


class Clock:
    """A clock that goes when it is told to."""

    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def endpoint():
    return TokenEndpoint()


@pytest.fixture
def client(dashboard_settings, endpoint, clock):
    return BackendClient(dashboard_settings, transport=endpoint, clock=clock)


@pytest.fixture
def sessions(client):
    return Sessions(client)


@pytest.fixture
async def session(client, sessions):
    tokens = await client.exchange("code", verifier="v", redirect_uri="u")
    return await sessions.open(tokens)


async def test_a_session_knows_whose_it_is(session):
    assert (session.person.name, session.person.role) == ("Ada Lovelace", "OWNER")


async def test_a_session_is_found_by_its_id_and_by_nothing_else(session, sessions):
    assert sessions.find(session.id) is session
    assert sessions.find(session.csrf) is None
    assert sessions.find(None) is None


async def test_a_token_past_half_of_its_life_is_renewed_before_it_is_used(session, endpoint, clock):
    clock.now += 301
    await session.ticket()

    assert [grant["grant_type"] for grant in endpoint.grants] == [
        "authorization_code",
        "refresh_token",
    ]
    assert endpoint.authorizations[-1] == "Bearer access-2"


async def test_requests_at_one_time_use_a_refresh_token_once(session, endpoint, clock):
    clock.now += 301

    await asyncio.gather(*(session.ticket() for _ in range(20)))

    assert [grant.get("refresh_token") for grant in endpoint.grants] == [None, "refresh-1"]


async def test_a_token_refused_early_is_renewed_and_the_request_made_again(session, endpoint):
    endpoint.refused_access.add("access-1")

    assert (await session.ticket()).startswith("ticket-")


async def test_a_session_that_was_ended_at_the_backend_is_over(session, sessions, endpoint):
    endpoint.refused_access.add("access-1")
    endpoint.answers["/oauth/token"] = REFUSED

    with pytest.raises(SignedOut):
        await session.execute("query { x }")

    assert sessions.find(session.id) is None


async def test_a_renewal_that_nobody_answers_ends_nothing(session, sessions, endpoint, clock):
    clock.now += 301
    endpoint.answers["/oauth/token"] = httpx2.ConnectError("no")

    await session.ticket()

    assert sessions.find(session.id) is session


async def test_a_backend_that_is_away_is_no_reason_to_sign_out(session, sessions, endpoint):
    endpoint.answers["/graphql"] = httpx2.ConnectError("no")

    with pytest.raises(BackendUnreachable):
        await session.execute("query { x }")

    assert sessions.find(session.id) is session


async def test_what_is_ended_is_gone_and_its_tokens_are_given_back(session, sessions, endpoint):
    await sessions.end(session)

    assert sessions.find(session.id) is None
    assert endpoint.asked[-1] == "/oauth/revoke"


async def test_the_longest_unused_session_makes_room(session, sessions, client):
    tokens = await client.exchange("code", verifier="v", redirect_uri="u")
    used = await sessions.open(tokens)
    for _ in range(MOST_SESSIONS - 2):
        await sessions.open(tokens)
    sessions.find(session.id)

    await sessions.open(tokens)

    assert sessions.find(session.id) is session
    assert sessions.find(used.id) is None
