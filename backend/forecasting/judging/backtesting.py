"""Judges forecasts on a rolling origin: what each would have said, beside what came."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.forecasting.demand.panel import Panel
from backend.forecasting.errors import InvalidHorizon, TooLittleHistory
from backend.forecasting.judging.accuracy import Accuracy, Errors, accuracy, errors_of
from backend.forecasting.judging.baselines import seasonal_naive, weekday_mean
from backend.forecasting.network.model import Forecast, forecast
from backend.forecasting.network.sampling import Shape
from backend.forecasting.network.training import least_periods, train, trees_of
from backend.forecasting.network.trees import are_installed

Fitted = Callable[[Panel], Forecast]
Forecaster = Callable[[Panel, int, int], Fitted]
"""Learns from a panel, for a horizon, with a seed; returns what forecasts after a panel."""

NETWORK: Final = "network"
SEASONAL_NAIVE: Final = "seasonal_naive"
WEEKDAY_MEAN: Final = "weekday_mean"
LIGHTGBM: Final = "lightgbm"
MOST_HORIZON: Final = 366
MOST_ORIGINS: Final = 52


def network(panel: Panel, horizon: int, seed: int) -> Fitted:
    """Train a network."""
    model = train(panel, Shape(horizon), seed)
    return lambda later: forecast(model, later)


def trees(panel: Panel, horizon: int, seed: int) -> Fitted:
    """Train boosted trees."""
    model = train(panel, Shape(horizon), seed, learner=trees_of)
    return lambda later: forecast(model, later)


FORECASTERS: Final[Mapping[str, Forecaster]] = {
    NETWORK: network,
    SEASONAL_NAIVE: lambda _panel, horizon, _seed: lambda later: seasonal_naive(later, horizon),
    WEEKDAY_MEAN: lambda _panel, horizon, _seed: lambda later: weekday_mean(later, horizon),
}


def forecasters() -> Mapping[str, Forecaster]:
    """Return all forecasters there are; trees where they are installed."""
    return {**FORECASTERS, LIGHTGBM: trees} if are_installed() else FORECASTERS


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """How one forecaster did; seconds are those of one origin, on average.

    `forecasts` are in the order of the origins, the earliest first.
    """

    accuracy: Accuracy
    errors: tuple[Errors, ...]
    forecasts: tuple[Forecast, ...]
    fit_seconds: float
    predict_seconds: float


@dataclass(frozen=True, slots=True)
class Rolling:
    """Origins so many periods apart, the last one a horizon before the end."""

    horizon: int
    origins: int

    def __post_init__(self) -> None:
        for name, value, most in (
            ("horizon", self.horizon, MOST_HORIZON),
            ("origins", self.origins, MOST_ORIGINS),
        ):
            if not 1 <= value <= most:
                raise InvalidHorizon(f"{name} is 1 to {most}", field=[name], value=value)

    def of(self, panel: Panel) -> list[int]:
        """Return how many periods are known at each origin, the earliest first.

        Raises:
            TooLittleHistory: the first has too few to learn from.
        """
        found = [panel.periods - n * self.horizon for n in range(self.origins, 0, -1)]
        least = least_periods(panel.rhythm)
        if found[0] < least:
            raise TooLittleHistory(
                f"{panel.periods} periods are too few: {least} to learn from and {self.horizon} "
                f"for each of {self.origins} origins make {least + self.horizon * self.origins}",
                field=["date"],
                value=panel.periods,
            )
        return found


def backtest(
    panel: Panel,
    rolling: Rolling,
    forecasters: Mapping[str, Forecaster] = FORECASTERS,
    seed: int = 0,
    tell: Callable[[str], None] = lambda _name: None,
) -> dict[str, Judged]:
    """Return how each forecaster did; `tell` hears of each origin that is done.

    Periods in which nothing could be bought, or of which nobody knows, are not scored.

    Raises:
        TooLittleHistory: there are too few periods for so many origins.
    """
    origins = rolling.of(panel)
    judged: dict[str, Judged] = {}
    for name, forecaster in forecasters.items():
        found: list[Errors] = []
        made: list[Forecast] = []
        spent = np.zeros(2)
        for origin in origins:
            known = panel.until(origin, rolling.horizon)
            began = time.perf_counter()
            fitted = forecaster(known, rolling.horizon, seed)
            trained = time.perf_counter()
            made.append(fitted(known))
            spent += (trained - began, time.perf_counter() - trained)
            ahead = slice(origin, origin + rolling.horizon)
            scored = panel.exposure[:, ahead] > 0
            found.append(errors_of(known, panel.demand[:, ahead], scored, made[-1]))
            tell(name)
        fit, predict = (float(seconds) for seconds in spent / len(origins))
        judged[name] = Judged(accuracy(found), tuple(found), tuple(made), fit, predict)
    return judged
