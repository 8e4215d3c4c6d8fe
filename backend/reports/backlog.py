"""What the worker has left to do, for the figures of a process."""

import math
import time
from dataclasses import dataclass
from typing import Final

from backend.infra.database import Database

_BACKLOG: Final = "select reports, reports_seconds, months, months_seconds from backlog()"
_FRESH: Final = 5.0
"""Seconds during which what was found is told again."""


@dataclass(slots=True)
class Backlog:
    """Of all organisations together; not a number until it is found out."""

    database: Database
    reports: float = math.nan
    reports_seconds: float = math.nan
    months: float = math.nan
    months_seconds: float = math.nan
    looked_at: float = -math.inf

    async def look(self) -> None:
        """Find out.

        Raises:
            DatabaseUnreachable: nobody can tell; the figures are none.
        """
        if time.monotonic() < self.looked_at + _FRESH:
            return
        self.reports = self.reports_seconds = self.months = self.months_seconds = math.nan
        async with self.database.auth() as connection:
            row = await connection.fetchrow(_BACKLOG)
        if row is not None:
            self.reports, self.reports_seconds = float(row["reports"]), row["reports_seconds"]
            self.months, self.months_seconds = float(row["months"]), row["months_seconds"]
        self.looked_at = time.monotonic()
