"""Whoever loses access loses open sockets in every process, whatever became of the messages."""

import asyncio
import contextlib
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from pydantic import SecretStr

from backend.core.ids import new_id
from backend.core.roles import Role
from backend.core.scopes import Scope, parse_scopes
from backend.identity import clients
from backend.identity.authentication import Identity
from backend.identity.events import AccessChanged, Change, Subject
from backend.identity.oauth import grants
from backend.identity.oauth.server import revoke_token
from backend.identity.people import accounts, sessions
from tests.backend.api.test_live_rights import closing_code, greet, open_socket
from tests.contract.plenty import ADD_GRANT
from tests.live import serving
from tests.world import run_sql

pytestmark = pytest.mark.alone
SECOND = 1.0
CLOSE = "update organisations set closed_at = now() where id = $1"


async def revoke_client(work, claims):
    await clients.revoke_client(work, claims.client_id)


async def revoke_one_token(work, claims):
    await revoke_token(work, claims.token_id, claims.expires_at)


async def disable_user(work, claims):
    await accounts.disable_user(work, claims.user_id)


async def end_session(work, claims):
    assert await sessions.end_session(work, claims.session_id)


async def end_grant(work, claims):
    await grants.take_back(work, claims.grant_id)


async def close_organisation(work, claims):
    org_id = work.principal.org_id
    await work.rows(CLOSE, org_id)
    work.gather([AccessChanged.of(Subject.ORGANISATION, org_id, Change.REVOKED, work.now)])


@pytest.fixture
async def claims(database, owner_url, principal):
    """What a token says of a person who signed in and allowed a client to act for them."""
    async with database.work(principal) as work:
        client = await clients.create_client(work, "a screen", parse_scopes("sales:read"))
        user = await accounts.add_user(work, "kim@shop.example", "Kim", Role.MANAGER)
        await sessions.open_session(work, user.id, "a browser", lifetime=timedelta(hours=1))
    (row,) = await run_sql(owner_url, "select id from sessions")
    session_id, grant_id = UUID(str(row["id"])), new_id()
    grant = (grant_id, client.client_id, user.id, session_id)
    await run_sql(owner_url, ADD_GRANT, principal.org_id, *grant)

    def say(identity: Identity):
        made = identity.new_claims(
            principal.org_id, client.client_id, frozenset({Scope.SALES_READ}), datetime.now(UTC)
        )
        return replace(made, user_id=user.id, session_id=session_id, grant_id=grant_id)

    return say


@contextlib.asynccontextmanager
async def two_servers(settings, owner_url, redis_url):
    """Two applications that take each other's tokens."""
    changes = {"public_url": "http://shelf.test", "redis_url": redis_url}
    alike = settings.model_copy(update=changes)
    async with serving(alike, owner_url) as one, serving(alike, owner_url) as two:
        yield one, two


@pytest.mark.parametrize("way", ["without Redis", "with Redis", "Redis stopped"])
@pytest.mark.parametrize(
    "revoke",
    [revoke_client, revoke_one_token, disable_user, end_session, end_grant, close_organisation],
)
async def test_sockets_close_within_a_second_in_both_processes_although_nobody_notified(
    settings, owner_url, database, principal, claims, redis, way, revoke
):
    redis_url = None if way == "without Redis" else SecretStr(redis.url)
    async with two_servers(settings, owner_url, redis_url) as servers:
        identity = servers[0].app.state.services[Identity]
        said = claims(identity)
        bearer = f"Bearer {await identity.sign(said, datetime.now(UTC))}"
        async with contextlib.AsyncExitStack() as stack:
            opened = [await stack.enter_async_context(open_socket(each)) for each in servers]
            for socket in opened:
                assert (await greet(socket, bearer))["type"] == "connection_ack"
            if way == "Redis stopped":
                redis.stop()

            # This database has no notifier: it commits as a program does whose NOTIFY was lost.
            async with database.work(principal) as work:
                await revoke(work, said)
            began = time.monotonic()
            codes = await asyncio.gather(*map(closing_code, opened))

    assert codes == [4403, 4403]
    assert time.monotonic() - began < SECOND
