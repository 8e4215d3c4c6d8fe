import pytest

from tests.backend.identity.oauth.conftest import CALLBACK, Pkce
from tests.world import run_sql

CREATE = """
mutation ($input: CreateClientInput!) {
  createClient(input: $input) {
    clientSecret
    client {
      clientId name kind scopes role redirectUris isFirstParty channel locations distributor
    }
  }
}
"""
UPDATE = """
mutation ($input: UpdateClientInput!) {
  updateClient(input: $input) { client { name scopes redirectUris } }
}
"""
ROTATE = """
mutation ($input: RotateClientSecretInput!) {
  rotateClientSecret(input: $input) { clientSecret client { clientId } }
}
"""
REVOKE = """
mutation ($input: RevokeClientInput!) { revokeClient(input: $input) { client { revokedAt } } }
"""
LIST = """
query ($filter: ClientFilter) { clients(filter: $filter) { edges { node { name revokedAt } } } }
"""


@pytest.fixture
def create(graphql):
    async def make(**changes):
        values = {"name": "Partner shop", "scopes": ["sales:read"]} | changes
        return await graphql(CREATE, {"input": values})

    return make


def code(answer):
    return answer["errors"][0]["extensions"]["code"]


async def test_a_client_is_made_and_can_ask_for_tokens(create, client):
    made = (await create(role="PARTNER", channel="MARKETPLACE"))["data"]["createClient"]

    answer = await client.post(
        "/oauth/token",
        data={
            "grant_type": "client_credentials",
            "client_id": made["client"]["clientId"],
            "client_secret": made["clientSecret"],
        },
    )

    assert answer.status_code == 200
    assert made["client"] | {"clientId": ""} == {
        "clientId": "",
        "name": "Partner shop",
        "kind": "CONFIDENTIAL",
        "scopes": ["sales:read"],
        "role": "PARTNER",
        "redirectUris": [],
        "isFirstParty": False,
        "channel": "MARKETPLACE",
        "locations": None,
        "distributor": None,
    }


async def test_an_app_gets_no_secret(create):
    made = await create(kind="PUBLIC", redirectUris=["com.example.app:/callback"])

    assert made["data"]["createClient"]["clientSecret"] is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": ""}, "INVALID_CLIENT_NAME"),
        ({"scopes": []}, "INVALID_SCOPE"),
        ({"scopes": ["nonsense"]}, "INVALID_SCOPE"),
        ({"redirectUris": ["http://shop.example/"]}, "INVALID_REDIRECT_URI"),
        ({"keys": {"keys": []}}, "INVALID_KEY_SET"),
        ({"keys": "x"}, "INVALID_KEY_SET"),
        ({"kind": "PUBLIC"}, "INVALID_CLIENT"),
        ({"locations": ["nowhere"]}, "INVALID_REACH"),
        ({"channel": "NOWHERE"}, "INVALID_REACH"),
    ],
    ids=str,
)
async def test_a_client_with_a_bad_part_is_not_made(create, changes, expected):
    assert code(await create(**changes)) == expected


async def test_a_client_changes_what_is_sent_and_nothing_else(create, graphql):
    made = (await create())["data"]["createClient"]["client"]
    uris = ["https://shop.example/callback"]
    change = {"clientId": made["clientId"], "name": "Renamed", "redirectUris": uris}

    answer = await graphql(UPDATE, {"input": change})

    changed = {"name": "Renamed", "scopes": ["sales:read"], "redirectUris": uris}
    assert answer["data"]["updateClient"]["client"] == changed


LIMIT = """
mutation ($input: UpdateClientInput!) {
  updateClient(input: $input) { client { role channel distributor scopes } }
}
"""


async def test_a_client_is_limited_and_freed_again(create, graphql, service, owner_url):
    made = (await create())["data"]["createClient"]
    named = {"clientId": made["client"]["clientId"]}
    own = await service.issue_token(named["clientId"], made["clientSecret"], None, "192.0.2.1")

    limited = await graphql(LIMIT, {"input": named | {"role": "PARTNER", "channel": "MARKETPLACE"}})
    service.forget(lambda _: True)
    seen = await service.authenticate(own.access_token)
    freed = await graphql(LIMIT, {"input": named | {"channel": None}})

    client = {"role": "PARTNER", "distributor": None, "scopes": ["sales:read"]}
    assert limited["data"]["updateClient"]["client"] == client | {"channel": "MARKETPLACE"}
    assert seen.channel == "MARKETPLACE"
    assert freed["data"]["updateClient"]["client"] == client | {"channel": None}
    details = await run_sql(
        owner_url, "select details::text from audit_log where action = 'CLIENT_CHANGED'"
    )
    assert any("PARTNER" in row["details"] for row in details)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"role": "OWNER"}, "ROLE_TOO_HIGH"),
        ({"channel": "NOWHERE"}, "INVALID_REACH"),
        ({"distributor": "nobody"}, "INVALID_REACH"),
    ],
    ids=str,
)
async def test_a_client_never_becomes_more_than_who_changes_it(create, graphql, change, expected):
    made = (await create())["data"]["createClient"]["client"]

    answer = await graphql(LIMIT, {"input": {"clientId": made["clientId"]} | change})

    assert code(answer) == expected


async def test_an_admin_makes_no_client_of_an_owner_s_and_takes_none_over(
    create, graphql, owner_url
):
    made = (await create())["data"]["createClient"]["client"]
    await run_sql(owner_url, "update clients set role = 'OWNER'")
    named = {"clientId": made["clientId"]}

    answers = [
        await create(role="OWNER"),
        await graphql(ROTATE, {"input": named}),
        await graphql(UPDATE, {"input": named | {"name": "mine"}}),
        await graphql(LIMIT, {"input": named | {"role": "CLERK"}}),
    ]

    assert [code(answer) for answer in answers] == ["ROLE_TOO_HIGH"] * 4


async def test_a_secret_is_replaced(create, graphql):
    made = (await create())["data"]["createClient"]
    named = {"clientId": made["client"]["clientId"]}

    answer = await graphql(ROTATE, {"input": named})

    assert answer["data"]["rotateClientSecret"]["clientSecret"] != made["clientSecret"]
    too_long = await graphql(ROTATE, {"input": {**named, "graceSeconds": 604_801}})
    assert code(too_long) == "INVALID_GRACE"


async def test_a_revoked_client_stays_in_the_list(create, graphql):
    made = (await create(name="Gone"))["data"]["createClient"]["client"]
    await graphql(REVOKE, {"input": {"clientId": made["clientId"]}})

    listed = await graphql(LIST, {"filter": {"isRevoked": True}})

    ((node,),) = ([edge["node"] for edge in listed["data"]["clients"]["edges"]],)
    assert (node["name"], node["revokedAt"] is not None) == ("Gone", True)


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        (LIST, {}),
        (CREATE, {"input": {"name": "x", "scopes": ["admin"]}}),
        (UPDATE, {"input": {"clientId": "x"}}),
        (ROTATE, {"input": {"clientId": "x"}}),
        (REVOKE, {"input": {"clientId": "x"}}),
    ],
    ids=["list", "create", "update", "rotate", "revoke"],
)
async def test_only_administrators_manage_clients(graphql, document, variables):
    assert code(await graphql(document, variables, "sales:read")) == "MISSING_SCOPE"


@pytest.mark.parametrize("document", [UPDATE, ROTATE, REVOKE], ids=["update", "rotate", "revoke"])
async def test_a_client_that_is_not_there_is_not_found(graphql, document):
    assert code(await graphql(document, {"input": {"clientId": "sc_x"}})) == "CLIENT_NOT_FOUND"


GRANTS = """
query ($filter: GrantFilter) {
  grants(filter: $filter) { nodes { id clientName scopes endedAt user { email } } }
}
"""
END_GRANT = "mutation ($id: ID!) { endGrant(input: { id: $id }) { endedAt } }"


@pytest.fixture
def ask(client):
    async def run(token, query, variables=None):
        headers = {"Authorization": f"Bearer {token}"}
        body = {"query": query, "variables": variables}
        return (await client.post("/graphql", json=body, headers=headers)).json()

    return run


async def test_a_person_sees_what_was_allowed_and_takes_it_back(
    add_user, public, obtain, ask, service
):
    await add_user("MANAGER")
    token = (await obtain(public))["access_token"]

    (grant,) = (await ask(token, GRANTS))["data"]["grants"]["nodes"]
    ended = await ask(token, END_GRANT, {"id": grant["id"]})

    service.forget(lambda _: True)
    assert (grant["clientName"], grant["scopes"]) == ("Till app", ["sales:read"])
    assert grant["user"]["email"] == "kim@shop.example"
    assert ended["data"]["endGrant"]["endedAt"]
    assert code(await ask(token, GRANTS)) == "UNAUTHENTICATED"


async def test_a_person_neither_sees_nor_ends_the_grants_of_others(
    add_user, public, obtain, browser, ask, graphql
):
    await add_user("MANAGER")
    await add_user("MANAGER", "lee@shop.example")
    await obtain(public)
    browser.http.cookies.clear()
    (theirs,) = (await graphql(GRANTS))["data"]["grants"]["nodes"]
    token = await _token_of(browser, public)

    seen = (await ask(token, GRANTS))["data"]["grants"]["nodes"]
    refused = await ask(token, END_GRANT, {"id": theirs["id"]})

    assert [grant["user"]["email"] for grant in seen] == ["lee@shop.example"]
    assert code(refused) == "GRANT_NOT_FOUND"


@pytest.mark.parametrize("wanted", ["x", "00000000-0000-4000-8000-000000000000"])
async def test_a_grant_that_is_not_there_is_not_found(graphql, wanted):
    assert code(await graphql(END_GRANT, {"id": wanted})) == "GRANT_NOT_FOUND"


async def test_open_grants_are_told_from_those_that_are_over(
    add_user, public, obtain, post, graphql
):
    await add_user()
    await post("revoke", public, token=(await obtain(public))["refresh_token"])

    counts = [
        len((await graphql(GRANTS, {"filter": {"isOpen": is_open}}))["data"]["grants"]["nodes"])
        for is_open in (True, False)
    ]

    assert counts == [0, 1]


async def _token_of(browser, public):
    pkce = Pkce()
    request = {
        "response_type": "code",
        "client_id": public.client_id,
        "redirect_uri": CALLBACK,
        "code_challenge": pkce.challenge,
        "code_challenge_method": "S256",
    }
    await browser.open("/oauth/authorize", **request)
    await browser.sign_in("lee@shop.example")
    form = {
        "grant_type": "authorization_code",
        "client_id": public.client_id,
        "code": (await browser.decide("allow"))["code"],
        "redirect_uri": CALLBACK,
        "code_verifier": pkce.verifier,
    }
    return (await browser.http.post("/oauth/token", data=form)).json()["access_token"]
