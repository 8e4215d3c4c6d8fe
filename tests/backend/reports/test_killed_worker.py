"""Workers killed while they make a report: real processes, a real mail server."""

import asyncio
from contextlib import asynccontextmanager
from functools import partial

import asyncpg
import pytest

from backend.core.principal import program
from backend.reports import schedules
from tests.world import run_sql

DUE_NOW = "update report_recipients set next_due_at = now() - interval '1 minute'"
TIME_PASSES = "update jobs.pgqueuer set heartbeat = heartbeat - interval '1 minute'"
"""As long as the queue waits until it gives the job of a silent worker to another."""
WAITS_FOR_A_LOCK = """
select count(*) as waiting from pg_stat_activity
 where datname = current_database() and wait_event_type = 'Lock'
"""
FILES = "select format, digest, made_at from report_files order by format"
TAKE_PLACE = """
insert into report_files (org_id, run_id, format, size, digest, content, made_at)
select org_id, id, 'XLSX', 0, '', '', now() from report_runs
"""
"""As long as it is not committed, nobody else's file of that format is kept."""


@pytest.fixture
async def ordered(shop, scheduled, database, org_id, owner_url):
    """Orders the report of a week, as PDF and XLSX, by mail."""
    await scheduled()
    await run_sql(owner_url, DUE_NOW)
    async with database.work(program(org_id, "worker")) as work:
        assert await schedules.order_due(work) == 1


@pytest.fixture
def start_worker(start_worker, inbox):
    """Starts a worker that has the mail server."""
    return partial(start_worker, SHELFCAST_SMTP_URL=f"smtp://127.0.0.1:{inbox.port}")


@asynccontextmanager
async def lock(owner_url, statement):
    """Hold what a statement locks until the block ends, and change nothing."""
    connection = await asyncpg.connect(owner_url)
    changes = connection.transaction()
    await changes.start()
    await connection.execute(statement)
    yield
    await changes.rollback()
    await connection.close()


async def until(owner_url, statement, wanted):
    """Wait until the first row of a query is so."""
    async with asyncio.timeout(90):
        while tuple((await run_sql(owner_url, statement))[0]) != wanted:
            await asyncio.sleep(0.05)


async def finish(owner_url, start_worker):
    """Let another worker take the report up, as it does half a minute later."""
    await run_sql(owner_url, TIME_PASSES)
    start_worker()
    await until(owner_url, "select state from report_runs", ("SENT",))
    await until(owner_url, "select count(*) from jobs.pgqueuer", (0,))


async def test_a_report_half_made_is_gone_on_with_and_sent_once(
    ordered, start_worker, owner_url, inbox
):
    async with lock(owner_url, TAKE_PLACE):
        worker = start_worker()
        await until(owner_url, WAITS_FOR_A_LOCK, (1,))
        before = await run_sql(owner_url, FILES)
        worker.kill()

    await finish(owner_url, start_worker)

    assert [row["format"] for row in before] == ["DOCUMENT", "PDF"]
    after = await run_sql(owner_url, FILES)
    assert [row for row in after if row["format"] != "XLSX"] == before
    (message,) = inbox.messages
    assert len(attached(message)) == 2


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
async def test_a_mail_that_was_not_accepted_is_sent_once(
    ordered, start_worker, owner_url, inbox, command
):
    inbox.holds = {command}
    worker = start_worker()
    await asyncio.wait_for(inbox.is_holding.wait(), 90)
    before = await run_sql(owner_url, FILES)
    worker.kill()
    inbox.holds = set()

    await finish(owner_url, start_worker)

    assert len(before) == 3
    assert await run_sql(owner_url, FILES) == before
    assert len(inbox.messages) == 1


async def test_a_mail_accepted_but_not_noted_comes_again_under_the_same_id(
    ordered, start_worker, owner_url, inbox
):
    inbox.holds = {"DATA"}
    worker = start_worker()
    await asyncio.wait_for(inbox.is_holding.wait(), 90)
    async with lock(owner_url, "select id from report_runs for update"):
        inbox.go_on.set()
        await until(owner_url, WAITS_FOR_A_LOCK, (1,))
        worker.kill()

    await finish(owner_url, start_worker)

    first, second = inbox.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert attached(first) == attached(second)


def attached(message):
    return [one.get_content() for one in message.iter_attachments()]
