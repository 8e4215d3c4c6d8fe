"""What the commands share: the data folder, the settings, the database they work on."""

import argparse
import asyncio
import gc
import json
import logging
import os
import sys
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from backend.core.errors import Invalid, ShelfcastError
from backend.core.principal import Principal, program
from backend.core.settings import BackendSettings, default_data_dir
from backend.events.notify import notifying
from backend.identity.organisations import find_organisation
from backend.infra import embedded
from backend.infra.database import Database
from backend.infra.work import Reactions

GARBAGE: Final = (50_000, 20, 20)
"""Objects between two collections of the young, and how often the older follow.

A batch of 500 reads makes tens of thousands of objects and no cycle: with Python's own 700 a fifth
of the processor's time went to looking for some.
"""
_POLL: Final = 0.1
DATABASE_PATIENCE: Final = 60.0
"""Seconds a program waits for the database that `shelfcast up` is about to start."""
OTHERS_PATIENCE: Final = 5.0
"""Seconds a program waits for a database that another program started at the same moment."""


class InvalidSettings(Invalid):
    """A setting cannot be read."""

    code = "INVALID_SETTINGS"


def parser(name: str, description: str) -> argparse.ArgumentParser:
    """Return the parser of `shelfcast NAME`, which knows --data-dir."""
    made = argparse.ArgumentParser(prog=f"shelfcast {name}", description=description)
    add_data_dir(made)
    return made


def add_data_dir(to: argparse.ArgumentParser) -> None:
    """Let a parser take --data-dir."""
    folder = os.environ.get("SHELFCAST_DATA_DIR") or str(default_data_dir())
    to.add_argument(
        "--data-dir",
        type=Path,
        default=Path(folder),
        help="the installation's folder (%(default)s)",
    )


def run(name: str, main: Callable[[], int]) -> int:
    """Run a command; say what is wrong in one line where it is not a bug of ours."""
    gc.set_threshold(*GARBAGE)
    try:
        return main()
    except ShelfcastError as exc:
        print(f"shelfcast {name}: {exc.message}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def settings_of(arguments: argparse.Namespace, **changes: object) -> BackendSettings:
    """Return the settings from the environment and the command line.

    Raises:
        InvalidSettings: one of them cannot be read.
    """
    given = {"data_dir": arguments.data_dir.absolute(), **changes}
    try:
        return BackendSettings(**given)
    except ValidationError as exc:
        wrong = exc.errors(include_url=False, include_input=False)[0]
        variable = "SHELFCAST_" + "_".join(map(str, wrong["loc"])).upper()
        raise InvalidSettings(f"{variable}: {wrong['msg']}") from exc


@contextmanager
def owner_url(settings: BackendSettings) -> Iterator[str]:
    """Give the URL of the database as its owner; the embedded one runs for as long as the block.

    Where `shelfcast up` owns the embedded database, its server is waited for instead.
    """
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    folder = settings.data_dir
    _wait_until(lambda: embedded.is_running(folder) or not _is_up(folder), DATABASE_PATIENCE)
    with ExitStack() as stack:
        try:
            server = stack.enter_context(embedded.using(folder))
        except embedded.EmbeddedError:
            # Another program may have been faster: then its server serves us too.
            if not _wait_until(lambda: embedded.is_running(folder), OTHERS_PATIENCE):
                raise
            server = stack.enter_context(embedded.using(folder))
        yield server.owner_url


@asynccontextmanager
async def open_database(
    settings: BackendSettings, url: str, reactions: Reactions | None = None
) -> AsyncGenerator[Database]:
    """Open the database for a command, with few connections; what it commits is told to others.

    `reactions` are needed (`app.reactions()`) where stock, sales or the catalogue change.
    """
    small = settings.model_copy(update={"pool_size": 2})
    async with Database(small, url, reactions or Reactions()) as database, notifying(database):
        yield database


def on_database(
    settings: BackendSettings, work: Callable[[Database], Coroutine[Any, Any, int]]
) -> int:
    """Run `work` on the opened database and return its exit code."""

    async def main(url: str) -> int:
        async with open_database(settings, url) as database:
            return await work(database)

    with owner_url(settings) as url:
        return asyncio.run(main(url))


def add_organisation(to: argparse.ArgumentParser) -> None:
    """Let a parser take --org."""
    to.add_argument(
        "--org",
        metavar="CODE",
        default=os.environ.get("SHELFCAST_ORGANISATION") or None,
        help="code of the organisation; may be left out where there is only one",
    )


async def principal_of(database: Database, code: str | None, name: str) -> Principal:
    """Return who acts for the organisation named, or for the only one.

    Raises:
        OrganisationNotFound: there is none of that code, or several and none was named.
    """
    return program(await find_organisation(database, code), name)


def log_to_stderr(settings: BackendSettings) -> None:
    """Log one line per record, with time and level."""
    logging.basicConfig(
        level=settings.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    # While the database restarts the pool warns at every attempt, traceback included.
    logging.getLogger("asyncpg.pool").setLevel(logging.ERROR)


def instance(data_dir: Path) -> dict[str, Any]:
    """Return what `shelfcast up` recorded of itself; empty when it is not up."""
    try:
        return json.loads((data_dir / "instance.json").read_text())
    except (OSError, ValueError):
        return {}


def _wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL)
    return True


def _is_up(data_dir: Path) -> bool:
    pid = instance(data_dir).get("pid")
    if not isinstance(pid, int):
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
