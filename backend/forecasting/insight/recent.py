"""The past of all products, kept for a while: who asks about a forecast soon asks about another."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.forecasting.demand.ledger import Ledger, read_panel
from backend.infra.work import Work

KEPT: Final = timedelta(minutes=5)
"""For so long what was sold of days that have ended counts as it was read."""
MOST_KEPT: Final = 2
"""Pasts in memory: one takes up to sixty megabytes."""


@dataclass(frozen=True, slots=True)
class _Key:
    org_id: UUID
    days: int
    ahead: int


class RecentLedgers:
    """The last pasts that were read, each of a whole organisation."""

    def __init__(self) -> None:
        self._read: dict[_Key, Ledger] = {}

    async def of(self, work: Work, days: int, ahead: int) -> Ledger | None:
        """Return the demand of the last days that ended; None: nothing was sold.

        The principal must see the whole organisation.
        """
        assert not work.principal.is_limited, "what is kept is everybody's"
        key = _Key(work.principal.org_id, days, ahead)
        self._forget(work.now)
        ledger = self._read.get(key)
        if ledger is None:
            ledger = await read_panel(work, days=days, ahead=ahead)
            if ledger is not None:
                self._keep(key, ledger)
        return ledger

    def _forget(self, now: datetime) -> None:
        # Another day has begun: another one has ended.
        self._read = {
            key: one
            for key, one in self._read.items()
            if timedelta(0) <= now - one.read_at < KEPT and now.date() == one.read_at.date()
        }

    def _keep(self, key: _Key, ledger: Ledger) -> None:
        while len(self._read) >= MOST_KEPT:
            self._read.pop(min(self._read, key=lambda one: self._read[one].read_at))
        self._read[key] = ledger
