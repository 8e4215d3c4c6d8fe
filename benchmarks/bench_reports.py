"""Time and memory to draw the files of reports: a hundred thousand rows, and ten pages."""

import asyncio
import json
import sys
from typing import Any, Final

from benchmarks.results import Figure, Result, at_most

ROWS: Final = 100_000
CASES: Final = {
    "Excel file of 100,000 rows, 10 columns": ("XLSX", ROWS, 1),
    "CSV file of the same": ("CSV", ROWS, 1),
    "PDF of ten pages, 5 tables with graphs": ("PDF", 55, 5),
    "web page of the same": ("HTML", 55, 5),
    "picture of its graphs": ("PNG", 55, 5),
}


async def run() -> Result:
    """Draw each file in a process of its own."""
    figures, raw = list[Figure](), dict[str, Any]()
    for what, (form, rows, tables) in CASES.items():
        found = raw[what] = await _drawn(form, str(rows), str(tables))
        limit = 60 if rows == ROWS else 10
        figures += [
            at_most(what, found["seconds"], "s", limit),
            Figure("its processor time", found["cpu"], "s"),
            Figure("most memory of the process", found["memory"], "MB"),
            Figure("size of the file", found["bytes"] / 1_000_000, "MB"),
        ]
    return Result("reports", figures, raw=raw)


async def _drawn(*arguments: str) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.draw_report", *arguments,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(300):
        output, _ = await process.communicate()
    return json.loads(output)
