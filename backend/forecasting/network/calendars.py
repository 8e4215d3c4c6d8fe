"""What the calendar says of a period: season, day of the month, public holidays."""

from datetime import date
from functools import lru_cache
from typing import Final, TypeAlias

import holidays
import numpy as np
from numpy.typing import NDArray

from backend.forecasting.arrays import Doubles, Floats, Ints
from backend.forecasting.demand.panel import Panel
from backend.forecasting.demand.rhythm import Rhythm, Step

Dates: TypeAlias = NDArray[np.datetime64]
_EPOCH: Final = date(1970, 1, 1).toordinal()
YEAR: Final = 365.25
_WAVES: Final = (1, 2, 3)
_AROUND: Final = (-2, -1, 0, 1, 2)
"""Days before and after a period's first day whose holidays matter."""


def waves_of_year(panel: Panel, periods: int) -> Floats:
    """Return by period the waves of the year."""
    days = _days(panel.start, panel.rhythm, periods)
    return _waves((days - days.astype("M8[Y]")).astype(np.int64) / YEAR, _WAVES)


def waves_of_month(panel: Panel, periods: int) -> Floats:
    """Return by period how far the month has gone, and its waves."""
    turn = (_days_of_month(_days(panel.start, panel.rhythm, periods)) + 1) / 31
    return np.concatenate([_waves(turn, (1,)), turn[:, None].astype(np.float32)], axis=1)


def year_earlier(start: date, rhythm: Rhythm, periods: int) -> Ints:
    """Return by period the one that holds the same date a year earlier; negative: before all."""
    days = _days(start, rhythm, periods)
    month = days.astype("M8[M]") - 12
    before = month.astype("M8[D]") + _days_of_month(days)
    return (before - days[0]).astype(np.int64) // rhythm.days


def holiday_marks(panel: Panel, periods: int) -> Floats:
    """Return by location, period and day around it whether that is a public holiday.

    A week is marked by each of its days, and by the days of the week after.
    """
    around = _AROUND if panel.step is Step.DAY else tuple(range(14))
    days = _days(panel.start, panel.rhythm, periods).astype(np.int64) + _EPOCH
    near = days[:, None] + np.array(around)
    first, last = panel.start.year - 1, panel.rhythm.later(panel.start, periods).year + 1
    marks = np.stack(
        [np.isin(near, _holidays(country, first, last)) for country in panel.countries]
    ).astype(np.float32)
    if panel.step is Step.WEEK:
        return np.stack([marks[:, :, :7].sum(2), marks[:, :, 7:].sum(2)], axis=2)
    return marks


def is_country(code: str) -> bool:
    """Tell whether the holidays of a country (ISO 3166) are known."""
    return code in holidays.list_supported_countries(include_aliases=False)


@lru_cache(maxsize=256)
def _holidays(country: str | None, first: int, last: int) -> Ints:
    """Return the holidays of a country as ordinals of days."""
    if country is None or not is_country(country):
        return np.zeros(0, np.int64)
    found = holidays.country_holidays(country, years=range(first, last + 1))
    return np.array([day.toordinal() for day in found])


def _waves(turn: Doubles, times: tuple[int, ...]) -> Floats:
    angles = [2 * np.pi * n * turn for n in times]
    waves = [wave(angle) for angle in angles for wave in (np.sin, np.cos)]
    return np.stack(waves, axis=1).astype(np.float32)


def _days(start: date, rhythm: Rhythm, periods: int) -> Dates:
    """Return the first day of each period."""
    return np.datetime64(start, "D") + np.arange(periods) * rhythm.days


def _days_of_month(days: Dates) -> Ints:
    return (days - days.astype("M8[M]")).astype(np.int64)
