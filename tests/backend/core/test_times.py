"""A moment is accepted if something can have happened then."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from backend.core.times import InFuture, InvalidTime, InvalidTimeZone, TooOld, happened_at, zone

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_five_minutes_ahead_is_still_now():
    moment = NOW + timedelta(minutes=5)

    assert happened_at(moment, ["t"], now=NOW) == moment


def test_more_is_the_future():
    with pytest.raises(InFuture):
        happened_at(NOW + timedelta(minutes=5, microseconds=1), ["t"], now=NOW)


def test_a_moment_without_a_zone_is_none():
    with pytest.raises(InvalidTime):
        happened_at(datetime(2026, 1, 1), ["t"], now=NOW)  # noqa: DTZ001 - what is refused


def test_nothing_is_older_than_1900():
    with pytest.raises(InvalidTime):
        happened_at(datetime(1899, 12, 31, tzinfo=UTC), ["t"], now=NOW)


def test_the_horizon_is_inclusive():
    horizon = NOW - timedelta(days=1)

    assert happened_at(horizon, ["t"], now=NOW, horizon=horizon) == horizon
    with pytest.raises(TooOld):
        happened_at(horizon - timedelta(seconds=1), ["t"], now=NOW, horizon=horizon)


def test_moments_are_kept_in_utc():
    moment = datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))

    assert happened_at(moment, ["t"], now=NOW).isoformat() == "2026-01-01T00:00:00+00:00"


def test_a_time_zone_is_one_of_the_iana_database():
    assert zone("America/New_York", ["z"]).key == "America/New_York"
    for wrong in ("Mars/Base", "", "../../etc/passwd"):
        with pytest.raises(InvalidTimeZone):
            zone(wrong, ["z"])
