"""The OAuth clients that `up` makes for its own dashboard, simulator and edge agent."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from typing import TYPE_CHECKING

from shelfcast.child import ProgramFailed

if TYPE_CHECKING:
    from pathlib import Path

    from shelfcast.plan import Options
    from shelfcast.program import Program


async def ensure_credentials(program: Program, path: Path, options: Options, log: Path) -> None:
    """Keep a client's credentials in `path`, made by `program` unless it made them here already.

    Raises:
        ProgramFailed: the program could not make them.
    """
    made_for = _fingerprint(program, options)
    if _stored(path) == made_for:
        return
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *program.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            env=dict(program.environment),
            start_new_session=True,
        )
        try:
            output, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
    if process.returncode != 0:
        raise ProgramFailed(program.name, f"ended with exit code {process.returncode}", log)
    answer = json.loads(output)
    _write(path, {key: answer[key] for key in ("client_id", "client_secret")}, made_for)


def database_fingerprint(options: Options) -> str:
    """Return what changes when the data folder is given another database."""
    if options.is_embedded:
        made = (options.data_dir / "postgres" / "PG_VERSION").stat()
        text = f"{made.st_ino} {made.st_mtime_ns}"
    else:
        text = options.environment["SHELFCAST_DATABASE_URL"]
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _fingerprint(program: Program, options: Options) -> str:
    """Return what changes with the database, and with what the client may do and where it is."""
    words = " ".join(program.command[1:])
    return hashlib.sha256(f"{database_fingerprint(options)} {words}".encode()).hexdigest()[:16]


def _stored(path: Path) -> str | None:
    try:
        return json.loads(path.read_text()).get("made_for")
    except (OSError, ValueError):
        return None


def _write(path: Path, credentials: dict[str, str], made_for: str) -> None:
    partial = path.with_suffix(".new")
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump({**credentials, "made_for": made_for}, file)
    partial.replace(path)
