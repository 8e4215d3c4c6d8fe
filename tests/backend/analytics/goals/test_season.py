from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from backend.analytics.goals.season import (
    EVEN,
    SeasonBasis,
    Window,
    base_of,
    season_of,
    spread,
    window_before,
)

YEAR = Window(date(2017, 1, 1), date(2018, 1, 1), 1)


def days_of(window):
    return [window.first + timedelta(days=n) for n in range((window.until - window.first).days)]


def sums(window, sold):
    """Return sums by month and weekday of what is sold on each day."""
    found = {}
    for day in days_of(window):
        key = ((day.year, day.month), day.isoweekday())
        found[key] = found.get(key, Decimal()) + Decimal(sold(day))
    return found


def by_month(window, sold):
    found = {}
    for day in days_of(window):
        found[day.year, day.month] = found.get((day.year, day.month), Decimal()) + sold(day)
    return found


@given(
    st.decimals(min_value="0.0001", max_value="1000000000000", places=4),
    st.lists(st.integers(0, 10**8), min_size=1, max_size=400).filter(any),
)
def test_the_days_of_a_plan_add_up_to_it_to_the_last_ten_thousandth(amount, weights):
    parts = spread(amount, weights)

    assert sum(parts) == amount
    assert all(part >= 0 for part in parts)
    assert all(part == part.quantize(Decimal("0.0001")) for part in parts)


def test_a_plan_is_spread_by_its_weights():
    assert spread(Decimal(10), [1, 1, 2]) == [Decimal("2.5"), Decimal("2.5"), Decimal(5)]
    assert spread(Decimal(1), [1, 1, 1]) == [
        Decimal("0.3333"),
        Decimal("0.3333"),
        Decimal("0.3334"),
    ]


def test_a_season_is_sales_a_day_by_month_times_sales_a_day_by_weekday():
    def sold(day):
        return (2 if day.month == 12 else 1) * (3 if day.weekday() == 5 else 1)

    season = season_of(base_of(YEAR, sums(YEAR, sold)), by_month(YEAR, sold))

    assert season.basis is SeasonBasis.OWN
    december, june = season.months[11], season.months[5]
    assert december / june == pytest.approx(2, rel=0.12)  # Saturdays fall unevenly
    assert season.weekdays[5] / season.weekdays[0] == pytest.approx(3, rel=0.05)
    assert sum(season.months) == pytest.approx(12)
    assert sum(season.weekdays) == pytest.approx(7)


def test_months_come_from_the_member_and_weekdays_from_all():
    own = {month: Decimal(31 if month[1] == 1 else 1) for month in by_month(YEAR, lambda _: 1)}
    every = sums(YEAR, lambda day: 2 if day.weekday() == 0 else 1)

    season = season_of(base_of(YEAR, every), own)

    assert season.months[0] > 20 * season.months[1]
    assert season.weekdays[0] == pytest.approx(2 * season.weekdays[1])


@pytest.mark.parametrize(
    ("window", "own", "every", "basis"),
    [
        (None, None, {}, SeasonBasis.EVEN),
        (YEAR, None, {}, SeasonBasis.EVEN),
        (YEAR, {}, sums(YEAR, lambda _: 1), SeasonBasis.ORGANISATION),
        (YEAR, None, sums(YEAR, lambda _: 1), SeasonBasis.ORGANISATION),
        (
            Window(date(2018, 2, 1), date(2018, 3, 1), 0),
            None,
            sums(Window(date(2018, 2, 1), date(2018, 3, 1), 0), lambda _: 1),
            SeasonBasis.WEEKDAYS,
        ),
    ],
)
def test_less_history_means_less_of_a_season_and_says_so(window, own, every, basis):
    assert season_of(base_of(window, every), own).basis is basis


def test_without_history_every_day_weighs_the_same():
    assert set(EVEN.weights(days_of(YEAR))) == {1_000_000}


@pytest.mark.parametrize(
    ("day", "recorded_from", "window"),
    [
        (date(2019, 1, 1), None, None),
        (date(2019, 1, 1), date(2016, 1, 3), Window(date(2016, 1, 1), date(2019, 1, 1), 3)),
        (date(2019, 1, 1), date(2016, 1, 5), Window(date(2017, 1, 1), date(2019, 1, 1), 2)),
        (date(2019, 5, 20), date(2010, 1, 1), Window(date(2016, 5, 1), date(2019, 5, 1), 3)),
        (date(2019, 5, 20), date(2018, 5, 1), Window(date(2018, 5, 1), date(2019, 5, 1), 1)),
        (date(2019, 5, 20), date(2018, 9, 9), Window(date(2018, 10, 1), date(2019, 5, 1), 0)),
        (date(2019, 5, 20), date(2019, 5, 2), None),
        (date(2019, 5, 20), date(2020, 5, 2), None),
    ],
)
def test_history_is_up_to_three_whole_years_before_the_month_of_the_period(
    day, recorded_from, window
):
    assert window_before(day, recorded_from) == window
