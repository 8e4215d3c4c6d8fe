"""The demo retailer: load its invented past, simulate its present."""

import argparse
import asyncio
import json
import logging
import signal
import sys
from contextlib import suppress
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from backend.app import reactions
from backend.core.errors import ShelfcastError
from backend.core.settings import BackendSettings
from backend.programs import command
from backend.programs.demo.demo_organisation import demo_principal, ensure_demo_organisation
from backend.programs.demo.load import Loaded, load
from backend.programs.demo.logins import ensure_logins
from backend.programs.demo.retailer import SEED
from backend.programs.demo.simulate import simulate

MOST_SPEED: Final = 200.0
NO_DEMO_HERE: Final = 3
"""Exit code where the installation belongs to a real retailer."""


def main(argv: list[str]) -> int:
    """Run `load` or `simulate`."""
    arguments = _parser().parse_args(argv)
    verb = _load if arguments.verb == "load" else _simulate
    return command.run("demo", lambda: verb(arguments))


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    command.add_data_dir(common)
    parser = argparse.ArgumentParser(prog="shelfcast demo", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    loading = verbs.add_parser(
        "load", parents=[common], help="load fourteen months of invented sales, once"
    )
    loading.add_argument("--seed", type=int, default=SEED, help="another one invents others")
    loading.add_argument("--json", action="store_true", help="print JSON")
    simulating = verbs.add_parser(
        "simulate", parents=[common], help="be forty stores and a web shop, until stopped"
    )
    simulating.add_argument(
        "--speed",
        type=_speed,
        help="1: about 2 scans a second in all; 200: about 500; left out: as many as in its past",
    )
    return parser


def _speed(text: str) -> float:
    if not 0 < (speed := float(text)) <= MOST_SPEED:
        raise argparse.ArgumentTypeError(f"above 0, at most {MOST_SPEED:g}")
    return speed


def _load(arguments: argparse.Namespace) -> int:
    settings = command.settings_of(arguments)
    with command.owner_url(settings) as url:
        done = asyncio.run(_load_with_progress(settings, url, arguments.seed))
    if done is None:
        print("this installation belongs to a real retailer: no demo is loaded", file=sys.stderr)
        return NO_DEMO_HERE
    print(json.dumps(done.as_json()) if arguments.json else _told(done))
    return 0


async def _load_with_progress(settings: BackendSettings, url: str, seed: int) -> Loaded | None:
    await ensure_demo_organisation(url)
    columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    async with command.open_database(settings, url, reactions()) as database:
        principal = await demo_principal(database)
        if principal is None:
            return None
        with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bars:
            tasks: dict[str, TaskID] = {}

            def report(doing: str, done: int, of: int) -> None:
                if doing not in tasks:
                    tasks[doing] = bars.add_task(doing)
                bars.update(tasks[doing], completed=done, total=of or None)

            done = await load(database, principal, seed, report)
        await ensure_logins(database, principal, settings.data_dir)
        return done


def _told(done: Loaded) -> str:
    if not done.orders:
        return "the demo retailer is loaded already; its figures are invented"
    return (
        f"demo retailer loaded in {done.seconds:.1f} s: {done.orders} invented sales and returns "
        f"of {done.lines} lines, {done.receipts} receipts, {done.goals} goals (seed {done.seed})"
    )


def _simulate(arguments: argparse.Namespace) -> int:
    settings = command.settings_of(arguments)
    command.log_to_stderr(settings)
    for name in ("httpx2", "httpcore2"):  # a line per request
        logging.getLogger(name).setLevel(logging.WARNING)
    asyncio.run(_until_signal(settings, arguments.speed))
    return 0


async def _until_signal(settings: BackendSettings, speed: float | None) -> None:
    task = asyncio.create_task(simulate(settings, speed))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        try:
            await task
        except* ShelfcastError as group:
            raise group.exceptions[0] from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
