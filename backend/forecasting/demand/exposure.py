"""Which share of a day a product could be bought in: hours gone, openings, outages.

Of a location a series takes how its usual day goes, on which days nobody heard of it, and on which
it opens: three things that show in all that is sold there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import numpy as np

from backend.analytics.demand import DailyUnits
from backend.forecasting.arrays import Flags, Floats
from backend.forecasting.demand.gathering import sold_nothing
from backend.forecasting.demand.hours import UsualDay, days_of, gone_of
from backend.forecasting.demand.panel import Panel, Plans
from backend.forecasting.demand.window import Window
from backend.infra.work import Work
from backend.stock import outages as stock

_LEAST_EXPOSURE: Final = 0.1
"""Where something was sold, at least so much of the day it could be."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """What a series takes from its location.

    `unheard`, of the days that ended everywhere: it sent nothing, though it usually sends much.
    `opened`, of all days and those planned: whether it opens.
    """

    usual: UsualDay
    unheard: Flags
    opened: Floats


def exposure_of(
    kept: list[DailyUnits],
    panel: Panel,
    window: Window,
    places: Mapping[UUID, Place],
    clocks: Mapping[UUID, datetime],
) -> Floats:
    """Return the exposure without outages; days on which a place was heard ended everywhere."""
    exposure = panel.exposure.copy()
    silent = np.stack([places[one.location_id].unheard for one in kept])
    closed = silent.shape[1]
    past = panel.demand[:, :closed]
    unknown = exposure[:, :closed].astype(bool) & (past == 0)
    unknown &= ~sold_nothing(past, past > 0, silent)
    exposure[:, :closed][unknown] = 0
    where = {one.location_id for one in kept}
    for number in range(closed, window.periods):
        day = window.first + timedelta(days=number)
        gone = {one: gone_of(day, clocks[one], places[one].usual) for one in where}
        exposure[:, number] *= np.array([gone[one.location_id] for one in kept], np.float32)
    return exposure


async def take_off_outages(
    work: Work,
    kept: list[DailyUnits],
    window: Window,
    taken: Mapping[UUID, Place],
    read_at: datetime,
    exposure: Floats,
) -> None:
    """Take off the share of each day in which nothing was on hand, until it was read."""
    rows = {(one.location_id, one.product_id): n for n, one in enumerate(kept)}
    products = sorted({one.product_id for one in kept})
    places = sorted({one.location_id for one in kept})
    gone: dict[tuple[int, int], float] = {}
    for outage in await stock.outages(
        work, window.first, read_at, products=products, locations=places
    ):
        row = rows.get((outage.location_id, outage.product_id))
        if row is not None:
            for day, share in days_of(outage, taken[outage.location_id].usual):
                key = row, window.number(day)
                gone[key] = gone.get(key, 0.0) + share
    for (row, number), share in gone.items():
        if 0 <= number < window.periods:
            exposure[row, number] = max(exposure[row, number] - share, 0)


def opened(panel: Panel, exposure: Floats, plans: Plans) -> Floats:
    """Return the exposure on days the location opens; what was sold could be bought in any case."""
    assert plans.opened is not None, "a ledger always knows the opening days"
    was_sold = panel.demand > 0
    open_ = np.where(was_sold, np.float32(1), plans.opened[:, : panel.periods])
    least = np.where(was_sold, np.float32(_LEAST_EXPOSURE), np.float32(0))
    return np.maximum(exposure * open_, least)
