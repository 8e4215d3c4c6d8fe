from urllib.parse import quote

import httpx2
import pytest

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def test_a_client_gets_a_token_for_all_its_scopes(create, ask):
    answer = await ask(await create("stock:read sales:read"))

    body = answer.json()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert body.pop("access_token").count(".") == 2
    assert body == {"token_type": "Bearer", "expires_in": 600, "scope": "sales:read stock:read"}


async def test_a_token_may_be_asked_for_with_fewer_scopes(create, ask):
    answer = await ask(await create("stock:read sales:read"), scope="stock:read")

    assert answer.json()["scope"] == "stock:read"


async def test_an_administrator_may_ask_for_any_scope(create, ask):
    answer = await ask(await create("admin"), scope="stock:read")

    assert answer.json()["scope"] == "stock:read"


@pytest.mark.parametrize("scope", ["catalogue:write", "nonsense", "sales:read nonsense", "admin"])
async def test_a_scope_the_client_does_not_have_is_refused(create, ask, scope):
    answer = await ask(await create("sales:read"), scope=scope)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


async def test_credentials_may_come_by_http_basic(create, ask):
    made = await create()
    basic = httpx2.BasicAuth(quote(made.client_id), quote(made.client_secret))

    answer = await ask(made, auth=basic, client_id=None, client_secret=None)

    assert answer.status_code == 200


async def test_credentials_in_two_places_are_refused(create, ask):
    made = await create()

    answer = await ask(made, auth=httpx2.BasicAuth(made.client_id, made.client_secret))

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_secret": "scs_wrong"},
        {"client_secret": None},
        {"client_secret": ""},
        {"client_id": "sc_nobody"},
        {"client_id": None},
        {"client_id": "x\x00y"},
        {"client_id": "ü" * 300},
    ],
    ids=lambda wrong: repr(wrong)[:40],
)
async def test_wrong_credentials_are_refused_all_in_the_same_way(create, ask, wrong):
    answer = await ask(await create(), **wrong)

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("header", ["Basic %%%", "Basic aGVsbG8=", "Bearer x", "Basic /w=="])
async def test_a_broken_authorization_header_is_refused(create, ask, header):
    headers = {"Authorization": header}

    answer = await ask(await create(), headers=headers, client_id=None, client_secret=None)

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("grant", "error"),
    [
        (None, "invalid_request"),
        ("", "invalid_request"),
        ("password", "unsupported_grant_type"),
    ],
)
async def test_other_grants_are_refused(create, ask, grant, error):
    answer = await ask(await create(), grant_type=grant)

    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b'{"grant_type": "client_credentials"}', {"Content-Type": "application/json"}),
        (b"grant_type=client_credentials", {}),
        (b"a=1&a=2", FORM),
        (b"grant_type=\xff", FORM),
        (b"&".join(b"k%d=1" % number for number in range(100)), FORM),
    ],
    ids=["json", "no content type", "twice", "not utf-8", "many fields"],
)
async def test_what_is_not_a_form_is_refused(client, content, headers):
    answer = await client.post("/oauth/token", content=content, headers=headers)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_token_cannot_be_asked_for_with_get(client):
    answer = await client.get("/oauth/token?grant_type=client_credentials")

    assert answer.status_code == 405


async def test_who_keeps_guessing_has_to_wait_and_others_do_not(create, ask):
    victim, other = await create(), await create()
    for _ in range(10):
        await ask(victim, client_secret="scs_guess")

    refused = await ask(victim)
    served = await ask(other)

    assert (refused.status_code, served.status_code) == (429, 200)
    assert int(refused.headers["retry-after"]) > 0


async def test_the_use_of_a_client_is_noted_once_a_minute(create, ask, principal, service):
    made = await create()
    read = "select last_used_at as at from clients"
    await ask(made)
    async with service.database.work(principal) as work:
        first = await work.row(read)

    await ask(made)

    async with service.database.work(principal) as work:
        assert await work.row(read) == first
    assert first["at"] is not None


async def test_the_metadata_names_what_there_is(client, settings):
    metadata = (await client.get("/.well-known/oauth-authorization-server")).json()

    keys = await client.get(metadata["jwks_uri"])

    assert metadata["issuer"] == settings.origin
    assert metadata["token_endpoint"] == f"{settings.origin}/oauth/token"
    assert "client_credentials" in metadata["grant_types_supported"]
    assert keys.json()["keys"][0]["kty"] == "EC"


async def test_no_private_part_of_a_key_is_published(client):
    keys = (await client.get("/.well-known/jwks.json")).json()["keys"]

    assert all("d" not in key for key in keys)
