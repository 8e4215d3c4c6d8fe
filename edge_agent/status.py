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

from edge_agent import ballast
from edge_agent.outbox_file import SpoolCounts, count_rows
from edge_agent.rollout import OWN
from edge_agent.version import software_version

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.crew import Crew
    from edge_agent.keeper import OutboxHealth
    from edge_agent.managed import ManagedConfiguration
    from edge_agent.settings import OutboxSettings, Settings

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

    def __init__(self, path: Path, crew: Crew, managed: ManagedConfiguration | None) -> None:
        self._path = path
        self._crew = crew
        self._managed = managed
        self._written: Report = {}
        self._written_ms = 0

    def write_if_due(self, health: OutboxHealth) -> None:
        """Write unless the file says the same already and is not old."""
        report = self._report(health)
        if report != self._written or _now_ms() - self._written_ms >= _REFRESH_MS:
            self._write(report)

    def write(self, health: OutboxHealth) -> None:
        """Write in any case."""
        self._write(self._report(health))

    def _write(self, report: Report) -> None:
        """Replace the file as a whole, so that nobody reads half of it; a failure is logged."""
        self._written, self._written_ms = report, _now_ms()
        draft = self._path.with_name(self._path.name + ".new")
        try:
            draft.write_text(json.dumps({**report, "writtenMs": self._written_ms}), "utf-8")
            draft.replace(self._path)
        except OSError as exc:
            log.warning("The status file cannot be written: %s", exc)

    def _report(self, health: OutboxHealth) -> Report:
        return {
            "pid": os.getpid(),
            "version": software_version(),
            "configuration": self._configuration(),
            "clockSkewMs": self._crew.skew_ms,
            "outbox": {
                **_outbox(health.counts, health.oldest_age_ms, has_ballast=health.has_ballast),
                "isDiskFull": health.is_disk_full,
            },
            "uplink": asdict(self._crew.counters),
            "devices": [
                {
                    "code": one.settings.code,
                    "port": one.settings.port,
                    "protocol": one.settings.protocol,
                    "state": one.state,
                    **asdict(one.counters),
                }
                for one in self._crew.devices
            ],
        }

    def _configuration(self) -> Report:
        """Say which configuration runs, and why one was not taken."""
        if self._managed is None:
            return {"version": OWN, "isOnTrial": False, "refused": None}
        rollout = self._managed.rollout
        return {
            "version": rollout.version,
            "isOnTrial": rollout.trial is not None,
            "refused": asdict(rollout.refusal) if rollout.refusal else None,
        }


def read_status(settings: Settings) -> Report:
    """Put together what the outbox holds and what the agent last said of itself.

    Works while the agent runs and while it does not; a part that cannot be read is None.
    """
    told = _read_file(settings.status_path) or {}
    now_ms = _now_ms()
    is_running = bool(told) and now_ms - told["writtenMs"] < STALE_AFTER_MS
    uplink = told.get("uplink", {})
    return {
        "isRunning": is_running,
        **(told["outbox"] if is_running else _look_into(settings.outbox, now_ms)),
        "refused": sum(device["refused"] for device in told["devices"]) if told else None,
        "clockSkewMs": told.get("clockSkewMs"),
        "configuration": told.get("configuration"),
        "lastSuccessMs": uplink.get("last_success_ms"),
        "lastError": uplink.get("last_error"),
        "agent": told or None,
    }


def _look_into(settings: OutboxSettings, now_ms: int) -> Report:
    """Count what lies in the outbox of an agent that does not run."""
    counts = _read_counts(settings.path)
    oldest_ms = counts.oldest.wall_ms if counts and counts.oldest else None
    age_ms = max(now_ms - oldest_ms, 0) if oldest_ms is not None else None
    return _outbox(counts, age_ms, has_ballast=ballast.has_ballast(settings))


def _outbox(counts: SpoolCounts | None, age_ms: int | None, *, has_ballast: bool) -> Report:
    return {
        "depth": counts.depth if counts else None,
        "oldestAgeMs": age_ms,
        "parked": counts.parked if counts else None,
        "sizeBytes": counts.size_bytes if counts else None,
        "hasBallast": has_ballast,
        "losses": [asdict(loss) for loss in counts.losses] if counts else None,
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
