import asyncio
from dataclasses import replace

import asyncpg
import pytest

from backend.core.ids import new_id
from backend.identity import audit
from tests.world import add_organisation, principal_with, run_sql


@pytest.fixture
def note(database, principal):
    """Leaves entries in one unit of work each: `await note("A", "B")`."""

    async def leave(*actions, principal=principal, address="192.0.2.7"):
        for action in actions:
            async with database.work(principal, address=address) as work:
                work.note(action, "thing 7", count=2, name="Ärmel \u2028")

    return leave


@pytest.fixture
def verify(owner_url):
    """Returns the chain of the organisation `test`."""

    async def run():
        owner = await asyncpg.connect(owner_url)
        try:
            return next(
                chain for chain in await audit.verify(owner) if chain.organisation == "test"
            )
        finally:
            await owner.close()

    return run


async def test_an_entry_says_who_did_what_from_where(note, principal, owner_url):
    person = replace(principal, user_id=new_id(), token_id="t1")
    client = replace(principal, token_id="t1")

    await note("BY_PERSON", principal=person)
    await note("BY_CLIENT", principal=client)
    await note("BY_PROGRAM", address=None)

    rows = [tuple(row) for row in await run_sql(owner_url, WHO)]
    assert rows == [
        (1, "USER", str(person.user_id), "test", "192.0.2.7", "BY_PERSON", "thing 7", "2"),
        (2, "CLIENT", "test", "test", "192.0.2.7", "BY_CLIENT", "thing 7", "2"),
        (3, "PROGRAM", "test", None, None, "BY_PROGRAM", "thing 7", "2"),
    ]


WHO = """
select seq, actor_kind, actor_id, client_id, address, action, subject, details ->> 'count'
  from audit_log order by seq
"""


async def test_work_that_fails_leaves_no_entry(database, principal, owner_url):
    async def fail():
        async with database.work(principal) as work:
            work.note("NEVER")
            await work.rows("select 1 / 0")

    with pytest.raises(asyncpg.DivisionByZeroError):
        await fail()

    assert await run_sql(owner_url, "select * from audit_log") == []


async def test_many_at_once_make_one_unbroken_chain(note, verify):
    await asyncio.gather(*(note("A", "B", "C") for _ in range(8)))

    chain = await verify()
    assert (chain.entries, chain.broken_seq) == (24, None)


async def test_every_organisation_has_a_chain_of_its_own(note, verify, owner_url):
    other = principal_with(await add_organisation(owner_url, "other"))

    await note("A", "B")
    await note("A", principal=other)

    rows = await run_sql(owner_url, "select seq from audit_log order by org_id, seq")
    assert sorted(row["seq"] for row in rows) == [1, 1, 2]


@pytest.mark.parametrize(
    ("tampering", "broken", "why"),
    [
        ("update audit_log set action = 'X' where seq = 2", 2, "its content was changed"),
        ("update audit_log set details = '{}' where seq = 2", 2, "its content was changed"),
        ("update audit_log set at = at - interval '1 us' where seq = 2", 2, "its content"),
        ("update audit_log set address = null where seq = 1", 1, "its content was changed"),
        ("delete from audit_log where seq = 2", 3, "entries before it are missing"),
        ("delete from audit_log where seq = 1", 2, "entries before it are missing"),
        ("update audit_log set hash = sha256('x') where seq = 2", 2, "its content was changed"),
        ("update audit_log set previous_hash = sha256('x') where seq = 3", 3, "does not follow"),
        ("delete from audit_log where seq > 2", 3, "entries up to 4 were cut off"),
        ("delete from audit_log", 1, "entries up to 4 were cut off"),
        ("delete from audit_ends", 4, "noted to end with entry 0"),
    ],
)
async def test_the_first_entry_that_was_tampered_with_is_named(
    note, verify, owner_url, tampering, broken, why
):
    await note("A", "B", "C", "D")

    await run_sql(owner_url, tampering)

    chain = await verify()
    assert chain.broken_seq == broken
    assert why in chain.why


@pytest.mark.parametrize(
    "tampering", ["delete from audit_log where seq > 2", "delete from audit_ends"]
)
async def test_tampering_still_shows_after_more_entries(note, verify, owner_url, tampering):
    await note("A", "B", "C", "D")
    await run_sql(owner_url, tampering)

    await note("E", "F")

    assert (await verify()).broken_seq == 5


@pytest.mark.parametrize(
    "statement",
    [
        "insert into audit_log select org_id, 9, at, actor_kind, actor_id, client_id, address,"
        " action, subject, details, previous_hash, hash from audit_log",
        "update audit_log set action = 'X'",
        "delete from audit_log",
        "truncate audit_log",
        "update audit_ends set seq = 0",
        "delete from audit_ends",
    ],
)
async def test_the_application_can_only_read_and_append(note, settings, owner_url, statement):
    await note("A")
    app = await asyncpg.connect(settings.role_url("app", owner_url))

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute(statement)

    await app.close()


async def test_nobody_appends_without_an_organisation(settings, owner_url):
    app = await asyncpg.connect(settings.role_url("app", owner_url))

    with pytest.raises(asyncpg.RaiseError):
        await app.execute(
            "select append_audit('CLIENT', 'a', null, null, array['A'], array['b'], array['{}'])"
        )

    await app.close()
