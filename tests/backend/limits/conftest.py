"""The shop of two distributors, with sales of all channels at two stores."""

from types import SimpleNamespace

import pytest

from backend import schema
from backend.core.principal import Principal
from backend.core.scopes import Scope
from backend.identity.authentication import Identity
from backend.infra.api.context import Context
from tests.backend.shop import CUP, POT, RECORD_SALES, TEA, open_shop, sale
from tests.world import run_sql

SUPPLIERS = """
mutation ($input: UpsertDistributorsInput!) { upsertDistributors(input: $input) { rejectedCount } }
"""
SUPPLY = (
    "mutation ($input: UpsertProductsInput!) { upsertProducts(input: $input) { rejectedCount } }"
)
READABLE = frozenset(scope for scope in Scope if scope is not Scope.ADMIN)


@pytest.fixture
async def shop(graphql, owner_url, org_id):
    """`acme` supplies tea, `best` the cup; ids by code: `.locations`, `.distributors`."""
    await open_shop(graphql)
    suppliers = [{"code": code, "name": code.title()} for code in ("acme", "best")]
    await graphql(SUPPLIERS, {"input": {"distributors": suppliers}})
    supplied = [
        {"sku": sku, "name": sku, "category": "Ware", "price": "4.50", "distributor": code}
        for sku, code in ((TEA, "acme"), (CUP, "best"))
    ]
    await graphql(SUPPLY, {"input": {"products": supplied}})
    sales = [
        sale("acme-1", (TEA, 1), (POT, 1), saleType="TRACE", distributor="acme"),
        sale("acme-2", (TEA, 1), channel="ONLINE", location="web", distributor="acme"),
        sale("best-1", (CUP, 1), saleType="TRACE", distributor="best", customer="Jane"),
        sale("ours-1", (TEA, 2), (CUP, 2)),
        sale("ours-2", (TEA, 1), channel="MARKETPLACE", location="web"),
    ]
    answer = await graphql(RECORD_SALES, {"input": {"sales": sales}})
    assert answer["data"]["recordSales"]["rejectedCount"] == 0, answer
    return SimpleNamespace(
        locations=await ids(owner_url, "locations"),
        distributors=await ids(owner_url, "distributors"),
    )


@pytest.fixture
def ask(app, org_id):
    """Runs an operation as a principal with limits: `await ask(document, {…}, channel=…)`."""
    services = app.state.services
    built = schema.build()

    async def run(document, variables=None, *, scopes=READABLE, **limits):
        context = Context(services[Identity].database, services)
        context.caller = Principal(org_id, "limited", frozenset(scopes), **limits)
        return await built.execute(document, variables, context)

    return run


async def ids(owner_url, table):
    rows = await run_sql(owner_url, f"select code, id from {table}")
    return {row["code"]: row["id"] for row in rows}
