from datetime import UTC, datetime, timedelta

import pytest

from backend.identity.authentication import Identity
from backend.identity.errors import InvalidToken
from backend.infra.database import Database
from backend.infra.work import Reactions
from tests.world import run_sql

LIFETIME = timedelta(minutes=10)
AGE = "update signing_keys set created_at = created_at - interval '{}'"


@pytest.fixture
def issue(service, create):
    async def token():
        made = await create()
        answer = await service.issue_token(made.client_id, made.client_secret, None, "here")
        return answer.access_token

    return token


async def kids(client):
    return [key["kid"] for key in (await client.get("/.well-known/jwks.json")).json()["keys"]]


async def test_a_new_key_is_published_before_it_signs(service, client, issue, owner_url):
    await issue()
    old = (await service.keys.signing_key()).kid

    new = await service.keys.rotate(LIFETIME)

    assert set(await kids(client)) == {old, new}
    assert (await service.keys.signing_key()).kid == old
    await run_sql(owner_url, AGE.format("10 minutes"))
    await service.keys.usable_count()
    assert (await service.keys.signing_key()).kid == new


async def test_tokens_of_the_key_before_are_good_to_their_end(service, issue, owner_url):
    token = await issue()
    await service.keys.rotate(LIFETIME)
    await run_sql(owner_url, AGE.format("10 minutes"))
    await service.keys.usable_count()

    assert await service.authenticate(token)


async def test_a_key_is_gone_once_the_last_token_it_signed_has_expired(
    service, client, issue, owner_url
):
    await issue()
    new = await service.keys.rotate(LIFETIME)
    ((until,),) = await run_sql(
        owner_url, "select retired_at from signing_keys where retired_at is not null"
    )
    await run_sql(owner_url, "update signing_keys set retired_at = now() where retired_at > now()")
    await service.keys.usable_count()

    assert until > datetime.now(UTC) + LIFETIME
    assert await kids(client) == [new]


async def test_a_key_that_leaked_is_refused_with_all_it_signed(service, issue):
    token = await issue()
    await service.authenticate(token)

    await service.keys.rotate(LIFETIME, at_once=True)

    with pytest.raises(InvalidToken):
        await service.authenticate(token)
    assert await service.authenticate(await issue())


async def test_another_process_takes_a_token_of_a_key_it_has_not_seen(
    service, issue, settings, owner_url
):
    async with Database(settings, owner_url, Reactions()) as database:
        other = Identity(database, settings)
        await service.keys.rotate(LIFETIME, at_once=True)

        assert await other.authenticate(await issue())


async def test_a_young_key_is_not_followed_by_another(service, issue, owner_url):
    await issue()

    early = await service.keys.rotate_when_older(timedelta(days=90), LIFETIME)
    await run_sql(owner_url, AGE.format("91 days"))
    due = await service.keys.rotate_when_older(timedelta(days=90), LIFETIME)

    assert (early, due) == (False, True)
