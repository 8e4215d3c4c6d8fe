"""A file with sales dated before the first day of which sales are kept."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from backend.analytics.rollups import keeping
from backend.imports.errors import SalesLetGo
from backend.imports.rules import Options
from backend.imports.service import ImportRun
from backend.programs import sales_retention
from tests.backend.imports.runs import (
    INVOICE,
    invoice_line,
    read_rejects,
    run_import,
    table,
    write_csv,
)
from tests.world import run_sql

RETENTION = timedelta(days=400)
LONG_AGO = f"{datetime.now(UTC) - timedelta(days=600):%Y-%m-%d 12:00:00}"
LATELY = f"{datetime.now(UTC) - timedelta(days=100):%Y-%m-%d 12:00:00}"
A_WHILE_AGO = "update sales_kept set said_at = said_at - interval '1 hour'"
SAY = "select keep_sales_from($1)"
HELD = "select count(*)::int from sale_lines"
LEDGER = "select product_id, on_hand, version from stock_levels order by 1"


@pytest.fixture
async def let_go(database, settings, org_id, owner_url):
    """Lets go what was imported and is older than the retention."""
    few = settings.model_copy(update={"sales_retention": RETENTION})

    async def run():
        await keeping.catch_up(database, org_id)
        await sales_retention.let_go(database, few, datetime.now(UTC))
        await run_sql(owner_url, A_WHILE_AGO)
        return await sales_retention.let_go(database, few, datetime.now(UTC))

    return run


@pytest.fixture
def file(tmp_path):
    """A file with an order of long ago and one of lately."""
    rows = [
        invoice_line("old", InvoiceDate=LONG_AGO),
        invoice_line("new", InvoiceDate=LATELY),
    ]
    return write_csv(tmp_path / "lines.csv", INVOICE, *rows)


async def test_orders_that_were_let_go_are_set_aside_as_too_old_and_nothing_moves(
    database, principal, tmp_path, file, let_go
):
    await run_import(database, principal, file)
    gone = await let_go()
    levels = await table(database, principal, LEDGER)

    again = await run_import(database, principal, file, rejects=tmp_path / "rejects.csv")

    assert gone.sales > 0
    assert (again.sales, again.duplicates, again.reasons) == (0, 1, {"TOO_OLD": 1})
    assert await table(database, principal, HELD) == [(1,)]
    assert await table(database, principal, LEDGER) == levels
    assert read_rejects(tmp_path / "rejects.csv") == [
        {"line": "2", "column": "InvoiceDate", "value": LONG_AGO, "reason": "TOO_OLD"}
    ]


async def test_an_order_nobody_imported_is_too_old_and_its_lines_of_later_are_withheld(
    database, principal, tmp_path, file, let_go
):
    await run_import(database, principal, file)
    await let_go()
    rows = [
        invoice_line("other", InvoiceDate=LONG_AGO),
        invoice_line("other", sku="10002", InvoiceDate=LATELY),
        invoice_line("latest", sku="10003", InvoiceDate=LATELY),
    ]
    later = write_csv(tmp_path / "later.csv", INVOICE, *rows)

    tally = await run_import(database, principal, later)

    assert tally.sales == 1
    assert tally.reasons == {"SALE_WITHHELD": 1, "TOO_OLD": 1}
    assert await table(database, principal, HELD) == [(2,)]


async def test_a_file_of_nothing_but_sales_let_go_opens_no_stock(
    database, principal, tmp_path, file, let_go
):
    await run_import(database, principal, file)
    await let_go()
    before = await table(database, principal, LEDGER)
    old = write_csv(tmp_path / "old.csv", INVOICE, invoice_line("x", sku="9", InvoiceDate=LONG_AGO))

    tally = await run_import(database, principal, old)

    assert (tally.sales, tally.rejected) == (0, 1)
    assert await table(database, principal, LEDGER) == before


async def test_an_import_ends_where_sales_of_its_days_are_let_go_while_it_reads(
    database, principal, owner_url, file
):
    month = (datetime.now(UTC) - RETENTION).date().replace(day=1)

    def let_go_meanwhile(step, *_):
        if step == "reading":
            asyncio.run(run_sql(owner_url, SAY, month))

    with pytest.raises(SalesLetGo) as refused:
        await ImportRun(database, principal, Options(), let_go_meanwhile).run(file, None, None)

    assert refused.value.details["keptFrom"] == month.isoformat()
    assert await table(database, principal, HELD) == [(0,)]
