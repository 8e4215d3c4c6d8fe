"""What the computing process is given, and what it gives back: arrays and models as bytes. Pure."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from backend.forecasting.arrays import Floats, Ints
from backend.forecasting.demand.panel import Panel
from backend.forecasting.insight.levels import ForecastLevel, Keys
from backend.forecasting.judging.promotion import Verdict
from backend.forecasting.network.model import Forecast
from backend.forecasting.network.pool_columns import Settled
from backend.forecasting.network.sampling import Sample
from backend.forecasting.rules import ModelFamily
from backend.forecasting.scale.executors import HERE, Executor

Tell = Callable[[float, str], None]
"""Hears how much is done, 0 to 1, and what is being done."""
WEEK: Final = 7
CHAMPION: Final = "champion"
PREDECESSOR: Final = "predecessor"


@dataclass(frozen=True, slots=True)
class Training:
    """All the past, and who forecasts now: None: nobody yet.

    `checkpoints` are versions of the champion by the number of periods they had learned, none
    where it never learned. `with_trees`: they are judged too, where they are installed. `keys`:
    what series are added up by.
    """

    panel: Panel
    horizon: int
    seed: int
    champion: ModelFamily | None = None
    checkpoints: tuple[tuple[int, bytes], ...] = ()
    with_trees: bool = False
    keys: Keys = field(default_factory=dict[ForecastLevel, Ints])


@dataclass(frozen=True, slots=True)
class Trained:
    """Models as bytes, how all were judged, and who forecasts from now on; None: who does already.

    `learned` has the network, and the trees where they are better. Nothing was judged where
    `measures` is empty.
    """

    learned: Mapping[ModelFamily, bytes]
    totals: bytes
    reservoir: bytes
    winner: ModelFamily | None
    verdicts: Mapping[ModelFamily, Verdict]
    measures: Mapping[ModelFamily, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who forecasts; `content`: what it is made of, None where it is simple."""

    family: ModelFamily
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Updating:
    """The last year and more, `closed` periods of which have ended, and the models that forecast.

    Days from `learned` on are learned, the last, partial one for this time only; after each day
    from `said` on the week that follows is forecast for the record, by the `predecessor` too.
    Where there are more series than those of the panel, all lie in the files of `parts`.
    """

    panel: Panel
    horizon: int
    closed: int
    learned: int
    said: int
    seed: int
    base: Speaker
    totals: bytes | None = None
    reservoir: bytes | None = None
    predecessor: Speaker | None = None
    parts: tuple[Path, ...] = ()
    executor: Executor = HERE


@dataclass(frozen=True, slots=True)
class Week:
    """What was said after `origin` periods of the seven that follow, by who said it."""

    origin: int
    said: dict[str, tuple[Floats, Floats]]


@dataclass(frozen=True, slots=True)
class Made:
    """What is forecast of some series: days, totals, and how regular each is."""

    days: Forecast
    totals: Forecast
    classes: Ints


@dataclass(frozen=True, slots=True)
class Updated:
    """The forecasts, and the models behind them: after the last day that ended, and now.

    None: nothing was learned; of `made`: it lies beside the parts. `settled` is what series took
    from each other, None where no model forecasts. `weeks` are those after each day that ended
    since.
    """

    made: Made | None
    settled: Settled | None
    base: bytes | None
    reservoir: bytes | None
    now: bytes | None
    weeks: tuple[Week, ...]


def added_up(days: Forecast) -> Forecast:
    """Return totals where nothing forecasts them: days that err each by itself."""
    mean = np.cumsum(days.mean, axis=1)
    apart = np.cumsum((days.quantiles - days.mean[:, :, None]) ** 2, axis=1)
    sign = np.sign(days.quantiles - days.mean[:, :, None])
    wide = np.maximum(mean[:, :, None] + sign * np.sqrt(apart), 0)
    return Forecast(mean, np.sort(wide, axis=2).astype(np.float32))


def pack(rows: Sample) -> bytes:
    """Return rows as bytes."""
    memory = io.BytesIO()
    np.savez_compressed(
        memory,
        values=rows.values.astype(np.float16),
        target=rows.target,
        weight=rows.weight,
        size=rows.size,
    )
    return memory.getvalue()


def unpack(content: bytes) -> Sample:
    """Return the rows that were packed."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        values, target, weight = (arrays[name] for name in ("values", "target", "weight"))
        # Rows of models whose distances are shares at any size have none.
        size = arrays["size"] if "size" in arrays.files else np.ones_like(target)
    return Sample(values.astype(np.float32), target.copy(), weight.copy(), size.copy())
