from datetime import date
from itertools import pairwise

import pytest

from backend.analytics.errors import TooManyGroups
from backend.analytics.presets.periods import periods, season_of
from backend.analytics.rules import SalesDimension as D


@pytest.mark.parametrize(
    ("grain", "ids"),
    [
        (D.DAY, ["2019-12-29", "2019-12-30", "2019-12-31", "2020-01-01", "2020-01-02"]),
        (D.WEEK, ["2019-W52", "2020-W01"]),
        (D.MONTH, ["2019-12", "2020-01"]),
        (D.QUARTER, ["2019-Q4", "2020-Q1"]),
        (D.YEAR, ["2019", "2020"]),
    ],
)
def test_periods_are_named_as_in_summaries(grain, ids):
    found = periods(grain, date(2019, 12, 29), date(2020, 1, 2))

    assert [one.id for one in found] == ids
    assert all(a.last < b.first for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("first", "last", "whole"),
    [
        (date(2019, 1, 1), date(2019, 2, 28), [True, True]),
        (date(2019, 1, 4), date(2019, 2, 26), [True, True]),
        (date(2019, 1, 5), date(2019, 2, 25), [False, False]),
    ],
    ids=["all", "within a tenth", "less"],
)
def test_a_month_is_whole_when_its_first_and_last_tenth_have_sales(first, last, whole):
    assert [one.is_whole for one in periods(D.MONTH, first, last)] == whole


def test_a_period_that_goes_on_is_not_whole():
    found = periods(D.DAY, date(2019, 1, 1), date(2019, 1, 2), is_partial=True)

    assert [one.is_whole for one in found] == [True, False]


def test_nothing_sold_has_no_periods():
    assert periods(D.MONTH, None, None) == []


def test_more_periods_than_anybody_looks_at_are_refused():
    with pytest.raises(TooManyGroups):
        periods(D.DAY, date(1, 1, 1), date(2019, 1, 1))


def test_seasons_begin_with_monday_january_and_the_first_quarter():
    (day,) = periods(D.DAY, date(2019, 12, 30), date(2019, 12, 30))
    (month,) = periods(D.MONTH, date(2019, 12, 30), date(2019, 12, 30))
    (quarter,) = periods(D.QUARTER, date(2019, 12, 30), date(2019, 12, 30))

    assert season_of(D.DAY, day) == 0
    assert season_of(D.MONTH, month) == 11
    assert season_of(D.QUARTER, quarter) == 3
