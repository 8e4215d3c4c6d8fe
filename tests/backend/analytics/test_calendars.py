import itertools
from datetime import date, timedelta

import pytest

from backend.analytics.calendars import BusinessCalendar, Unit, YearEnd
from backend.analytics.errors import InvalidSummary

NRF = BusinessCalendar("RETAIL_454", 2)
# https://nrf.com/resources/4-5-4-calendar names 2000, 2006, 2012, 2017 and 2023 as the years of 53
# weeks; the first days are those of its calendars and of libraries tested against them: holonk/
# retail-calendar (__tests__/data/nrf_years.ts, nrf_2018.ts), stitchfix/merch_calendar (spec/).
PUBLISHED = [
    (2000, date(2000, 1, 30), 53),
    (2005, date(2005, 1, 30), 52),
    (2006, date(2006, 1, 29), 53),
    (2007, date(2007, 2, 4), 52),
    (2011, date(2011, 1, 30), 52),
    (2012, date(2012, 1, 29), 53),
    (2013, date(2013, 2, 3), 52),
    (2016, date(2016, 1, 31), 52),
    (2017, date(2017, 1, 29), 53),
    (2018, date(2018, 2, 4), 52),
    (2019, date(2019, 2, 3), 52),
    (2020, date(2020, 2, 2), 52),
    (2021, date(2021, 1, 31), 52),
    (2022, date(2022, 1, 30), 52),
    (2023, date(2023, 1, 29), 53),
    (2024, date(2024, 2, 4), 52),
    (2025, date(2025, 2, 2), 52),
    (2026, date(2026, 2, 1), 52),
]
# First days of the months, February to January. 2018 is nrf_2018.ts to the day.
MONTHS = {
    2018: "02-04 03-04 04-08 05-06 06-03 07-08 08-05 09-02 10-07 11-04 12-02 01-06",
    2023: "01-29 02-26 04-02 04-30 05-28 07-02 07-30 08-27 10-01 10-29 11-26 12-31",
    2024: "02-04 03-03 04-07 05-05 06-02 07-07 08-04 09-01 10-06 11-03 12-01 01-05",
}


@pytest.mark.parametrize(("year", "start", "weeks"), PUBLISHED, ids=lambda value: str(value))
def test_years_of_weeks_are_those_the_federation_publishes(year, start, weeks):
    first, last = NRF.range_of(start, Unit.YEAR)

    assert NRF.place(start).year == NRF.place(last).year == year
    assert first == start
    assert (last - first).days + 1 == weeks * 7


@pytest.mark.parametrize("year", MONTHS)
def test_months_of_weeks_are_those_the_federation_publishes(year):
    start = next(first for number, first, _ in PUBLISHED if number == year)
    days = [start + timedelta(days=n) for n in range(371 if year == 2023 else 364)]

    found = [next(group) for _, group in itertools.groupby(days, lambda d: NRF.place(d).month)]

    assert [f"{day:%m-%d}" for day in found] == MONTHS[year].split()


def test_years_of_fifty_three_weeks_are_those_of_the_federation():
    long_years = [
        NRF.year_of(start)
        for start, following in itertools.pairwise(NRF.starts())
        if 2000 <= start.year <= 2030 and (following - start).days == 53 * 7
    ]

    assert long_years == [2000, 2006, 2012, 2017, 2023, 2028]


def test_the_fifty_third_week_belongs_to_the_last_month():
    place = NRF.place(date(2024, 2, 3))

    assert (place.year, place.quarter, place.month, place.week, place.day) == (2023, 4, 12, 53, 7)
    assert NRF.range_of(date(2024, 2, 3), Unit.MONTH) == (date(2023, 12, 31), date(2024, 2, 3))


@pytest.mark.parametrize(
    ("kind", "second_month"),
    [
        ("RETAIL_445", date(2024, 3, 3)),
        ("RETAIL_454", date(2024, 3, 3)),
        ("RETAIL_544", date(2024, 3, 10)),
    ],
)
def test_quarters_are_divided_as_their_name_says(kind, second_month):
    calendar = BusinessCalendar(kind, 2)

    assert calendar.place(second_month).month == 2
    assert calendar.place(second_month - timedelta(days=1)).month == 1


@pytest.mark.parametrize(
    ("rule", "end"),
    [(YearEnd.NEAREST, date(2019, 2, 2)), (YearEnd.LAST, date(2019, 1, 26))],
)
def test_a_year_ends_on_the_nearest_or_the_last_saturday(rule, end):
    calendar = BusinessCalendar("RETAIL_445", 2, rule)

    assert calendar.range_of(date(2018, 9, 1), Unit.YEAR)[1] == end


def test_a_fiscal_year_is_named_for_the_year_it_ends_in():
    calendar = BusinessCalendar("FISCAL", 4)

    place = calendar.place(date(2024, 3, 31))
    following = calendar.place(date(2024, 4, 1))

    assert (place.year, place.quarter, place.month) == (2024, 4, 12)
    assert (following.year, following.quarter, following.month) == (2025, 1, 1)
    assert calendar.range_of(date(2024, 5, 9), Unit.QUARTER) == (
        date(2024, 4, 1),
        date(2024, 6, 30),
    )


@pytest.mark.parametrize("calendar", [NRF, BusinessCalendar(), BusinessCalendar("FISCAL", 7)])
@pytest.mark.parametrize("unit", list(Unit))
def test_periods_follow_one_another_without_a_gap(calendar, unit):
    day, before = date(2015, 1, 1), None
    while day < date(2026, 1, 1):
        first, last = calendar.range_of(day, unit)
        assert first <= day <= last
        assert before is None or first == before + timedelta(days=1)
        day, before = last + timedelta(days=1), last


@pytest.mark.parametrize(
    ("calendar", "asked", "previous", "a_year_ago"),
    [
        (BusinessCalendar(), "2024-02-01 2024-02-29", "2024-01-01 2024-01-31",
         "2023-02-01 2023-02-28"),
        (BusinessCalendar(), "2023-02-01 2023-02-28", "2023-01-01 2023-01-31",
         "2022-02-01 2022-02-28"),
        (BusinessCalendar(), "2025-02-01 2025-02-28", "2025-01-01 2025-01-31",
         "2024-02-01 2024-02-29"),
        (BusinessCalendar(), "2024-03-05 2024-03-14", "2024-02-24 2024-03-04",
         "2023-03-05 2023-03-14"),
        (BusinessCalendar("FISCAL", 4), "2024-04-01 2025-03-31", "2023-04-01 2024-03-31",
         "2023-04-01 2024-03-31"),
        (NRF, "2024-02-04 2024-03-02", "2023-12-31 2024-02-03", "2023-02-05 2023-03-04"),
        (NRF, "2023-01-29 2023-02-04", "2023-01-22 2023-01-28", "2022-01-30 2022-02-05"),
    ],
)  # fmt: skip
def test_a_period_is_compared_with_its_neighbour_and_with_last_year(
    calendar, asked, previous, a_year_ago
):
    def days(text):
        return tuple(date.fromisoformat(day) for day in text.split())

    assert calendar.previous(*days(asked)) == days(previous)
    assert calendar.a_year_ago(*days(asked)) == days(a_year_ago)


def test_days_beyond_all_known_years_are_refused():
    with pytest.raises(InvalidSummary):
        NRF.place(date(1, 1, 1))
