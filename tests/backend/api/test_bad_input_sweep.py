"""Every field of every mutation's input, spoilt in every way that fits its type: never our fault.

The fields come from the schema: a new mutation needs a good input in `good_input` and no more.
"""

import asyncio
import base64
import copy
import json
import logging
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLList, get_nullable_type

from backend.core.ids import new_id
from tests.contract.documents import fields_of, root_fields
from tests.contract.plenty import (
    ADD_GRANT,
    add_agents,
    add_forecasts,
    add_reports,
    batches,
    fill,
)
from tests.people import PASSWORD, add_user, sign_in
from tests.world import run_sql

OWNER = "owner@shop.example"
A_TILL = {"name": "A till", "scopes": ["sales:read"]}

MISSING = object()
NEXT_YEAR = datetime.now(UTC).year + 1
LONG = "x" * 100_000
DEEP = json.loads('{"a":' * 100 + "1" + "}" * 100)
TEXTS = ["", " ", LONG, "a\0b", "\ud800", "a\u202eb", "\x1b[31m", "'; drop table products; --"]
WRONG = [None, MISSING, True, 5, -1.5, [], {}, [[None]], {"a": {"b": 1}}, [LONG], {LONG: 1}]
NUMBERS = [
    "NaN", "sNaN", "-Infinity", "1e30", "1e-30", "-1", "0", "9" * 59, "9" * 61, "1e999999999", "",
    "x", LONG, 1e30, "-1e999999999", "1e-999999999",
    -1e30, 0.1 + 0.2, 2**63, -(2**31) - 1, float("nan"), float("inf"), "٣", "1_0", " 1",
]  # fmt: skip
MOMENTS = [
    "", LONG, "now", "2026-01-31", "2026-01-31T09:30:00", "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00",
    "2026-02-30T00:00:00Z", f"{NEXT_YEAR}-06-01T00:00:00Z", "2026-01-31T09:30:00+99:99", "1" * 1000,
]  # fmt: skip
DAYS = [
    "", LONG, "0000-01-01", "0001-01-01", "9999-12-31", "2026-02-30", f"{NEXT_YEAR}-12-31",
    "20260131", "2026-W05-1", "-4713-01-01", "2026-01-31T00:00:00Z",
]  # fmt: skip
VALUES = {
    "String": TEXTS,
    "ID": [*TEXTS, "00000000-0000-0000-0000-000000000000"],
    "Decimal": NUMBERS,
    "Float": NUMBERS,
    "Int": NUMBERS,
    "Long": NUMBERS,
    "Boolean": ["true", "", 1, 0, LONG],
    "DateTime": MOMENTS,
    "Date": DAYS,
    "JSON": [
        DEEP, {"a\0": 1}, {"a": "\0"}, {"a": "\ud800"}, {"a": LONG}, {"a": 1e308}, {"a": 2**70},
        {"a": float("nan")}, {LONG: 1}, {str(n): n for n in range(5_000)}, "text", [1], {"": None},
    ],
}  # fmt: skip


def spoilt(kind, good):
    """Return values that do not belong where a type is asked for, or only just."""
    kind = get_nullable_type(kind)
    if isinstance(kind, GraphQLList):
        row = good[0] if good else None
        return [*WRONG, "x", [None], [row, None], [row] * 501, [[row]]]
    if isinstance(kind, GraphQLInputObjectType):
        return [*WRONG, "x", {"nonsense": 1}]
    if isinstance(kind, GraphQLEnumType):
        return [*WRONG, "NONSENSE", "", LONG, next(iter(kind.values)).lower()]
    return [*WRONG, *VALUES[kind.name]]


def places(kind, value, path=()):
    """Yield every place of an input: its path, its type and the good value there."""
    yield path, kind, value
    kind = get_nullable_type(kind)
    if isinstance(kind, GraphQLList):
        if value:
            yield from places(kind.of_type, value[0], (*path, 0))
    elif isinstance(kind, GraphQLInputObjectType):
        for name, field in fields_of(kind).items():
            inside = value.get(name) if isinstance(value, dict) else None
            yield from places(field.type, inside, (*path, name))


def replaced(value, path, new) -> Any:
    """Return a copy of a value with another one at a path, as far as there is such a path."""
    if not path:
        return new
    key, *rest = path
    copied: Any = copy.copy(value) if value else [None] if key == 0 else {key: None}
    inside = copied[key] if isinstance(copied, list) else copied.setdefault(key)
    inside = replaced(inside, rest, new)
    if inside is MISSING:
        del copied[key]
    else:
        copied[key] = inside
    return copied


def document(name, *, is_general):
    """Return a mutation that asks what became of its rows; a fragment bars the short cut."""
    payload = root_fields("Mutation")[name].type
    has_rows = "results" in fields_of(payload)
    chosen = "results { status userErrors { code message field } }" if has_rows else "__typename"
    if is_general:
        chosen = f"... on {get_nullable_type(payload)} {{ {chosen} }}"
    kind = root_fields("Mutation")[name].args["input"].type
    return f"mutation ($input: {kind}) {{ {name}(input: $input) {{ {chosen} }} }}"


class Sweep:
    """Sends inputs of one mutation and judges every answer."""

    def __init__(self, post, state, name, good):
        self.name = name
        self.good = good
        self._post = post
        self._state = state
        self._before: list[tuple] = []
        self._sent = 0
        self.complaints = []

    async def everything(self):
        """Spoil every place in every way."""
        self._before = await self._state()
        for path, kind, value in places(self.kind, self.good):
            for bad in spoilt(kind, value):
                if path or bad is not MISSING:
                    await self.send(path, bad)
        assert self._before == await self._state()

    @property
    def kind(self):
        return root_fields("Mutation")[self.name].args["input"].type

    async def send(self, path, bad):
        self._sent += 1
        given = replaced(self.with_new_keys(path), path, bad)
        body = {
            "query": document(self.name, is_general=self._sent % 2 == 0),
            "variables": {"input": given},
        }
        answer = await self._answer(json.dumps(body))
        rows = self.rows(answer)
        faults = list(self.faults(answer))
        if was_executed(answer):
            after = await self._state()
            if (rows is None or is_rejected(rows)) and after != self._before:
                faults.append(f"half applied: {set(after) ^ set(self._before)}")
            self._before = after
        self.complaints += [f"{path} = {str(bad)[:60]!r}: {fault}" for fault in faults]

    async def _answer(self, body):
        """Send it, again where its price has to be waited for."""
        while True:
            answer = await self._post(body)
            waits = [
                error["extensions"].get("retryAfter") for error in answer.json().get("errors", [])
            ]
            if not any(waits):
                return answer
            await asyncio.sleep(max(filter(None, waits)))

    def with_new_keys(self, path):
        """Return the good input with keys that nothing was done under yet, but at `path`."""
        made = copy.deepcopy(self.good)
        for rows in made.values():
            for row in rows if isinstance(rows, list) else ():
                for key in ("idempotencyKey", "key"):
                    if isinstance(row, dict) and key in row:
                        row[key] = f"k{self._sent}"
        return made

    def faults(self, answer):
        """Yield what is wrong with an answer."""
        if answer.status_code not in {200, 400}:
            yield f"status {answer.status_code}"
        for error in answer.json().get("errors", []):
            yield from faults_of(error["extensions"].get("code"), error)
            is_last = error["message"].startswith("Too many errors")  # those before name the fields
            if answer.status_code == 200 and not error["extensions"].get("field") and not is_last:
                yield f"no field: {error}"
        for row in self.rows(answer) or ():
            if row["status"] == "REJECTED" and not row["userErrors"]:
                yield f"no reason: {row}"
            for error in row["userErrors"]:
                yield from faults_of(error["code"], error)
                if not error["field"] or error["field"][0] != "input":
                    yield f"no field: {error}"

    def rows(self, answer):
        """Return what became of the rows; None where nothing was done."""
        payload = (answer.json().get("data") or {}).get(self.name)
        return payload and payload.get("results", [{"status": "ACCEPTED", "userErrors": []}])


def was_executed(answer):
    """Tell whether an operation came so far that it might have had an effect."""
    body = answer.json()
    return "data" in body or any("path" in error for error in body["errors"])


def is_rejected(rows):
    return all(row["status"] == "REJECTED" for row in rows)


def faults_of(code, error):
    if code in {None, "INTERNAL_ERROR"}:
        yield f"no fault of the client: {error}"
    if len(error["message"]) > 1_001:
        yield f"a message of {len(error['message'])} characters"


@pytest.fixture
async def shop(client, app, owner_url, principal):
    """Returns a function that posts as the owner, and one that tells the state of all tables."""
    owner_id = await add_user(app, owner_url, principal.org_id, OWNER)
    await run_sql(owner_url, ADD_GRANT, principal.org_id, new_id(), "sc_app", owner_id, new_id())
    await add_user(app, owner_url, principal.org_id, "clerk@shop.example", "CLERK")
    await sign_in(app, principal, "clerk@shop.example")
    token = await sign_in(app, principal, OWNER)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    async def post(content):
        return await client.post("/graphql", content=content, headers=headers)

    async def ask(query, variables):
        answer = (await post(json.dumps({"query": query, "variables": variables}))).json()
        assert "errors" not in answer, answer
        return answer["data"], None

    await fill(ask, 1, "a")
    await ask(document("createClient", is_general=False), {"input": A_TILL})
    await add_agents(owner_url, principal.org_id, 1, "a")
    await add_reports(owner_url, principal.org_id, 1, "a")
    await add_forecasts(owner_url, principal.org_id, 1)
    connection = await asyncpg.connect(owner_url)
    tables = await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
    each = " union all ".join(
        f"select '{row['tablename']}' as name, count(*) as rows,"
        f" sum(xmin::text::bigint) as changes from {row['tablename']}"
        for row in tables
        if row["tablename"] != "oauth_clients"  # remembers when it was last used
    )
    counting = await connection.prepare(each)

    async def state():
        return sorted(tuple(row) for row in await counting.fetch())  # parallel plans mix them

    yield post, state, ask
    await connection.close()


ONE_ALERT = "{ alerts(first: 1) { nodes { id } } }"
ONE_CLERK = "{ users(filter: {roles: [CLERK]}) { nodes { id } } }"
ONE_GRANT = "{ grants { nodes { id } } }"
A_CLIENT = '{ clients(filter: {text: "till"}) { nodes { clientId } } }'
AN_AGENT = "{ agents { nodes { id } } }"
A_ROLLOUT = "{ agentRollouts { nodes { id } } }"
A_SCHEDULE = "{ reportSchedules { nodes { id } } }"
A_REPORT = "{ reportRuns { nodes { id } } }"
A_SHELF = "{ shelves { nodes { shelf: id } } }"
A_SHELF_FILE = base64.b64encode(b"sku,facings\na-P00,2\n").decode()
A_LOGO = base64.b64encode(
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
).decode()
A_PAGE = {"kind": "PAGE", "name": "sales", "filter": {"states": ["Ohio"]}}
A_PLAN = {
    "name": "Mondays",
    "content": A_PAGE,
    "frequency": "WEEKLY",
    "recipients": [{"channel": "EMAIL", "timezone": "UTC"}],
    "formats": ["PDF"],
    "at": "07:00",
    "day": 1,
}
FOUND = {
    "deleteGoals": ("{ goals { nodes { id version } } }", {}),
    "deleteShelves": ("{ shelves { nodes { id } } }", {}),
    "applyShelfPlan": (A_SHELF, {"leastBad": True}),
    "setFacings": (A_SHELF, {"products": [{"sku": "a-P00", "facings": 2, "board": 1}]}),
    "importShelf": (A_SHELF, {"content": A_SHELF_FILE}),
    "promoteForecastModel": ("{ forecastModels { nodes { id } } }", {}),
    "deleteReportSchedule": (A_SCHEDULE, {}),
    "updateReportSchedule": (A_SCHEDULE, A_PLAN),
    "runReportSchedule": (A_SCHEDULE, {}),
    "sendReportSample": (A_SCHEDULE, {}),
    "retryReport": (A_REPORT, {}),
    "resendReport": (A_REPORT, {}),
    "revokeAgent": (AN_AGENT, {}),
    "withdrawEnrolmentCode": ("{ enrolmentCodes { nodes { id } } }", {}),
    "pauseAgentRollout": (A_ROLLOUT, {}),
    "resumeAgentRollout": (A_ROLLOUT, {}),
    "cancelAgentRollout": (A_ROLLOUT, {}),
    "rollBackAgentRollout": (A_ROLLOUT, {}),
    "acknowledgeAlert": (ONE_ALERT, {"note": "mine"}),
    "updateUser": (ONE_CLERK, {"name": "Robin"}),
    "disableUser": (ONE_CLERK, {}),
    "enableUser": (ONE_CLERK, {}),
    "resetPassword": (ONE_CLERK, {}),
    "updateClient": (A_CLIENT, {"name": "A till of theirs"}),
    "registerDocuments": (A_CLIENT, {"documents": ["{ organisation { code } }"]}),
    "rotateClientSecret": (A_CLIENT, {}),
    "revokeClient": (A_CLIENT, {}),
    "publishBoard": ("{ boards { nodes { id version } } }", {}),
    "commentOnBoard": ("{ boards { nodes { board: id } } }", {"text": "Hm."}),
    "deleteBoard": ("{ boards { nodes { id } } }", {}),
    "deletePivot": ("{ savedPivots { nodes { id } } }", {}),
    "endGrant": (ONE_GRANT, {}),
    "endSession": ("{ sessions { nodes { id } } }", {}),
}
"""Inputs that name what is there: how to find it, and what else to send."""
GIVEN = {
    "copyGoals": {"fromYear": "2018", "toYear": "2019", "kind": "YEAR", "basis": "GOALS"},
    "importGoals": {"content": base64.b64encode(b"Year,Goal\n2018,5\n").decode()},
    "setGoalRules": {"reachedAt": "1", "missedBelow": "0.9"},
    "createReportSchedule": A_PLAN,
    "runReport": {"content": A_PAGE, "formats": ["PDF"], "name": "Now"},
    "createEnrolmentCode": {"location": "a-S00", "devices": None, "name": "A Pi"},
    "startAgentRollout": {"agents": [str(new_id())], "document": "", "wavePercents": [10, 100]},
    "updateOrganisation": {"name": "Another name"},
    "closeOrganisation": {"code": "test"},
    "inviteUser": {"email": "kim@shop.example", "name": "Kim", "role": "CLERK"},
    "changePassword": {"currentPassword": PASSWORD, "newPassword": "another fine sentence"},
    "savePivot": {
        "name": "By region",
        "definition": {
            "rows": ["REGION"],
            "columns": ["YEAR"],
            "measures": ["UNITS"],
            "filter": {"from": "2018-01-01", "regions": ["West"]},
        },
        "sharing": "ROLES",
        "roles": ["MANAGER"],
    },
    "saveBoard": {
        "title": "A board",
        "blocks": [
            {"kind": "TEXT", "title": "Words", "words": "Hm."},
            {
                "kind": "ANALYSIS",
                "title": "Figures",
                "analysis": "BEST_SELLERS",
                "choice": {"top": 5},
            },
        ],
        "roles": ["MANAGER"],
    },
    "createClient": {"name": "A clock", "scopes": ["sales:read"]},
    "changeLogo": {"content": A_LOGO},
    "setShelfElasticities": {"elasticities": [{"category": "a 0", "elasticity": "0.2"}]},
}
ELSEWHERE = {"endAllSessions", "reportAgent", "deleteBoardComment"}
"""Ends the sender's own sessions, and the sweep with it; is refused to persons; lies in a board."""


async def good_input(name, ask):
    if name not in FOUND:
        return (GIVEN | dict(batches(1, "a")))[name]
    query, more = FOUND[name]
    answer, _ = await ask(query, None)
    (found,) = answer.values()
    if name == "deleteGoals":
        return {"goals": found["nodes"][:1]}
    if name == "deleteShelves":
        return {"shelves": [found["nodes"][0]["id"]]}
    return found["nodes"][0] | more


WITH_INPUT = {name for name, one in root_fields("Mutation").items() if "input" in one.args}


@pytest.mark.parametrize("name", sorted(WITH_INPUT - ELSEWHERE))
async def test_nothing_a_client_can_send_is_an_error_of_ours(shop, caplog, name):
    post, state, ask = shop
    sweep = Sweep(post, state, name, await good_input(name, ask))

    await sweep.everything()

    assert not sweep.complaints, "\n".join(sweep.complaints)
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []


async def test_a_skew_that_leads_out_of_the_calendar_is_the_client_s_mistake(shop):
    _, _, ask = shop
    read = {"key": "k", "readPoint": "in", "code": "x", "observedAt": "0001-01-01T00:00:00Z"}
    sent = {"device": "a-R00", "clockSkewMs": 2**31 - 1, "reads": [read]}

    for is_general in (True, False):
        asked = document("ingestReads", is_general=is_general)
        answer, _ = await ask(asked, {"input": sent})

        assert answer["ingestReads"]["results"][0]["userErrors"][0]["code"] == "INVALID_TIME"
