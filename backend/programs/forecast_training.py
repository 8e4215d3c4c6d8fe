"""Asks the worker to train the forecast: `shelfcast forecast train`."""

import argparse
import asyncio
import json
from typing import Any, Final

from rich.console import Console
from rich.progress import Progress

from backend.app import reactions
from backend.core.principal import Principal
from backend.core.settings import BackendSettings
from backend.forecasting import service
from backend.forecasting.rules import RunKind, RunStatus
from backend.forecasting.service.orders import Run
from backend.infra.database import Database
from backend.programs import command

HELP: Final = "train the forecast from all the past"
_LONGEST: Final = 3_600.0
_LOOK: Final = 1.0


def add_verb(verbs: Any) -> None:
    """Add `train` to the verbs of a parser."""
    verb = verbs.add_parser("train", help=HELP, description=f"{HELP}; a running worker does it.")
    command.add_data_dir(verb)
    command.add_organisation(verb)
    verb.add_argument("--wait", action="store_true", help="until it has ended")
    verb.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Ask, and wait where that was asked for; 1 where it failed or did not end in an hour."""
    settings = command.settings_of(arguments)
    with command.owner_url(settings) as url:
        found = asyncio.run(_train(arguments, settings, url))
    if arguments.json:
        print(json.dumps(_told(found), default=str))
    else:
        print(_words(found))
    return int(found.status is RunStatus.FAILED or (arguments.wait and not found.has_ended))


async def _train(arguments: argparse.Namespace, settings: BackendSettings, url: str) -> Run:
    async with command.open_database(settings, url, reactions()) as database:
        who = await command.principal_of(database, arguments.org, "shelfcast forecast train")
        async with database.work(who) as work:
            run_id = await service.request(work, RunKind.TRAIN)
            found = await service.run(work, run_id)
        return await _ended(database, who, found) if arguments.wait else found


async def _ended(database: Database, who: Principal, found: Run) -> Run:
    clock = asyncio.get_running_loop().time
    until = clock() + _LONGEST
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("waiting for the worker", total=1.0)
        while not found.has_ended and clock() < until:
            found = await service.wait(database, who, found.id, _LOOK)
            step = found.step or "waiting for the worker"
            progress.update(bar, completed=found.progress, description=step)
    return found


def _told(found: Run) -> dict[str, object]:
    return {
        "id": str(found.id), "status": found.status, "promoted": found.promoted,
        "verdict": found.verdict, "model": found.model_id and str(found.model_id),
        "error": found.error,
    }  # fmt: skip


def _words(found: Run) -> str:
    if found.error:
        return f"failed: {found.error.get('message')} ({found.error.get('code')})"
    if not found.has_ended:
        return f"asked for: run {found.id}"
    return f"trained; promoted: {'yes' if found.promoted else 'no'} ({found.verdict})"
