"""The clock of the training at night: that of the organisation, whatever it does."""

from datetime import UTC, date, datetime, timedelta

import pytest

from backend.forecasting.jobs.following import night_due

HALF_HOURS = [timedelta(minutes=30 * n) for n in range(4 * 48)]
NIGHTS = {
    "of a zone that never changes": ("Asia/Tokyo", datetime(2026, 5, 1, tzinfo=UTC)),
    "where clocks go from 2 to 3": ("Europe/Berlin", datetime(2026, 3, 28, tzinfo=UTC)),
    "where clocks go from 3 back to 2": ("Europe/Berlin", datetime(2026, 10, 24, tzinfo=UTC)),
    "where clocks go from 2 back to 1": ("America/New_York", datetime(2026, 10, 31, tzinfo=UTC)),
    "where clocks go from midnight to 1": ("America/Havana", datetime(2026, 3, 7, tzinfo=UTC)),
    "where a day is left out": ("Pacific/Apia", datetime(2011, 12, 28, tzinfo=UTC)),
}


@pytest.mark.parametrize(("timezone", "begin"), NIGHTS.values(), ids=NIGHTS)
def test_each_day_has_one_night(timezone, begin):
    trained_on, nights = None, []

    for later in HALF_HOURS:
        due = night_due(begin + later, timezone, trained_on)
        if due is not None:
            trained_on = due
            nights.append(due)

    assert nights == sorted(set(nights))
    days = {(nights[0] + timedelta(days=n)) for n in range((nights[-1] - nights[0]).days + 1)}
    assert days - set(nights) <= {date(2011, 12, 30)}, "Samoa never had that day"


def test_the_night_begins_at_two_by_the_clock_of_the_organisation():
    two_in_tokyo = datetime(2026, 5, 1, 17, tzinfo=UTC)

    due = [
        night_due(moment, "Asia/Tokyo", date(2026, 5, 1))
        for moment in (two_in_tokyo - timedelta(seconds=1), two_in_tokyo)
    ]

    assert due == [None, date(2026, 5, 2)]
