"""Judges forecasts with several seeds: what is learned depends on chance, and by how much."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

from backend.forecasting.demand.panel import Panel
from backend.forecasting.errors import InvalidHorizon
from backend.forecasting.judging.backtesting import Forecaster, Judged, Rolling, backtest

MOST_SEEDS: Final = 20


@dataclass(frozen=True, slots=True)
class Seeds:
    """So many seeds, from the first on."""

    first: int
    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MOST_SEEDS:
            raise InvalidHorizon(f"seeds is 1 to {MOST_SEEDS}", field=["seeds"], value=self.count)

    def all(self) -> list[int]:
        """Return them in order."""
        return list(range(self.first, self.first + self.count))


@dataclass(frozen=True, slots=True)
class Spread:
    """A measure over all seeds."""

    mean: float
    lowest: float
    highest: float


def backtest_with_seeds(
    panel: Panel,
    rolling: Rolling,
    forecasters: Mapping[str, Forecaster],
    seeds: Seeds,
    tell: Callable[[str], None] = lambda _name: None,
) -> dict[str, list[Judged]]:
    """Return how each forecaster did with each seed; forecasts are kept of the first one alone.

    Raises:
        TooLittleHistory: there are too few periods for so many origins.
    """
    judged: dict[str, list[Judged]] = {name: [] for name in forecasters}
    for seed in seeds.all():
        for name, one in backtest(panel, rolling, forecasters, seed, tell).items():
            judged[name].append(one if not judged[name] else replace(one, forecasts=()))
    return judged


def spreads(judged: Sequence[Judged]) -> dict[str, Spread | None]:
    """Return by its name each measure of one forecaster; None where it cannot be told."""
    found = [figures(one) for one in judged]
    return {name: _spread([one[name] for one in found]) for name in found[0]}


def figures(judged: Judged) -> dict[str, float | None]:
    """Return measures and seconds by their names."""
    seconds = {"fit_seconds": judged.fit_seconds, "predict_seconds": judged.predict_seconds}
    return asdict(judged.accuracy) | seconds


def _spread(values: Sequence[float | None]) -> Spread | None:
    known = [value for value in values if value is not None]
    return Spread(sum(known) / len(known), min(known), max(known)) if known else None
