from redis.asyncio import Redis

from backend.core.scopes import Scope
from tests.world import add_organisation, principal_with


async def test_a_unit_of_work_sees_its_own_organisation_only(database, owner_url, principal):
    other = principal_with(await add_organisation(owner_url, "other"), Scope.ADMIN)
    insert = "insert into feed_floor (org_id, seq) values ($1, 7)"
    async with database.work(principal) as work:
        await work.rows(insert, principal.org_id)

    async with database.work(other) as work:
        seen = await work.rows("select * from feed_floor")

    assert seen == []


async def test_every_test_starts_with_an_empty_database(database, principal):
    async with database.work(principal) as work:
        assert await work.rows("select * from feed_floor") == []


async def test_redis_can_be_stopped_and_started_again(redis):
    redis.stop()
    redis.start()

    async with Redis.from_url(redis.url) as client:
        assert await client.ping()
