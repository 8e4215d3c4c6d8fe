"""Whatever an administrator of another organisation asks for: nothing leaks, nothing changes."""

from tests.attack.arguments import variants
from tests.attack.attacking import attacks, fields
from tests.attack.victim import picture, tokens_in
from tests.contract import documents

REFUSED = {
    "BAD_REQUEST",
    "GRAPHQL_VALIDATION_FAILED",
    "LIMIT_EXCEEDED",
    "RATE_LIMITED",
    "BAD_USER_INPUT",
}


PLAIN = {"salesSummary": {"groupBy": ["PRODUCT", "CUSTOMER"]}, "clients": {"first": 50}}
"""What an owner asks, where chance may ask for hours and weekdays, or two clients only."""


async def test_another_organisation_learns_and_changes_nothing(victim, stranger, owner_url):
    secrets = victim.known.secrets - stranger.known.secrets
    before = await picture(owner_url, victim.org_id)
    looked_at = set()

    async for name, body, response in attacks(stranger.admin, victim.known, stranger.known):
        assert not tokens_in(response.text) & secrets, (name, body, response.text)
        if not codes(response) & REFUSED:
            looked_at.add(name)

    assert await picture(owner_url, victim.org_id) == before
    assert looked_at == {name for _, name, _ in fields()}


def codes(response):
    """Return the codes of the errors of an answer, without those of single rows."""
    errors = response.json().get("errors") or []
    return {error.get("extensions", {}).get("code", "BAD_REQUEST") for error in errors}


async def test_the_canaries_sing_for_their_owner(victim):
    """The attacks would notice: the owner's own answers are full of what they must not hold."""
    singing = set()
    for name, field in documents.root_fields("Query").items():
        asked = variants(name, field, victim.known, victim.known)
        for variables in [*asked, PLAIN.get(name, asked[0])]:
            body = {"query": documents.operation("Query", name), "variables": variables}
            if tokens_in((await victim.admin.send(body)).text) & victim.known.secrets:
                singing.add(name)

    named = documents.lists().keys() - {"parkedCodes"}  # nothing but codes, which attackers know
    assert singing >= named | {"product", "location", "salesSummary", "stockAt"}
