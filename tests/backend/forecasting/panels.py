"""Panels of made-up demand whose law is known."""

from datetime import date

import numpy as np

from backend.forecasting.demand.panel import Panel, Plans
from backend.forecasting.demand.rhythm import Step
from backend.forecasting.network.perceptron import Pace
from backend.forecasting.network.training import Effort

MONDAY = date(2022, 1, 3)
QUICK = Effort(6_000, 4, 2, (16,), Pace(2, batch=256, rate=5e-3, last_rate=1e-4))


def panel(demand, *, step=Step.DAY, exposure=None, locations=None, start=MONDAY, **plans):
    """Return a panel of these rows; one location, a product of its own for each."""
    demand = np.atleast_2d(np.asarray(demand, np.float32))
    places = np.zeros(len(demand), np.int64) if locations is None else np.array(locations)
    return Panel(
        start=start,
        step=step,
        demand=demand,
        exposure=np.ones_like(demand) if exposure is None else np.asarray(exposure, np.float32),
        products=np.arange(len(demand)),
        locations=places,
        countries=(None,) * (int(places.max(initial=-1)) + 1),
        plans=Plans(**{name: np.asarray(one, np.float32) for name, one in plans.items()}),
    )


def counts(series=8, periods=200, *, mean=6.0, weekend=2.0, seed=0):
    """Return counts that are higher at weekends."""
    rng = np.random.default_rng(seed)
    profile = np.where(np.arange(periods) % 7 >= 5, weekend, 1.0)
    level = mean * rng.uniform(0.5, 2.0, (series, 1))
    return rng.poisson(level * profile).astype(np.float32)
