"""A file is imported while the shop sells; the import is killed on the way, and repeated."""

import asyncio
import contextlib
import csv
import json
import sys
from itertools import count, cycle

import asyncpg
import pytest

from backend.core.ids import key_digest, new_id
from backend.infra.effects import EffectKind
from tests.system import retailer
from tests.system.installation import Program, clean_environment
from tests.system.retailer import SKUS
from tests.world import run_sql

INVOICES = 24_000
LINES = 3
PLACE = "import"
COLUMNS = [
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
]
SOLD = """
select count(distinct s.id)::int as sales, coalesce(sum(n.quantity), 0)::int as units,
       coalesce(sum(n.net), 0)::int as net
  from sales s
  join locations l on l.org_id = s.org_id and l.id = s.location_id
  join sale_lines n on n.org_id = s.org_id and n.sale_id = s.id
 where l.code = $1 and s.source = $2"""
BEGUN = "select exists(select from sales where source = 'IMPORT')"
HOLD = """
insert into effect_key (org_id, kind, digest, content_hash, effect_id, effect_at)
select id, $1, $2, '', $3, now() from organisations"""
TOLD = """
select count(*) as told, count(distinct item ->> 'key') as keys
  from event_log e
  join locations l on l.org_id = e.org_id and l.id = e.location_id,
       jsonb_array_elements(e.items::jsonb) as item
 where l.code = $1 and e.kind = 'SaleRecorded'"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Invoices of one piece of each product, in the layout of Online Retail."""
    path = tmp_path_factory.mktemp("import") / "invoices.csv"
    with path.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(COLUMNS)
        for number in range(INVOICES):
            sold_at = f"2011-{number % 12 + 1:02d}-{number % 28 + 1:02d} 10:{number % 60:02d}:00"
            for sku in SKUS:
                customer, country = 12_000 + number % 50, "United Kingdom"
                rows.writerow([500_000 + number, sku, sku, 1, sold_at, "2.50", customer, country])
    return path


def words(installation, file):
    return (
        *("import", file, "--data-dir", installation.data_dir, "--location", PLACE),
        *("--currency", "USD", "--json"),
        *("--rejects", file.with_suffix(".rejects.csv")),
    )


async def import_whole(installation, file):
    command = [sys.executable, "-m", "shelfcast", *map(str, words(installation, file))]
    process = await asyncio.create_subprocess_exec(
        *command, env=clean_environment(), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return json.loads(output)


async def import_and_kill_on_the_way(installation, file, log):
    """Kill the import once it has written something; it waits for its last invoice until then."""
    program = Program(log, "shelfcast", *words(installation, file))
    async with holding(installation, f"online-retail/{500_000 + INVOICES - 1}"):
        program.start()
        try:
            async with asyncio.timeout(60):
                while not (await run_sql(installation.owner_url, BEGUN))[0][0]:
                    assert program.is_alive, log.read_text()
                    await asyncio.sleep(0.05)
        finally:
            program.kill()


@contextlib.asynccontextmanager
async def holding(installation, key):
    """Let nobody claim a key until the block ends."""
    connection = await asyncpg.connect(installation.owner_url)
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(HOLD, EffectKind.IMPORT.value, key_digest(key), new_id())
        yield
        await transaction.rollback()
    finally:
        await connection.close()


async def sold(installation, source):
    return dict((await run_sql(installation.owner_url, SOLD, PLACE, source))[0])


@contextlib.asynccontextmanager
async def selling(caller):
    """Record sales of the same products at the same place until the block ends; list the keys."""
    stopping, keys = asyncio.Event(), []

    async def sell():
        for number, sku in zip(count(), cycle(SKUS), strict=False):
            if stopping.is_set():
                return
            sale = {
                "idempotencyKey": f"till-{number}",
                "location": PLACE,
                "channel": "IN_STORE",
                "soldAt": retailer.now(),
                "lines": [{"sku": sku, "quantity": "1"}],
            }
            done = await caller.insist(retailer.RECORD_SALES, input={"sales": [sale]})
            assert done["recordSales"]["results"][0]["status"] in ("ACCEPTED", "DUPLICATE"), done
            keys.append(sale["idempotencyKey"])
            await asyncio.sleep(0.02)  # the load, not a wait for anything

    async with asyncio.TaskGroup() as group:
        group.create_task(sell())
        try:
            yield keys
        finally:
            stopping.set()


async def test_an_import_killed_and_repeated_while_the_shop_sells_counts_once(
    installation, caller, file, tmp_path, noted
):
    await retailer.open_store(caller, PLACE, sales_source="POS")
    async with selling(caller) as keys:
        await import_and_kill_on_the_way(installation, file, tmp_path / "import.log")
        left = await sold(installation, "IMPORT")
        second = await import_whole(installation, file)
        third = await import_whole(installation, file)

    noted("imported when killed", f"{left['sales']} of {INVOICES}")
    assert 0 < left["sales"] < INVOICES
    assert (second["sales"], second["duplicates"]) == (INVOICES - left["sales"], left["sales"])
    assert (third["sales"], third["duplicates"]) == (0, INVOICES)
    units = INVOICES * LINES
    expected = {"sales": INVOICES, "units": units, "net": units * 5 // 2}
    assert await sold(installation, "IMPORT") == expected
    assert (await sold(installation, "POS"))["sales"] == len(keys)
    levels = await retailer.on_hand(caller, PLACE)
    assert sum(levels.values()) == -len(keys)
    checked = await caller.execute(retailer.RECONCILE, location=PLACE)
    assert checked["stockReconciliation"] == {"checked": len(SKUS), "mismatches": []}
    told = dict((await run_sql(installation.owner_url, TOLD, PLACE))[0])
    assert told == {"told": INVOICES + len(keys), "keys": INVOICES + len(keys)}
