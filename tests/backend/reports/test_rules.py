from datetime import UTC, date, datetime, time, timedelta

import pytest

from backend.analytics.calendars import BusinessCalendar
from backend.reports.rules import Frequency, Rhythm, is_late, pause_after

F = Frequency
CALENDAR = BusinessCalendar()
JULY_YEAR = BusinessCalendar("FISCAL", 7)
RETAIL = BusinessCalendar("RETAIL_454", 2)
NEW_YORK, BERLIN = "America/New_York", "Europe/Berlin"


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("rhythm", "after", "zone", "due"),
    [
        (Rhythm(F.DAILY, time(7)), "2026-11-02T06:59", "UTC", "2026-11-02T07:00"),
        (Rhythm(F.DAILY, time(7)), "2026-11-02T07:00", "UTC", "2026-11-03T07:00"),
        (Rhythm(F.DAILY, time(7)), "2026-11-02T07:00", NEW_YORK, "2026-11-02T12:00"),
        (Rhythm(F.DAILY, time(7)), "2026-07-02T07:00", NEW_YORK, "2026-07-02T11:00"),
        (Rhythm(F.WEEKLY, time(7), 1), "2026-11-02T08:00", "UTC", "2026-11-09T07:00"),
        (Rhythm(F.WEEKLY, time(7), 5), "2026-11-02T08:00", "UTC", "2026-11-06T07:00"),
        (Rhythm(F.MONTHLY, time(7), 3), "2026-11-02T08:00", "UTC", "2026-11-03T07:00"),
        (Rhythm(F.MONTHLY, time(7), 1), "2026-12-01T08:00", "UTC", "2027-01-01T07:00"),
        (Rhythm(F.QUARTERLY, time(7), 1), "2026-11-02T08:00", "UTC", "2027-01-01T07:00"),
        # At 02:30 on 29 March 2026 no clock in Berlin stood: it comes as much later.
        (Rhythm(F.DAILY, time(2, 30)), "2026-03-28T12:00", BERLIN, "2026-03-29T01:30"),
        # On 25 October 2026 it stood there twice: the first counts, and only that.
        (Rhythm(F.DAILY, time(2, 30)), "2026-10-24T12:00", BERLIN, "2026-10-25T00:30"),
        (Rhythm(F.DAILY, time(2, 30)), "2026-10-25T00:30", BERLIN, "2026-10-26T01:30"),
    ],
)
def test_a_report_is_due_at_the_local_time_of_its_reader(rhythm, after, zone, due):
    assert rhythm.next_due(at(after), zone, CALENDAR) == at(due)


@pytest.mark.parametrize(
    ("calendar", "frequency", "after", "due"),
    [
        (JULY_YEAR, F.FISCAL_QUARTERLY, "2026-11-02T08:00", "2027-01-01T07:00"),
        (RETAIL, F.FISCAL_MONTHLY, "2026-02-01T00:00", "2026-02-01T07:00"),
        (RETAIL, F.FISCAL_MONTHLY, "2026-02-01T08:00", "2026-03-01T07:00"),
        (RETAIL, F.FISCAL_QUARTERLY, "2026-02-01T08:00", "2026-05-03T07:00"),
    ],
)
def test_a_fiscal_report_is_due_after_the_period_of_the_business_year(
    calendar, frequency, after, due
):
    assert Rhythm(frequency, time(7)).next_due(at(after), "UTC", calendar) == at(due)


@pytest.mark.parametrize(
    ("calendar", "frequency", "on", "first", "last"),
    [
        (CALENDAR, F.DAILY, "2026-03-01", "2026-02-28", "2026-02-28"),
        (CALENDAR, F.WEEKLY, "2026-11-02", "2026-10-26", "2026-11-01"),
        (CALENDAR, F.WEEKLY, "2026-11-06", "2026-10-26", "2026-11-01"),
        (CALENDAR, F.MONTHLY, "2026-03-03", "2026-02-01", "2026-02-28"),
        (CALENDAR, F.QUARTERLY, "2026-01-01", "2025-10-01", "2025-12-31"),
        (JULY_YEAR, F.QUARTERLY, "2026-01-01", "2025-10-01", "2025-12-31"),
        (JULY_YEAR, F.FISCAL_QUARTERLY, "2026-07-05", "2026-04-01", "2026-06-30"),
        (RETAIL, F.FISCAL_MONTHLY, "2026-03-01", "2026-02-01", "2026-02-28"),
        (RETAIL, F.FISCAL_QUARTERLY, "2026-05-03", "2026-02-01", "2026-05-02"),
    ],
)
def test_a_report_is_about_the_last_whole_period(calendar, frequency, on, first, last):
    found = Rhythm(frequency, time(7)).period(date.fromisoformat(on), calendar)

    assert found == (date.fromisoformat(first), date.fromisoformat(last))


def test_pauses_double_up_to_two_hours_and_are_spread_by_a_fifth():
    pauses = [pause_after(n, 0.5) for n in range(1, 10)]

    assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert pauses[-1] == timedelta(hours=2)
    assert pause_after(1, 0) == timedelta(seconds=48)
    assert pause_after(1, 1) == timedelta(seconds=72)


def test_a_report_is_late_a_quarter_of_an_hour_after_it_was_due():
    due = at("2026-11-02T07:00")

    assert not is_late(due, due + timedelta(minutes=15))
    assert is_late(due, due + timedelta(minutes=15, seconds=1))
    assert not is_late(None, due)
