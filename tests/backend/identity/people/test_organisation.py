"""An organisation changes, leaves with all it has, and ends."""

import io
import json
import zipfile
from datetime import UTC, datetime

import pytest

from backend.programs import retention
from tests.contract.plenty import fill
from tests.people import add_user, sign_in
from tests.world import add_organisation, run_sql

UPDATE = """
mutation ($input: UpdateOrganisationInput!) { updateOrganisation(input: $input) {
  organisation { name currency timezone fiscalYearStart fiscalCalendar } } }
"""
CLOSE = """
mutation ($code: String!) { closeOrganisation(input: {code: $code}) {
  organisation { closedAt } } }
"""
PASSED = "update organisations set closed_at = now() - interval '31 d' where id = $1"
EXPORT = "/api/organisation/export"


@pytest.fixture
def bearer(app, owner_url, principal):
    """Signs somebody in: `await bearer("OWNER")`."""

    async def make(role):
        email = f"{role.lower()}@shop.example"
        await add_user(app, owner_url, principal.org_id, email, role)
        return {"Authorization": f"Bearer {await sign_in(app, principal, email)}"}

    return make


@pytest.fixture
def ask(client):
    async def run(headers, document, **values):
        body = {"query": document, "variables": values}
        return (await client.post("/graphql", json=body, headers=headers)).json()

    return run


async def test_settings_that_are_left_out_stay(ask, bearer):
    owner = await bearer("OWNER")
    sent = {"timezone": "Europe/Berlin", "fiscalYearStart": 4, "fiscalCalendar": "RETAIL_445"}

    changed = await ask(owner, UPDATE, input=sent)

    assert changed["data"]["updateOrganisation"]["organisation"] == {
        "name": "Test",
        "currency": "USD",
        **sent,
    }


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"name": " "}, "INVALID_ORGANISATION"),
        ({"currency": "dollars"}, "INVALID_ORGANISATION"),
        ({"timezone": "Mars"}, "INVALID_TIME_ZONE"),
        ({"fiscalYearStart": 13}, "INVALID_FISCAL_YEAR"),
    ],
)
async def test_a_setting_that_makes_no_sense_is_refused(ask, bearer, sent, code):
    answer = await ask(await bearer("OWNER"), UPDATE, input=sent)

    assert answer["errors"][0]["extensions"]["code"] == code


async def test_the_currency_stays_once_there_are_sales(ask, bearer):
    owner = await bearer("OWNER")
    assert "errors" not in await ask(owner, UPDATE, input={"currency": "GBP"})

    async def run(document, values):
        return (await ask(owner, document, **values))["data"], None

    await fill(run, 2, "a")

    answer = await ask(owner, UPDATE, input={"currency": "USD"})
    assert answer["errors"][0]["extensions"]["code"] == "CURRENCY_IN_USE"


async def test_an_owner_exports_everything_but_secrets_and_other_retailers(
    ask, bearer, client, owner_url
):
    owner = await bearer("OWNER")
    other = await add_organisation(owner_url, "other")

    async def run(document, values):
        return (await ask(owner, document, **values))["data"], None

    await fill(run, 3, "a")

    answer = await client.get(EXPORT, headers=owner)

    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    files = {name: archive.read(name).decode() for name in archive.namelist()}
    assert len(files["products.ndjson"].splitlines()) == 3
    assert [json.loads(line)["email"] for line in files["users.ndjson"].splitlines()] == [
        "owner@shop.example"
    ]
    everything = "".join(files.values())
    assert "argon2" not in everything
    assert "secret_hash" not in everything
    assert str(other) not in everything
    assert "sessions.ndjson" not in files
    noted = await run_sql(owner_url, "select action from audit_log order by seq desc limit 1")
    assert noted[0][0] == "ORGANISATION_EXPORTED"


@pytest.mark.parametrize(("role", "status"), [("ADMIN", 403), ("CLERK", 403), (None, 401)])
async def test_nobody_but_an_owner_exports(bearer, client, role, status):
    headers = await bearer(role) if role else {}

    assert (await client.get(EXPORT, headers=headers)).status_code == status


@pytest.mark.parametrize(
    ("role", "typed", "code"),
    [("ADMIN", "test", "OWNERS_ONLY"), ("OWNER", "tset", "ORGANISATION_NOT_CLOSED")],
)
async def test_closing_takes_an_owner_who_types_the_code(ask, bearer, role, typed, code):
    answer = await ask(await bearer(role), CLOSE, code=typed)

    assert answer["errors"][0]["extensions"]["code"] == code


async def test_a_closed_organisation_shuts_out_everybody_and_is_deleted_after_a_while(
    ask, bearer, wait_until_refused, database, settings, owner_url, org_id
):
    owner = await bearer("OWNER")
    kept = await add_organisation(owner_url, "kept")

    async def run(document, values):
        return (await ask(owner, document, **values))["data"], None

    await fill(run, 3, "a")
    assert "errors" not in await ask(owner, CLOSE, code="test")
    await wait_until_refused(owner["Authorization"].removeprefix("Bearer "))

    await retention.purge(database, settings, datetime.now(UTC))
    assert await left(owner_url, org_id)
    await run_sql(owner_url, PASSED, org_id)
    await retention.purge(database, settings, datetime.now(UTC))

    assert await left(owner_url, org_id) == {}
    rows = await run_sql(owner_url, "select id from organisations")
    assert [row["id"] for row in rows] == [kept]


async def left(owner_url, org_id):
    """Return how many rows of an organisation each table holds."""
    tables = """
    select c.relname as name from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id'
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
       and not c.relispartition"""
    counts = {}
    for row in await run_sql(owner_url, tables):
        count = f"select count(*) from {row['name']} where org_id = $1"
        found = (await run_sql(owner_url, count, org_id))[0][0]
        if found:
            counts[row["name"]] = found
    return counts
