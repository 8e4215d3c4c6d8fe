"""The demand of an organisation from what it recorded: sales, stock, openings, plans.

A business day is the location's own. What was returned is taken off the day it came back; more
returns than sales are no demand. Exposure is the share of a day's usual sales time in which a
product could be bought: neither before it was first sold, nor while nothing was on hand, nor on
a day the location does not open, nor in what is still to come of today.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from backend.analytics import demand as sold
from backend.analytics.demand import DailyUnits
from backend.catalogue import service as catalogue
from backend.forecasting.arrays import Floats, Ints
from backend.forecasting.demand import plans as planning
from backend.forecasting.demand.exposure import Place, exposure_of, opened, take_off_outages
from backend.forecasting.demand.gathering import unheard
from backend.forecasting.demand.hours import usual_days
from backend.forecasting.demand.numbers import Numbers, countries_of
from backend.forecasting.demand.panel import Panel, Plans
from backend.forecasting.demand.rhythm import Step
from backend.forecasting.demand.survey import (
    MOST_CELLS,
    MOST_OF_A_LOCATION,
    MOST_SERIES,
    Key,
    Survey,
    survey_of,
)
from backend.forecasting.demand.window import Window, window_of
from backend.infra.work import Work
from backend.locations import service as locations
from backend.locations.rules import LocationDetail

MOST_DAYS: Final = 1_918
"""Days of the past that are read at most: five years, and what their features look back at."""
_ACTIVE: Final = 364
"""What was not sold for so many days is not forecast."""
_HOURS: Final = 56
"""Days whose hours tell how a usual day goes."""


@dataclass(frozen=True, slots=True)
class LedgerCriteria:
    """Which series; None does not limit.

    Those `wanted` are read in any case, also where there is no room for all.
    """

    product_ids: frozenset[UUID] | None = None
    location_ids: frozenset[UUID] | None = None
    wanted: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class Room:
    """How many series × days are worked on at once, and how many series are forecast at all."""

    cells: int = MOST_CELLS
    series: int = MOST_SERIES


ROOM: Final = Room()
"""As much as fits into the memory of a process."""


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """A panel, whose demand it is, and how far it goes.

    `window` is which days were read, `series` are location and product of each row; `closed` is
    how many periods had ended at all locations when it was read, at `read_at`; `taken` what series
    take from each location; `left_out` how many series that sell are not in it.
    """

    panel: Panel
    window: Window
    series: tuple[Key, ...]
    read_at: datetime
    closed: int
    taken: Mapping[UUID, Place]
    left_out: int = 0

    @property
    def closed_through(self) -> date:
        """The last business day that had ended everywhere."""
        return self.panel.rhythm.later(self.panel.start, self.closed - 1)


@dataclass(frozen=True, slots=True, eq=False)
class Surveyed:
    """What there is to read: series, days, and at which locations.

    `closed` and `read_at` are as in a ledger.
    """

    survey: Survey
    window: Window
    places: Mapping[UUID, LocationDetail]
    clocks: Mapping[UUID, datetime]
    closed: int
    read_at: datetime


async def read_panel(
    work: Work,
    criteria: LedgerCriteria | None = None,
    days: int = MOST_DAYS,
    *,
    ahead: int = 28,
    today: bool = False,
    room: Room = ROOM,
) -> Ledger | None:
    """Return the demand of the last `days` that ended, and of `today` as far as it is gone.

    Plans reach `ahead` days further. Where nothing was sold for two weeks the past ends with the
    last sale. What is archived is not in it; where there is no room for all series, some are drawn
    by lot. None: nothing was sold that the principal sees, within the criteria.

    Raises:
        SummaryTooSlow: the sales take longer to read than one statement may.
    """
    criteria = criteria or LedgerCriteria()
    found = await look_over(work, criteria, days, ahead=ahead, today=today, room=room)
    return None if found is None else await read(work, found, found.survey.sample(criteria.wanted))


async def look_over(
    work: Work,
    criteria: LedgerCriteria | None = None,
    days: int = MOST_DAYS,
    *,
    ahead: int = 28,
    today: bool = False,
    room: Room = ROOM,
) -> Surveyed | None:
    """Return which series there are to read, as `read_panel` would; None: there is none.

    Raises:
        SummaryTooSlow: the sales take longer to sum up than one statement may.
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
    window = window_of(span, [now.date() for now in clocks.values()], days, ahead, today=today)
    since = max(window.first, window.last - timedelta(days=_ACTIVE))
    products, chosen = _listed(criteria.product_ids), _listed(criteria.location_ids)
    active = await sold.series_sold(work, since, window.last, products=products, locations=chosen)
    dealt_in = await catalogue.dealt_in(work, list({one.product_id for one in active}))
    active = [one for one in active if one.product_id in dealt_in and one.location_id in places]
    if not active:
        return None
    # What closed shops sold long ago takes no room from those that are open.
    first = await sold.first_sold(work, list({one.location_id for one in active}))
    window = window if first is None else window.since(first)
    total = window.periods + window.ahead
    survey = survey_of(active, total, most_cells=room.cells, most_series=room.series)
    closed = _closed(survey, window, clocks)
    return Surveyed(survey, window, places, clocks, closed, work.now)


async def as_found(
    work: Work, key: Key, window: Window, closed: int, read_at: datetime
) -> Surveyed | None:
    """Return one series as `look_over` found it at a moment; None: its location is gone."""
    [place] = await locations.location_details(work, [key[0]])
    if place is None:
        return None
    survey = Survey((key,), window.periods + window.ahead, left_out=0)
    clocks = {key[0]: _clock(read_at, place)}
    return Surveyed(survey, window, {key[0]: place}, clocks, closed, read_at)


async def read(work: Work, found: Surveyed, keys: tuple[Key, ...]) -> Ledger:
    """Return the demand of some of the series that were found; `left_out` are all others.

    Raises:
        SummaryTooSlow: the sales take longer to read than one statement may.
    """
    kept = await _units_of(work, found, keys)
    panel = _panel(kept, found.window, found.places)
    return await _ledger(work, found, (kept, panel), await _taken(work, found, panel, kept))


async def read_one(work: Work, found: Surveyed, place: Place) -> Ledger | None:
    """Return the demand of one series as it was found, with what it took from its location.

    None: nothing is known any more to be sold of it.
    """
    [(location, _)] = found.survey.keys
    kept = await _units_of(work, found, found.survey.keys)
    if not kept:
        return None
    panel = _panel(kept, found.window, found.places)
    return await _ledger(work, found, (kept, panel), {location: place})


async def _ledger(
    work: Work,
    found: Surveyed,
    sales: tuple[list[DailyUnits], Panel],
    taken: Mapping[UUID, Place],
) -> Ledger:
    (kept, panel), window = sales, found.window
    exposure = exposure_of(kept, panel, window, taken, found.clocks)
    await take_off_outages(work, kept, window, taken, found.read_at, exposure)
    plans = await _plans(work, kept, window, taken)
    panel = replace(panel, exposure=opened(panel, exposure, plans), plans=plans)
    series = tuple((one.location_id, one.product_id) for one in kept)
    missing = len(found.survey.keys) + found.survey.left_out - len(series)
    return Ledger(panel, window, series, found.read_at, found.closed, taken, missing)


async def _taken(
    work: Work, found: Surveyed, panel: Panel, kept: list[DailyUnits]
) -> dict[UUID, Place]:
    """Return what the series of each location take from all that is sold there."""
    window = found.window
    numbers = Numbers.of([(one.location_id, one.product_id) for one in kept])
    hours = await sold.hours_sold(work, window.last - timedelta(days=_HOURS), window.last)
    usual = usual_days(hours, numbers.locations)
    silent = unheard(panel.demand[:, : found.closed] > 0, panel.locations)
    days = [found.places[one].opening_days for one in numbers.locations]
    opens = planning.openings_of(days, panel, window.periods + window.ahead)
    return {one: Place(usual[one], silent[n], opens[n]) for n, one in enumerate(numbers.locations)}


async def _units_of(work: Work, found: Surveyed, keys: tuple[Key, ...]) -> list[DailyUnits]:
    """Return the units of some series, in their order; read by locations, not too many at once."""
    chosen, kept = set(keys), list[DailyUnits]()
    for places in _together(found.survey, {location for location, _ in keys}):
        rows = await sold.daily_units(
            work,
            found.window.first,
            found.window.last,
            products=list({product for location, product in keys if location in places}),
            locations=list(places),
        )
        kept += [one for one in rows if (one.location_id, one.product_id) in chosen]
    return sorted(kept, key=lambda one: (one.location_id, one.product_id))


def _together(survey: Survey, wanted: set[UUID]) -> Iterator[frozenset[UUID]]:
    """Yield locations in groups whose series, read or not, fit into memory."""
    group, size = list[UUID](), 0
    for location, keys in groupby(survey.keys, key=lambda key: key[0]):
        count = sum(1 for _ in keys)
        if location not in wanted:
            continue
        if group and size + count > MOST_OF_A_LOCATION:
            yield frozenset(group)
            group, size = [], 0
        group.append(location)
        size += count
    if group:
        yield frozenset(group)


def _closed(survey: Survey, window: Window, clocks: Mapping[UUID, datetime]) -> int:
    """Return how many days have ended at all locations of these series."""
    if window.is_stale:
        return window.periods
    ended = min(clocks[one].date() for one in {location for location, _ in survey.keys})
    return max(min(window.number(ended), window.periods), 0)


def _clock(now: datetime, place: LocationDetail) -> datetime:
    return now.astimezone(ZoneInfo(place.ref.timezone)).replace(tzinfo=None)


def _listed(ids: frozenset[UUID] | None) -> list[UUID] | None:
    return None if ids is None else sorted(ids)


def _units(one: DailyUnits) -> Floats:
    return np.frombuffer(one.units, ">f4").astype(np.float32)


def _days(one: DailyUnits) -> Ints:
    return np.frombuffer(one.days, ">i4").astype(np.int64)


def _panel(kept: list[DailyUnits], window: Window, places: Mapping[UUID, LocationDetail]) -> Panel:
    """Return the panel with what was sold, everything exposed since it was first on offer."""
    demand = np.zeros((len(kept), window.periods), np.float32)
    for row, one in enumerate(kept):
        demand[row, _days(one)] = np.maximum(_units(one), 0)
    begun = np.array([window.number(one.first_day) for one in kept])
    numbers = Numbers.of([(one.location_id, one.product_id) for one in kept])
    return Panel(
        start=window.first,
        step=Step.DAY,
        demand=demand,
        exposure=(np.arange(window.periods) >= begun[:, None]).astype(np.float32),
        products=numbers.product,
        locations=numbers.location,
        countries=countries_of(numbers, places),
    )


def as_part(ledger: Ledger, numbers: Numbers, found: Surveyed) -> Panel:
    """Return a panel whose locations and products are numbered as in all other parts."""
    location, product = numbers.of_keys(ledger.series)
    return replace(
        ledger.panel,
        locations=location,
        products=product,
        countries=countries_of(numbers, found.places),
    )


async def _plans(
    work: Work, kept: list[DailyUnits], window: Window, taken: Mapping[UUID, Place]
) -> Plans:
    total = window.periods + window.ahead
    end = window.first + timedelta(days=total - 1)
    numbers = Numbers.of([(one.location_id, one.product_id) for one in kept])
    promotions = await catalogue.promotions_between(work, window.first, end)
    prices = await catalogue.price_list(work, list(numbers.products))
    opens = np.stack([taken[one].opened for one in numbers.locations])
    return Plans(
        promo=planning.promotions_of(kept, promotions, window.first, total),
        price=planning.prices_of(prices, numbers.products, window.first, total)[numbers.product],
        opened=opens[numbers.location],
    )
