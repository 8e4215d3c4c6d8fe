"""What adding up costs who asks for it."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

PER_PASS: Final = 100
"""What one pass over the sales of a year costs."""
_YEAR: Final = timedelta(days=366)


def adding_up(passes: int, chosen: object) -> int:
    """Return what so many passes cost; `chosen` is the filter as the client sends it.

    Twice that for more than a year, or from the beginning.
    """
    return PER_PASS * passes * (1 if _is_within_a_year(chosen) else 2)


def _is_within_a_year(chosen: object) -> bool:
    if not isinstance(chosen, dict) or not chosen.get("from"):
        return False
    try:
        first = date.fromisoformat(str(chosen["from"]))
        last = date.fromisoformat(str(chosen.get("to") or datetime.now(UTC).date()))
    except ValueError:  # for the field to say
        return False
    return last - first < _YEAR
