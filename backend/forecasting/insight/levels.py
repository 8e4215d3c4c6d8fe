"""By what forecasts are added up, and how far errors go together at each such level. Pure."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import numpy as np

from backend.forecasting.arrays import Doubles, Ints
from backend.forecasting.demand.panel import Panel
from backend.forecasting.insight.hierarchy import Sums, correlation, togetherness
from backend.forecasting.network.model import Forecast

USUAL_CORRELATION: Final = 0.2
"""How far errors go together where no test has told it."""
DAYS: Final = "days"
TOTALS: Final = "totals"
_EVERYTHING: Final = "EVERYTHING"
_WEEK: Final = 7


class ForecastLevel(StrEnum):
    """By what forecasts are added up."""

    CATEGORY = "CATEGORY"
    """The category of the product."""
    PRODUCT = "PRODUCT"
    """The product."""
    COUNTRY = "COUNTRY"
    """The country of the location."""
    REGION = "REGION"
    """The region of the location."""
    STATE = "STATE"
    """The state of the location."""
    LOCATION = "LOCATION"
    """The location."""


_GOODS: Final = (ForecastLevel.CATEGORY, ForecastLevel.PRODUCT)
_PLACES: Final = tuple(one for one in ForecastLevel if one not in _GOODS)
Keys = Mapping[ForecastLevel, Ints]
"""By level the number of the key of each series."""


def together(keys: Keys, by: Collection[ForecastLevel], series: int) -> Ints:
    """Return the number of the group of each series: what has the same key at all these levels."""
    groups = np.zeros(series, np.int64)
    for level in by:
        groups = groups * (int(keys[level].max(initial=0)) + 1) + keys[level]
        # Renumbered each time: products of many numbers would outgrow an integer.
        groups = np.unique(groups, return_inverse=True)[1]
    return groups


def name_of(by: Collection[ForecastLevel]) -> str:
    """Return under which name r of such groups is kept: that of the finest of goods and places."""
    finest = [
        next((one for one in reversed(among) if one in by), None) for among in (_GOODS, _PLACES)
    ]
    return "_".join(one.value for one in finest if one is not None) or _EVERYTHING


def learned(
    keys: Keys, panel: Panel, origins: Sequence[int], said: Sequence[Forecast]
) -> dict[str, dict[str, float]]:
    """Return r by the name of each level, of single days and of totals.

    `said` was forecast after so many periods of the panel each. Series go together in what they
    missed of a week as their totals do: errors that last count there more than in a day.
    """
    made = Forecast(*(np.concatenate([getattr(one, name) for one in said], axis=1)
                      for name in ("mean", "quantiles")))  # fmt: skip
    ahead = np.concatenate([origin + np.arange(one.mean.shape[1])
                            for origin, one in zip(origins, said, strict=True)])  # fmt: skip
    came, known = panel.demand[:, ahead], panel.exposure[:, ahead] > 0
    weeks = _weeks((came - made.mean).astype(np.float64) * known, said[0].mean.shape[1])
    spread = np.broadcast_to(np.sqrt((weeks**2).mean(1, keepdims=True)), weeks.shape)
    found: dict[str, dict[str, float]] = {}
    for by in _levels(keys):
        sums = Sums(together(keys, by, panel.series))
        found[name_of(by)] = {
            DAYS: correlation(made, came, known, sums),
            TOTALS: togetherness(weeks, spread, sums),
        }
    return found


def _weeks(missed: Doubles, horizon: int) -> Doubles:
    """Return what was missed of whole weeks after each origin; of the horizon where it is less."""
    length = min(_WEEK, horizon)
    each = missed.reshape(len(missed), -1, horizon)[:, :, : horizon // length * length]
    return each.reshape(len(missed), -1, length).sum(2)


def _levels(keys: Keys) -> list[tuple[ForecastLevel, ...]]:
    """Return all pairs of goods and places that keys are known of; none and none: everything."""
    return [
        tuple(one for one in (good, place) if one is not None)
        for good in (None, *(one for one in _GOODS if one in keys))
        for place in (None, *(one for one in _PLACES if one in keys))
    ]


def correlation_at(metrics: Mapping[str, Any], by: Collection[ForecastLevel], what: str) -> float:
    """Return r of such groups, of `DAYS` or `TOTALS`, as the test of a model told it.

    Where it told nothing of this level, that of everything; else what is usual.
    """
    told = metrics.get("correlations") or {}
    for name in (name_of(by), _EVERYTHING):
        if name in told:
            return float(told[name][what])
    said = metrics.get("correlation")
    return USUAL_CORRELATION if said is None else float(said)
