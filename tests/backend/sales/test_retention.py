"""What is dated before the first day of which sales are kept is refused, and nothing is lost."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from backend.analytics.rollups import keeping
from backend.core.scopes import Scope
from backend.programs import sales_retention
from backend.sales import months
from tests.backend.shop import INGEST, RECORD_SALES, TEA, open_shop, read, sale
from tests.people import add_user, sign_in
from tests.world import principal_with, run_sql

RETENTION = timedelta(days=400)
# By day in every shop: near midnight business days differ.
LONG_AGO = datetime.now(UTC).replace(hour=15) - timedelta(days=600)
LATELY = datetime.now(UTC) - timedelta(days=100)
A_WHILE_AGO = "update sales_kept set said_at = said_at - interval '1 hour'"
RETURN = """
mutation ($input: RecordReturnsInput!) {
  recordReturns(input: $input) { results { status userErrors { code field } } }
}"""
LISTED = """
query ($filter: SalesFilter) {
  salesKeptFrom
  sales(filter: $filter) { nodes { idempotencyKey } }
}"""
COVERED = """
query ($filter: SalesFilter, $by: [SalesDimension!]!) {
  salesSummary(groupBy: $by, filter: $filter) {
    totals { orders units } coverage { from keptFrom isTraceable keepsOldPlaces }
  }
}"""
ANALYSED = """
{ analysis(name: PROFIT_BY_ITEM) {
    from coverage { keptFrom isTraceable } notes { code }
} }"""
OWNER = "owner@shop.example"
EXPORTED = ("sales", "sale_lines", "rollup_cells", "sales_let_go")
RECONCILED = "{ stockReconciliation { checked mismatches { level ledger } } }"


@pytest.fixture
async def shop(graphql, database, settings, org_id, owner_url):
    """A shop whose sales of long ago were let go: `old` is gone, `new` is kept."""
    await open_shop(graphql)
    sales = [
        sale("old", (TEA, 2), soldAt=LONG_AGO.isoformat()),
        sale("new", (TEA, 3), soldAt=LATELY.isoformat()),
    ]
    await graphql(RECORD_SALES, {"input": {"sales": sales}})
    await keeping.catch_up(database, org_id)
    few = settings.model_copy(update={"sales_retention": RETENTION})
    await sales_retention.let_go(database, few, datetime.now(UTC))
    await run_sql(owner_url, A_WHILE_AGO)
    gone = await sales_retention.let_go(database, few, datetime.now(UTC))
    assert gone.sales == 2  # its head, and its line that lay in no month
    return graphql


def kept_from():
    return (datetime.now(UTC) - RETENTION).date().replace(day=1).isoformat()


async def test_a_sale_dated_before_what_is_kept_is_refused_whether_it_was_there_or_not(shop):
    again = sale("old", (TEA, 2), soldAt=LONG_AGO.isoformat())
    other = sale("other", (TEA, 1), soldAt=LONG_AGO.isoformat())

    answer = await shop(RECORD_SALES, {"input": {"sales": [again, other, sale("now", (TEA, 1))]}})

    rows = answer["data"]["recordSales"]["results"]
    assert [row["status"] for row in rows] == ["REJECTED", "REJECTED", "ACCEPTED"]
    assert {row["userErrors"][0]["code"] for row in rows[:2]} == {"TOO_OLD"}


async def test_reads_dated_before_what_is_kept_are_refused(shop):
    old = read("r1", point="till", observedAt=LONG_AGO.isoformat())

    answer = await shop(INGEST, {"input": {"device": "south-1", "reads": [old, read("r2")]}})

    rows = answer["data"]["ingestReads"]["results"]
    assert [row["status"] for row in rows] == ["REJECTED", "ACCEPTED"]
    assert rows[0]["userErrors"][0]["code"] == "TOO_OLD"


@pytest.mark.parametrize(
    ("sold", "code"), [("old", "SALE_NOT_KEPT"), ("never", "UNKNOWN_SALE"), ("new", None)]
)
async def test_a_return_says_whether_its_sale_is_gone_or_never_was(shop, sold, code):
    back = sale("b1", (TEA, 1)) | {"sale": sold}
    back["returnedAt"] = back.pop("soldAt")
    back.pop("channel")

    answer = await shop(RETURN, {"input": {"returns": [back]}})

    (row,) = answer["data"]["recordReturns"]["results"]
    assert [error["code"] for error in row["userErrors"]] == ([code] if code else [])


async def test_the_list_says_from_when_sales_are_kept_instead_of_being_empty(shop):
    before = {"to": LONG_AGO.date().isoformat()}

    everything = await shop(LISTED, {"filter": None})
    gone = await shop(LISTED, {"filter": before})

    assert everything["data"]["salesKeptFrom"] == kept_from()
    assert [one["idempotencyKey"] for one in everything["data"]["sales"]["nodes"]] == ["new"]
    assert gone["errors"][0]["extensions"]["code"] == "SALES_NOT_KEPT"
    assert gone["errors"][0]["extensions"]["keptFrom"] == kept_from()


async def test_a_summary_says_what_of_it_can_be_followed_to_sales(shop):
    since = {"from": kept_from()}

    whole = await shop(COVERED, {"filter": None, "by": []})
    kept = await shop(COVERED, {"filter": since, "by": ["CUSTOMER", "PRODUCT", "HOUR"]})
    gone = await shop(COVERED, {"filter": None, "by": ["CUSTOMER", "PRODUCT", "HOUR"]})

    summary = whole["data"]["salesSummary"]
    assert summary["totals"] == {"orders": 2, "units": "5"}
    assert summary["coverage"] == {
        "from": None, "keptFrom": kept_from(), "isTraceable": False, "keepsOldPlaces": False
    }  # fmt: skip
    assert kept["data"]["salesSummary"]["totals"] == {"orders": 1, "units": "3"}
    assert kept["data"]["salesSummary"]["coverage"]["isTraceable"]
    assert gone["errors"][0]["extensions"]["code"] == "SALES_NOT_KEPT"


async def test_an_analysis_notes_that_it_holds_sums_only(shop):
    answer = await shop(ANALYSED)

    found = answer["data"]["analysis"]
    assert found["from"] == LONG_AGO.date().isoformat()
    assert found["coverage"] == {"keptFrom": kept_from(), "isTraceable": False}
    assert "SUMS_ONLY" in {note["code"] for note in found["notes"]}


async def test_an_export_holds_the_sales_that_are_kept_and_sums_of_all(
    shop, app, client, principal, owner_url
):
    await add_user(app, owner_url, principal.org_id, OWNER, "OWNER")
    headers = {"Authorization": f"Bearer {await sign_in(app, principal, OWNER)}"}

    answer = await client.get("/api/organisation/export", headers=headers)

    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    rows = {name: archive.read(name).decode().splitlines() for name in archive.namelist()}
    kept = {name: [json.loads(line) for line in rows[f"{name}.ndjson"]] for name in EXPORTED}
    assert archive.testzip() is None
    assert [one["sold_at"][:10] for one in kept["sales"]] == [f"{LATELY:%Y-%m-%d}"]
    assert {one["sale_id"] for one in kept["sale_lines"]} == {kept["sales"][0]["id"]}
    by_day = [one for one in kept["rollup_cells"] if (one["grain"], one["span"]) == (0, 0)]
    assert [one["units"] for one in by_day] == [20_000, 30_000]  # four decimals
    (let_go,) = kept["sales_let_go"]
    assert let_go["before"] == kept_from()


async def test_the_ledger_still_adds_up(shop):
    answer = await shop(RECONCILED)

    assert answer["data"]["stockReconciliation"]["mismatches"] == []


async def test_who_records_an_old_sale_just_now_is_waited_for(
    shop, database, settings, principal, owner_url
):
    fewer = settings.model_copy(update={"sales_retention": timedelta(days=200)})
    async with database.work(principal) as work:
        held = await work.row("select hold_sales_kept() as kept_from")
        await sales_retention.let_go(database, fewer, datetime.now(UTC))

        (said,) = await run_sql(owner_url, "select kept_from from sales_kept")
        assert said["kept_from"] == held["kept_from"]
    await sales_retention.let_go(database, fewer, datetime.now(UTC))
    (said,) = await run_sql(owner_url, "select kept_from from sales_kept")
    assert said["kept_from"] > held["kept_from"]


async def test_one_limited_to_a_place_learns_nothing_of_a_sale_that_is_gone(shop, database, org_id):
    narrow = principal_with(org_id, Scope.SALES_READ, locations=[])

    async with database.work(narrow, read_only=True) as work:
        heads = await work.rows("select from sales")
        sums = await work.rows("select from rollup_cells")

    assert heads == sums == []


async def test_no_month_is_made_for_what_is_let_go(shop, database, principal):
    made = await months.provide(database, principal, [LONG_AGO.date(), LATELY.date()])

    assert made == 1
