import asyncio
import gzip
import os
import sys

from backend.core.scopes import Scope
from tests.backend.imports.runs import run_import, table
from tests.conftest import SECRET_KEY
from tests.data import data_file
from tests.world import add_organisation, principal_with, run_sql

LEFT = {
    "sales": "select kind, idempotency_key, sold_at, business_day, ship_country,"
    " (select o.idempotency_key from sales o where o.id = s.return_of) as original from sales s",
    "lines": "select s.kind, s.idempotency_key, l.line_no, p.sku, l.quantity, l.net"
    " from sale_lines l join sales s on s.id = l.sale_id join products p on p.id = l.product_id",
    "movements": "select p.sku, m.reason, m.quantity, m.occurred_at from stock_movements m"
    " join products p on p.id = m.product_id",
    "levels": "select p.sku, l.on_hand, l.version from stock_levels l"
    " join products p on p.id = l.product_id",
}


async def test_killed_in_the_middle_and_run_again_leaves_what_one_run_leaves(
    database, principal, owner_url, tmp_path
):
    file = tmp_path / "part.csv.gz"
    with gzip.open(data_file("online-retail/online_retail.csv.gz")) as whole:
        file.write_bytes(gzip.compress(b"".join(whole.readline() for _ in range(130_001)), 1))
    other = principal_with(await add_organisation(owner_url, "other"), Scope.ADMIN)
    await run_import(database, principal, file)

    await _kill_after_first_unit(owner_url, other.org_id, file, tmp_path)
    partly = await table(database, other, "select count(*) from sale_lines")
    again = await run_import(database, other, file)

    assert 0 < partly[0][0] < 129_000
    assert again.duplicates > 0
    for name, statement in LEFT.items():
        wanted = sorted(await table(database, principal, statement), key=repr)
        assert sorted(await table(database, other, statement), key=repr) == wanted, name


async def _kill_after_first_unit(owner_url, org_id, file, folder):
    environment = os.environ | {
        "SHELFCAST_DATABASE_URL": owner_url,
        "SHELFCAST_SECRET_KEY": SECRET_KEY,
        "SHELFCAST_DATA_DIR": str(folder),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "backend.programs.imports", str(file), "--org", "other",
        env=environment,
    )  # fmt: skip
    try:
        written = "select exists (select from sale_lines where org_id = $1)"
        while process.returncode is None and not (await run_sql(owner_url, written, org_id))[0][0]:
            await asyncio.sleep(0.02)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
