"""Draws a file of a made-up report in a process of its own: how long it takes, what memory."""

import json
import resource
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from backend.analytics.presets.table import ColumnKind
from backend.reports.documents import Chart, Document, Grid, GridColumn, pack, unpack
from backend.reports.rendering.files import draw
from backend.reports.rules import ReportFormat

_K = ColumnKind
COLUMNS = (
    GridColumn("day", "Day", _K.DATE),
    GridColumn("sale", "Sale", _K.TEXT),
    GridColumn("location", "Location", _K.TEXT),
    GridColumn("product", "SKU", _K.TEXT),
    GridColumn("productName", "Product", _K.TEXT),
    GridColumn("units", "Units", _K.UNITS),
    GridColumn("grossSales", "Gross sales", _K.MONEY),
    GridColumn("discount", "Discount", _K.MONEY),
    GridColumn("returns", "Returns", _K.MONEY),
    GridColumn("netSales", "Net sales", _K.MONEY),
)


def document(rows: int, tables: int) -> Document:
    """Return a report of so many tables with so many rows each."""
    first = date(2017, 1, 1)
    lines = [
        [
            (first + timedelta(days=n % 365)).isoformat(), f"US-2017-{n:06}", f"S{n % 40:03}",
            f"OFF-{n % 1800:08}", f"Product {n % 1800} of a kind, in boxes of {n % 12 + 1}",
            str(n % 9 + 1), f"{n % 977 + 0.4375:.4f}", f"{n % 31 + 0.25:.4f}", "0",
            f"{n % 977 - n % 31 + 0.1875:.4f}",
        ]
        for n in range(rows)
    ]  # fmt: skip
    drawn = Chart(is_line=False, label="productName", value="netSales")
    grid = Grid("Lines of sales", COLUMNS, [*lines], chart=drawn if tables > 1 else None)
    return Document(
        title="A report", organisation="A shop", currency="USD", timezone="UTC",
        as_of=datetime(2018, 1, 1, tzinfo=UTC), first=first, last=date(2017, 12, 31),
        about="All sales", reader="Kim Doe", dashboard="https://shop.example",
        sections=(grid,) * tables, totals={},
    )  # fmt: skip


def main(form: str, rows: str, tables: str, file: str = "") -> None:
    """Draw it and print what it took; `file` keeps it."""
    made = document(int(rows), int(tables))
    stored = pack(made)
    made = unpack(stored)
    started, used = time.perf_counter(), time.process_time()
    content = draw(made, ReportFormat(form))
    found = {
        "seconds": time.perf_counter() - started,
        "cpu": time.process_time() - used,
        "bytes": len(content),
        "document": len(stored),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    if file:
        Path(file).write_bytes(content)
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
