"""What a forecast takes from all series, as it is kept: in one piece for each location and product.

Who asks about one series reads its own past and three pieces: of everything, of its location, of
its product. So the answer is what was forecast, and takes no longer where thousands are sold.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import msgspec
import numpy as np

from backend.forecasting.arrays import Doubles, Flags
from backend.forecasting.demand.exposure import Place
from backend.forecasting.demand.hours import UsualDay
from backend.forecasting.demand.ledger import Ledger
from backend.forecasting.demand.numbers import Numbers
from backend.forecasting.insight.what_if import Examples, examples_of
from backend.forecasting.network.pool_columns import Settled


class _OfAll(msgspec.Struct, frozen=True, tag="all 1"):
    """Which days were read, what the past has examples of, and the columns of everything."""

    periods: int
    ahead: int
    is_stale: bool
    closed: int
    promoted: bool
    priced: bool
    weekday: bytes
    season: bytes


class _OfPlace(msgspec.Struct, frozen=True, tag="place 1"):
    """The columns of a location, and what its series take from each other."""

    weekday: bytes
    year: bytes
    usual: bytes
    unheard: bytes
    opened: bytes


class _OfGood(msgspec.Struct, frozen=True, tag="good 1"):
    """The column of a product."""

    year: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """What the forecast of one series took from all others, made of so many days.

    `closed` of `periods` had ended; plans reach `ahead`. It is as if it were the only series of the
    only location.
    """

    periods: int
    ahead: int
    is_stale: bool
    closed: int
    examples: Examples
    place: Place
    settled: Settled


def pieces(
    org_id: UUID, ledger: Ledger, numbers: Numbers, places: dict[UUID, Place], whole: Settled
) -> Iterator[tuple[UUID, bytes]]:
    """Yield what is kept, by whose it is; `numbers` are those of the locations and products."""
    examples, window = examples_of(ledger.panel), ledger.window
    season = np.stack([whole.years[0], whole.dates, whole.growths]) if whole.is_yearly else None
    everything = _OfAll(
        window.periods,
        window.ahead,
        window.is_stale,
        ledger.closed,
        examples.promoted,
        examples.priced,
        _bytes(whole.weekdays[0]),
        b"" if season is None else _bytes(season),
    )
    yield org_id, msgspec.msgpack.encode(everything)
    for n, location in enumerate(numbers.locations, 1):
        place = places[location]
        piece = _OfPlace(
            _bytes(whole.weekdays[n]),
            _bytes(whole.years[n : n + 1]),
            _bytes(place.usual.shares),
            np.packbits(place.unheard).tobytes(),
            np.packbits(place.opened > 0).tobytes(),
        )
        yield location, msgspec.msgpack.encode(piece)
    for n, product in enumerate(numbers.products, 1 + whole.places):
        yield product, msgspec.msgpack.encode(_OfGood(_bytes(whole.years[n : n + 1])))


def taken(everything: bytes, place: bytes, good: bytes) -> Taken | None:
    """Return what was kept; None: it is of a format of before."""
    try:
        of_all = msgspec.msgpack.decode(everything, type=_OfAll)
        of_place = msgspec.msgpack.decode(place, type=_OfPlace)
        of_good = msgspec.msgpack.decode(good, type=_OfGood)
    except msgspec.DecodeError:
        return None
    return Taken(
        of_all.periods,
        of_all.ahead,
        of_all.is_stale,
        of_all.closed,
        Examples(of_all.promoted, of_all.priced),
        _place(of_all, of_place),
        _settled(of_all, of_place, of_good),
    )


def _place(of_all: _OfAll, of_place: _OfPlace) -> Place:
    opened = _flags(of_place.opened, of_all.periods + of_all.ahead).astype(np.float32)
    usual = UsualDay(np.frombuffer(of_place.usual, np.float64))
    return Place(usual, _flags(of_place.unheard, of_all.closed), opened)


def _settled(of_all: _OfAll, of_place: _OfPlace, of_good: _OfGood) -> Settled:
    weekdays = np.stack([_doubles(one) for one in (of_all.weekday, of_place.weekday)])
    horizon = weekdays.shape[1]
    season = _doubles(of_all.season).reshape(-1, horizon)
    if not len(season):
        return Settled(weekdays, season, season, season, places=1)
    years = np.stack([season[0], _doubles(of_place.year), _doubles(of_good.year)])
    return Settled(weekdays, years, season[1], season[2], places=1)


def _bytes(values: Doubles) -> bytes:
    return np.ascontiguousarray(values, np.float64).tobytes()


def _doubles(content: bytes) -> Doubles:
    return np.frombuffer(content, np.float64)


def _flags(content: bytes, count: int) -> Flags:
    return np.unpackbits(np.frombuffer(content, np.uint8), count=count).astype(np.bool_)
