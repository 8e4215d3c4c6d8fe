import asyncio

import httpx2
import pytest

from backend.app import create_app
from backend.core.scopes import Scope
from backend.infra import embedded
from backend.infra.migrator import migrate
from tests.live import issue_token, running
from tests.world import add_organisation, principal_with

QUERY = {"query": "{ stockLevels { nodes { id } } }"}


@pytest.fixture
async def own_postgres(settings):
    """A PostgreSQL that this test may kill."""
    with embedded.temporary(durable=True) as server:
        await migrate(settings, server.owner_url, lambda _: None)
        yield server


async def test_an_outage_of_the_database_is_said_as_such_and_ends_by_itself(own_postgres, settings):
    org_id = await add_organisation(own_postgres.owner_url, "test")
    async with running(create_app(settings, own_postgres.owner_url)) as app:
        token = await issue_token(app, principal_with(org_id, Scope.ADMIN), ["admin"])
        transport = httpx2.ASGITransport(app)
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://test", headers=headers
        ) as http:
            before = await http.post("/graphql", json=QUERY)
            own_postgres.kill()
            during = [await http.post("/graphql", json=QUERY) for _ in range(3)]
            not_ready = await http.get("/readyz")
            with embedded.start(own_postgres.data_dir):
                after = await _served(http)

    assert before.json()["data"]["stockLevels"]["nodes"] == []
    for answer in during:
        assert answer.status_code in {200, 503}
        assert answer.json()["errors"][0]["extensions"]["code"] == "DATABASE_UNAVAILABLE"
    assert not_ready.status_code == 503
    assert after.json()["data"]["stockLevels"]["nodes"] == []


async def _served(http):
    async with asyncio.timeout(10):
        while True:
            answer = await http.post("/graphql", json=QUERY)
            if "errors" not in answer.json():
                return answer
            await asyncio.sleep(0.05)
