import orjson
import pytest


@pytest.fixture
def add(client, token):
    """Sends entries: `await add(entries, {headers}, scopes)`."""

    async def run(*entries, headers=None, scopes=(), body=None):
        bearer = {"Authorization": f"Bearer {await token(*scopes)}"}
        content = orjson.dumps(list(entries)) if body is None else body
        return await client.post("/api/add-data", content=content, headers=bearer | (headers or {}))

    return run
