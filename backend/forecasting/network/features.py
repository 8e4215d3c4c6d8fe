"""What a forecast of one series, made at one origin for one period ahead, is computed from.

Everything is a ratio or a share: a series of thousands and one of tenths look alike. A row belongs
to a series, an origin `t` (so many periods are observed) and a step ahead `h`: period `t + h`.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Flags, Floats, Ints
from backend.forecasting.demand.panel import Panel
from backend.forecasting.demand.rhythm import Step
from backend.forecasting.network.calendars import (
    holiday_marks,
    waves_of_month,
    waves_of_year,
)
from backend.forecasting.network.history import History, promotions
from backend.forecasting.network.pairs import Pairs, log_ratio, seen, side_by_side
from backend.forecasting.network.pool_columns import PROFILE_WEEKS, REACHES

_WINDOWS: Final = (1, 2, 4, 8, 13, 52)
"""Weeks whose mean demand is compared with the level."""
_SAME_WEEKDAYS: Final = (1, 4, 8)
LEVEL_WEEKS: Final = ((4, 0.6), (13, 0.4))
"""The level: the mean of the last weeks, and the weight of each window."""
_LEAST_LEVEL: Final = 0.1
"""Of the year's mean: after a pause demand would else be a multiple of next to nothing."""
YEARS_BACK: Final = {Step.DAY: 1, Step.WEEK: 2}
"""Years whose same periods are looked at; of single days a second year says nothing new."""
_PROFILE: Final = 17
"""The column of the weekday's own profile."""
_FAITH: Final = 20.0
"""A weekday's own profile is trusted where it rests on so many times its noise."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Feature rows of series × steps ahead, one after the other.

    `level` is the demand of an ordinary open period as it was at the origin; `factor` is opening
    times promotion in the period forecast.
    """

    values: Floats
    level: Doubles
    factor: Doubles


class Features:
    """Makes rows from a history; everything that does not depend on the row is made once.

    `yearly` rows see the season, which nobody can learn from a single year: there it is the trend.
    """

    def __init__(self, past: History, horizon: int, *, yearly: bool) -> None:
        panel = past.panel
        total = panel.periods + horizon
        self._past, self._horizon, self._yearly = past, horizon, yearly
        self._total = total
        self._dates = np.concatenate(
            [waves_of_year(panel, total) * yearly, waves_of_month(panel, total)], axis=1
        ).T
        self._pool = past.pool.whole.columns(horizon)
        marks = holiday_marks(panel, total)
        self._holidays = np.moveaxis(marks, 2, 0).reshape(marks.shape[2], -1)
        self._weekday_flags = _weekday_flags(panel, total)
        self._promo = promotions(panel, horizon)
        self._prices = _prices(past, total)
        self._price_sums = None if self._prices is None else _running(self._prices)
        self._promo_sums = None if panel.plans.promo is None else _running(self._promo > 0)

    def rows(self, series: Ints, origins: Ints, steps: Ints) -> Rows:
        """Return a row for each pair of `series` and `origins` and each of its `steps` [n, k]."""
        at = Pairs(series, origins, steps)
        means = self._means(series, origins)
        level = _level(means)
        columns = [
            *map(at.each, self._at_origin(at, means, level)),
            *self._weekly(at, level),
            *self._a_year_ago(at, level),
            *self._planned(at),
        ]
        places = self._past.panel.locations[at.who] * self._total
        tables = (
            (self._dates, at.period),
            (self._holidays, places + at.period),
            (self._weekday_flags, at.period),
        )
        values = side_by_side(columns, tables, (steps.reshape(-1) + 1) / self._horizon)
        factor = self._past.factor[at.who, at.period].astype(np.float64)
        return Rows(values, at.each(level), factor)

    def usual(self, rows: Rows) -> Doubles:
        """Return the coefficients that are taken for granted where the past says too little.

        The smooth part has the weekdays' own profile then, and nothing else.
        """
        coefficients = np.zeros(rows.values.shape[1])
        coefficients[_PROFILE] = self._past.panel.step is Step.DAY
        return coefficients

    def _means(self, series: Ints, ends: Ints) -> dict[int, Doubles]:
        """Return the mean of each window before `ends`, each drawn towards the next wider."""
        own, week = self._past.own, self._past.panel.rhythm.week
        exposed = own.exposed.between(series, ends * 0, ends)
        mean = own.wanted.between(series, ends * 0, ends) / np.maximum(exposed, 1e-9)
        mean = np.where(exposed > 0, mean, 0.0)
        means: dict[int, Doubles] = {}
        for weeks in reversed(_WINDOWS):
            mean = means[weeks] = own.mean(series, ends - weeks * week, ends, mean)
        return means

    def _at_origin(self, at: Pairs, means: dict[int, Doubles], level: Doubles) -> list[Doubles]:
        """Return by pair what depends on the origin alone."""
        past, week, year = self._past, self._past.panel.rhythm.week, self._past.panel.rhythm.year
        series, origins = at.series, at.origins
        begin = origins - 8 * week
        exposed = np.maximum(past.own.exposed.between(series, begin, origins), 1.0)
        square = past.squares.between(series, begin, origins) / exposed
        spread = np.sqrt(np.maximum(square - means[8] ** 2, 0.0)) / _positive(means[8])
        had_year = (origins >= year + 4 * week) & self._yearly
        growth = log_ratio(means[4], self._means(series, np.maximum(origins - year, 0))[4])
        age = past.own.exposed.between(series, origins * 0, origins)
        return [
            *(log_ratio(means[weeks], level) for weeks in _WINDOWS),
            spread / 2,
            past.zeros.between(series, begin, origins) / exposed,
            np.log(level + 0.1) / 4,
            np.where(had_year, growth, 0.0),
            np.log1p(np.minimum(age / week, 26)) / 4,
            had_year.astype(np.float64),
        ]

    def _weekly(self, at: Pairs, level: Doubles) -> list[Doubles]:
        """Compare the last same weekdays with the level: own, at the location, everywhere."""
        own, pool, latest = self._past.own, self._past.pool, at.latest(self._past.panel.rhythm.week)
        each = at.each(level)
        columns = [
            log_ratio(own.same_weekday(at.who, latest, n, each), each) for n in _SAME_WEEKDAYS
        ]
        shared = (at.series * 0, pool.places[at.series])
        columns += [self._pool.weekday(at.of(rows)) for rows in shared]
        columns.append(self._profile(at, latest, columns[-1], level))
        return columns

    def _profile(self, at: Pairs, latest: Ints, shared: Doubles, level: Doubles) -> Doubles:
        """Return the weekday's own profile, drawn to the location's as far as it may be noise."""
        past, rhythm = self._past, self._past.panel.rhythm
        weeks, begin = PROFILE_WEEKS[rhythm.step], at.origins - 8 * rhythm.week
        wanted = past.own.wanted_weekly.every(at.who, latest, weeks)
        exposed = past.own.exposed_weekly.every(at.who, latest, weeks)
        seen = np.maximum(past.own.exposed.between(at.series, begin, at.origins), 1.0)
        noise = past.squares.between(at.series, begin, at.origins) / seen / _positive(level)
        mean = past.own.mean(at.series, at.origins - weeks * rhythm.week, at.origins, level)
        expected = exposed * at.each(mean) * np.exp(shared)
        faith = _FAITH * at.each(noise)
        return shared + log_ratio(wanted + faith, expected + faith)

    def _a_year_ago(self, at: Pairs, level: Doubles) -> list[Doubles]:
        """Compare the same days a year ago with the level they had: own, and pooled."""
        rhythm, pool = self._past.panel.rhythm, self._past.pool
        if not self._yearly:
            return [np.zeros(len(at.who))] * 7
        before = at.origins - rhythm.year
        columns, _ = self._years_ago(at, 1)
        for years in range(2, YEARS_BACK[rhythm.step] + 1):
            earlier, known = self._years_ago(at, years)
            columns = [
                new + known * (old - new) / years for new, old in zip(columns, earlier, strict=True)
            ]
        everything = at.series * 0
        shared = (everything, pool.places[at.series], pool.goods[at.series])
        columns += [self._pool.year(at.of(rows)) for rows in shared]
        columns += [one(at.of(everything)) for one in (self._pool.date, self._pool.growth)]
        known = at.each((before >= 4 * rhythm.week) & (level > 0))
        return [np.where(known, column, 0.0) for column in columns]

    def _years_ago(self, at: Pairs, years: int) -> tuple[list[Doubles], Flags]:
        """Compare days around those so many years ago with the level of then; whether any knows."""
        past, rhythm = self._past, self._past.panel.rhythm
        then, before = at.period - years * rhythm.year, at.origins - years * rhythm.year
        old = at.each(_level(self._means(at.series, np.maximum(before, 0))))
        columns = [
            log_ratio(past.own.mean(at.who, *seen(then, reach, at.when), old), old)
            for reach in REACHES[rhythm.step]
        ]
        return columns, at.each(before >= 4 * rhythm.week) & (old > 0)

    def _planned(self, at: Pairs) -> list[Doubles]:
        """Return what is known ahead: openings, promotions and prices, and how usual they are."""
        past, week = self._past, self._past.panel.rhythm.week
        plans, series, period = past.panel.plans, at.who, at.period
        last = past.opened.shape[1] - 1
        columns: list[Doubles] = []
        if plans.opened is not None:
            around = (np.maximum(period - 1, 0), np.minimum(period + 1, last))
            columns += [past.opened[series, day].astype(np.float64) for day in (period, *around)]
        if self._promo_sums is not None:
            shown = (self._promo[series, period] > 0).astype(np.float64)
            share = _window(self._promo_sums, at.series, at.origins - 4 * week, at.origins)
            columns += [shown, shown * np.log(past.uplift[series]), at.each(share)]
            columns.append(self._promo[series, period].astype(np.float64))
            columns.append((self._promo[series, np.maximum(period - 1, 0)] > 0) - shown)
        if self._prices is not None and self._price_sums is not None:
            price = self._prices[series, period].astype(np.float64)
            for weeks in (4, 52):
                mean = _window(self._price_sums, at.series, at.origins - weeks * week, at.origins)
                columns.append(log_ratio(price, at.each(mean)) * 2)
        return columns


def _weekday_flags(panel: Panel, total: int) -> Floats:
    """Tell by weekday and period whether it begins on that; weeks all begin on the same."""
    if panel.step is Step.WEEK:
        return np.zeros((0, total), np.float32)
    return np.eye(7, dtype=np.float32)[:, panel.weekday(np.arange(total))]


def _level(means: dict[int, Doubles]) -> Doubles:
    level = np.sum([weight * means[weeks] for weeks, weight in LEVEL_WEEKS], axis=0)
    return np.maximum(level, _LEAST_LEVEL * means[_WINDOWS[-1]])


def _positive(values: Doubles) -> Doubles:
    return np.where(values > 0, values, 1.0)


def _prices(past: History, total: int) -> Floats | None:
    """Return prices by series and period without holes: the last known, else the first one."""
    given = past.panel.plans.price
    if given is None:
        return None
    prices = np.full((past.panel.series, total), np.nan, np.float32)
    known = min(total, given.shape[1])
    prices[:, :known] = given[:, :known]
    seen = ~np.isnan(prices)
    first = np.argmax(seen, axis=1)
    at = np.where(seen, np.arange(total), first[:, None])
    filled = np.take_along_axis(prices, np.maximum.accumulate(at, axis=1), axis=1)
    return np.nan_to_num(filled)


def _running(values: Floats | np.ndarray) -> Doubles:
    sums = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums


def _window(sums: Doubles, series: Ints, begin: Ints, end: Ints) -> Doubles:
    """Return the mean of a window; of what there is of it."""
    begin = np.clip(begin, 0, None)
    return (sums[series, end] - sums[series, begin]) / np.maximum(end - begin, 1)
