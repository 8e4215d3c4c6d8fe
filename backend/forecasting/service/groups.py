"""Forecasts by category, product, country, region, state and location, and of everything."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import numpy as np

from backend.catalogue import service as catalogue
from backend.catalogue.rules import ProductRef
from backend.forecasting.arrays import Doubles, Ints
from backend.forecasting.insight.levels import ForecastLevel, Keys, together
from backend.forecasting.service.answers import SeriesForecast
from backend.forecasting.service.totals import Totalled, added_up
from backend.infra.work import Work
from backend.locations import service as locations
from backend.locations.rules import LocationDetail


@dataclass(frozen=True, slots=True)
class GroupKey:
    """What the series of a group have in common; `id` None: nobody says."""

    level: ForecastLevel
    id: str | None
    label: str


@dataclass(frozen=True, slots=True, eq=False)
class ForecastSum:
    """What is expected of all series of a group; days [day], [day, level], and all of them.

    Without `keys` it has what no other group has.
    """

    keys: tuple[GroupKey, ...]
    series: int
    mean: Doubles
    quantiles: Doubles
    total_mean: float
    total_quantiles: Doubles


_Named = tuple[str | None, str]
_UNKNOWN: Final = "Unknown"
_PRODUCT: Final[Mapping[ForecastLevel, Callable[[ProductRef], _Named]]] = {
    ForecastLevel.CATEGORY: lambda one: (one.category, one.category or _UNKNOWN),
    ForecastLevel.PRODUCT: lambda one: (one.sku, one.name),
}
_LOCATION: Final[Mapping[ForecastLevel, Callable[[LocationDetail], _Named]]] = {
    ForecastLevel.COUNTRY: lambda one: (one.place.country, one.place.country or _UNKNOWN),
    ForecastLevel.REGION: lambda one: (one.place.region, one.place.region or _UNKNOWN),
    ForecastLevel.STATE: lambda one: (one.place.state, one.place.state or _UNKNOWN),
    ForecastLevel.LOCATION: lambda one: (one.ref.code, one.ref.name),
}
_NOBODY: Final[_Named] = (None, _UNKNOWN)


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """By level the key of each series by number, and what the numbers stand for."""

    keys: Keys
    names: Mapping[ForecastLevel, Sequence[_Named]]

    def of(self, row: int, by: Sequence[ForecastLevel]) -> tuple[GroupKey, ...]:
        """Return the keys of a series."""
        return tuple(GroupKey(one, *self.names[one][int(self.keys[one][row])]) for one in by)


async def named_series(work: Work, series: Sequence[tuple[UUID, UUID]]) -> Named:
    """Return the keys of series, which are locations and products, at all levels."""
    products = await catalogue.products_by_id(work, {product for _, product in series})
    seen = sorted({location for location, _ in series})
    found = await locations.location_details(work, seen)
    places = {key: one for key, one in zip(seen, found, strict=True) if one is not None}
    keys: dict[ForecastLevel, Ints] = {}
    names: dict[ForecastLevel, Sequence[_Named]] = {}
    for level, says in _PRODUCT.items():
        said = {key: says(one) for key, one in products.items()}
        keys[level], names[level] = _numbered([said.get(good, _NOBODY) for _, good in series])
    for level, tells in _LOCATION.items():
        said = {key: tells(one) for key, one in places.items()}
        keys[level], names[level] = _numbered([said.get(place, _NOBODY) for place, _ in series])
    return Named(keys, names)


def _numbered(said: Sequence[_Named]) -> tuple[Ints, Sequence[_Named]]:
    numbers: dict[_Named, int] = {}
    keys = np.array([numbers.setdefault(one, len(numbers)) for one in said], np.int64)
    return keys, tuple(numbers)


async def sum_of(found: Sequence[SeriesForecast], metrics: Mapping[str, Any]) -> ForecastSum | None:
    """Return the sum of all series; None: there are none."""
    if not found:
        return None
    # Of one product, errors go together as they do between locations; and the other way round.
    one_product = len({one.product_id for one in found}) == 1
    one_place = len({one.location_id for one in found}) == 1
    by = [ForecastLevel.PRODUCT] * one_product + [ForecastLevel.LOCATION] * one_place
    groups = np.zeros(len(found), np.int64)
    made = await asyncio.to_thread(added_up, found, groups, metrics, by)
    return _sum(made, 0, ())


async def sums_by(
    work: Work,
    found: Sequence[SeriesForecast],
    metrics: Mapping[str, Any],
    by: Sequence[ForecastLevel],
    first: int,
) -> list[ForecastSum]:
    """Return one sum for what has the same keys at all these levels, the most demanded first.

    Beyond the `first` ones all others are one more, without keys: so all add up to the total.
    """
    by = list(dict.fromkeys(by))
    if not found or not by:
        return []
    named = await named_series(work, [(one.location_id, one.product_id) for one in found])
    groups = together(named.keys, by, len(found))
    ranks = _ranks(groups, found)
    shown, others = ranks[groups] < first, ranks[groups] >= first
    made = await asyncio.to_thread(added_up, found, ranks[groups], metrics, by)
    rows = {int(ranks[group]): row for row, group in reversed(list(enumerate(groups)))}
    sums = [_sum(made, n, named.of(rows[n], by)) for n in range(len(rows)) if n < first]
    if others.any():
        rest = [one for one, is_shown in zip(found, shown, strict=True) if not is_shown]
        zeros = np.zeros(len(rest), np.int64)
        sums.append(_sum(await asyncio.to_thread(added_up, rest, zeros, metrics, ()), 0, ()))
    return sums


def _ranks(groups: Ints, found: Sequence[SeriesForecast]) -> Ints:
    """Return the place of each group among all: the most demanded is 0."""
    total = np.bincount(groups, weights=[float(one.total_mean[-1]) for one in found])
    ranks = np.empty(len(total), np.int64)
    ranks[np.argsort(-total, kind="stable")] = np.arange(len(total))
    return ranks


def _sum(made: Totalled, n: int, keys: tuple[GroupKey, ...]) -> ForecastSum:
    return ForecastSum(
        keys=keys,
        series=int(made.series[n]),
        mean=made.days.mean[n],
        quantiles=made.days.quantiles[n],
        total_mean=float(made.totals.mean[n, 0]),
        total_quantiles=made.totals.quantiles[n, 0],
    )
