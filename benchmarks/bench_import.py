"""Rows per second of `shelfcast import`, against a bare COPY of the same rows."""

import asyncio
import csv
import gzip
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import asyncpg

from backend.infra import embedded
from backend.infra.migrator import migrate
from benchmarks import instance
from benchmarks.results import Figure, Result, at_least, at_most

ROWS: Final = 541_909
COLUMNS: Final = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)


async def run() -> Result:
    """Copy Online Retail once and import it twice, durably; made-up rows where it is not there."""
    with tempfile.TemporaryDirectory() as name, embedded.temporary(durable=True) as server:
        url = server.owner_url
        await migrate(instance.settings(), url, lambda _: None)
        await _prepare(url)
        file = _real_file() or _made_up(Path(name) / "lines.csv")
        copied = await _copy(url, file)
        first = await _import(url, file, Path(name))
        again = await _import(url, file, Path(name))
    rate = first["rows"] / first["seconds"]
    figures = [
        at_least("first import, cleaned, with ledger and events", rate, "rows/s", 50_000),
        at_most(f"the whole of {first['rows']:,} rows", first["seconds"], "s", 15),
        Figure("bare COPY of the same rows", first["rows"] / copied, "rows/s"),
        Figure("share of the bare COPY", copied / first["seconds"], "×"),
        Figure("second import, which changes nothing", again["rows"] / again["seconds"], "rows/s"),
        Figure("processor time of the import", first["cpu"], "s"),
        Figure("most memory of the import", first["memory"], "MB"),
    ]
    made = ", ".join(f"{first[name]:,} {name}" for name in ("sales", "lines", "movements"))
    return Result("import", figures, [made], raw={"first": first, "again": again, "copy": copied})


async def _prepare(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(
        "insert into organisations (id, code, name, currency, timezone)"
        " values (gen_random_uuid(), 'benchmark', 'Benchmark', 'USD', 'UTC')"
    )
    columns = ", ".join(f'"{name}" text' for name in COLUMNS)
    await connection.execute(f"create table bare ({columns})")
    await connection.close()


async def _copy(url: str, file: Path) -> float:
    """Copy the file as it is into a table without index; return the seconds."""
    connection = await asyncpg.connect(url)
    started = time.perf_counter()
    with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
        await connection.copy_to_table("bare", source=stream, format="csv", header=True)
    seconds = time.perf_counter() - started
    await connection.close()
    return seconds


async def _import(url: str, file: Path, folder: Path) -> dict[str, Any]:
    """Run the command as a user does; return what it prints, its processor time and memory."""
    environment = os.environ | {
        "SHELFCAST_DATABASE_URL": url,
        "SHELFCAST_SECRET_KEY": instance.SECRET_KEY,
        "SHELFCAST_DATA_DIR": str(folder),
    }
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "backend.programs.imports",
        str(file),
        "--json",
        "--rejects",
        str(folder / "rejects.csv"),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"the import ended with {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(output) | {"cpu": cpu, "memory": after.ru_maxrss / 1024}


def _real_file() -> Path | None:
    root = Path(__file__).resolve().parent.parent
    said = os.environ.get("SHELFCAST_TEST_DATA")
    folders = [Path(said)] if said else [root.parent / "shared" / "data", root / "shared" / "data"]
    files = [folder / "online-retail" / "online_retail.csv.gz" for folder in folders]
    return next((file for file in files if file.exists()), None)


def _made_up(file: Path) -> Path:
    """Write as many rows of that shape: 20 lines to an order, one order in ten cancelled."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for n in range(ROWS):
            order, line = divmod(n, 20)
            cancelled = order % 10 == 9
            sku = 10_000 + (order * 7 + line * 13) % 4000
            writer.writerow(
                (
                    f"{'C' if cancelled else ''}{500_000 + order}",
                    sku,
                    f"ARTICLE NUMBER {sku}",
                    -1 if cancelled else 1 + n % 12,
                    f"2011-{1 + order % 12:02}-{1 + order % 28:02} 10:{order % 60:02}:00",
                    f"{(sku % 900 + 30) / 100:.2f}",
                    12_000 + order % 4000,
                    "United Kingdom" if order % 10 else "France",
                )
            )
    return file
