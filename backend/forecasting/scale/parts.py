"""Forecasts a panel part by part; the answers are those the whole would have given."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, NamedTuple, TypeVar

from backend.forecasting.demand.panel import Panel
from backend.forecasting.network.model import Forecast, Model, forecast, part_of, settled
from backend.forecasting.network.pool_columns import Settled
from backend.forecasting.network.pooling import PoolSums
from backend.forecasting.scale.executors import Executor

Key = TypeVar("Key")


class Parts(NamedTuple, Generic[Key]):
    """A panel in parts: their keys, and how to read the part of a key.

    A part has whole locations; all begin on one day, end on one day, and number locations and
    products alike. `load` is a function of a module and runs where the part is worked on; keys are
    asked for twice.
    """

    keys: Callable[[], Iterable[Key]]
    load: Callable[[Key], Panel]


def settled_parts(model: Model, parts: Parts[Any], executor: Executor) -> Settled | None:
    """Return what the series of a location, a product and of everything share; None: of no parts.

    Raises:
        PartFailed: a process died, or took too long.
    """
    return settled(model, executor.each(_sums, (model, parts.load), parts.keys()))


def forecast_parts(
    model: Model, parts: Parts[Any], executor: Executor, whole: Settled | None = None
) -> Iterator[Forecast]:
    """Yield the forecast of each part, in the order of the keys.

    `whole` is what all share; None: it is added up first, in a pass of its own.

    Raises:
        InvalidModel: it was made for another step, or for other plans.
        PartFailed: a process died, or took too long.
    """
    whole = whole or settled_parts(model, parts, executor)
    yield from executor.each(_forecast, (model, parts.load, whole), parts.keys())


def by_location(panel: Panel, series: int) -> Parts[Panel]:
    """Return a panel sorted by location in parts of about so many series."""
    return Parts(lambda: _whole_locations(panel, series), _itself)


def _whole_locations(panel: Panel, series: int) -> Iterator[Panel]:
    begin = 0
    for end in range(1, panel.series + 1):
        is_last = end == panel.series or panel.locations[end] != panel.locations[end - 1]
        if is_last and (end - begin >= series or end == panel.series):
            yield panel.of(slice(begin, end))
            begin = end


def _itself(panel: Panel) -> Panel:
    return panel


def _sums(common: tuple[Model, Callable[[Any], Panel]], key: Any) -> PoolSums:
    model, load = common
    return part_of(model, load(key))


def _forecast(common: tuple[Model, Callable[[Any], Panel], Settled | None], key: Any) -> Forecast:
    model, load, whole = common
    return forecast(model, load(key), whole)
