"""The secrets an installation makes up once, in a file only its owner can read."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import tempfile
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Secrets:
    """The database owner's password, and the key that signs and derives everything else."""

    owner_password: str
    secret_key: str


def ensure_secrets(data_dir: Path) -> Secrets:
    """Return the installation's secrets, made on first use; whoever comes first wins."""
    path = data_dir / "secrets.json"
    if not path.exists():
        fresh = Secrets(secrets.token_urlsafe(32), secrets.token_urlsafe(48))
        _write_once(path, json.dumps(asdict(fresh)))
    stored = json.loads(path.read_text())
    return Secrets(stored["owner_password"], stored["secret_key"])


def _write_once(path: Path, text: str) -> None:
    # A link to a complete file: nobody ever reads half of it, and it never replaces an older one.
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(partial)
    finally:
        os.unlink(partial)  # noqa: PTH108 - mkstemp returns a string
