"""Forecasting more series than fit into memory: parts lie in files, and are read one by one."""

import pickle
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from backend.forecasting.demand.exposure import Place
from backend.forecasting.demand.ledger import Surveyed, as_part, read
from backend.forecasting.demand.numbers import Numbers
from backend.forecasting.demand.panel import Panel
from backend.forecasting.demand.survey import Key
from backend.forecasting.jobs.tasks import Made, Tell, added_up
from backend.forecasting.judging.baselines import seasonal_naive, weekday_mean
from backend.forecasting.network.model import Forecast, Model, recent_classes
from backend.forecasting.network.pool_columns import Settled
from backend.forecasting.rules import ModelFamily
from backend.forecasting.scale.executors import Executor
from backend.forecasting.scale.parts import Parts, forecast_parts, settled_parts
from backend.infra.work import Work

SIMPLE = {ModelFamily.WEEKDAY_MEAN: weekday_mean, ModelFamily.SEASONAL_NAIVE: seasonal_naive}
Who = Model | ModelFamily
"""Who forecasts: a model, or by its name what needs none."""


@dataclass(frozen=True, slots=True)
class PartFile:
    """Where a part lies, and whose demand it is; what is made of it lies beside it.

    `taken` is what its series take from their locations.
    """

    path: Path
    series: tuple[Key, ...]
    taken: Mapping[UUID, Place] = field(default_factory=dict[UUID, Place])

    def made(self) -> Made:
        """Return what was forecast of it."""
        return _load(_made(self.path))


async def write_parts(work: Work, found: Surveyed, folder: Path) -> tuple[PartFile, ...]:
    """Write the demand of all series into files, part by part."""
    numbers, files = Numbers.of(found.survey.keys), list[PartFile]()
    for n, keys in enumerate(found.survey.parts()):
        ledger = await read(work, found, keys)
        files.append(PartFile(folder / f"{n}.part", ledger.series, ledger.taken))
        _save(files[-1].path, as_part(ledger, numbers, found))
    return tuple(files)


def forecast_files(
    who: tuple[Who, Model | None],
    horizon: int,
    paths: tuple[Path, ...],
    executor: Executor,
    tell: Tell,
) -> Settled | None:
    """Write forecasts beside each part; return what the model that forecasts days pools.

    `who` forecasts days, and totals (None: they are added up).

    Raises:
        PartFailed: a process died, or took too long.
    """
    whole = settled_parts(who[0], _parts(paths), executor) if isinstance(who[0], Model) else None
    for n, (path, days) in enumerate(
        zip(paths, _said(who[0], horizon, paths, executor, whole), strict=True)
    ):
        _save(_made(path), days)
        tell(0.6 + 0.2 * (n + 1) / len(paths), "forecasting")
    totals = None if who[1] is None else _said(who[1], horizon, paths, executor)
    for n, path in enumerate(paths):
        days = _load(_made(path))
        sums = added_up(days) if totals is None else next(totals)
        _save(_made(path), Made(days, sums, recent_classes(_load(path))))
        tell(0.8 + 0.2 * (n + 1) / len(paths), "forecasting totals")
    return whole


def _said(
    who: Who,
    horizon: int,
    paths: tuple[Path, ...],
    executor: Executor,
    whole: Settled | None = None,
) -> Iterator[Forecast]:
    if isinstance(who, Model):
        return forecast_parts(who, _parts(paths), executor, whole)
    return executor.each(_simply, (who, horizon), _panels(paths))


def _parts(paths: tuple[Path, ...]) -> Parts[Panel]:
    return Parts(lambda: _panels(paths), _itself)


def _panels(paths: tuple[Path, ...]) -> Iterator[Panel]:
    return (_load(path) for path in paths)


def _simply(common: tuple[ModelFamily, int], panel: Panel) -> Forecast:
    family, horizon = common
    return SIMPLE[family](panel, horizon)


def _itself(panel: Panel) -> Panel:
    return panel


def _made(path: Path) -> Path:
    return path.with_suffix(".made")


def _save(path: Path, content: object) -> None:
    path.write_bytes(pickle.dumps(content, pickle.HIGHEST_PROTOCOL))


def _load(path: Path) -> Any:
    # Only this run writes into its folder, which nobody else may enter.
    return pickle.loads(path.read_bytes())
