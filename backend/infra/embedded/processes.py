"""Which processes work on a cluster: its lock file alone proves nothing after a crash."""

from __future__ import annotations

import os
import time
from pathlib import Path

POLL_S = 0.01
_PROC_IS_THERE = Path("/proc/self/cwd").exists()


def ready_postmaster(folder: Path) -> int | None:
    """Return the process id of the server that takes connections, None when there is none."""
    lines = _lock_file(folder)
    # Line 8 is what pg_ctl reads: starting, stopping, ready, standby.
    if len(lines) < 8 or lines[7].strip() != "ready":
        return None
    return postmaster(folder)


def postmaster(folder: Path) -> int | None:
    """Return the process id of a cluster's living postmaster, ready or not."""
    pid = _recorded(folder)
    return pid if pid is not None and _works_in(folder, pid) else None


def processes(folder: Path) -> set[int]:
    """Return the processes that work inside a cluster: the postmaster and its children.

    Where there is no /proc, only the postmaster is seen.
    """
    if not _PROC_IS_THERE:
        pid = postmaster(folder)
        return set() if pid is None else {pid}
    numbers = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return {pid for pid in numbers if _works_in(folder, pid)}


def forget_crash(folder: Path) -> None:
    """Remove the lock file of a server that is certainly gone.

    Else PostgreSQL would take any process that was given its old number for the server.
    """
    if _PROC_IS_THERE and not processes(folder):
        (folder / "postmaster.pid").unlink(missing_ok=True)


def wait_until_gone(folder: Path, timeout: float) -> bool:
    """Wait until nothing works on the cluster; False when its time, in seconds, ran out."""
    deadline = time.monotonic() + timeout
    while processes(folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def _lock_file(folder: Path) -> list[str]:
    try:
        return (folder / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _recorded(folder: Path) -> int | None:
    lines = _lock_file(folder)
    return int(lines[0]) if lines and lines[0].strip().isdigit() else None


def _works_in(folder: Path, pid: int) -> bool:
    try:
        if _PROC_IS_THERE:
            process = Path(f"/proc/{pid}")
            # By its name too: a shell may stand in the folder.
            is_postgres = (process / "comm").read_text() == "postgres\n"
            return is_postgres and (process / "cwd").readlink() == folder
        os.kill(pid, 0)
    except PermissionError:
        return not _PROC_IS_THERE
    except OSError:
        return False
    return True
