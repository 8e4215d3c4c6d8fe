import pytest

from backend.core.ids import new_id
from backend.identity.people.users import People
from tests.world import run_sql

PASSWORD = "correct horse battery"
INSERT = """
insert into users (org_id, id, email, name, role, password_hash) values ($1, $2, $3, $4, $5, $6)
"""


@pytest.fixture
async def people(database, settings):
    """Who lets people in."""
    opened = People(database, settings)
    yield opened
    opened.close()


@pytest.fixture
def add_user(owner_url, org_id, people):
    """Puts a person with PASSWORD there: `await add_user("clerk@shop.example", "CLERK")`."""

    async def add(email, role="OWNER", *, password=PASSWORD, org_id=org_id):
        user_id = new_id()
        stored = None if password is None else await people.passwords.hash(password)
        await run_sql(owner_url, INSERT, org_id, user_id, email, "Kim Doe", role, stored)
        return user_id

    return add
