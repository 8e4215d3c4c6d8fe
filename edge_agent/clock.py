"""Time as the outbox keeps it: wall clock, monotonic clock and the boot they belong to."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BOOT_ID_FILE = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Stamp:
    """One instant on both clocks; monotonic values compare only within one `boot_id`."""

    boot_id: str
    wall_ms: int
    mono_ms: int

    @property
    def offset_ms(self) -> int:
        """Wall minus monotonic: constant until somebody sets the wall clock."""
        return self.wall_ms - self.mono_ms


class Clock(Protocol):
    """Where the agent takes its time from."""

    def now(self) -> Stamp:
        """Return the present instant."""
        ...


class SystemClock:
    """The clocks of this machine; the monotonic one goes on counting while it is suspended."""

    def __init__(self) -> None:
        self._boot_id = _read_boot_id()
        # CLOCK_MONOTONIC stands still in suspend, where the wall clock does not.
        self._mono_clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

    def now(self) -> Stamp:
        """Return the present instant."""
        mono_ms = time.clock_gettime_ns(self._mono_clock) // 1_000_000
        return Stamp(self._boot_id, time.time_ns() // 1_000_000, mono_ms)


def utc_text(wall_ms: int) -> str:
    """Write milliseconds since 1970 as the API's DateTime."""
    instant = _EPOCH + timedelta(milliseconds=wall_ms)
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _read_boot_id() -> str:
    try:
        return _BOOT_ID_FILE.read_text("ascii").strip()
    except OSError:
        # Not Linux: a boot of our own, so no monotonic value is compared across processes.
        return str(uuid.uuid4())
