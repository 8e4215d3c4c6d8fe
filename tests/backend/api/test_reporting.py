"""Which failures of resolvers clients hear of as what."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
import strawberry
from tortoise.exceptions import OperationalError

from backend.infra.api.reporting import ErrorCodes, translated


@strawberry.type
class Query:
    @strawberry.field
    def file(self) -> str:
        return Path("/nonexistent/file").read_text()

    @strawberry.field
    async def server(self) -> str:
        await asyncio.open_connection("127.0.0.1", 1)
        return ""

    @strawberry.field
    async def slow(self) -> str:
        async with asyncio.timeout(0):
            await asyncio.sleep(60)
        return ""

    @strawberry.field
    async def database(self) -> str:
        await asyncpg.connect("postgres://somebody@127.0.0.1:1/any")
        return ""

    @strawberry.field
    async def lost(self) -> str:
        raise OperationalError("lost") from asyncpg.ConnectionDoesNotExistError("lost")


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("file", "INTERNAL_ERROR"),
        ("server", "INTERNAL_ERROR"),
        ("slow", "INTERNAL_ERROR"),
        ("database", "DATABASE_UNAVAILABLE"),
        ("lost", "DATABASE_UNAVAILABLE"),
    ],
)
async def test_only_the_database_s_own_failures_are_called_that(field, code):
    schema = strawberry.Schema(Query, extensions=[ErrorCodes])

    answer = await schema.execute(f"{{ {field} }}")

    assert [(error.extensions or {})["code"] for error in answer.errors or []] == [code]


async def test_waiting_too_long_for_a_connection_is_the_database_s_failure(owner_url):
    async with asyncpg.create_pool(owner_url, min_size=1, max_size=1) as pool, pool.acquire():
        with pytest.raises(TimeoutError) as waited:
            await pool.acquire(timeout=0.01)

    found = translated(waited.value)

    assert found is not None
    assert found.code == "DATABASE_UNAVAILABLE"
