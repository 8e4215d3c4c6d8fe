"""Reports through GraphQL and REST, from order to download."""

from datetime import timedelta

import pytest

from backend.core.principal import program
from backend.core.scopes import Scope
from backend.reports import restating, schedules
from backend.reports.press import Press
from tests.backend.reports.conftest import MONDAY
from tests.people import add_user, sign_in
from tests.world import run_sql

RUN = """
mutation ($input: RunReportInput!) { runReport(input: $input) { run { id state progress } } }
"""
RUNS = """
query ($filter: ReportRunFilter) {
  reportRuns(filter: $filter) { nodes {
    id state progress name asOf from to totals restatedAt restatedTotals isLate readerName
    failureCode files { format size url } summary { title sentences { text figures { shown } } }
  } }
}"""
TOTALS = """
query ($filter: SalesFilter) {
  salesSummary(groupBy: [], filter: $filter) {
    totals { netSales grossSales discount returns units orders } }
}"""
CREATE = """
mutation ($input: CreateReportScheduleInput!) {
  createReportSchedule(input: $input) {
    schedule { id name frequency at day recipients { channel email url timezone nextDueAt } }
    webhookSecrets { url secret }
  }
}"""
SAMPLE = """
mutation ($input: ReportScheduleIdInput!) {
  sendReportSample(input: $input) { run { id reason channel } }
}"""
WEEK = {"from": MONDAY.isoformat(), "to": (MONDAY + timedelta(days=6)).isoformat()}
OVERVIEW = {"kind": "PAGE", "name": "overview", "filter": WEEK}


@pytest.fixture
def ask(client, app, owner_url, org_id, principal):
    """Runs an operation as a person, who is added when first seen; returns the whole answer."""
    tokens = {}

    async def run(document, values=None, email="owner@shop.example", role="OWNER"):
        if email not in tokens:
            await add_user(app, owner_url, org_id, email, role)
            tokens[email] = await sign_in(app, principal, email)
        headers = {"Authorization": f"Bearer {tokens[email]}"}
        body = {"query": document, "variables": values}
        return (await client.post("/graphql", json=body, headers=headers)).json()

    return run


@pytest.fixture
async def make_all(database, settings, org_id, owner_url):
    """Makes all reports that wait."""

    async def make():
        press = Press(database, settings)
        for row in await run_sql(owner_url, "select id from report_runs where state = 'QUEUED'"):
            await press.run(org_id, row["id"])

    return make


@pytest.fixture
def ready(ask, make_all):
    """Orders a report, makes it and returns it."""

    async def make(content=OVERVIEW, **wish):
        answer = await ask(RUN, {"input": {"content": content, **wish}})
        await make_all()
        run_id = answer["data"]["runReport"]["run"]["id"]
        return (await found(ask, run_id))[0]

    return make


async def found(ask, run_id, **who):
    answer = await ask(RUNS, {"filter": {"ids": [run_id]}}, **who)
    return answer["data"]["reportRuns"]["nodes"]


async def test_the_figures_of_a_report_equal_the_summary_at_its_moment(shop, ask, ready):
    run = await ready()

    answer = await ask(TOTALS, {"filter": WEEK})
    totals = answer["data"]["salesSummary"]["totals"]
    assert run["state"] == "KEPT"
    assert {name: float(value) for name, value in run["totals"].items()} == {
        name: float(value) for name, value in totals.items()
    }


async def test_a_file_is_downloaded_by_its_link_without_signing_in(shop, client, ready):
    run = await ready(formats=["PDF", "XLSX", "CSV", "PNG", "HTML"])

    begins = {"PDF": b"%PDF", "XLSX": b"PK", "CSV": b"\xef\xbb\xbf", "PNG": b"\x89PNG",
              "HTML": b"<!DOCTYPE"}  # fmt: skip
    assert {file["format"] for file in run["files"]} == begins.keys()
    for file in run["files"]:
        answer = await client.get(file["url"])
        assert answer.content.startswith(begins[file["format"]])
        assert answer.headers["content-disposition"].startswith("attachment; filename=")
        assert "sandbox" in answer.headers["content-security-policy"]
        assert len(answer.content) == file["size"]


async def test_a_link_ends_with_the_access_of_its_reader(shop, client, ready, owner_url):
    run = await ready()
    await run_sql(owner_url, "update users set disabled_at = now()")

    answer = await client.get(run["files"][0]["url"])

    assert answer.status_code == 403
    assert answer.json()["errors"][0]["extensions"]["code"] == "INVALID_LINK"


async def test_nobody_else_reads_a_report_but_who_may_do_everything(shop, ask, make_all):
    content = {"kind": "PAGE", "name": "sales", "filter": WEEK}
    who = {"email": "kim@shop.example", "role": "MANAGER"}
    run_id = (await ask(RUN, {"input": {"content": content}}, **who))["data"]["runReport"]["run"][
        "id"
    ]
    await make_all()

    own = await found(ask, run_id, **who)
    other = await found(ask, run_id, email="lee@shop.example", role="MANAGER")
    owner = await found(ask, run_id)

    assert own[0]["files"][0]["url"]
    assert other == []
    assert owner[0]["summary"]


async def test_a_token_with_fewer_scopes_reads_nothing_made_with_more(
    shop, ask, ready, client, app, principal
):
    run = await ready()
    narrow = frozenset({Scope.REPORTS_READ, Scope.SALES_READ})
    token = await sign_in(app, principal, "owner@shop.example", scopes=narrow)

    body = {"query": RUNS, "variables": {"filter": {"ids": [run["id"]]}}}
    headers = {"Authorization": f"Bearer {token}"}
    answer = (await client.post("/graphql", json=body, headers=headers)).json()

    assert all(run[name] for name in ("summary", "totals"))
    assert all(file["url"] for file in run["files"])
    (seen,) = answer["data"]["reportRuns"]["nodes"]
    assert (seen["name"], seen["state"]) == (run["name"], "KEPT")
    assert (seen["summary"], seen["totals"]) == ([], None)
    assert [file["url"] for file in seen["files"]] == [None]


async def test_late_sales_mark_a_report_as_restated_and_send_it_anew(
    shop, ask, make_all, inbox, database, org_id, owner_url
):
    plan = {
        "name": "The week", "content": {"kind": "PAGE", "name": "overview"},
        "frequency": "WEEKLY", "recipients": [{"channel": "EMAIL"}], "resendsRestated": True,
    }  # fmt: skip
    await ask(CREATE, {"input": plan})
    await run_sql(owner_url, "update report_recipients set next_due_at = now()")
    async with database.work(program(org_id, "worker")) as work:
        await schedules.order_due(work)
    await make_all()
    assert await restating.look(database, org_id) == 0

    await shop.sell("north", MONDAY + timedelta(days=1), ("TEA", 3, "30", "6"))
    counts = [await restating.look(database, org_id) for _ in range(2)]
    await run_sql(owner_url, "update report_runs set next_attempt_at = now()")
    await make_all()

    assert counts == [1, 0]
    answer = await ask(RUNS)
    anew, old = answer["data"]["reportRuns"]["nodes"]
    assert (old["totals"]["netSales"], old["restatedTotals"]["netSales"]) == (
        "270.0000",
        "300.0000",
    )
    assert old["restatedAt"]
    assert anew["totals"]["netSales"] == "300.0000"
    assert [one["Subject"].split(":")[0] for one in inbox.messages] == ["The week", "Restated"]


async def test_a_sale_of_other_goods_restates_no_report(shop, ready, database, org_id):
    drinks = OVERVIEW | {"filter": WEEK | {"categories": ["Drinks"]}}
    await ready(drinks)

    await shop.sell("north", MONDAY + timedelta(days=1), ("CUP", 3, "30", "6"))

    assert await restating.look(database, org_id) == 0


async def test_a_schedule_tells_when_each_reader_is_due_next(shop, ask):
    plan = {
        "name": "The week", "content": {"kind": "ANALYSIS", "name": "SALES_BY_STATE"},
        "frequency": "WEEKLY", "at": "07:30",
        "recipients": [{"channel": "EMAIL", "timezone": "America/New_York"},
                       {"channel": "WEBHOOK", "url": "https://hooks.example/x"}],
    }  # fmt: skip

    answer = await ask(CREATE, {"input": plan})

    made = answer["data"]["createReportSchedule"]
    mail, hook = sorted(made["schedule"]["recipients"], key=lambda one: one["channel"])
    assert mail["email"] == "owner@shop.example"
    assert mail["nextDueAt"][11:16] in ("11:30", "12:30")
    assert hook["url"] == "https://hooks.example/x"
    assert made["webhookSecrets"][0]["secret"].startswith("whsec_")


async def test_a_sample_goes_to_who_asks_alone(shop, ask, make_all, inbox):
    plan = {
        "name": "The week", "content": {"kind": "PAGE", "name": "overview"},
        "frequency": "WEEKLY", "recipients": [{"channel": "EMAIL", "email": "kim@shop.example"}],
    }  # fmt: skip
    await ask("{ me { __typename } }", email="kim@shop.example", role="MANAGER")
    made = await ask(CREATE, {"input": plan})

    schedule_id = made["data"]["createReportSchedule"]["schedule"]["id"]
    await ask(SAMPLE, {"input": {"id": schedule_id}})
    await make_all()

    (message,) = inbox.messages
    assert message["To"] == "owner@shop.example"
    assert message["Subject"].startswith("Sample: The week")


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"content": {"kind": "PAGE", "name": "nothing"}}, "IMPOSSIBLE_REPORT", "name"),
        ({"content": {"kind": "ANALYSIS", "name": "NOTHING"}}, "IMPOSSIBLE_REPORT", "name"),
        ({"name": " "}, "INVALID_TEXT", "name"),
        ({"formats": []}, "IMPOSSIBLE_REPORT", "formats"),
        ({"at": "25:00"}, "IMPOSSIBLE_REPORT", "at"),
        ({"day": 8}, "IMPOSSIBLE_REPORT", "day"),
        ({"recipients": []}, "IMPOSSIBLE_REPORT", "recipients"),
        ({"recipients": [{"channel": "EMAIL"}] * 51}, "IMPOSSIBLE_REPORT", "recipients"),
        (
            {"recipients": [{"channel": "EMAIL", "email": "x@y.example"}]},
            "IMPOSSIBLE_REPORT",
            "email",
        ),
        (
            {"recipients": [{"channel": "EMAIL", "timezone": "Mars/Olympus"}]},
            "INVALID_TIME_ZONE",
            "timezone",
        ),
        (
            {"recipients": [{"channel": "WEBHOOK", "url": "http://x.example"}]},
            "INVALID_WEBHOOK",
            "url",
        ),
    ],
)
async def test_a_schedule_that_cannot_be_is_refused_with_code_and_field(ask, change, code, field):
    plan = {
        "name": "The week", "content": {"kind": "PAGE", "name": "overview"},
        "frequency": "WEEKLY", "recipients": [{"channel": "EMAIL"}],
    }  # fmt: skip

    answer = await ask(CREATE, {"input": plan | change})

    extensions = answer["errors"][0]["extensions"]
    assert (extensions["code"], extensions["field"][-1]) == (code, field)


async def test_only_so_many_reports_are_waited_for_at_once(ask):
    answers = [await ask(RUN, {"input": {"content": OVERVIEW}}) for _ in range(21)]

    assert not any("errors" in one for one in answers[:20])
    assert answers[20]["errors"][0]["extensions"]["code"] == "TOO_MANY_REPORTS"


async def test_the_catalogue_has_pages_analyses_and_lines(ask):
    answer = await ask("{ reportCatalogue { kind name title description } }")

    kinds = [one["kind"] for one in answer["data"]["reportCatalogue"]]
    assert {"PAGE", "ANALYSIS", "SALE_LINES"} <= set(kinds)
    assert kinds.count("ANALYSIS") > 30


async def test_the_feed_tells_each_step_of_a_report(shop, ready, owner_url):
    await ready()

    rows = await run_sql(owner_url, "select items::text from event_log where topic = 'REPORTS'")
    text = " ".join(row["items"] for row in rows)
    assert all(f'"state":"{state}"' in text for state in ("QUEUED", "RUNNING", "KEPT"))
    assert "overview" not in text
