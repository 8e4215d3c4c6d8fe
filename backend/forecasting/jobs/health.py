"""How forecasting fares, for the figures of a process."""

import math
import time
from dataclasses import dataclass
from typing import Final

from backend.infra.database import Database

_HEALTH: Final = "select champion_age, update_seconds, failed from forecast_health()"
_FRESH: Final = 5.0
"""Seconds during which what was found is told again."""


@dataclass(slots=True)
class ForecastHealth:
    """Of the organisation that is worst off; not a number until it is found out."""

    database: Database
    champion_age: float = math.nan
    update_seconds: float = math.nan
    failed: float = math.nan
    looked_at: float = -math.inf

    async def look(self) -> None:
        """Find out.

        Raises:
            DatabaseUnreachable: nobody can tell; the figures are none.
        """
        if time.monotonic() < self.looked_at + _FRESH:
            return
        self.champion_age = self.update_seconds = self.failed = math.nan
        async with self.database.auth() as connection:
            row = await connection.fetchrow(_HEALTH)
        if row is not None:
            self.champion_age = _figure(row["champion_age"])
            self.update_seconds = _figure(row["update_seconds"])
            self.failed = float(row["failed"])
        self.looked_at = time.monotonic()


def _figure(value: float | None) -> float:
    return math.nan if value is None else float(value)
