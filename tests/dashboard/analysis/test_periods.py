"""Periods, what they are compared with, and the steps of a time axis."""

from datetime import date

import pytest

from dashboard.analysis.periods import Span, before, span_of, step_span, step_start, steps

TODAY = date(2018, 3, 5)
KNOWN = Span(date(2016, 1, 3), date(2018, 3, 4))


def span(first, last):
    return Span(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("today", "2018-03-05", "2018-03-05"),
        ("7d", "2018-02-27", "2018-03-05"),
        ("12m", "2017-03-06", "2018-03-05"),
        ("month", "2018-03-01", "2018-03-05"),
        ("quarter", "2018-01-01", "2018-03-05"),
        ("year", "2018-01-01", "2018-03-05"),
        ("last-year", "2017-01-01", "2017-12-31"),
        ("all", "2016-01-03", "2018-03-04"),
    ],
)
def test_a_named_period_has_these_days(period, first, last):
    assert span_of(period, today=TODAY, known=KNOWN) == span(first, last)


@pytest.mark.parametrize(
    ("comparison", "days", "earlier"),
    [
        ("previous", ("2018-03-05", "2018-03-11"), ("2018-02-26", "2018-03-04")),
        ("previous", ("2018-03-01", "2018-03-31"), ("2018-02-01", "2018-02-28")),
        ("previous", ("2018-01-01", "2018-12-31"), ("2017-01-01", "2017-12-31")),
        ("year", ("2020-02-29", "2020-03-31"), ("2019-02-28", "2019-03-31")),
    ],
    ids=["as many days", "a month with the month before", "a year", "a leap day"],
)
def test_a_period_is_compared_with_one_like_it(comparison, days, earlier):
    assert before(span(*days), comparison) == span(*earlier)


def test_a_period_may_be_compared_with_nothing():
    assert before(span("2018-01-01", "2018-01-31"), "none") is None


@pytest.mark.parametrize(
    ("days", "grain"),
    [
        (("2018-03-05", "2018-03-05"), "HOUR"),
        (("2018-03-01", "2018-04-30"), "DAY"),
        (("2018-01-01", "2018-12-31"), "WEEK"),
        (("2015-01-01", "2018-12-31"), "MONTH"),
        (("2000-01-01", "2018-12-31"), "QUARTER"),
    ],
)
def test_longer_periods_have_longer_steps(days, grain):
    assert span(*days).grain == grain


@pytest.mark.parametrize(
    ("grain", "found"),
    [
        ("DAY", ["2018-12-30", "2018-12-31", "2019-01-01"]),
        ("WEEK", ["2018-W52", "2019-W01"]),
        ("MONTH", ["2018-12", "2019-01"]),
        ("QUARTER", ["2018-Q4", "2019-Q1"]),
    ],
)
def test_no_step_of_a_period_is_left_out(grain, found):
    assert steps(span("2018-12-30", "2019-01-01"), grain) == found


@pytest.mark.parametrize(
    ("step", "grain", "days"),
    [
        ("2018-03-05", "DAY", ("2018-03-05", "2018-03-05")),
        ("2019-W01", "WEEK", ("2018-12-31", "2019-01-06")),
        ("2018-02", "MONTH", ("2018-02-01", "2018-02-28")),
        ("2018-Q4", "QUARTER", ("2018-10-01", "2018-12-31")),
        ("2018", "YEAR", ("2018-01-01", "2018-12-31")),
    ],
)
def test_a_step_has_these_days(step, grain, days):
    assert step_span(step, grain) == span(*days)
    assert step_start(step, grain) == days[0]
