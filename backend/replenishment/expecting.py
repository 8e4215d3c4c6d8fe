"""From what the demand of positions is expected: their forecast, else their past."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import numpy as np

from backend.forecasting import service as forecasting
from backend.forecasting.arrays import Doubles, Flags, Ints
from backend.forecasting.rules import QUANTILES, DemandClass
from backend.forecasting.service import TotalForecasts, TotalsMade
from backend.infra.work import Work
from backend.replenishment import statements
from backend.replenishment.levels import Keys, Levels, doubles, keys_of
from backend.replenishment.totals import Totals, totals_of_past

PAST: Final = timedelta(days=56)
"""What is not forecast is expected to sell as in these days."""


class DemandBasis(StrEnum):
    """From what demand is expected."""

    FORECAST = "FORECAST"
    """From the forecast of its total up to the day."""
    PAST = "PAST"
    """From mean and spread of past days: there is no forecast of it."""
    NONE = "NONE"
    """It did not sell."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """From what the demand of one position is expected.

    `mean`, `deviation` and `days` are those of past days where they are the basis; the class, the
    model, the moment and the days `ahead` that are forecast those of the forecast where it is.
    """

    basis: DemandBasis
    mean: float = 0.0
    deviation: float = 0.0
    days: int = 0
    demand_class: DemandClass | None = None
    model_id: UUID | None = None
    trained_through: datetime | None = None
    ahead: int = 0


NOTHING: Final = Expectation(DemandBasis.NONE)


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """By position what is expected in all days up to each, and from what.

    `group` is the number of its forecast's maker among `made`, −1 where nothing is forecast; then
    `mean` and `deviation` of a past day are known, NaN where it did not sell in `days` either.
    """

    totals: Totals
    group: Ints
    made: Sequence[TotalsMade]
    mean: Doubles
    deviation: Doubles
    days: int = 0

    @property
    def is_forecast(self) -> Flags:
        """Tell of each position whether it is forecast."""
        return self.group >= 0

    @property
    def trained_through(self) -> datetime | None:
        """Up to which moment sales are in all forecasts; None: nothing is forecast."""
        groups = np.unique(self.group[self.is_forecast]).tolist()
        return min((self.made[n].trained_through for n in groups), default=None)

    def of(self, n: int) -> Expectation:
        """Return from what the demand of a position is expected."""
        if (group := int(self.group[n])) >= 0:
            maker = self.made[group]
            return Expectation(
                DemandBasis.FORECAST,
                demand_class=maker.demand_class,
                model_id=maker.model_id,
                trained_through=maker.trained_through,
                ahead=self.totals.days,
            )
        if np.isnan(mean := float(self.mean[n])):
            return NOTHING
        return Expectation(DemandBasis.PAST, mean, float(self.deviation[n]), self.days)


async def expected_of(work: Work, levels: Levels, furthest: int) -> Expected:
    """Return what is expected of each level, its forecast as far as the `furthest` order lasts."""
    horizon = forecasting.HORIZON
    if furthest > horizon:
        horizon = min(furthest, await forecasting.days_forecast(work))
    said = await forecasting.totals_of(
        work,
        [one.product.id for one in levels.goods],
        [one.id for one in levels.places],
        horizon,
    )
    found = await asyncio.to_thread(_forecast, levels.keys, said, horizon)
    missing = np.flatnonzero(~found.is_forecast)
    if not len(missing):
        return found
    today = min(levels.places[n].business_day(work.now) for n in np.unique(levels.place[missing]))
    past = await work.rows(
        statements.PAST,
        work.principal.org_id,
        [levels.goods[n].product.id for n in np.unique(levels.good[missing])],
        today - PAST,
        today,
    )
    return await asyncio.to_thread(_with_past, found, levels.keys, missing, past)


def _forecast(keys: Keys, said: TotalForecasts, horizon: int) -> Expected:
    """Return what is forecast of each, in the order of the levels; else nothing."""
    place, is_known = _places(keys, keys_of(said.keys))
    totals = Totals(
        np.zeros((len(keys), horizon), np.float32),
        np.zeros((len(keys), horizon, len(QUANTILES)), np.float32),
    )
    totals.mean[is_known] = said.mean[place[is_known]]
    totals.quantiles[is_known] = said.quantiles[place[is_known]]
    group = np.full(len(keys), -1, np.int64)
    group[is_known] = said.group[place[is_known]]
    nothing = np.full(len(keys), np.nan)
    return Expected(totals, group, said.made, nothing, nothing)


def _with_past(
    found: Expected, keys: Keys, missing: Ints, past: Sequence[Mapping[str, Any]]
) -> Expected:
    """Return the same with what past days say of the `missing` ones."""
    known, sold, deviated = (
        b"".join(row[name] for row in past) for name in ("keys", "mean", "deviation")
    )
    place, is_known = _places(keys[missing], keys_of(known))
    rows, at = missing[is_known], place[is_known]
    mean, deviation = found.mean.copy(), found.deviation.copy()
    mean[rows], deviation[rows] = doubles(sold)[at], doubles(deviated)[at]
    made = totals_of_past(mean[rows], deviation[rows], found.totals.days)
    found.totals.mean[rows], found.totals.quantiles[rows] = made.mean, made.quantiles
    days = past[0]["days"] if past else 0
    return replace(found, mean=mean, deviation=deviation, days=days)


def _places(wanted: Keys, known: Keys) -> tuple[Ints, Flags]:
    """Return where each key lies among those known, and whether it is there at all."""
    if not len(known):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.bool_)
    order = np.argsort(known)
    at = np.searchsorted(known, wanted, sorter=order).clip(max=len(known) - 1)
    return order[at], known[order[at]] == wanted
