"""Locations and products of series by number, as panels know them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from backend.forecasting.arrays import Ints
from backend.forecasting.demand.countries import country_of
from backend.forecasting.demand.survey import Key
from backend.locations.rules import LocationDetail


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """Locations and products by number, and the numbers of each series."""

    locations: tuple[UUID, ...]
    products: tuple[UUID, ...]
    location: Ints
    product: Ints

    @classmethod
    def of(cls, keys: Sequence[Key]) -> "Numbers":
        """Number the locations and products of these series."""
        places = tuple(sorted({location for location, _ in keys}))
        goods = tuple(sorted({product for _, product in keys}))
        return cls(places, goods, *_numbered(keys, places, goods))

    def of_keys(self, keys: Sequence[Key]) -> tuple[Ints, Ints]:
        """Return the numbers of the locations and of the products of some of the series."""
        return _numbered(keys, self.locations, self.products)


def _numbered(
    keys: Sequence[Key], places: tuple[UUID, ...], goods: tuple[UUID, ...]
) -> tuple[Ints, Ints]:
    place, good = ({key: n for n, key in enumerate(ids)} for ids in (places, goods))
    return (
        np.array([place[location] for location, _ in keys], np.int64),
        np.array([good[product] for _, product in keys], np.int64),
    )


def countries_of(numbers: Numbers, places: Mapping[UUID, LocationDetail]) -> tuple[str | None, ...]:
    """Return the country of each location, None where nobody says."""
    return tuple(
        country_of(places[one].place.country, places[one].ref.timezone) for one in numbers.locations
    )
