from datetime import date, timedelta

import pytest

from backend.analytics.recorded import Knowledge, Stretch, knowledge, stretches_of

YEAR = (date(2024, 1, 1), date(2024, 12, 31))


def days(first, count, *, apart=1):
    return [first + timedelta(days=apart * n) for n in range(count)]


def test_a_long_pause_of_all_sales_ends_a_stretch():
    old, new = days(date(2017, 11, 1), 61), days(date(2024, 11, 1), 61)

    assert stretches_of([*old, *new]) == (
        Stretch(date(2017, 11, 1), date(2017, 12, 31)),
        Stretch(date(2024, 11, 1), date(2024, 12, 31)),
    )


@pytest.mark.parametrize(("pause", "count"), [(14, 1), (15, 2)])
def test_two_weeks_of_holidays_are_no_gap(pause, count):
    found = [*days(date(2024, 1, 1), 60), *days(date(2024, 2, 29) + timedelta(days=pause), 60)]

    assert len(stretches_of(found)) == count


def test_who_sells_once_a_week_may_pause_for_longer():
    found = [*days(date(2024, 1, 1), 10, apart=7), *days(date(2024, 5, 1), 10, apart=7)]

    assert len(stretches_of(found)) == 1


def test_one_day_or_none_is_no_trouble():
    assert stretches_of([]) == ()
    assert stretches_of(days(date(2024, 1, 1), 1)) == (Stretch(date(2024, 1, 1), date(2024, 1, 1)),)


@pytest.mark.parametrize(
    ("stretches", "known", "reason"),
    [
        ([Stretch(date(2020, 1, 1), date(2025, 1, 1))], 366, None),
        ([Stretch(date(2024, 1, 5), date(2024, 12, 31))], 362, None),
        ([Stretch(date(2024, 11, 1), date(2024, 12, 31))], 61, "61 of 366 days have sales"),
        ([Stretch(date(2024, 1, 1), date(2024, 3, 31)), Stretch(date(2024, 12, 1), YEAR[1])], 122,
         "122 of 366 days have sales"),
        ([], 0, "no sales then"),
    ],
    ids=["all", "from after the holidays", "two months", "with a hole", "none"],
)  # fmt: skip
def test_a_period_is_known_by_its_days_with_sales(stretches, known, reason):
    found = knowledge(stretches, *YEAR)

    assert found == Knowledge(366, known)
    assert (found.reason, found.is_whole) == (reason, reason is None)
