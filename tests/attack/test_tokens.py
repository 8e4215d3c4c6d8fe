"""With a token that is not good (any more), no field answers, and nothing changes."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backend.identity import clients, tokens
from backend.identity.authentication import Identity
from tests.attack.arguments import variants
from tests.attack.victim import caller, picture, tokens_in
from tests.contract import documents

ROOTS = ("Query", "Mutation", "Subscription")


async def expired(app, _victim, good, settings):
    return await resigned(app, good, settings.origin, timedelta(minutes=-1))


async def for_somebody_else(app, _victim, good, _settings):
    return await resigned(app, good, "https://elsewhere.example", timedelta(minutes=5))


async def resigned(app, good, issuer, life):
    """Return the claims of a good token signed with our own key, but for `issuer` and so long."""
    service = app.state.services[Identity]
    key = await service.keys.signing_key()
    now = datetime.now(UTC)
    claims = tokens.verify(good, key, issuer=payload_of(good)["iss"], now=now)
    past = now + min(life, timedelta(0)) * 2
    return tokens.sign(replace(claims, expires_at=now + life), key, issuer=issuer, now=past)


async def of_a_revoked_client(app, victim, good, _settings):
    service = app.state.services[Identity]
    async with service.database.work(victim.principal) as work:
        await clients.revoke_client(work, payload_of(good)["client_id"])
    service.forget(lambda _: True)  # as the event does, within a second
    return good


async def unsigned(_app, _victim, good, _settings):
    header = {"alg": "none", "typ": "at+jwt", "kid": header_of(good)["kid"]}
    return f"{encoded(header)}.{good.split('.')[1]}."


async def signed_with_the_public_key(_app, _victim, good, _settings):
    header = header_of(good) | {"alg": "HS256"}
    return f"{encoded(header)}.{good.split('.')[1]}.{good.split('.')[2]}"


async def altered(_app, _victim, good, _settings):
    head, _, signature = good.split(".")
    return f"{head}.{encoded(payload_of(good) | {'scope': 'admin'})}.{signature}"


async def garbage(_app, _victim, _good, _settings):
    return "garbage"


async def missing(_app, _victim, _good, _settings):
    return None


FORGERIES = (
    expired,
    for_somebody_else,
    of_a_revoked_client,
    unsigned,
    signed_with_the_public_key,
    altered,
    garbage,
    missing,
)


def encoded(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def payload_of(token):
    return part(token, 1)


def header_of(token):
    return part(token, 0)


def part(token, index):
    text = token.split(".")[index]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


async def test_no_field_answers_to_a_token_that_is_not_good(
    app, client, victim, owner_url, settings
):
    scopes = "sales:read sales:write stock:read catalogue:read"
    bad = {}
    for forge in FORGERIES:
        good = await caller(app, client, victim.principal, scopes)
        bad[forge.__name__] = await forge(app, victim, good.token, settings)
    before = await picture(owner_url, victim.org_id)

    for root in ROOTS:
        for name, field in documents.root_fields(root).items():
            variables = variants(name, field, victim.known, victim.known)[0]
            body = {"query": documents.operation(root, name), "variables": variables}
            for kind, token in bad.items():
                headers = {"Authorization": f"Bearer {token}"} if token else {}
                if root == "Subscription":
                    headers["Accept"] = "text/event-stream"
                response = await client.post("/graphql", json=body, headers=headers)
                assert response.status_code == 401, (kind, name, response.text)
                assert not tokens_in(response.text) & victim.known.secrets, (kind, name)

    assert await picture(owner_url, victim.org_id) == before


@pytest.mark.parametrize("forge", [forge for forge in FORGERIES if forge is not missing])
async def test_no_token_of_that_kind_is_taken(app, client, victim, settings, forge):
    good = await caller(app, client, victim.principal, "sales:read")
    assert (await good.ask("{ organisation { code } }"))["organisation"]["code"] == "test"

    token = await forge(app, victim, good.token, settings)

    headers = {"Authorization": f"Bearer {token}"}
    response = await client.post(
        "/graphql", json={"query": "{ organisation { code } }"}, headers=headers
    )
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED" or (
        response.status_code == 401
    )
