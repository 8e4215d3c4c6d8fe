import json

import pytest

from backend.core.ids import new_id
from backend.core.scopes import InvalidScope, Scope
from backend.identity import clients as identity
from backend.identity.errors import ClientNotFound, InvalidClientName
from tests.world import add_organisation, principal_with, run_sql

SALES = frozenset({Scope.SALES_READ})


@pytest.fixture
async def made(database, principal):
    async with database.work(principal) as work:
        return await identity.create_client(work, "a till", SALES)


async def events(owner_url):
    rows = await run_sql(owner_url, "select topic, kind, items from event_log order by seq")
    return [(row["topic"], row["kind"], json.loads(row["items"])[0]) for row in rows]


async def test_the_secret_is_not_stored(made, owner_url):
    (row,) = await run_sql(owner_url, "select * from clients")

    assert made.client_secret not in str(dict(row))


async def test_secrets_are_long_and_never_the_same(database, principal):
    async with database.work(principal) as work:
        made = [await identity.create_client(work, "a till", SALES) for _ in range(20)]

    secrets = {one.client_secret for one in made}
    assert len(secrets) == 20
    assert all(len(secret) >= 43 for secret in secrets)


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\nb"])
async def test_a_client_without_a_proper_name_is_not_made(database, principal, name):
    async with database.work(principal) as work:
        with pytest.raises(InvalidClientName):
            await identity.create_client(work, name, SALES)


async def test_a_client_without_scopes_is_not_made(database, principal):
    async with database.work(principal) as work:
        with pytest.raises(InvalidScope):
            await identity.create_client(work, "a till", frozenset())


async def test_a_revocation_is_told_to_the_feed(database, principal, made, owner_url):
    async with database.work(principal) as work:
        await identity.revoke_client(work, made.client_id)

    ((topic, kind, fact),) = await events(owner_url)
    assert (topic, kind) == ("ACCESS", "AccessChanged")
    assert (fact["key"], fact["change"]) == (made.client_id, "REVOKED")


async def test_a_change_is_told_to_the_feed_and_leaves_the_rest_alone(
    database, principal, made, owner_url
):
    place = new_id()

    async with database.work(principal) as work:
        await identity.update_client(work, made.client_id, locations=[place])
        (client,) = await identity.list_clients(work)

    assert (client.scopes, client.location_ids) == ((Scope.SALES_READ,), (place,))
    assert (await events(owner_url))[0][2]["change"] == "CHANGED"


async def test_a_limit_to_locations_can_be_lifted(database, principal, made):
    async with database.work(principal) as work:
        await identity.update_client(work, made.client_id, locations=[new_id()])
        await identity.update_client(work, made.client_id, all_locations=True)

        (client,) = await identity.list_clients(work)

    assert client.location_ids is None


async def test_a_revoked_client_cannot_be_changed_any_more(database, principal, made):
    async with database.work(principal) as work:
        await identity.revoke_client(work, made.client_id)

        with pytest.raises(ClientNotFound):
            await identity.update_client(work, made.client_id, scopes=SALES)


async def test_another_organisation_s_client_is_not_there(database, owner_url, made):
    other = principal_with(await add_organisation(owner_url, "other"), Scope.ADMIN)

    async with database.work(other) as work:
        with pytest.raises(ClientNotFound):
            await identity.revoke_client(work, made.client_id)
        assert await identity.list_clients(work) == []
