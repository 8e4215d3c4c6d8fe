import asyncio
from dataclasses import replace

import pytest

from backend.core.ids import new_id
from backend.identity.people.users import People
from tests.people import hash_of
from tests.world import run_sql

PASSWORD = "correct horse battery"
INSERT = """
insert into users (org_id, id, email, name, role, password_hash) values ($1, $2, $3, $4, $5, $6)
"""


@pytest.fixture
async def people(database, settings):
    """Who lets people in."""
    async with People(database, settings) as opened:
        yield opened


@pytest.fixture
def add_user(owner_url, org_id, people):
    """Puts a person with PASSWORD there: `await add_user("clerk@shop.example", "CLERK")`."""

    async def add(email, role="OWNER", *, password=PASSWORD, org_id=org_id):
        user_id = new_id()
        stored = None if password is None else await hash_of(people, password)
        await run_sql(owner_url, INSERT, org_id, user_id, email, "Kim Doe", role, stored)
        return user_id

    return add


@pytest.fixture
def acting(database, principal):
    """Runs a verb in a unit of work of its own: `await acting(accounts.disable_user, user_id)`."""

    async def run(verb, *arguments, who=None, **named):
        async with database.work(who or principal, address="192.0.2.9") as work:
            return await verb(work, *arguments, **named)

    return run


@pytest.fixture
def person(principal):
    """A principal of somebody who signed in: `person(user_id)`."""

    def make(user_id, session_id=None):
        return replace(principal, user_id=user_id, session_id=session_id, token_id="t")

    return make


@pytest.fixture
def audit(owner_url):
    """Returns the actions of the audit log in order."""

    async def read():
        rows = await run_sql(owner_url, "select action from audit_log order by org_id, seq")
        return [row["action"] for row in rows]

    return read


@pytest.fixture
def wait_until_refused(client):
    """Waits until an access token is refused, at most a second."""

    async def wait(bearer):
        headers = {"Authorization": f"Bearer {bearer}"}
        for _ in range(100):
            answer = await client.post(
                "/graphql", json={"query": "{ me { clientId } }"}, headers=headers
            )
            if answer.status_code == 401:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("still let in")

    return wait
