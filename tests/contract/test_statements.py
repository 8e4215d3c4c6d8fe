"""No operation sends more statements to PostgreSQL for many rows than for few."""

import asyncio
from collections import Counter

import pytest
from graphql import is_required_argument

from backend import schema
from backend.identity.authentication import Identity
from backend.infra.api.context import Context
from tests.backend.statements import counted
from tests.contract import documents
from tests.contract.plenty import (
    add_agents,
    add_forecasts,
    add_people,
    add_reports,
    fill,
    numbered_gtin,
    tag_of,
)

FEW, MANY = 2, 25
OF_ONE_ROW = {
    "acknowledgeAlert",
    "applyShelfPlan",
    "cancelAgentRollout",
    "changeLogo",
    "changePassword",
    "closeOrganisation",
    "copyGoals",
    "commentOnBoard",
    "createClient",
    "createEnrolmentCode",
    "deleteBoard",
    "deleteBoardComment",
    "deletePivot",
    "deleteGoals",
    "createReportSchedule",
    "deleteReportSchedule",
    "deleteShelves",
    "disableUser",
    "enableUser",
    "endAllSessions",
    "endGrant",
    "endSession",
    "importGoals",
    "importShelf",
    "inviteUser",
    "pauseAgentRollout",
    "promoteForecastModel",
    "retrainForecast",
    "rollBackForecastModel",
    "trainForecast",
    "registerDocuments",
    "resendReport",
    "resetPassword",
    "resumeAgentRollout",
    "reportAgent",
    "retryReport",
    "revokeAgent",
    "revokeClient",
    "rollBackAgentRollout",
    "rotateClientSecret",
    "publishBoard",
    "saveBoard",
    "savePivot",
    "setFacings",
    "setGoalRules",
    "setShelfElasticities",
    "runReport",
    "runReportSchedule",
    "sendReportSample",
    "startAgentRollout",
    "updateClient",
    "updateOrganisation",
    "updateReportSchedule",
    "updateUser",
    "withdrawEnrolmentCode",
}
NOBODY = "00000000-0000-0000-0000-000000000000"
ARGUMENTS = {
    "checkAgentConfiguration": {"document": "", "agents": []},
    "product": {"sku": "a-P00"},
    "location": {"code": "a-S00"},
    "stockAt": {"sku": "a-P00", "location": "a-S00"},
    "piece": {"epc": tag_of(numbered_gtin(100 * ord("a")), 0)},
    "salesSummary": {"groupBy": ["DISTRIBUTOR", "PRODUCT", "LOCATION", "CUSTOMER"]},
    "analysis": {"name": "DISTRIBUTOR_BY_PRODUCT"},
    "pivot": {"definition": {"rows": ["DISTRIBUTOR", "PRODUCT"], "period": "ALL_TIME"}},
    "goal": {"id": NOBODY},
    "shelf": {"id": NOBODY},
    "shelfPlan": {"shelf": NOBODY},
    "forecastRun": {"id": NOBODY},
    "forecastDrivers": {"product": "a-P00", "location": "a-S00", "day": "2026-01-01"},
    "forecastWhatIf": {"input": {"product": "a-P00", "location": "a-S00", "days": []}},
    "reorderSimulation": {"products": []},
    "businessYears": {"from": "2018-01-01", "to": "2018-12-31"},
}
"""Of the fields that cannot do without."""


def variables(name, field):
    """Return the arguments of a root field, a page as long as can be."""
    assert not any(map(is_required_argument, field.args.values())) or name in ARGUMENTS, (
        f"say in ARGUMENTS how to call {name}"
    )
    return ARGUMENTS.get(name, {}) | ({"first": 500} if "first" in field.args else {})


def size(value):
    """Return how many values there are in an answer."""
    if isinstance(value, dict | list):
        return sum(map(size, value.values() if isinstance(value, dict) else value))
    return value is not None


@pytest.fixture
async def ask(app, principal):
    """Runs an operation; returns what it answers and the statements it took.

    Without HTTP: now and then a bearer is looked up anew.
    """
    services = app.state.services
    built = schema.build()

    async def run(document, values):
        context = Context(services[Identity].database, services)
        context.caller = principal
        with counted(app) as statements:
            answer = await built.execute(document, values, context)
            await asyncio.sleep(0)  # the driver tells of a statement one turn of the loop later
        assert not answer.errors
        return answer.data, statements

    return run


async def ask_everything(ask):
    return {
        name: await ask(documents.operation("Query", name), variables(name, field))
        for name, field in documents.root_fields("Query").items()
    }


async def test_every_query_takes_as_many_statements_for_many_rows_as_for_few(
    ask, owner_url, org_id
):
    await fill(ask, FEW, "a")
    await add_people(owner_url, org_id, FEW, "a")
    await add_agents(owner_url, org_id, FEW, "a")
    await add_reports(owner_url, org_id, FEW, "a")
    await add_forecasts(owner_url, org_id, FEW)
    few = await ask_everything(ask)
    await fill(ask, MANY, "b")
    await add_people(owner_url, org_id, MANY, "b")
    await add_agents(owner_url, org_id, MANY, "b")
    await add_reports(owner_url, org_id, MANY, "b")
    await add_forecasts(owner_url, org_id, MANY)

    many = await ask_everything(ask)

    grown = {name for name in few if size(many[name][0]) > 5 * size(few[name][0])}
    assert grown >= documents.lists().keys() | {"categories", "salesSummary"}
    for name, (_, statements) in many.items():
        assert len(statements) == len(few[name][1]), (name, statements)


async def test_no_mutation_repeats_a_statement_for_more_rows(ask):
    few = await fill(ask, FEW, "a")

    many = await fill(ask, MANY, "b")

    assert many.keys() == documents.root_fields("Mutation").keys() - OF_ONE_ROW
    for name, statements in many.items():
        # Rows that have more effects, such as opening an alert, may need other statements too.
        excess = Counter(statements) - Counter(set(statements)) - Counter(few[name])
        assert not excess, name
