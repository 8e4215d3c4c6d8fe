"""Two retailers on one installation, and all that one could know of the other."""

from types import SimpleNamespace

import pytest

from backend.core.scopes import Scope
from tests.attack.victim import CANARY, caller, fill, known_of
from tests.contract.plenty import add_agents, add_forecasts, add_people, add_reports
from tests.world import add_organisation, principal_with

NO_LIMITS = {
    "max_query_cost": 10**9,
    "query_cost_burst": 10**12,
    "row_burst": 10**9,
    "max_document_tokens": 20_000,
    "max_document_fields": 10_000,
    "token_failures": 10**6,
    "token_address_failures": 10**6,
    "login_failures": 10**6,
    "login_address_failures": 10**6,
}
"""What holds attackers up is tested elsewhere: here nothing does but isolation."""


@pytest.fixture
def settings(settings):
    """Settings without limits of size and speed."""
    return settings.model_copy(update=NO_LIMITS)


@pytest.fixture
async def victim(app, client, owner_url, org_id):
    """The retailer that is attacked: `.org_id`, `.admin`, `.known`, and who acts for it."""
    principal = principal_with(org_id, Scope.ADMIN)
    admin = await caller(app, client, principal)
    await fill(admin.ask, "v")
    await add_people(owner_url, org_id, 3, f"{CANARY}-v")
    await add_agents(owner_url, org_id, 3, f"{CANARY}-v")
    await add_reports(owner_url, org_id, 3, f"{CANARY}-v")
    await add_forecasts(owner_url, org_id, 3)
    known = await known_of(owner_url, org_id, admin)
    return SimpleNamespace(org_id=org_id, principal=principal, admin=admin, known=known)


@pytest.fixture
async def stranger(app, client, owner_url):
    """Another retailer's administrator, with a few things of his own."""
    org_id = await add_organisation(owner_url, "stranger")
    principal = principal_with(org_id, Scope.ADMIN)
    admin = await caller(app, client, principal)
    await fill(admin.ask, "s", 2)
    await add_people(owner_url, org_id, 2, f"{CANARY}-s")
    await add_agents(owner_url, org_id, 2, f"{CANARY}-s")
    await add_reports(owner_url, org_id, 2, f"{CANARY}-s")
    await add_forecasts(owner_url, org_id, 2)
    known = await known_of(owner_url, org_id, admin)
    return SimpleNamespace(org_id=org_id, principal=principal, admin=admin, known=known)
