"""How far roll-ups are behind what is recorded, for the figures of a process."""

import math
import time
from dataclasses import dataclass
from typing import Final

from backend.infra.database import Database

_LAG: Final = "select seconds, entries from rollup_lag()"
_FRESH: Final = 5.0
"""Seconds during which what was found is told again."""


@dataclass(slots=True)
class RollupLag:
    """Of the organisation that is furthest behind; not a number until it is found out."""

    database: Database
    seconds: float = math.nan
    entries: float = math.nan
    looked_at: float = -math.inf

    async def look(self) -> None:
        """Find out.

        Raises:
            DatabaseUnreachable: nobody can tell; the figures are none.
        """
        if time.monotonic() < self.looked_at + _FRESH:
            return
        self.seconds = self.entries = math.nan
        async with self.database.auth() as connection:
            row = await connection.fetchrow(_LAG)
        if row is not None:
            self.seconds, self.entries = row["seconds"], float(row["entries"])
        self.looked_at = time.monotonic()
