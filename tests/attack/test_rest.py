"""Every path beside GraphQL, asked in every way with what is known of a victim."""

import itertools
import re

import pytest
from starlette.routing import Route

from backend.core.scopes import Scope
from backend.identity import clients
from backend.identity.authentication import Identity
from tests.attack.victim import picture, tokens_in

NAMES = (
    "client_id", "client_secret", "token", "code", "refresh_token", "id", "link", "email", "user",
    "redirect_uri", "request", "ticket", "session", "state", "scope", "after", "q",
)  # fmt: skip
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
AT_ONCE = 3
"""Values tried for each name."""


def paths(app):
    """Return all paths but GraphQL's, with what stands in braces filled in by name."""
    return sorted({route.path for route in app.routes if isinstance(route, Route)} - {"/graphql"})


def filled(path, value):
    return re.sub(r"{[^}]*}", value, path)


def forms(known, tokens):
    """Return sets of parameters: every name with a few values of everything known."""
    pool = [*tokens, *known.by_name.get("clientId", []), *known.anything]
    values = itertools.cycle(pool)
    for _ in range(AT_ONCE):
        yield {name: next(values) for name in NAMES} | {"grant_type": "client_credentials"}
    for token in tokens:
        for grant in ("client_credentials", "refresh_token", "authorization_code", None):
            form = {
                "token": token,
                "refresh_token": token,
                "code": token,
                "client_assertion": token,
            }
            yield form | ({"grant_type": grant} if grant else {})


@pytest.mark.parametrize("caller", ["stranger", "nobody"])
async def test_no_path_tells_or_changes_anything_of_somebody_else_s(
    app, client, victim, stranger, owner_url, caller
):
    secrets = victim.known.secrets - stranger.known.secrets
    headers = {"Prefer": "respond-async"}  # there is no worker to wait for
    if caller == "stranger":
        headers["Authorization"] = f"Bearer {stranger.admin.token}"
    before = await picture(owner_url, victim.org_id)
    asked = set()

    for path in paths(app):
        for form in forms(victim.known, [victim.admin.token]):
            target = filled(path, form.get("id", "x"))
            for method in METHODS:
                sent = {"params": form} if method == "GET" else {"data": form}
                response = await client.request(method, target, headers=headers, **sent)
                assert response.status_code < 500, (method, target, form, response.text)
                assert not tokens_in(response.text) & secrets, (method, target, response.text)
                if response.status_code not in (404, 405):
                    asked.add(path)

    assert asked == set(paths(app))
    assert await picture(owner_url, victim.org_id) == before
    assert (await victim.admin.ask("{ organisation { code } }"))["organisation"]["code"] == "test"


async def test_another_client_neither_looks_into_nor_ends_a_token(app, client, victim, stranger):
    service = app.state.services[Identity]
    async with service.database.work(stranger.principal) as work:
        made = await clients.create_client(work, "thief", frozenset({Scope.ADMIN}))
    proof = (made.client_id, made.client_secret)
    form = {"token": victim.admin.token}

    looked = await client.post("/oauth/introspect", data=form, auth=proof)
    await client.post("/oauth/revoke", data=form, auth=proof)

    assert looked.json() == {"active": False}
    assert (await victim.admin.ask("{ organisation { code } }"))["organisation"]["code"] == "test"
