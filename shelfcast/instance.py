"""The data folder of a running instance: who holds it, what runs in it, which ports are free."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

LEFTOVER_GRACE_S = 5.0
POLL_S = 0.02


class CannotStart(Exception):
    """Why `up` does not start, and what to do about it."""


class Instance:
    """The data folder, held by one supervisor at a time; usable as a context manager."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.log_folder = data_dir / "logs"
        self.client_folder = data_dir / "clients"
        self._path = data_dir / "instance.json"
        self._lock: IO[str] | None = None

    def __enter__(self) -> Self:
        # Root's database user has to walk through; every secret inside has a mode of its own.
        mode = 0o711 if os.geteuid() == 0 else 0o700
        self.data_dir.mkdir(mode=mode, parents=True, exist_ok=True)
        for folder in (self.log_folder, self.client_folder):
            folder.mkdir(mode=0o700, exist_ok=True)
        self._lock = (self.data_dir / "up.lock").open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise CannotStart(self._refusal()) from None
        self._end_leftovers()
        return self

    def __exit__(self, *exc: object) -> None:
        self._path.unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.close()

    def write(self, state: Mapping[str, Any], children: Mapping[str, int]) -> None:
        """Record what runs, for other commands and for the supervisor that comes after a crash."""
        births = {name: {"pid": pid, "born": birth(pid)} for name, pid in children.items()}
        partial = self._path.with_suffix(".new")
        partial.write_text(json.dumps({"pid": os.getpid(), **state, "children": births}, indent=2))
        partial.replace(self._path)

    def read(self) -> dict[str, Any]:
        """Return what the running or the last supervisor recorded; empty when there is nothing."""
        try:
            return json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}

    def _refusal(self) -> str:
        known = self.read()
        urls = ", ".join(known.get("urls", {}).values()) or "it is still starting"
        pid = known.get("pid", "?")
        return (
            f"Shelfcast is already up on {self.data_dir} (process {pid}; {urls}). "
            "Stop it with Ctrl-C there, or choose another folder with --data-dir"
        )

    def _end_leftovers(self) -> None:
        """End what a killed supervisor left, but for the database: its program takes over."""
        children: dict[str, dict[str, Any]] = self.read().get("children", {})
        left = [
            child["pid"]
            for name, child in children.items()
            if name != "database" and child["born"] and birth(child["pid"]) == child["born"]
        ]
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
            deadline = time.monotonic() + LEFTOVER_GRACE_S
            while any(birth(pid) for pid in left) and time.monotonic() < deadline:
                time.sleep(POLL_S)


def birth(pid: int) -> str:
    """Return when a process was born, in ticks since boot: tells it from a later one of its number.

    Empty when there is no such process, when it is a zombie, or where there is no /proc.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def require_free_port(host: str, port: int, option: str, purpose: str) -> None:
    """Make sure that nobody listens on a port yet.

    Raises:
        CannotStart: somebody does, or we may not; the message says how to choose another.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as exc:
            reason = os.strerror(exc.errno).lower() if exc.errno else str(exc)
            raise CannotStart(
                f"port {port} for the {purpose} is not free ({reason}): stop what uses it, "
                f"or choose another with {option} {port + 1}"
            ) from exc
