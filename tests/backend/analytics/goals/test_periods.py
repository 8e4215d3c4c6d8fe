from datetime import date, timedelta
from itertools import pairwise

import pytest

from backend.analytics.calendars import BusinessCalendar, Unit
from backend.analytics.goals.errors import InvalidGoal
from backend.analytics.goals.periods import (
    GoalPeriodKind,
    kind_of,
    period_at,
    periods_between,
    read_period,
)

PLAIN = BusinessCalendar()
APRIL = BusinessCalendar("FISCAL", 4)
NRF = BusinessCalendar("RETAIL_454", 2)
CALENDARS = [PLAIN, APRIL, NRF, BusinessCalendar("RETAIL_445", 2)]


@pytest.mark.parametrize(
    ("text", "calendar", "first", "last"),
    [
        ("2018", APRIL, date(2018, 1, 1), date(2018, 12, 31)),
        ("2018-Q1", APRIL, date(2018, 1, 1), date(2018, 3, 31)),
        ("2016-02", APRIL, date(2016, 2, 1), date(2016, 2, 29)),
        ("FY2018", APRIL, date(2017, 4, 1), date(2018, 3, 31)),
        ("FY2018-Q4", APRIL, date(2018, 1, 1), date(2018, 3, 31)),
        ("FY2018-P10", APRIL, date(2018, 1, 1), date(2018, 1, 31)),
        ("FY2023-P12", NRF, date(2023, 12, 31), date(2024, 2, 3)),
        ("FY2024-Q1", NRF, date(2024, 2, 4), date(2024, 5, 4)),
    ],
)
def test_a_period_is_the_days_its_calendar_says(text, calendar, first, last):
    period = read_period(text, calendar, ["period"])

    assert (period.first, period.last) == (first, last)


@pytest.mark.parametrize(
    "text",
    ["18", "2018-Q5", "2018-13", "2018-P02", "FY2018-02", "1899", "2200", "2018-q1", "2018Q1"],
)
def test_what_is_no_period_is_refused(text):
    assert kind_of(text) is None
    with pytest.raises(InvalidGoal) as refused:
        read_period(text, PLAIN, ["input", "period"])

    assert refused.value.field == ["input", "period"]


@pytest.mark.parametrize("calendar", CALENDARS, ids=lambda one: one.kind)
@pytest.mark.parametrize("kind", list(GoalPeriodKind))
def test_periods_of_a_kind_follow_one_another_without_a_hole(calendar, kind):
    first, last = date(2015, 1, 1), date(2027, 6, 1)

    found = list(periods_between(first, last, kind, calendar))

    assert found[0].first <= first
    assert found[-1].last >= last
    for one, following in pairwise(found):
        assert following.first == one.last + timedelta(days=1)
    assert [read_period(one.id, calendar, []) for one in found] == found
    assert len({one.id for one in found}) == len(found)


def test_the_business_year_says_where_a_day_lies():
    found = period_at(date(2024, 2, 3), GoalPeriodKind.FISCAL_MONTH, NRF)

    assert found.id == "FY2023-P12"
    assert NRF.range_of(found.first, Unit.MONTH) == (found.first, found.last)
