"""Imports sales from a file: CSV (plain or gzip, any usual encoding) or parquet; or goals."""

import argparse
import asyncio
import json
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from backend.app import reactions
from backend.imports.rules import Opening, Options, Tally
from backend.imports.service import ImportRun
from backend.programs import command, plan

EXAMPLES = """
The columns of Tableau's Superstore and UCI's Online Retail are recognised; docs/import.md shows
how a mapping file explains others. Running it twice changes nothing.
"""


def main(argv: list[str]) -> int:
    """Import one file and print what became of it."""
    arguments = _parser().parse_args(argv)
    return command.run("import", lambda: _run(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = command.parser("import", f"{__doc__}{EXAMPLES}")
    command.add_organisation(parser)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--location", metavar="CODE", help="where lines belong that do not say")
    parser.add_argument("--mapping", type=Path, metavar="FILE.toml", help="which column is what")
    parser.add_argument(
        "--source",
        metavar="NAME",
        help="name of the source: equal order numbers of one source are one sale (the layout's)",
    )
    parser.add_argument("--currency", metavar="ISO", help="currency of the amounts")
    parser.add_argument(
        "--rate", type=_rate, metavar="N", help="what one of it is worth in the organisation's"
    )
    parser.add_argument(
        "--opening-stock",
        type=Opening,
        choices=list(Opening),
        default=Opening.INFERRED,
        metavar="{inferred,none}",
        help="what lay there before the first sale: what left afterwards, or nothing (%(default)s)",
    )
    parser.add_argument(
        "--drop-repeated", action="store_true", help="count equal lines of one order once"
    )
    parser.add_argument("--dry-run", action="store_true", help="do everything, keep nothing")
    parser.add_argument(
        "--rejects", type=Path, metavar="FILE", help="rows set aside (FILE.rejects.csv)"
    )
    parser.add_argument(
        "--goals", action="store_true", help="the file holds goals, not sales: docs/goals.md"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _rate(text: str) -> Decimal:
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = Decimal(0)
    if not rate.is_finite() or not 0 < rate < 10**9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return rate


def _run(arguments: argparse.Namespace) -> int:
    settings = command.settings_of(arguments)
    with command.owner_url(settings) as url:
        if arguments.goals:
            return _run_plan(arguments, settings, url)
        tally = asyncio.run(_import(arguments, settings, url))
    if arguments.json:
        print(json.dumps(tally.as_json()))
    else:
        _print(tally, rejects_of(arguments))
    return 0


def _run_plan(arguments: argparse.Namespace, settings: command.BackendSettings, url: str) -> int:
    found = asyncio.run(plan.import_plan(arguments, settings, url))
    print(json.dumps(found) if arguments.json else "\n".join(plan.lines_of(found)))
    return 0


async def _import(
    arguments: argparse.Namespace, settings: command.BackendSettings, url: str
) -> Tally:
    options = Options(
        location=arguments.location,
        currency=arguments.currency and arguments.currency.upper(),
        rate=arguments.rate,
        source=arguments.source,
        opening=arguments.opening_stock,
        drop_repeated=arguments.drop_repeated,
        dry_run=arguments.dry_run,
    )
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading", total=None)

        def progress(doing: str, done: int, total: int) -> None:
            bar.update(task, description=doing, completed=done, total=total or None)

        async with command.open_database(settings, url, reactions()) as database:
            principal = await command.principal_of(database, arguments.org, "shelfcast import")
            run = ImportRun(database, principal, options, progress)
            return await run.run(arguments.file, arguments.mapping, rejects_of(arguments))


def rejects_of(arguments: argparse.Namespace) -> Path:
    """Return where rows set aside go: beside the present folder unless it is said."""
    return arguments.rejects or Path(f"{arguments.file.name}.rejects.csv")


def _print(tally: Tally, rejects: Path) -> None:
    console = Console()
    table = Table(show_header=False, box=None, pad_edge=False)
    facts = tally.as_json()
    for name, label in (
        ("rows", "rows"),
        ("sales", "sales recorded"),
        ("returns", "returns recorded"),
        ("lines", "their lines"),
        ("adjustments", "stock adjustments"),
        ("movements", "stock movements"),
        ("products", "products in the file"),
        ("customers", "customers in the file"),
        ("duplicates", "orders imported before"),
        ("repeatedRows", "lines equal to another of their order"),
        ("setAside", "rows that are no sales"),
        ("rejected", "bad rows"),
        ("withheld", "good rows of orders with a bad row"),
        ("seconds", "seconds"),
        ("rowsPerSecond", "rows per second"),
    ):
        if facts[name] or name in ("rows", "sales"):
            table.add_row(label, f"{facts[name]:,}")
    console.print(table)
    for note in tally.notes:
        console.print(f"note: {note}", markup=False)
    if tally.reasons:
        console.print(f"set aside: {tally.reasons} in {rejects}", markup=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
