"""Whoever has no code, or one that is not good, gets nothing."""

import asyncio

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.backend.fleet.agents import CREATE_CODE, metadata, new_key, register
from tests.backend.shop import open_shop
from tests.live import issue_token
from tests.world import add_organisation, principal_with, run_sql

COUNT = "select (select count(*) from clients where role = 'DEVICE') as clients,\
 (select count(*) from agents) as agents"


@pytest.fixture
def let_in_count(owner_url):
    async def count():
        (row,) = await run_sql(owner_url, COUNT)
        assert row["clients"] == row["agents"]
        return row["agents"]

    return count


async def test_without_a_code_nobody_registers(client, shop, let_in_count):
    answers = [await register(client, code) for code in (None, "", "x", "0" * 16)]

    assert [answer.status_code for answer in answers] == [401] * 4
    assert {answer.json()["error"] for answer in answers} == {"invalid_token"}
    assert all("Bearer" in answer.headers["www-authenticate"] for answer in answers)
    assert await let_in_count() == 0


async def test_a_code_is_good_once(client, new_code, let_in_count):
    code = await new_code()

    answers = [await register(client, code) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 401]
    assert await let_in_count() == 1


async def test_who_did_not_hear_the_answer_hears_it_again_with_the_same_key(
    client, new_code, let_in_count
):
    code, key = await new_code(), new_key()

    answers = [(await register(client, code, key)).json() for _ in range(2)]

    assert answers[0] == answers[1]
    assert await let_in_count() == 1


async def test_who_was_revoked_does_not_come_back_with_the_same_code(client, new_code, owner_url):
    code, key = await new_code(), new_key()
    await register(client, code, key)
    await run_sql(owner_url, "update clients set revoked_at = now() where role = 'DEVICE'")

    assert (await register(client, code, key)).status_code == 401


async def test_of_many_that_come_at_once_with_one_code_exactly_one_gets_in(
    client, new_code, let_in_count
):
    code = await new_code()

    answers = await asyncio.gather(*(register(client, code) for _ in range(6)))

    assert sorted(answer.status_code for answer in answers) == [201] + [401] * 5
    assert await let_in_count() == 1


@pytest.mark.parametrize(
    "change", ["expires_at = now() - interval '1 second'", "withdrawn_at = now()"]
)
async def test_an_expired_or_withdrawn_code_is_worth_nothing(
    client, new_code, owner_url, let_in_count, change
):
    code = await new_code()
    await run_sql(owner_url, f"update enrolment_codes set {change}")

    answer = await register(client, code)

    assert answer.status_code == 401
    assert await let_in_count() == 0


async def test_whoever_guesses_has_to_wait_even_with_a_good_code(
    client, new_code, settings, let_in_count
):
    code = await new_code()
    for _ in range(settings.enrolment_failures):
        await register(client, "7777-7777-7777-7777")

    answer = await register(client, code)

    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert await let_in_count() == 0


def private(key):
    return key.as_dict(private=True)


WRONG_KEYS = {
    "another curve": lambda: ECKey.generate_key("P-384").as_dict(private=False),
    "RSA": lambda: RSAKey.generate_key(2048).as_dict(private=False),
    "symmetric": lambda: OctKey.generate_key(256).as_dict(),
    "private": lambda: private(new_key()),
    "no point": lambda: new_key().as_dict(private=False) | {"x": "AAAA"},
    "not on the curve": lambda: new_key().as_dict(private=False) | {"y": "A" * 43},
    "another algorithm": lambda: new_key().as_dict(private=False) | {"alg": "none"},
    "to encrypt with": lambda: new_key().as_dict(private=False) | {"use": "enc"},
    "long id": lambda: new_key().as_dict(private=False) | {"kid": "k" * 101},
    "no object": lambda: "key",
}


@pytest.mark.parametrize("make", WRONG_KEYS.values(), ids=WRONG_KEYS)
async def test_a_wrong_key_is_refused_and_leaves_the_code_good(
    client, new_code, let_in_count, make
):
    code = await new_code()

    refused = await register(client, code, jwks={"keys": [make()]})

    assert refused.status_code == 400
    assert refused.json()["error"] == "invalid_client_metadata"
    assert (await register(client, code)).status_code == 201
    assert await let_in_count() == 1


WRONG_METADATA = {
    "no key": {"jwks": {"keys": []}},
    "two keys": {"jwks": {"keys": [new_key().as_dict(private=False) for _ in range(2)]}},
    "keys elsewhere": {"jwks_uri": "https://evil.example/keys"},
    "a secret": {"token_endpoint_auth_method": "client_secret_basic"},
    "no proof": {"token_endpoint_auth_method": "none"},
    "acting for people": {"grant_types": ["authorization_code"]},
    "more than one grant": {"grant_types": ["client_credentials", "refresh_token"]},
    "more than its scope": {"scope": "reads:write admin"},
    "no name": {"client_name": " "},
    "a name that cannot be kept": {"client_name": "pi\x00"},
    "a long name": {"client_name": "p" * 81},
    "a number for a name": {"client_name": 7},
    "huge": {"jwks": {"keys": [{"kty": "EC", "x": "A" * 20_000}]}},
}


@pytest.mark.parametrize("changes", WRONG_METADATA.values(), ids=WRONG_METADATA)
async def test_metadata_that_ask_for_anything_else_are_refused(
    client, new_code, let_in_count, changes
):
    answer = await register(client, await new_code(), **changes)

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_client_metadata"
    assert await let_in_count() == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff\xfe", b"[" * 10_000, b'{"client_name": "x"}'])
async def test_what_is_no_metadata_is_refused(client, new_code, body):
    headers = {"Authorization": f"Bearer {await new_code()}"}

    answer = await client.post("/oauth/register", content=body, headers=headers)

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_client_metadata"


async def test_an_agent_cannot_be_returned_to(client, new_code):
    answer = await register(client, await new_code(), redirect_uris=["https://evil.example/"])

    assert answer.json()["error"] == "invalid_redirect_uri"


async def test_metadata_are_not_looked_at_without_a_code(client, shop):
    answer = await client.post("/oauth/register", json=metadata(new_key(), jwks={"keys": []}))

    assert answer.status_code == 401


async def test_a_code_lets_in_where_it_was_made_and_nowhere_else(client, app, owner_url, new_code):
    other = principal_with(await add_organisation(owner_url, "other"), "admin")
    token = await issue_token(app, other, ("admin",), None)

    async def ask(query, variables=None):
        headers = {"Authorization": f"Bearer {token}"}
        body = {"query": query, "variables": variables}
        return (await client.post("/graphql", json=body, headers=headers)).json()

    await open_shop(ask)
    theirs = (await ask(CREATE_CODE, {"input": {"location": "south"}}))["data"]

    body = (await register(client, theirs["createEnrolmentCode"]["code"])).json()

    (row,) = await run_sql(owner_url, "select org_id from agents")
    assert row["org_id"] == other.org_id
    assert body["shelfcast"]["location"] == "south"


async def test_codes_do_not_travel_in_the_clear(client, new_code, settings):
    headers = {"Authorization": f"Bearer {await new_code()}", "Host": "shop.example"}

    answer = await client.post(
        "http://shop.example/oauth/register", json=metadata(new_key()), headers=headers
    )

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


async def test_the_metadata_document_says_where_agents_register(client, settings):
    document = (await client.get("/.well-known/oauth-authorization-server")).json()

    assert document["registration_endpoint"] == f"{settings.origin}/oauth/register"
