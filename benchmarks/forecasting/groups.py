"""How often bands of sums hold: by location, product, groups of them, and over everything."""

from collections.abc import Mapping, Sequence

import numpy as np

from backend.forecasting.demand.panel import Panel
from backend.forecasting.insight.hierarchy import Sums, correlation, summed
from backend.forecasting.judging.backtesting import Judged, Rolling
from backend.forecasting.network.model import Forecast
from backend.forecasting.rules import HIGH, LOW
from benchmarks.results import Figure

_CATEGORIES, _STATES = 7, 3
"""Made up: what has the same remainder belongs together."""


def groups_of(panel: Panel) -> Mapping[str, np.ndarray]:
    """Return by name the number of the group of each series."""
    category, state = panel.products % _CATEGORIES, panel.locations % _STATES
    return {
        "locations": panel.locations,
        "products": panel.products,
        "categories in states": category * _STATES + state,
        "categories": category,
        "everything": np.zeros(panel.series, np.int64),
    }


def bands_of_sums(
    what: str, panel: Panel, rolling: Rolling, judged: Judged, groups: Mapping[str, np.ndarray]
) -> list[Figure]:
    """Return how often the 90 % band holds, and how wide it is beside what was sold.

    How far errors go together is told by the other origins, as training learns it from what its
    models had not seen.
    """
    figures = []
    for name, keys in groups.items():
        sums = Sums.by(keys)
        held = _Held(panel, rolling.of(panel), judged.forecasts, sums)
        learned = [held.told_by_others(n) for n in range(rolling.origins)]
        covered, width = held.covers(learned)
        title = f"{what}, sums of {name}"
        figures += [
            Figure(f"{title}: r", float(np.mean(learned)), ""),
            Figure(f"{title}: within the 90 % band", 100 * covered, "%"),
            Figure(f"{title}: its width beside what was sold", 100 * width, "%"),
        ]
        for way, r in (("independent", 0.0), ("all moved together", 1.0)):
            alike = held.covers([r] * rolling.origins)[0]
            figures.append(Figure(f"{title}: within, as if {way}", 100 * alike, "%"))
    return figures


class _Held:
    """What was said at each origin beside what came, added up."""

    def __init__(
        self, panel: Panel, origins: Sequence[int], said: Sequence[Forecast], sums: Sums
    ) -> None:
        self._said, self._sums = said, sums
        ahead = [slice(origin, origin + said[0].mean.shape[1]) for origin in origins]
        self._came = [panel.demand[:, days] for days in ahead]
        self._known = [panel.exposure[:, days] > 0 for days in ahead]

    def told_by_others(self, origin: int) -> float:
        others = [n for n in range(len(self._said)) if n != origin]
        return float(
            np.mean(
                [correlation(self._said[n], self._came[n], self._known[n], self._sums)
                 for n in others]
            )
        )  # fmt: skip

    def covers(self, correlations: Sequence[float]) -> tuple[float, float]:
        """Return the share of sums inside their bands, and the width of these beside the sums."""
        inside, width, sold = [], 0.0, 0.0
        for said, came, r in zip(self._said, self._came, correlations, strict=True):
            quantiles, total = summed(said, self._sums, r).quantiles, self._sums.of(came)
            low, high = quantiles[:, :, LOW], quantiles[:, :, HIGH]
            inside.append((total >= low) & (total <= high))
            width, sold = width + float((high - low).sum()), sold + float(total.sum())
        return float(np.mean(inside)), width / sold
