"""People who signed in, for tests through GraphQL."""

from datetime import UTC, datetime
from uuid import UUID

from backend.core.ids import new_id
from backend.core.scopes import Scope
from backend.identity import clients
from backend.identity.authentication import Identity
from backend.identity.people.users import People
from backend.identity.rules import Claims
from tests.world import run_sql

PASSWORD = "correct horse battery"
INSERT = """
insert into users (org_id, id, email, name, role, password_hash) values ($1, $2, $3, $4, $5, $6)
"""
_hashes: dict[str, str] = {}


async def hash_of(people, password):
    """Return what is stored of a password, made once: it is slow on purpose."""
    if password not in _hashes:
        _hashes[password] = await people.passwords.hash(password)
    return _hashes[password]


async def add_user(app, owner_url, org_id, email, role="OWNER", *, password=PASSWORD):
    """Insert a person and return their id; without a password they were only invited."""
    people, user_id = app.state.services[People], new_id()
    stored = None if password is None else await hash_of(people, password)
    await run_sql(owner_url, INSERT, org_id, user_id, email, "Kim Doe", role, stored)
    return user_id


async def sign_in(app, principal, email, password=PASSWORD, *, scopes=frozenset({Scope.ADMIN})):
    """Open a session and return an access token of it; without `scopes` all the role allows."""
    people, identity = app.state.services[People], app.state.services[Identity]
    signed_in = await people.resolve(await people.sign_in(email, password, "192.0.2.1", "a test"))
    async with identity.database.work(principal) as work:
        client = await clients.create_client(work, "a browser", frozenset({Scope.ADMIN}))
    now = datetime.now(UTC)
    claims = Claims(
        org_id=principal.org_id,
        client_id=client.client_id,
        scopes=scopes,
        token_id=str(new_id()),
        expires_at=now + identity.token_lifetime,
        user_id=UUID(str(signed_in.user_id)),
        session_id=UUID(str(signed_in.session_id)),
    )
    return await identity.sign(claims, now)
