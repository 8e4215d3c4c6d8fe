"""Trend, season and rest of a series by classical decomposition. Pure.

After R. J. Hyndman and G. Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 3.3
(moving averages), 3.4 (classical decomposition), 4.3 (strength of trend and season).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, pvariance


@dataclass(frozen=True, slots=True)
class Decomposition:
    """The parts of a series, one value per period; None where the moving average does not reach.

    Multiplicative: value = trend × seasonal × remainder; additive: their sum. `pattern` is the
    seasonal part by position in the season; its mean is 1 (0 when additive).
    """

    is_multiplicative: bool
    trend: tuple[float | None, ...]
    seasonal: tuple[float, ...]
    remainder: tuple[float | None, ...]
    pattern: tuple[float, ...]

    @property
    def seasonal_strength(self) -> float:
        """How strong the season is, 0 to 1: 1 − Var(R) ÷ Var(S with R), at least 0."""
        pairs = [
            (rest, self._join(season, rest))
            for season, rest in zip(self.seasonal, self.remainder, strict=True)
            if rest is not None
        ]
        whole = pvariance([both for _, both in pairs]) if len(pairs) > 1 else 0.0
        if not whole:
            return 0.0
        return max(0.0, 1 - pvariance([rest for rest, _ in pairs]) / whole)

    def _join(self, season: float, rest: float) -> float:
        return season * rest if self.is_multiplicative else season + rest


def decompose(values: Sequence[float], positions: Sequence[int], length: int) -> Decomposition:
    """Take a series apart; `positions` says where each period lies in its season of `length`.

    Multiplicative where every value is above nothing, else additive. Two whole seasons are needed.
    """
    is_multiplicative = all(value > 0 for value in values)
    trend = moving_average(values, length)
    by_position: dict[int, list[float]] = {}
    for value, level, position in zip(values, trend, positions, strict=True):
        if level is not None:
            detrended = value / level if is_multiplicative else value - level
            by_position.setdefault(position, []).append(detrended)
    raw = [fmean(by_position[n]) for n in range(length)]
    mean = fmean(raw)
    pattern = tuple(one / mean if is_multiplicative else one - mean for one in raw)
    seasonal = tuple(pattern[position] for position in positions)
    remainder = tuple(
        None
        if level is None
        else value / (level * season)
        if is_multiplicative
        else value - level - season
        for value, level, season in zip(values, trend, seasonal, strict=True)
    )
    return Decomposition(is_multiplicative, tuple(trend), seasonal, remainder, pattern)


def moving_average(values: Sequence[float], length: int) -> list[float | None]:
    """Return the centred moving average; of an even length the mean of two: 2×m-MA."""
    half = length // 2
    weights = [1.0] * length if length % 2 else [0.5, *[1.0] * (length - 1), 0.5]
    smooth: list[float | None] = [None] * len(values)
    for n in range(half, len(values) - half):
        around = values[n - half : n + half + 1]
        smooth[n] = sum(w * v for w, v in zip(weights, around, strict=True)) / length
    return smooth
