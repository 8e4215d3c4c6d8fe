"""Which moments are accepted for something that happened."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from backend.core.errors import Invalid

MOST_AHEAD: Final = timedelta(minutes=5)
EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
_ZONES: Final = available_timezones()


class InvalidTime(Invalid):
    """A moment without a zone, or out of bounds."""

    code = "INVALID_TIME"


class InFuture(InvalidTime):
    """A moment more than five minutes ahead of the server's clock."""

    code = "IN_FUTURE"


class TooOld(InvalidTime):
    """A moment before the horizon up to which keys are kept."""

    code = "TOO_OLD"


class InvalidTimeZone(Invalid):
    """A name that is not in the IANA time zone database."""

    code = "INVALID_TIME_ZONE"


def happened_at(
    value: datetime, field: Sequence[str], *, now: datetime, horizon: datetime | None = None
) -> datetime:
    """Return `value` in UTC if it can be the time of something that happened.

    `horizon` is the oldest moment accepted (inclusive); None where keys are never purged.

    Raises:
        InvalidTime: no zone, or before 1900.
        InFuture: more than five minutes after `now`.
        TooOld: before `horizon`.
    """
    if value.tzinfo is None or value < EARLIEST:
        raise InvalidTime(
            f"{value.isoformat()} is not a moment with a time zone since 1900",
            field=field,
            value=value.isoformat(),
        )
    if value > now + MOST_AHEAD:
        raise InFuture(
            f"{value.isoformat()} lies more than five minutes ahead of {now.isoformat()}",
            field=field,
            value=value.isoformat(),
        )
    if horizon is not None and value < horizon:
        raise TooOld(
            f"{value.isoformat()} lies before {horizon.isoformat()}, from which on keys are kept",
            field=field,
            value=value.isoformat(),
        )
    return value.astimezone(UTC)


def zone(name: str, field: Sequence[str]) -> ZoneInfo:
    """Return the IANA time zone of that name.

    Raises:
        InvalidTimeZone: there is none.
    """
    if name not in _ZONES:
        raise InvalidTimeZone(f"{name!r} is not an IANA time zone", field=field, value=name[:60])
    return ZoneInfo(name)
