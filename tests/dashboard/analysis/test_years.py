"""Business years as the backend tells them; the backend's own calendar is what counts."""

from datetime import date, timedelta

import pytest

from backend.analytics.calendars import BusinessCalendar, Unit
from dashboard.analysis.periods import Span, before, span_of, steps
from dashboard.analysis.view import parse
from dashboard.analysis.years import BusinessYears

DAY = timedelta(days=1)
KNOWN = Span(date(2022, 1, 3), date(2024, 3, 4))
CALENDARS = [
    BusinessCalendar("RETAIL_454", 2),
    BusinessCalendar("RETAIL_445", 7),
    BusinessCalendar("FISCAL", 4),
]


def told(calendar):
    """What `businessYears` answers for the years 2015 to 2026."""
    given = [
        {
            "id": f"FY{number}",
            "from": starts[0].isoformat(),
            "to": (starts[-1] - DAY).isoformat(),
            "months": [day.isoformat() for day in starts[:-1]],
        }
        for number, starts in calendar.years(date(2015, 1, 1), date(2026, 12, 31))
    ]
    return BusinessYears.of(calendar.kind, given)


@pytest.mark.parametrize("calendar", CALENDARS, ids=lambda calendar: calendar.kind)
@pytest.mark.parametrize("unit", list(Unit))
def test_periods_and_what_they_are_compared_with_are_the_backends(calendar, unit):
    years = told(calendar)

    for days in range(0, 3000, 11):
        day = date(2017, 1, 1) + timedelta(days=days)
        span = years.range_of(day, unit)
        assert (span.first, span.last) == calendar.range_of(day, unit)
        assert years.step_span(years.step_of(day, unit)) == span
        previous, year_ago = before(span, "previous", years), before(span, "year", years)
        assert (previous.first, previous.last) == calendar.previous(span.first, span.last)
        assert (year_ago.first, year_ago.last) == calendar.a_year_ago(span.first, span.last)


def test_the_year_of_the_business_begins_where_the_federation_says():
    years = told(CALENDARS[0])

    year = span_of("year", today=date(2024, 3, 5), known=KNOWN, years=years)
    last = span_of("last-year", today=date(2024, 3, 5), known=KNOWN, years=years)

    assert year == Span(date(2024, 2, 4), date(2024, 3, 5))
    assert last == Span(date(2023, 1, 29), date(2024, 2, 3))
    assert len(steps(last, "WEEK", years)) == 53


def test_an_address_chooses_the_calendar():
    years = told(CALENDARS[0])

    business = parse(
        "?calendar=business&period=month", today=date(2024, 3, 5), known=KNOWN, years=years
    )
    plain = parse("?period=month", today=date(2024, 3, 5), known=KNOWN, years=years)

    assert business.span.first == date(2024, 3, 3)
    assert plain.span.first == date(2024, 3, 1)
    assert plain.years is None


def test_days_before_all_known_years_are_shown_by_the_calendar():
    search = "?calendar=business&from=2001-01-01&to=2001-12-31"

    view = parse(search, today=date(2024, 3, 5), known=KNOWN, years=told(CALENDARS[0]))

    assert view.years is None
    assert view.steps()[0] == "2001-W01"


def test_a_retailer_of_calendar_years_has_no_others():
    assert BusinessYears.of("CALENDAR", []) is None
