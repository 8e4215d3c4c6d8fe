"""How the agent is: a small file the running agent writes, read together with the outbox."""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import time
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from edge_agent.ballast import has_ballast
from edge_agent.outbox_file import SpoolCounts, count_rows

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.crew import Crew
    from edge_agent.settings import Settings

log = logging.getLogger(__name__)

_REFRESH_MS = 5_000
STALE_AFTER_MS = 3 * _REFRESH_MS
"""An agent that has not written for so long is not running."""

Report = dict[str, Any]
"""What `status --json` prints."""


class StatusFile:
    """Written when something changed, and now and then to show that the agent lives.

    A quiet shop costs its SD card a write every five seconds, not every second.
    """

    def __init__(self, path: Path, crew: Crew) -> None:
        self._path = path
        self._crew = crew
        self._written: Report = {}
        self._written_ms = 0

    def write_if_due(self) -> None:
        """Write unless the file says the same already and is not old."""
        if self._report() != self._written or _now_ms() - self._written_ms >= _REFRESH_MS:
            self.write()

    def write(self) -> None:
        """Replace the file as a whole, so that nobody reads half of it; a failure is logged."""
        self._written, self._written_ms = self._report(), _now_ms()
        draft = self._path.with_name(self._path.name + ".new")
        try:
            draft.write_text(json.dumps({**self._written, "writtenMs": self._written_ms}), "utf-8")
            draft.replace(self._path)
        except OSError as exc:
            log.warning("The status file cannot be written: %s", exc)

    def _report(self) -> Report:
        return {
            "pid": os.getpid(),
            "clockSkewMs": self._crew.skew.skew_ms,
            "uplink": asdict(self._crew.counters),
            "devices": [
                {"code": one.settings.code, "port": one.settings.port, **asdict(one.counters)}
                for one in self._crew.devices
            ],
        }


def read_status(settings: Settings) -> Report:
    """Put together what the outbox holds and what the agent last said of itself.

    Works while the agent runs and while it does not; a part that cannot be read is None.
    """
    told = _read_file(settings.status_path)
    now_ms = _now_ms()
    counts = _read_counts(settings.outbox.path)
    oldest_ms = counts.oldest.wall_ms if counts and counts.oldest else None
    return {
        "isRunning": told is not None and now_ms - told["writtenMs"] < STALE_AFTER_MS,
        "depth": counts.depth if counts else None,
        "oldestAgeMs": max(now_ms - oldest_ms, 0) if oldest_ms is not None else None,
        "parked": counts.parked if counts else None,
        "sizeBytes": counts.size_bytes if counts else None,
        "hasBallast": has_ballast(settings.outbox),
        "losses": [asdict(loss) for loss in counts.losses] if counts else None,
        "refused": sum(device["refused"] for device in told["devices"]) if told else None,
        "lastSuccessMs": told["uplink"]["last_success_ms"] if told else None,
        "lastError": told["uplink"]["last_error"] if told else None,
        "agent": told,
    }


def _read_file(path: Path) -> Report | None:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None


def _read_counts(path: Path) -> SpoolCounts | None:
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=1.0)) as connection:
            return count_rows(connection)
    except sqlite3.Error:
        return None


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
