"""Ending a process that hangs, so that whatever started it starts it again.

What was acknowledged is on the disk; a process that neither reads nor sends is the worse loss.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from edge_agent.crew import Crew
    from edge_agent.outbox import Outbox
    from edge_agent.systemd import Notifier

EXIT_HUNG: Final = 70
_TICKS: Final = 60
"""Into so many parts a limit is divided: a process that was stopped and goes on counts one."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long nothing may happen."""

    silence_s: float = 60.0
    """Of the event loop, or of the outbox's thread."""
    opening_s: float = 1800.0
    """Of that thread while it opens or salvages a large file."""


class Watchdog:
    """Asks the event loop, the outbox's thread and the crew whether they live."""

    def __init__(self, outbox: Outbox, crew: Crew, notifier: Notifier, limits: Limits) -> None:
        self._outbox = outbox
        self._crew = crew
        self._notifier = notifier
        self._limits = limits
        self._ticks_silent = 0
        self._is_over = threading.Event()

    async def run(self) -> None:
        """Look after everybody; cancel to stop."""
        # Daemon: it must not keep a process alive that wants to end.
        thread = threading.Thread(target=self._guard, name="watchdog", daemon=True)
        thread.start()
        try:
            while True:
                await self._look()
                await asyncio.sleep(self._interval_s)
        finally:
            self._is_over.set()

    @property
    def _interval_s(self) -> float:
        patience_s = self._limits.silence_s
        if self._notifier.watchdog_s is not None:
            patience_s = min(patience_s, self._notifier.watchdog_s)
        return patience_s / 4

    async def _look(self) -> None:
        """Ask the outbox's thread for a sign of life; its answer may as well be an error."""
        asked = asyncio.ensure_future(self._outbox.depth())
        waited_s = 0.0
        try:
            while not (await asyncio.wait({asked}, timeout=self._interval_s))[0]:
                waited_s += self._interval_s
                if self._outbox.is_opening and waited_s <= self._limits.opening_s:
                    self._note_alive(f"opening the outbox for {waited_s:.0f} s")
        finally:
            asked.cancel()
        self._note_alive(str(asked.exception() or f"{asked.result()} reads wait"))

    def _note_alive(self, status: str) -> None:
        if self._crew.is_whole:
            self._ticks_silent = 0
            self._notifier.notify(WATCHDOG="1", STATUS=status)

    def _guard(self) -> None:
        """Count, in a thread of its own, how long nobody said that all is well."""
        while not self._is_over.wait(self._limits.silence_s / _TICKS):
            self._ticks_silent += 1
            if self._ticks_silent > _TICKS:
                _end()


def _end() -> None:
    """End the process, saying where it hangs; without logging, whose lock may be what hangs."""
    os.write(2, b"The agent hangs and is ended. Where its threads are:\n")
    faulthandler.dump_traceback(sys.__stderr__ or 2, all_threads=True)
    os._exit(EXIT_HUNG)
