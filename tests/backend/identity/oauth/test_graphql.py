import pytest

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
