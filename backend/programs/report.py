"""Makes a report now and writes its files: what the worker makes of a schedule."""

import argparse
import asyncio
import json
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from backend.analytics.presets.choices import Choice
from backend.app import reactions
from backend.core.errors import Conflict
from backend.core.principal import Principal
from backend.infra.database import Database
from backend.programs import command
from backend.reports import asking, runs
from backend.reports.contents.kind import Content, ContentName
from backend.reports.press import Press
from backend.reports.rendering.files import file_name
from backend.reports.rules import ReportFormat, RunState
from backend.sales.filters import SalesCriteria

_LONGEST: Final = 600.0
"""Seconds that a worker may take which began before us."""
_PAUSE: Final = 0.5


class ReportFailed(Conflict):
    """The report could not be made; the message says why."""

    code = "REPORT_FAILED"


def main(argv: list[str]) -> int:
    """Make one report."""
    arguments = _parser().parse_args(argv)
    return command.run("report", lambda: _run(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="shelfcast report", description=__doc__)
    run = parser.add_subparsers(dest="verb", required=True).add_parser(
        "run", help="make a report and write its files"
    )
    command.add_data_dir(run)
    command.add_organisation(run)
    kinds = [ContentName.PAGE, ContentName.ANALYSIS, ContentName.SALE_LINES]
    run.add_argument("kind", type=ContentName, choices=kinds, help="what kind of content")
    run.add_argument("name", nargs="?", default="", help="of a page or an analysis")
    run.add_argument("--from", dest="first", type=date.fromisoformat, metavar="DAY")
    run.add_argument("--to", dest="last", type=date.fromisoformat, metavar="DAY")
    run.add_argument(
        "--format",
        dest="formats",
        action="append",
        type=ReportFormat,
        choices=list(ReportFormat),
        help="may be given several times (PDF)",
    )
    run.add_argument("--output", type=Path, default=Path(), metavar="FOLDER")
    run.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    settings = command.settings_of(arguments)
    with command.owner_url(settings) as url:
        made = asyncio.run(_make(arguments, settings, url))
    if arguments.json:
        print(json.dumps(made))
    else:
        print("\n".join(made["files"]))
    return 0


async def _make(
    arguments: argparse.Namespace, settings: command.BackendSettings, url: str
) -> dict[str, Any]:
    content = Content(
        arguments.kind, arguments.name, SalesCriteria(arguments.first, arguments.last), Choice()
    )
    formats = runs.distinct(arguments.formats or [ReportFormat.PDF])
    async with command.open_database(settings, url, reactions()) as database:
        who = await command.principal_of(database, arguments.org, "shelfcast report run")
        async with database.work(who) as work:
            run_id = await asking.ask(work, asking.Wish(content, formats))
        await Press(database, settings).run(who.org_id, run_id)
        run = await _ended(database, who, run_id)
        if run["state"] != RunState.KEPT:
            raise ReportFailed(_why(run))
        return await _written(database, who, run, formats, arguments.output)


async def _ended(database: Database, who: Principal, run_id: UUID) -> dict[str, Any]:
    """Return a run that was made, given up or put off: by us, or by a worker that was faster."""
    deadline = time.monotonic() + _LONGEST
    while True:
        async with database.work(who, read_only=True) as work:
            run = await runs.find(work, run_id)
        is_open = run["state"] in (RunState.QUEUED, RunState.RUNNING)
        if not is_open or run["failure_code"] or time.monotonic() > deadline:
            return run
        await asyncio.sleep(_PAUSE)


def _why(run: dict[str, Any]) -> str:
    said = run["failure_message"] or "another worker makes it"
    return said if run["state"] == RunState.FAILED else f"{said}; the worker goes on with it"


async def _written(
    database: Database, who: Any, run: dict[str, Any], formats: tuple[ReportFormat, ...], to: Path
) -> dict[str, Any]:
    day = (run["last_day"] or run["queued_at"].date()).isoformat()
    files: list[str] = []
    for form in formats:
        async with database.work(who, read_only=True) as work:
            content = await runs.file_of(work, run["id"], form)
        path = to / file_name(run["name"], day, form)
        await asyncio.to_thread(path.write_bytes, content)
        files.append(str(path))
    return {"id": str(run["id"]), "asOf": run["as_of"].isoformat(), "files": files}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
