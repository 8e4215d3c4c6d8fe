from datetime import date

import pytest

from backend.core.months import next_month


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2024, 1, 31), date(2024, 2, 1)),
        (date(2024, 2, 1), date(2024, 3, 1)),
        (date(2023, 2, 28), date(2023, 3, 1)),
        (date(2023, 12, 15), date(2024, 1, 1)),
    ],
    ids=["its last day", "its first day", "February", "December"],
)
def test_the_month_after_begins_on_its_first_day(day, first):
    assert next_month(day) == first
