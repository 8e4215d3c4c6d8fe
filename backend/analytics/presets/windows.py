"""Which days are compared with which, and whether both are wholly known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from backend.analytics.presets.choices import Baseline
from backend.analytics.presets.preset import Ask, chosen
from backend.analytics.presets.table import Note
from backend.analytics.recorded import Knowledge, Stretch, knowledge

WINDOW: Final = timedelta(days=91)
"""What is compared where the filter says no first day: the last 13 weeks."""
YEAR: Final = timedelta(days=364)
Days = tuple[date, date]
"""From the first to the last, inclusive."""


@dataclass(frozen=True, slots=True)
class Windows:
    """The questions about the days to compare and those before; `notes` say which days these are.

    Where they are not `is_whole`, sales of some are not known: what was sold then is no measure of
    what is sold now.
    """

    now: Ask
    before: Ask
    notes: tuple[Note, ...]
    is_whole: bool


async def windows(ask: Ask) -> Windows:
    """Return the days to compare, and what they are compared with.

    Where the days a year ago are not known, and of those just before more are, these are taken,
    which a note says.
    """
    recorded, now = await ask.recorded(), _days(ask)
    wanted = chosen(ask.choice.baseline)
    baseline, before = _baseline(recorded, now, wanted)
    own, then = _own(recorded, now), knowledge(recorded, *before)
    words = f"{now[0]} to {now[1]} with {before[0]} to {before[1]}"
    notes = [Note("COMPARED", words, value=baseline.value)]
    if baseline is not wanted:
        why = "a year ago is not wholly known: compared with the days before"
        notes.insert(0, Note("BASELINE_CHANGED", why))
    notes += _doubts("BASELINE_INCOMPLETE", "compared with days not wholly known", then)
    notes += _doubts("PERIOD_INCOMPLETE", "the days compared are not wholly known", own)
    is_whole = own.is_whole and then.is_whole
    return Windows(ask.during(*now), ask.during(*before), tuple(notes), is_whole)


def _days(ask: Ask) -> Days:
    """Return the days of the filter, else the last there are."""
    today = ask.work.now.date()
    last = min(ask.criteria.last_day or ask.covers.last or today, today)
    return min(ask.criteria.first_day or back(last, WINDOW - timedelta(days=1)), last), last


def _baseline(recorded: Sequence[Stretch], now: Days, wanted: Baseline) -> tuple[Baseline, Days]:
    length = timedelta(days=(now[1] - now[0]).days + 1)
    just_before = back(now[0], length), back(now[1], length)
    if wanted is Baseline.PREVIOUS_PERIOD:
        return wanted, just_before
    year_ago = back(now[0], YEAR), back(now[1], YEAR)
    known = knowledge(recorded, *year_ago)
    if known.is_whole or knowledge(recorded, *just_before).known <= known.known > 0:
        return wanted, year_ago
    return Baseline.PREVIOUS_PERIOD, just_before


def _own(recorded: Sequence[Stretch], now: Days) -> Knowledge:
    """Return how much of the days compared is known; none after the last sale counts."""
    last = min(now[1], recorded[-1].last) if recorded else now[1]
    return knowledge(recorded, now[0], max(now[0], last))


def _doubts(code: str, words: str, found: Knowledge) -> list[Note]:
    if found.is_whole:
        return []
    return [Note(code, f"{words}: {found.reason}", value=f"{found.known}/{found.days}")]


def back(day: date, by: timedelta) -> date:
    """Return an earlier day, the first of all at the earliest."""
    return day - by if day - date.min > by else date.min
