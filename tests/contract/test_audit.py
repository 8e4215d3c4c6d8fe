"""Every mutation leaves an entry in the audit log, but the two whose ledger tells itself."""

from base64 import b64encode
from datetime import UTC, datetime
from functools import partial

import pytest

from backend.core.ids import new_id
from tests.contract import documents
from tests.contract.plenty import (
    ADD_GRANT,
    add_agents,
    add_forecast_model,
    add_reports,
    batches,
)
from tests.people import PASSWORD, add_user, sign_in
from tests.world import run_sql

TELL_THEMSELVES = {"recordSales", "ingestReads"}
NOT_FOR_PEOPLE = {"reportAgent"}
"""Its entries, of first reports, are tested in tests/backend/fleet."""
OWNER = "owner@shop.example"
NEW_PASSWORD = "another fine sentence"
A_BLOCK = {"kind": "TEXT", "title": "Words", "words": "Hm."}
COUNT = "select count(*) as entries from audit_log"


@pytest.fixture
def entries(owner_url):
    async def count():
        return (await run_sql(owner_url, COUNT))[0]["entries"]

    return count


@pytest.fixture
async def owner(client, app, owner_url, principal):
    """Runs an operation for an owner who signed in twice; returns its data."""
    owner_id = await add_user(app, owner_url, principal.org_id, OWNER)
    await run_sql(owner_url, ADD_GRANT, principal.org_id, new_id(), "sc_app", owner_id, new_id())
    await sign_in(app, principal, OWNER)
    await add_user(app, owner_url, principal.org_id, "manager@shop.example", "MANAGER")
    await sign_in(app, principal, "manager@shop.example")
    headers = {"Authorization": f"Bearer {await sign_in(app, principal, OWNER)}"}

    async def run(document, values=None):
        body = {"query": document, "variables": values}
        answer = (await client.post("/graphql", json=body, headers=headers)).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    return run


async def test_every_mutation_leaves_an_entry(owner, entries, owner_url, org_id):
    silent = []
    await add_agents(owner_url, org_id, 1, "a")
    await add_reports(owner_url, org_id, 1, "a")
    for name, sent in await everything(owner, owner_url, org_id):
        values = sent if isinstance(sent, dict) else await sent()
        before = await entries()
        await owner(documents.operation("Mutation", name), {"input": values})
        if await entries() == before:
            silent.append(name)

    assert set(silent) == TELL_THEMSELVES


async def first_goal(owner):
    return {"goals": (await owner("{ goals(first: 1) { nodes { id } } }"))["goals"]["nodes"]}


def of_boards(owner):
    """Return the mutations of boards, as `everything` does."""

    async def board(more, fields="id", which=""):
        data = await owner(f"{{ boards{which} {{ nodes {{ {fields} }} }} }}")
        return data["boards"]["nodes"][0] | more

    async def comment():
        return (await board({}, "comments { id }"))["comments"][0]

    return [
        ("saveBoard", {"title": "A board", "blocks": [A_BLOCK]}),
        ("publishBoard", partial(board, {}, "id version", "(filter: {isPublished: false})")),
        ("commentOnBoard", partial(board, {"text": "Hm."}, "board: id")),
        ("deleteBoardComment", comment),
        ("deleteBoard", partial(board, {})),
    ]


def of_shelves(owner):
    """Return the mutations of shelves, as `everything` does."""

    async def shelf(more):
        data = await owner("{ shelves(first: 1) { nodes { id } } }")
        return {"shelf": data["shelves"]["nodes"][0]["id"]} | more

    async def gone():
        return {"shelves": [(await shelf({}))["shelf"]]}

    content = b64encode(b"SKU,Facings\na-P00,2\n").decode()
    listed = [{"sku": "a-P00", "facings": 1}]
    return [
        ("setShelfElasticities", {"elasticities": [{"category": "a 0", "elasticity": "0.2"}]}),
        ("setFacings", partial(shelf, {"products": listed, "replace": True})),
        ("importShelf", partial(shelf, {"content": content})),
        ("applyShelfPlan", partial(shelf, {"method": "GREEDY", "leastBad": True})),
        ("deleteShelves", gone),
    ]


def reports(owner, owner_url):
    """Return the mutations of reports in an order in which they work."""
    content = {"kind": "PAGE", "name": "overview"}
    plan = {"name": "Mondays", "content": content, "frequency": "WEEKLY"}
    plan["recipients"] = [{"channel": "EMAIL"}]

    async def first(name, chosen="{}"):
        data = await owner(f"{{ {name}(filter: {chosen}) {{ nodes {{ id }} }} }}")
        return {"id": data[name]["nodes"][0]["id"]}

    async def scheduled():
        return await first("reportSchedules") | plan

    async def failed():
        await run_sql(owner_url, "update report_runs set state = 'FAILED'")
        return await first("reportRuns")

    return [
        ("createReportSchedule", plan),
        ("updateReportSchedule", scheduled),
        ("runReportSchedule", partial(first, "reportSchedules")),
        ("sendReportSample", partial(first, "reportSchedules")),
        ("runReport", {"content": content}),
        ("resendReport", partial(first, "reportRuns", "{isRestated: true}")),
        ("retryReport", failed),
        ("deleteReportSchedule", partial(first, "reportSchedules")),
    ]


def forecasts(owner_url, org_id):
    """Return the mutations of forecasts, as `everything` does."""

    async def model():
        await add_forecast_model(owner_url, org_id)
        return {"id": str(await add_forecast_model(owner_url, org_id, "REJECTED"))}

    return [
        ("trainForecast", {}),
        ("retrainForecast", {}),
        ("promoteForecastModel", model),
        ("rollBackForecastModel", {}),
    ]


async def everything(owner, owner_url, org_id):
    """Return all mutations in an order in which they work, as (name, input or what makes it)."""

    async def user(**limits):
        data = await owner("{ users(filter: {roles: [CLERK]}) { nodes { id } } }")
        return {"id": data["users"]["nodes"][0]["id"], **limits}

    async def renamed():
        return await user(name="Robin")

    async def first(name):
        data = await owner(f"{{ {name} {{ nodes {{ id }} }} }}")
        return {"id": data[name]["nodes"][0]["id"]}

    async def session():
        data = await owner("{ sessions { nodes { id isCurrent user { role } } } }")
        nodes = [node for node in data["sessions"]["nodes"] if node["user"]["role"] == "OWNER"]
        return {"id": next(node["id"] for node in nodes if not node["isCurrent"])}

    async def client():
        data = await owner('{ clients(filter: {text: "till"}) { nodes { clientId } } }')
        return data["clients"]["nodes"][0]

    async def renamed_client():
        return await client() | {"name": "A till of theirs"}

    async def registered():
        return await client() | {"documents": ["{ organisation { code } }"]}

    async def manager():
        data = await owner("{ users(filter: {roles: [MANAGER]}) { nodes { id } } }")
        return {"user": data["users"]["nodes"][0]["id"]}

    async def rollout():
        return {"agents": [(await first("agents"))["id"]], "document": ""}

    year = datetime.now(UTC).year
    copied = {"fromYear": f"{year}", "toYear": f"{year + 1}", "kind": "YEAR",
              "dimension": "LOCATION", "basis": "GOALS"}  # fmt: skip
    invited = {"email": "clerk@shop.example", "name": "Kim", "role": "CLERK"}
    sent = [
        *batches(2, "a"),
        ("copyGoals", copied),
        ("importGoals", {"content": b64encode(f"Year,Goal\n{year},5\n".encode()).decode()}),
        ("setGoalRules", {"reachedAt": "1", "missedBelow": "0.9"}),
        ("deleteGoals", partial(first_goal, owner)),
        ("acknowledgeAlert", partial(first, "alerts")),
        ("updateOrganisation", {"name": "Another name"}),
        ("changeLogo", {"content": None}),
        ("inviteUser", invited),
        ("updateUser", renamed),
        ("resetPassword", user),
        ("disableUser", user),
        ("enableUser", user),
        ("createClient", {"name": "A till", "scopes": ["sales:read"]}),
        ("updateClient", renamed_client),
        ("registerDocuments", registered),
        ("rotateClientSecret", client),
        ("revokeClient", client),
        ("createEnrolmentCode", {"location": "a-S00"}),
        ("withdrawEnrolmentCode", partial(first, "enrolmentCodes")),
        ("startAgentRollout", rollout),
        ("pauseAgentRollout", partial(first, "agentRollouts")),
        ("resumeAgentRollout", partial(first, "agentRollouts")),
        ("cancelAgentRollout", partial(first, "agentRollouts")),
        ("rollBackAgentRollout", partial(first, "agentRollouts")),
        ("revokeAgent", partial(first, "agents")),
        ("savePivot", {"name": "By region", "definition": {"rows": ["REGION"]}}),
        ("deletePivot", partial(first, "savedPivots")),
        *of_boards(owner),
        *of_shelves(owner),
        *reports(owner, owner_url),
        *forecasts(owner_url, org_id),
        ("endGrant", partial(first, "grants")),
        ("endSession", session),
        ("changePassword", {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}),
        ("endAllSessions", manager),
        ("closeOrganisation", {"code": "test"}),
    ]
    known = {name for name, _ in sent}
    assert known | NOT_FOR_PEOPLE == documents.root_fields("Mutation").keys(), (
        "say how to call the new ones"
    )
    return sent
