"""When a report is due, for which days, how often it is tried again. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from backend.analytics.calendars import BusinessCalendar, Unit

_DAY: Final = timedelta(days=1)
LATE_AFTER: Final = timedelta(minutes=15)
"""A report that is not there so long after it was due is late."""
MOST_ATTEMPTS: Final = 8
_FIRST_PAUSE: Final = timedelta(minutes=1)
_LONGEST_PAUSE: Final = timedelta(hours=2)
_LOOK_AHEAD: Final = 400
"""Days in which every frequency falls due at least once."""


class Frequency(StrEnum):
    """How often a report comes, and so for which days."""

    DAILY = "DAILY"
    """Every day, about the day before."""
    WEEKLY = "WEEKLY"
    """Once a week, about the week before, Monday to Sunday."""
    MONTHLY = "MONTHLY"
    """Once a month, about the calendar month before."""
    QUARTERLY = "QUARTERLY"
    """Once a quarter, about the calendar quarter before."""
    FISCAL_MONTHLY = "FISCAL_MONTHLY"
    """Once a month of the business year, about the one before."""
    FISCAL_QUARTERLY = "FISCAL_QUARTERLY"
    """Once a quarter of the business year, about the one before."""


class RunState(StrEnum):
    """How far a report is."""

    QUEUED = "QUEUED"
    """It waits for its turn, or until it is tried again."""
    RUNNING = "RUNNING"
    """It is being made."""
    SENT = "SENT"
    """It was handed over."""
    KEPT = "KEPT"
    """It is there for download."""
    FAILED = "FAILED"
    """It is not tried again."""


class RunReason(StrEnum):
    """Why a report was made."""

    SCHEDULED = "SCHEDULED"
    """It was due."""
    ASKED_FOR = "ASKED_FOR"
    """Somebody asked for it."""
    SAMPLE = "SAMPLE"
    """Somebody wanted to see what it will look like."""
    RESTATED = "RESTATED"
    """Sales came late that changed one sent before."""


class ReportFormat(StrEnum):
    """What a report comes as."""

    HTML = "HTML"
    """One page for a browser."""
    PDF = "PDF"
    """Pages to print."""
    XLSX = "XLSX"
    """An Excel file with tables."""
    CSV = "CSV"
    """The rows, separated by commas."""
    PNG = "PNG"
    """One picture of its figures and graphs."""


class ReportChannel(StrEnum):
    """How a report gets to its reader."""

    EMAIL = "EMAIL"
    """By mail, with files and links."""
    WEBHOOK = "WEBHOOK"
    """As a signed POST with links."""
    DOWNLOAD = "DOWNLOAD"
    """Kept for download."""


OPEN: Final = frozenset({RunState.QUEUED, RunState.RUNNING})
DONE: Final = frozenset({RunState.SENT, RunState.KEPT})
_FISCAL_UNITS: Final = {
    Frequency.FISCAL_MONTHLY: Unit.MONTH,
    Frequency.FISCAL_QUARTERLY: Unit.QUARTER,
}
_CALENDAR: Final = BusinessCalendar()
_CALENDAR_UNITS: Final = {Frequency.MONTHLY: Unit.MONTH, Frequency.QUARTERLY: Unit.QUARTER}


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a report is due: at a local time, on a day of its week or of its month or quarter.

    `day` counts from 1: Monday, or the first day after the period. A daily report has none.
    """

    frequency: Frequency
    at: time
    day: int = 1

    def next_due(self, after: datetime, zone: str, calendar: BusinessCalendar) -> datetime:
        """Return the first moment after another at which it is due, in UTC.

        A local time that a clock skips comes as much later; one that comes twice counts once.
        """
        local = ZoneInfo(zone)
        day = after.astimezone(local).date()
        for _ in range(_LOOK_AHEAD):
            if self._falls_on(day, calendar):
                due = datetime.combine(day, self.at, local).astimezone(UTC)
                if due > after:
                    return due
            day += _DAY
        raise AssertionError("every frequency falls due within a year")

    def period(self, local_day: date, calendar: BusinessCalendar) -> tuple[date, date]:
        """Return the days a report is about that is due on a local day: the last whole period."""
        if self.frequency is Frequency.DAILY:
            return local_day - _DAY, local_day - _DAY
        if self.frequency is Frequency.WEEKLY:
            monday = local_day - timedelta(days=local_day.weekday())
            return monday - 7 * _DAY, monday - _DAY
        own, unit = self._unit(calendar)
        first, _ = own.range_of(local_day, unit)
        return own.range_of(first - _DAY, unit)

    def _falls_on(self, day: date, calendar: BusinessCalendar) -> bool:
        if self.frequency is Frequency.DAILY:
            return True
        if self.frequency is Frequency.WEEKLY:
            return day.isoweekday() == self.day
        own, unit = self._unit(calendar)
        return day == own.range_of(day, unit)[0] + (self.day - 1) * _DAY

    def _unit(self, calendar: BusinessCalendar) -> tuple[BusinessCalendar, Unit]:
        if self.frequency in _FISCAL_UNITS:
            return calendar, _FISCAL_UNITS[self.frequency]
        return _CALENDAR, _CALENDAR_UNITS[self.frequency]


def pause_after(attempts: int, chance: float) -> timedelta:
    """Return how long to wait after so many failures; `chance` (0 to 1) spreads it by a fifth."""
    pause = min(_FIRST_PAUSE * 2 ** (attempts - 1), _LONGEST_PAUSE)
    return pause * (0.8 + 0.4 * chance)


def is_late(due_at: datetime | None, at: datetime) -> bool:
    """Tell whether a report is late that is done, or not yet done, at a moment."""
    return due_at is not None and at - due_at > LATE_AFTER
