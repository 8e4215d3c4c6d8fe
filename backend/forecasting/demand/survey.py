"""Which series there are to forecast, how they are divided, and which are learned from. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from uuid import UUID
from zlib import crc32

from backend.analytics.demand import SeriesSold

MOST_CELLS: Final = 3_000_000
"""Series × days of what is learned from, and of each part that is forecast."""
MOST_SERIES: Final = 200_000
"""Series that are forecast; what sells least is left out where there are more."""
MOST_OF_A_LOCATION: Final = 20_000
"""Series of one location: it is read as one, since its openings show in all its sales."""

Key = tuple[UUID, UUID]
"""Location and product of a series."""


@dataclass(frozen=True, slots=True)
class Survey:
    """The series that are forecast, by location and product; so many days of each are read.

    `left_out`: series that are sold and too many.
    """

    keys: tuple[Key, ...]
    days: int
    left_out: int
    most_cells: int = MOST_CELLS

    @property
    def at_once(self) -> int:
        """How many series are worked on together."""
        return max(1, self.most_cells // self.days)

    @property
    def is_whole(self) -> bool:
        """Tell whether all fit into one part."""
        return len(self.keys) <= self.at_once

    def sample(self, wanted: frozenset[Key] = frozenset()) -> tuple[Key, ...]:
        """Return the series that are learned from, as if drawn by lot, the same every day.

        `wanted` are among them in any case.
        """
        if self.is_whole:
            return self.keys
        drawn = sorted(self.keys, key=lambda key: (key not in wanted, _lot(key)))
        return tuple(sorted(drawn[: self.at_once]))

    def parts(self) -> Iterator[tuple[Key, ...]]:
        """Yield all series in parts of whole locations, no larger than must be."""
        part: list[Key] = []
        for _, found in groupby(self.keys, key=lambda key: key[0]):
            keys = list(found)
            if part and len(part) + len(keys) > self.at_once:
                yield tuple(part)
                part = []
            part += keys
        if part:
            yield tuple(part)


def survey_of(
    sold: Sequence[SeriesSold],
    days: int,
    *,
    most_cells: int = MOST_CELLS,
    most_series: int = MOST_SERIES,
) -> Survey:
    """Return which of these series are forecast: those that sell most, where they are too many."""
    best = sorted(sold, key=lambda one: one.units, reverse=True)
    of_location: dict[UUID, int] = {}
    keys: list[Key] = []
    for one in best:
        place = of_location.get(one.location_id, 0)
        if place < MOST_OF_A_LOCATION and len(keys) < most_series:
            of_location[one.location_id] = place + 1
            keys.append((one.location_id, one.product_id))
    return Survey(tuple(sorted(keys)), days, len(sold) - len(keys), most_cells)


def _lot(key: Key) -> int:
    return crc32(key[0].bytes + key[1].bytes)
