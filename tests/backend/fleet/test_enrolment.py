import pytest

from tests.backend.fleet.agents import (
    CREATE_CODE,
    REPORT,
    let_in,
    new_key,
    register,
    said,
    token_of,
)
from tests.backend.shop import INGEST, read
from tests.world import run_sql

ENTRIES = "select action, actor_kind, actor_id, address, details from audit_log order by seq"
CODES = "{ enrolmentCodes { nodes { id state name location { code } } } }"
WITHDRAW = "mutation ($input: WithdrawEnrolmentCodeInput!) {\
 withdrawEnrolmentCode(input: $input) { id } }"
REVOKE = "mutation ($input: RevokeAgentInput!) { revokeAgent(input: $input) { agent { state } } }"
CLIENTS = '{ clients(filter: {text: "pi-"}) { nodes { clientId scopes role locations } } }'


async def test_a_code_lets_an_agent_in_and_tells_it_what_it_must_know(client, new_code, settings):
    code = await new_code()
    key = new_key()

    answer = await register(client, code, key)

    assert answer.status_code == 201
    body = answer.json()
    assert body["scope"] == "reads:write"
    assert body["token_endpoint"] == f"{settings.origin}/oauth/token"
    assert body["token_endpoint_auth_method"] == "private_key_jwt"
    assert body["jwks"]["keys"][0]["x"] == key.as_dict(private=False)["x"]
    assert body["client_id_issued_at"] > 0
    assert answer.headers["cache-control"] == "no-store"
    points = [{"code": "dock", "role": "RECEIVING"}, {"code": "till", "role": "CHECKOUT"}]
    assert body["shelfcast"] == {
        "graphql_url": f"{settings.origin}/graphql",
        "location": "north",
        "devices": [{"code": "north-1", "name": None, "readPoints": points}],
    }


async def test_an_agent_s_client_can_do_nothing_but_hand_in_reads_at_its_place(
    client, new_code, graphql
):
    await register(client, await new_code())

    (made,) = (await graphql(CLIENTS))["data"]["clients"]["nodes"]

    assert made["scopes"] == ["reads:write"]
    assert made["role"] == "DEVICE"
    assert made["locations"] == ["north"]


async def test_an_enrolled_agent_delivers_reads_of_its_own_place_only(agent):
    answers = [
        await agent.ask(INGEST, {"input": {"device": device, "reads": [read(f"k-{device}")]}})
        for device in ("north-1", "south-1")
    ]

    assert answers[0]["data"]["ingestReads"]["acceptedCount"] == 1
    assert answers[1]["errors"][0]["extensions"]["code"] == "UNKNOWN_DEVICE"


async def test_an_agent_bound_to_devices_speaks_for_no_other(graphql, client, shop):
    bound = await let_in(graphql, client, devices=["north-1"])
    more = [{"code": "north-2", "location": "north", "readPoints": []}]
    upsert = "mutation ($input: UpsertDevicesInput!) { upsertDevices(input: $input) {\
 rejectedCount } }"
    await graphql(upsert, {"input": {"devices": more}})

    answers = [
        await bound.ask(INGEST, {"input": {"device": device, "reads": []}})
        for device in ("north-1", "north-2")
    ]

    assert "errors" not in answers[0]
    assert answers[1]["errors"][0]["extensions"]["code"] == "UNKNOWN_DEVICE"


async def test_the_audit_log_says_who_made_the_code_and_which_agent_came(
    client, new_code, owner_url
):
    await register(client, await new_code())

    entries = {row["action"]: row for row in await run_sql(owner_url, ENTRIES)}

    assert entries["ENROLMENT_CODE_MADE"]["actor_kind"] == "CLIENT"
    assert entries["AGENT_ENROLLED"]["actor_id"] == "enrolment"
    assert entries["AGENT_ENROLLED"]["address"] is not None
    assert '"location": "north"' in entries["AGENT_ENROLLED"]["details"]
    assert "CLIENT_CREATED" in entries


async def test_a_code_is_kept_as_a_keyed_digest_only(new_code, owner_url):
    code = await new_code()

    (row,) = await run_sql(owner_url, "select t::text as row from enrolment_codes t")

    assert code not in row["row"]
    assert code.replace("-", "") not in row["row"]


async def test_two_agents_of_one_name_are_told_apart(client, new_code, agents):
    for _ in range(2):
        await register(client, await new_code())

    first, second = sorted(one["name"] for one in await agents())

    assert first == "pi-north"
    assert second.startswith("pi-north ")


async def test_the_name_given_with_the_code_goes_before_the_agent_s_own(client, new_code, agents):
    await register(client, await new_code(name="Till at the door"))

    assert [one["name"] for one in await agents()] == ["Till at the door"]


async def test_a_revoked_agent_is_out_at_once(graphql, client, agent, agents):
    (row,) = await agents()
    await graphql(REVOKE, {"input": {"id": row["id"]}})

    answer = await agent.ask(REPORT, {"input": said()})

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert [one["state"] for one in await agents()] == ["REVOKED"]


async def test_revoking_its_client_revokes_the_agent(graphql, agent, agents):
    revoke = "mutation ($input: RevokeClientInput!) { revokeClient(input: $input) {\
 client { clientId } } }"

    await graphql(revoke, {"input": {"clientId": agent.client_id}})

    assert [one["state"] for one in await agents()] == ["REVOKED"]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"location": "nowhere"}, "location"),
        ({"devices": ["south-1"]}, "devices"),
        ({"devices": []}, "devices"),
    ],
    ids=["no such place", "a device of another place", "no device"],
)
async def test_a_code_for_what_is_not_there_is_refused(graphql, shop, wanted, field):
    answer = await graphql(CREATE_CODE, {"input": {"location": "north", **wanted}})

    assert answer["errors"][0]["extensions"]["code"] == "INVALID_ENROLMENT"
    assert answer["errors"][0]["extensions"]["field"] == ["input", field]


async def test_whoever_may_only_read_devices_makes_no_code(graphql, shop):
    answer = await graphql(CREATE_CODE, {"input": {"location": "north"}}, "devices:read")

    assert answer["errors"][0]["extensions"]["code"] == "MISSING_SCOPE"


async def test_codes_are_listed_with_what_they_are_worth(graphql, client, new_code):
    await register(client, await new_code())
    await new_code(location="south")
    nodes = (await graphql(CODES))["data"]["enrolmentCodes"]["nodes"]
    await graphql(WITHDRAW, {"input": {"id": nodes[0]["id"]}})

    nodes = (await graphql(CODES))["data"]["enrolmentCodes"]["nodes"]

    assert [(node["state"], node["location"]["code"]) for node in nodes] == [
        ("WITHDRAWN", "south"),
        ("USED", "north"),
    ]


async def test_a_used_code_cannot_be_withdrawn(graphql, client, new_code):
    await register(client, await new_code())
    (node,) = (await graphql(CODES))["data"]["enrolmentCodes"]["nodes"]

    answer = await graphql(WITHDRAW, {"input": {"id": node["id"]}})

    assert answer["errors"][0]["extensions"]["code"] == "ENROLMENT_CODE_USED"


async def test_an_agent_proves_itself_with_its_key_and_nothing_else(client, new_code):
    key = new_key()
    body = (await register(client, await new_code(), key)).json()

    tokens = [
        await token_of(client, body["client_id"], one, body["token_endpoint"])
        for one in (key, new_key())
    ]

    assert tokens[0] is not None
    assert tokens[1] is None
