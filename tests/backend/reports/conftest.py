"""A shop with two weeks of sales, people who read reports, and a real mail server."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from backend.analytics.presets.choices import Choice
from backend.core.ids import new_id
from backend.core.principal import program
from backend.core.roles import Role
from backend.identity import readers
from backend.reports import runs, schedules
from backend.reports.contents.kind import Content, ContentName
from backend.reports.press import Press
from backend.reports.rules import Frequency, ReportChannel, ReportFormat, Rhythm
from backend.reports.schedules import Plan, Recipient
from backend.sales.filters import SalesCriteria
from tests.backend.analytics.presets.ledger import Shop
from tests.inbox import receiving
from tests.world import run_sql

TODAY = datetime.now(UTC).date()
MONDAY = TODAY - timedelta(days=TODAY.weekday() + 7)
"""The first day of the last whole week."""
ADD_USER = """
insert into users (org_id, id, email, name, role, location_ids, password_hash)
values ($1, $2, $3, $4, $5, $6, 'x')
"""

DUE_NOW = "update report_recipients set next_due_at = now() - interval '1 minute'"


@pytest.fixture
async def inbox():
    async with receiving() as handler:
        yield handler


@pytest.fixture
def settings(settings, inbox):
    changed = {
        "smtp_url": f"smtp://127.0.0.1:{inbox.port}",
        "mail_from": "us@shop.example",
        "webhook_private_hosts": "127.0.0.1",
        "public_url": "https://shop.example",
    }
    return type(settings).model_validate({**settings.model_dump(), **changed})


@pytest.fixture
async def shop(owner_url, org_id):
    """Two stores; this week tea sold more and a cup sold less than the week before."""
    made = Shop(owner_url, org_id)
    await made.open("north", "south")
    await made.list_product("TEA", cost="2", category="Drinks")
    await made.list_product("CUP", cost="3", category="Things")
    before = MONDAY - timedelta(days=7)
    await made.sell("north", before, ("TEA", 10, "100", "20"), ("CUP", 4, "80", "12"))
    await made.sell("north", MONDAY, ("TEA", 20, "200", "40"))
    await made.sell("south", MONDAY + timedelta(days=2), ("TEA", 5, "50", "10"))
    await made.sell("south", MONDAY + timedelta(days=6), ("CUP", 1, "20", "30"))
    return made


@pytest.fixture
def person(database, org_id, owner_url):
    """Adds people and returns them as readers: `await person("kim@x.example", Role.MANAGER)`."""

    async def add(email, role=Role.MANAGER, locations=None):
        await run_sql(owner_url, ADD_USER, org_id, new_id(), email, "Kim Doe", role, locations)
        async with database.work(program(org_id, "test")) as work:
            return (await readers.people_by_email(work, [email]))[email]

    return add


@pytest.fixture
def press(database, settings):
    return Press(database, settings)


@pytest.fixture
def made(database, org_id, press):
    """Makes all reports that wait, and returns what became of each."""

    async def make():
        async with database.work(program(org_id, "test")) as work:
            rows = await work.rows(
                "select id from report_runs where state in ('QUEUED', 'RUNNING') order by id"
            )
        again = [await press.run(org_id, row["id"]) for row in rows]
        async with database.work(program(org_id, "test")) as work:
            return [await runs.find(work, row["id"]) for row in rows], again

    return make


@pytest.fixture
def scheduled(database, person):
    """Keeps a weekly schedule of a person and returns its id and them."""

    async def keep(*recipients, who=None, **changes):
        reader = who or await person("kim@shop.example")
        plan = plan_of(*(recipients or (Recipient(ReportChannel.EMAIL),)), **changes)
        async with database.work(reader.principal) as work:
            kept = await schedules.create(work, plan, ("127.0.0.1",))
        return kept, reader

    return keep


@pytest.fixture
def falls_due(database, org_id, owner_url):
    """Lets every recipient be due, looks twice, and returns how many were ordered."""

    async def look(when=DUE_NOW):
        await run_sql(owner_url, when)
        async with database.work(program(org_id, "worker")) as work:
            first = await schedules.order_due(work)
        async with database.work(program(org_id, "worker")) as work:
            return first, await schedules.order_due(work)

    return look


def plan_of(*recipients, formats=(ReportFormat.PDF, ReportFormat.XLSX), **changes):
    content = changes.pop("content", page_content())
    rhythm = changes.pop("rhythm", Rhythm(Frequency.WEEKLY, time(7), 1))
    return Plan("The week", content, formats, rhythm, tuple(recipients), **changes)


def page_content(name="overview", criteria=None):
    return Content(ContentName.PAGE, name, criteria or SalesCriteria(), Choice())


def week():
    return SalesCriteria(MONDAY, MONDAY + timedelta(days=6))


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
