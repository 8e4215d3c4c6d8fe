"""People through GraphQL."""

import pytest

from backend.identity.people.rules import LinkKind
from backend.identity.people.users import People
from tests.people import PASSWORD, add_user, sign_in

OWNER, CLERK = "owner@shop.example", "clerk@shop.example"
INVITE = """
mutation ($input: InviteUserInput!) { inviteUser(input: $input) {
  user { id email role state locations distributor channel } link linkExpiresAt } }
"""
UPDATE = """
mutation ($input: UpdateUserInput!) { updateUser(input: $input) {
  user { name role locations distributor channel version } } }
"""
ME = "{ me { clientId scopes sessionId user { email role } } }"
SESSIONS = "{ sessions { nodes { id isCurrent endedAt user { email } } } }"
PLACES = """
mutation { upsertLocations(input: {locations: [
  {code: "S1", name: "One", kind: STORE}, {code: "S2", name: "Two", kind: STORE}]}) {
  rejectedCount } }
"""


@pytest.fixture
def ask(client):
    """Runs an operation with an access token."""

    async def run(bearer, document, **values):
        body = {"query": document, "variables": values}
        headers = {"Authorization": f"Bearer {bearer}"}
        return (await client.post("/graphql", json=body, headers=headers)).json()

    return run


@pytest.fixture
async def owner(app, owner_url, principal):
    """Access token of an owner who signed in."""
    await add_user(app, owner_url, principal.org_id, OWNER)
    return await sign_in(app, principal, OWNER)


@pytest.fixture
async def clerk(app, owner_url, principal):
    """Access token of a clerk who signed in."""
    await add_user(app, owner_url, principal.org_id, CLERK, "CLERK")
    return await sign_in(app, principal, CLERK)


def code_of(answer):
    return answer["errors"][0]["extensions"]["code"]


async def test_me_says_who_bears_the_token(ask, owner, clerk, token):
    for bearer, email, role in ((owner, OWNER, "OWNER"), (clerk, CLERK, "CLERK")):
        me = (await ask(bearer, ME))["data"]["me"]
        assert me["user"] == {"email": email, "role": role}
        assert me["sessionId"]
    assert "admin" not in (await ask(clerk, ME))["data"]["me"]["scopes"]

    program = (await ask(await token("sales:read"), ME))["data"]["me"]
    assert (program["user"], program["scopes"]) == (None, ["sales:read"])


async def test_an_invitation_carries_limits_and_a_link_that_works(ask, owner, app):
    await ask(owner, PLACES)

    sent = {"email": CLERK, "name": "Kim", "role": "CLERK", "locations": ["S2", "S1"]}
    made = (await ask(owner, INVITE, input=sent))["data"]["inviteUser"]

    assert made["user"]["locations"] == ["S1", "S2"]
    assert (made["user"]["state"], made["user"]["role"]) == ("INVITED", "CLERK")
    assert made["link"].startswith("http://localhost:8000/invitation?token=")
    secret = made["link"].partition("=")[2]
    await app.state.services[People].set_password(LinkKind.INVITATION, secret, PASSWORD, "")
    users = await ask(owner, "{ users(filter: {roles: [CLERK]}) { nodes { email state } } }")
    assert users["data"]["users"]["nodes"] == [{"email": CLERK, "state": "ACTIVE"}]


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"email": "nobody"}, "INVALID_EMAIL", ["input", "email"]),
        ({"email": OWNER}, "EMAIL_TAKEN", ["input", "email"]),
        ({"name": ""}, "INVALID_TEXT", ["input", "name"]),
        ({"locations": ["nowhere"]}, "INVALID_REACH", ["input", "locations"]),
        ({"locations": []}, "INVALID_REACH", ["input", "locations"]),
        ({"locations": ["\x00"]}, "INVALID_REACH", ["input", "locations"]),
        ({"role": "PARTNER", "distributor": "x"}, "INVALID_REACH", ["input", "distributor"]),
        ({"role": "PARTNER", "channel": "x"}, "INVALID_REACH", ["input", "channel"]),
        ({"role": "PARTNER"}, "INVALID_REACH", ["input", "role"]),
    ],
)
async def test_an_invitation_that_makes_no_sense_is_refused(ask, owner, change, code, field):
    sent = {"email": CLERK, "name": "Kim", "role": "CLERK"} | change

    answer = await ask(owner, INVITE, input=sent)

    extensions = answer["errors"][0]["extensions"]
    assert (extensions["code"], extensions["field"]) == (code, field)


async def test_a_change_leaves_what_is_left_out_and_null_clears_a_limit(ask, owner):
    await ask(owner, PLACES)
    sent = {"email": CLERK, "name": "Kim", "role": "CLERK", "locations": ["S1"]}
    user = (await ask(owner, INVITE, input=sent))["data"]["inviteUser"]["user"]["id"]

    kept = (await ask(owner, UPDATE, input={"id": user, "name": "Robin"}))["data"]["updateUser"]
    cleared = await ask(owner, UPDATE, input={"id": user, "locations": None})

    assert (kept["user"]["name"], kept["user"]["locations"]) == ("Robin", ["S1"])
    user = cleared["data"]["updateUser"]["user"]
    assert (user["name"], user["locations"], user["version"]) == ("Robin", None, 3)


@pytest.mark.parametrize(
    "document", ["{ users { nodes { id } } }", "{ auditLog { nodes { id } } }"]
)
async def test_a_clerk_sees_no_people_and_no_audit_log(ask, clerk, document):
    assert code_of(await ask(clerk, document)) == "MISSING_SCOPE"


async def test_an_auditor_reads_the_audit_log_and_changes_nothing(ask, app, owner_url, principal):
    auditor = await add_user(app, owner_url, principal.org_id, "a@shop.example", "AUDITOR")
    bearer = await sign_in(app, principal, "a@shop.example")

    document = '{ auditLog(filter: {actions: ["SIGNED_IN"]}) { nodes { actorId actorName address'
    answer = await ask(bearer, document + " action hash } } }")

    entry = answer["data"]["auditLog"]["nodes"][0]
    assert (entry["actorId"], entry["actorName"]) == (str(auditor), "Kim Doe")
    assert (entry["address"], len(entry["hash"])) == ("192.0.2.1", 64)
    sent = {"email": CLERK, "name": "Kim", "role": "CLERK"}
    assert code_of(await ask(bearer, INVITE, input=sent)) == "MISSING_SCOPE"


async def test_everybody_sees_and_ends_their_own_sessions_alone(ask, owner, clerk):
    own = (await ask(clerk, SESSIONS))["data"]["sessions"]["nodes"]
    others = (await ask(owner, SESSIONS))["data"]["sessions"]["nodes"]
    assert [node["user"]["email"] for node in own] == [CLERK]
    assert {node["user"]["email"] for node in others} == {OWNER, CLERK}

    end = "mutation ($id: ID!) { endSession(input: {id: $id}) { endedCount } }"
    theirs = next(node["id"] for node in others if node["user"]["email"] == OWNER)
    assert code_of(await ask(clerk, end, id=theirs)) == "SESSION_NOT_FOUND"
    assert (await ask(clerk, end, id=own[0]["id"]))["data"]["endSession"]["endedCount"] == 1


async def test_who_signs_out_everywhere_is_out_within_a_second(ask, clerk, wait_until_refused):
    everywhere = "mutation { endAllSessions(input: {}) { endedCount } }"

    answer = await ask(clerk, everywhere)

    assert answer["data"]["endAllSessions"]["endedCount"] == 1
    await wait_until_refused(clerk)


async def test_a_disabled_person_s_token_dies_within_a_second(
    ask, owner, clerk, wait_until_refused
):
    data = (await ask(owner, '{ users(filter: {text: "clerk"}) { nodes { id } } }'))["data"]
    disable = "mutation ($id: ID!) { disableUser(input: {id: $id}) { user { state } } }"

    answer = await ask(owner, disable, id=data["users"]["nodes"][0]["id"])

    assert answer["data"]["disableUser"]["user"]["state"] == "DISABLED"
    await wait_until_refused(clerk)


@pytest.mark.parametrize("name", ["disableUser", "enableUser", "resetPassword", "updateUser"])
@pytest.mark.parametrize("user", ["nobody", "00000000-0000-0000-0000-000000000000"])
async def test_who_is_not_there_cannot_be_changed(ask, owner, name, user):
    kind = "UpdateUserInput" if name == "updateUser" else "UserInput"
    document = f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ user {{ id }} }} }}"

    answer = await ask(owner, document, input={"id": user})

    assert code_of(answer) == "USER_NOT_FOUND"
