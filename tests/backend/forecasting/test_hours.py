from dataclasses import dataclass
from datetime import date, datetime

import pytest

from backend.forecasting.demand.countries import country_of
from backend.forecasting.demand.hours import UsualDay, days_of, gone_of


@dataclass
class Span:
    since: datetime
    until: datetime


TILL_NOON = [0.0] * 8 + [100.0] * 4 + [0.0] * 12
at = datetime.fromisoformat


def test_of_a_location_with_few_sales_all_hours_are_alike():
    usual = UsualDay.of([0.0] * 23 + [5.0])

    assert usual.gone(at("2024-01-01T12")) == pytest.approx(0.5)


def test_hours_weigh_what_is_usually_sold_in_them():
    usual = UsualDay.of(TILL_NOON)

    assert usual.gone(at("2024-01-01T08")) == pytest.approx(0, abs=0.01)
    assert usual.gone(at("2024-01-01T10")) == pytest.approx(0.5, abs=0.01)
    assert usual.gone(at("2024-01-01T12")) == pytest.approx(1, abs=0.02)


def test_a_span_takes_its_share_of_each_day():
    span = Span(at("2024-01-01T18"), at("2024-01-03T06"))

    days = days_of(span, UsualDay.of(None))

    assert days == [
        (date(2024, 1, 1), pytest.approx(0.25)),
        (date(2024, 1, 2), pytest.approx(1)),
        (date(2024, 1, 3), pytest.approx(0.25)),
    ]


@pytest.mark.parametrize(
    ("day", "gone"), [(1, 1), (2, 0.25), (3, 0)], ids=["yesterday", "today", "tomorrow"]
)
def test_a_day_is_gone_as_far_as_the_clock_says(day, gone):
    now = at("2024-01-02T06")

    assert gone_of(date(2024, 1, day), now, UsualDay.of(None)) == pytest.approx(gone)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("US", "US"), ("united states", "US"), ("U.S.A.", "US"), ("United Kingdom", "GB"),
        ("DEU", "DE"), (" Germany ", "DE"), ("Narnia", None), ("XX", None),
    ],
)  # fmt: skip
def test_countries_are_known_by_code_and_name(written, code):
    assert country_of(written, "America/New_York") == code
