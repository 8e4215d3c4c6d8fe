"""What would be forecast if plans were others: a promotion, a price, a closed day."""

from dataclasses import dataclass, replace

import numpy as np

from backend.forecasting.arrays import Floats, Ints
from backend.forecasting.demand.panel import Panel, Plans
from backend.forecasting.errors import InvalidPlan
from backend.forecasting.network.model import Asking, Forecast, Model, recent_classes
from backend.forecasting.network.pool_columns import Settled


@dataclass(frozen=True, slots=True)
class Change:
    """What would be otherwise in some steps ahead, counted from 0; None: as planned.

    `promo` is how strong the promotion is, 0 none, 1 as strong as the strongest; `opened` the
    share of the period the location is open.
    """

    steps: frozenset[int]
    promo: float | None = None
    price: float | None = None
    opened: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """What is forecast as things are planned, and what would be."""

    planned: Forecast
    changed: Forecast


@dataclass(frozen=True, slots=True)
class Examples:
    """What the past has examples of: promotions, and prices that changed."""

    promoted: bool
    priced: bool


@dataclass(frozen=True, slots=True, eq=False)
class Others:
    """What series take from all others where the panel has only them."""

    whole: Settled
    examples: Examples


def examples_of(panel: Panel) -> Examples:
    """Return what the past of a panel has examples of."""
    promo = panel.plans.promo
    promoted = promo is not None and bool((promo[:, : panel.periods] > 0).any())
    return Examples(promoted, _varied(panel.plans.price, panel.periods))


def what_if(
    model: Model, panel: Panel, series: Ints, change: Change, others: Others | None = None
) -> Compared:
    """Return the forecasts of some series of a panel, as planned and with plans changed.

    `others`: None where all series are in the panel.

    Raises:
        InvalidPlan: a step beyond the horizon, a value that cannot be, or a plan of which the past
            has no example: nobody knows what it would do.
        InvalidModel: the model was made for another step, or for other plans.
    """
    _check(model, others.examples if others else examples_of(panel), change)
    whole = others and others.whole
    classes = recent_classes(panel.of(series))
    planned = Asking(model, panel, whole).forecast(series, classes)
    other = replace(panel, plans=_changed(panel, model.horizon, series, change))
    found = Asking(model, other, whole).forecast(series, classes)
    if change.opened is not None and panel.plans.opened is None:
        found = _open(found, change.steps, change.opened)
    return Compared(planned, found)


def _check(model: Model, examples: Examples, change: Change) -> None:
    far = [step for step in change.steps if not 0 <= step < model.horizon]
    if far:
        raise InvalidPlan(
            f"plans change within {model.horizon} periods", field=["days"], value=far[0]
        )
    for name, value, is_possible in (
        ("promotion", change.promo, change.promo is None or 0 <= change.promo <= 1),
        ("price", change.price, change.price is None or 0 < change.price < np.inf),
        ("opened", change.opened, change.opened is None or 0 <= change.opened <= 1),
    ):
        if not is_possible:
            raise InvalidPlan(f"there is no such {name}", field=[name], value=value)
    if change.promo and not examples.promoted:
        raise InvalidPlan(
            "nothing was ever promoted: nobody knows what it does", field=["promotion"]
        )
    if change.price is not None and not examples.priced:
        raise InvalidPlan("no price ever changed: nobody knows what it does", field=["price"])


def _varied(price: Floats | None, periods: int) -> bool:
    """Tell whether any price changed."""
    if price is None:
        return False
    known = np.nan_to_num(price[:, :periods])
    moved = (known[:, 1:] != known[:, :-1]) & (known[:, 1:] > 0) & (known[:, :-1] > 0)
    return bool(moved.any())


def _changed(panel: Panel, horizon: int, series: Ints, change: Change) -> Plans:
    columns = panel.periods + np.array(sorted(change.steps), np.int64)
    until, plans = panel.periods + horizon, panel.plans
    promo, price, opened = plans.promo, plans.price, plans.opened
    if change.promo is not None and promo is not None:
        promo = _with(_filled(promo, until, 0.0), series, columns, change.promo)
    if change.price is not None and price is not None:
        price = _with(_filled(price, until, np.nan), series, columns, change.price)
    if change.opened is not None and opened is not None:
        later = panel.opened(horizon)[:, opened.shape[1] :]
        opened = np.concatenate([opened, later], axis=1)
        opened = _with(opened, series, columns, change.opened)
    return Plans(promo, price, opened)


def _filled(plan: Floats, until: int, value: float) -> Floats:
    missing = max(until - plan.shape[1], 0)
    return np.pad(plan, ((0, 0), (0, missing)), constant_values=np.float32(value))


def _with(plan: Floats, series: Ints, columns: Ints, value: float) -> Floats:
    changed = plan.copy()
    changed[np.ix_(series, columns)] = value
    return changed


def _open(made: Forecast, steps: frozenset[int], opened: float) -> Forecast:
    """Return a forecast of a model that never saw openings: it sells while it is open."""
    share = np.ones(made.mean.shape[1], np.float32)
    share[sorted(steps)] = opened
    return Forecast(made.mean * share, made.quantiles * share[:, None])
