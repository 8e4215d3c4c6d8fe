"""The demand of an organisation from what it recorded: sales, stock, openings, plans.

A business day is the location's own. What was returned is taken off the day it came back; more
returns than sales are no demand. Exposure is the share of a day's usual sales time in which a
product could be bought: neither before it was first sold, nor while nothing was on hand, nor on
a day the location does not open, nor in what is still to come of today.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from backend.analytics import demand as sold
from backend.analytics.demand import DailyUnits
from backend.catalogue import service as catalogue
from backend.forecasting.arrays import Floats, Ints
from backend.forecasting.demand import plans as planning
from backend.forecasting.demand.countries import country_of
from backend.forecasting.demand.gathering import sold_nothing
from backend.forecasting.demand.hours import UsualDay, days_of, gone_of, usual_days
from backend.forecasting.demand.panel import Panel, Plans
from backend.forecasting.demand.rhythm import Step
from backend.infra.work import Work
from backend.locations import service as locations
from backend.locations.rules import LocationDetail
from backend.stock import outages as stock

MOST_DAYS: Final = 1_918
"""Days of the past that are read at most: five years, and what their features look back at."""
MOST_CELLS: Final = 3_000_000
"""Series × days of one panel; what sells least is left out where there are more."""
LEAST_DAYS: Final = 70
"""A shorter past is preceded by days of which nobody knows anything."""
_STALE: Final = 14
"""Days without any sale after which the past is taken to have ended with the last one."""
_ACTIVE: Final = 364
"""What was not sold for so many days is not forecast."""
_HOURS: Final = 56
"""Days whose hours tell how a usual day goes."""
_LEAST_EXPOSURE: Final = 0.1
"""Where something was sold, at least so much of the day it could be."""


@dataclass(frozen=True, slots=True)
class LedgerCriteria:
    """Which series; None does not limit."""

    product_ids: frozenset[UUID] | None = None
    location_ids: frozenset[UUID] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """A panel, whose demand it is, and how far it goes.

    `series` are location and product of each row; `closed` is how many periods had ended at all
    locations when it was read, at `read_at`; `left_out` how many series did not fit.
    """

    panel: Panel
    series: tuple[tuple[UUID, UUID], ...]
    read_at: datetime
    closed: int
    left_out: int = 0

    @property
    def closed_through(self) -> date:
        """The last business day that had ended everywhere."""
        return self.panel.rhythm.later(self.panel.start, self.closed - 1)


@dataclass(frozen=True, slots=True)
class _Window:
    """The days of a panel: `periods` from `first` on; `is_stale`: they ended long ago."""

    first: date
    periods: int
    ahead: int
    is_stale: bool

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.periods - 1)

    def number(self, day: date) -> int:
        return (day - self.first).days


async def read_panel(
    work: Work,
    criteria: LedgerCriteria | None = None,
    days: int = MOST_DAYS,
    *,
    ahead: int = 28,
    today: bool = False,
    most_cells: int = MOST_CELLS,
) -> Ledger | None:
    """Return the demand of the last `days` that ended, and of `today` as far as it is gone.

    Plans reach `ahead` days further. Where nothing was sold for two weeks the past ends with the
    last sale. None: nothing was sold that the principal sees, within the criteria.

    Raises:
        SummaryTooSlow: the sales take longer to read than one statement may.
    """
    criteria = criteria or LedgerCriteria()
    span = await sold.days_sold(work)
    if span is None:
        return None
    seen = [one.id for one in await locations.all_locations(work)]
    places = {one.ref.id: one for one in await locations.location_details(work, seen) if one}
    if not places:
        return None
    clocks = {key: _clock(work.now, one) for key, one in places.items()}
    window = _window(span, [now.date() for now in clocks.values()], days, ahead, today=today)
    products, chosen = _listed(criteria.product_ids), _listed(criteria.location_ids)
    found = await sold.daily_units(
        work, window.first, window.last, products=products, locations=chosen
    )
    kept, left_out = _best(found, window, most_cells, places)
    if not kept:
        return None
    panel = _panel(kept, window, places)
    hours = await sold.hours_sold(work, window.last - timedelta(days=_HOURS), window.last)
    usual = usual_days(hours, places)
    exposure, closed = _exposure(kept, panel, window, usual, clocks)
    await _take_off_outages(work, kept, window, usual, exposure)
    plans = await _plans(work, kept, panel, window, places)
    panel = replace(panel, exposure=_opened(panel, exposure, plans), plans=plans)
    series = tuple((one.location_id, one.product_id) for one in kept)
    return Ledger(panel, series, work.now, closed, left_out)


def _clock(now: datetime, place: LocationDetail) -> datetime:
    return now.astimezone(ZoneInfo(place.ref.timezone)).replace(tzinfo=None)


def _listed(ids: frozenset[UUID] | None) -> list[UUID] | None:
    return None if ids is None else sorted(ids)


def _window(
    span: tuple[date, date], dates: Sequence[date], days: int, ahead: int, *, today: bool
) -> _Window:
    """Return the days to read: to yesterday where all clocks are beyond it, or to today."""
    first, last = span
    ended = min(dates) - timedelta(days=1)
    is_stale = (ended - last).days > _STALE
    # Where all there is was sold today, today is all the past there is.
    end = last if is_stale else max(dates) if today or ended < first else ended
    begin = max(first, end - timedelta(days=days - 1))
    begin = min(begin, end - timedelta(days=LEAST_DAYS - 1))
    return _Window(begin, (end - begin).days + 1, ahead, is_stale)


def _best(
    found: list[DailyUnits], window: _Window, most_cells: int, places: Mapping[UUID, LocationDetail]
) -> tuple[list[DailyUnits], int]:
    """Return the series that are still sold, by location and product, the best-selling if many."""
    since = window.last - timedelta(days=_ACTIVE)
    active = [one for one in found if one.last_day >= since and one.location_id in places]
    most = max(1, most_cells // (window.periods + window.ahead))
    if len(active) > most:
        active = sorted(active, key=_sum, reverse=True)[:most]
    kept = sorted(active, key=lambda one: (one.location_id, one.product_id))
    return kept, len([one for one in found if one.last_day >= since]) - len(kept)


def _sum(one: DailyUnits) -> float:
    return float(_units(one).sum())


def _units(one: DailyUnits) -> Floats:
    return np.frombuffer(one.units, ">f4").astype(np.float32)


def _days(one: DailyUnits) -> Ints:
    return np.frombuffer(one.days, ">i4").astype(np.int64)


def _panel(kept: list[DailyUnits], window: _Window, places: Mapping[UUID, LocationDetail]) -> Panel:
    """Return the panel with what was sold, everything exposed since it was first on offer."""
    demand = np.zeros((len(kept), window.periods), np.float32)
    for row, one in enumerate(kept):
        demand[row, _days(one)] = np.maximum(_units(one), 0)
    begun = np.array([window.number(one.first_day) for one in kept])
    numbers = _Numbers.of(kept)
    countries = [country_of(places[one].place.country, places[one].ref.timezone)
                 for one in numbers.locations]  # fmt: skip
    return Panel(
        start=window.first,
        step=Step.DAY,
        demand=demand,
        exposure=(np.arange(window.periods) >= begun[:, None]).astype(np.float32),
        products=numbers.product,
        locations=numbers.location,
        countries=tuple(countries),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Numbers:
    """Locations and products by number, and the numbers of each series."""

    locations: tuple[UUID, ...]
    products: tuple[UUID, ...]
    location: Ints
    product: Ints

    @classmethod
    def of(cls, kept: list[DailyUnits]) -> "_Numbers":
        places = tuple(sorted({one.location_id for one in kept}))
        goods = tuple(sorted({one.product_id for one in kept}))
        place, good = ({key: n for n, key in enumerate(keys)} for keys in (places, goods))
        return cls(
            places,
            goods,
            np.array([place[one.location_id] for one in kept], np.int64),
            np.array([good[one.product_id] for one in kept], np.int64),
        )


def _exposure(
    kept: list[DailyUnits],
    panel: Panel,
    window: _Window,
    usual: Mapping[UUID, UsualDay],
    clocks: Mapping[UUID, datetime],
) -> tuple[Floats, int]:
    """Return the exposure without outages, and how many days have ended at all these locations."""
    exposure = panel.exposure.copy()
    where = {one.location_id for one in kept}
    ended = min(clocks[one].date() for one in where) - timedelta(days=1)
    closed = window.periods if window.is_stale else min(window.number(ended) + 1, window.periods)
    closed = max(closed, 0)
    past = panel.demand[:, :closed]
    unknown = exposure[:, :closed].astype(bool) & (past == 0)
    unknown &= ~sold_nothing(past, past > 0, panel.locations)
    exposure[:, :closed][unknown] = 0
    for number in range(closed, window.periods):
        day = window.first + timedelta(days=number)
        gone = {one: gone_of(day, clocks[one], usual[one]) for one in where}
        exposure[:, number] *= np.array([gone[one.location_id] for one in kept], np.float32)
    return exposure, closed


async def _take_off_outages(
    work: Work,
    kept: list[DailyUnits],
    window: _Window,
    usual: Mapping[UUID, UsualDay],
    exposure: Floats,
) -> None:
    """Take off the share of each day in which nothing was on hand."""
    rows = {(one.location_id, one.product_id): n for n, one in enumerate(kept)}
    products = sorted({one.product_id for one in kept})
    places = sorted({one.location_id for one in kept})
    gone: dict[tuple[int, int], float] = {}
    for outage in await stock.outages(
        work, window.first, work.now, products=products, locations=places
    ):
        row = rows.get((outage.location_id, outage.product_id))
        if row is not None:
            for day, share in days_of(outage, usual[outage.location_id]):
                key = row, window.number(day)
                gone[key] = gone.get(key, 0.0) + share
    for (row, number), share in gone.items():
        if 0 <= number < window.periods:
            exposure[row, number] = max(exposure[row, number] - share, 0)


async def _plans(
    work: Work,
    kept: list[DailyUnits],
    panel: Panel,
    window: _Window,
    places: Mapping[UUID, LocationDetail],
) -> Plans:
    total = window.periods + window.ahead
    end = window.first + timedelta(days=total - 1)
    numbers = _Numbers.of(kept)
    promotions = await catalogue.promotions_between(work, window.first, end)
    prices = await catalogue.price_list(work, list(numbers.products))
    days = [places[one].opening_days for one in numbers.locations]
    return Plans(
        promo=planning.promotions_of(kept, promotions, window.first, total),
        price=planning.prices_of(prices, numbers.products, window.first, total)[numbers.product],
        opened=planning.openings_of(days, panel, total)[numbers.location],
    )


def _opened(panel: Panel, exposure: Floats, plans: Plans) -> Floats:
    """Return the exposure on days the location opens; what was sold could be bought in any case."""
    assert plans.opened is not None, "a ledger always knows the opening days"
    was_sold = panel.demand > 0
    opened = np.where(was_sold, np.float32(1), plans.opened[:, : panel.periods])
    least = np.where(was_sold, np.float32(_LEAST_EXPOSURE), np.float32(0))
    return np.maximum(exposure * opened, least)
