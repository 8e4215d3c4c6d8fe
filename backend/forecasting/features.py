"""What a forecast of one series, made at one origin for one period ahead, is computed from.

Everything is a ratio or a share: a series of thousands and one of tenths look alike. A row belongs
to a series, an origin `t` (so many periods are observed) and a step ahead `h`: period `t + h`.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Floats, Ints
from backend.forecasting.calendars import (
    holiday_marks,
    waves_of_month,
    waves_of_year,
    year_earlier,
)
from backend.forecasting.history import History, promotions
from backend.forecasting.rhythm import Step

_WINDOWS: Final = (1, 2, 4, 8, 13, 52)
"""Weeks whose mean demand is compared with the level."""
_SAME_WEEKDAYS: Final = (1, 4, 8)
LEVEL_WEEKS: Final = ((4, 0.6), (13, 0.4))
"""The level: the mean of the last weeks, and the weight of each window."""
_WIDEST: Final = 4.0
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
        self._weekdays = panel.weekday(np.arange(total))
        self._dates = np.concatenate(
            [waves_of_year(panel, total) * yearly, waves_of_month(panel, total)], axis=1
        )
        self._earlier = year_earlier(panel, total)
        self._holidays = holiday_marks(panel, total)
        self._promo = promotions(panel, horizon)
        self._prices = _prices(past, total)
        self._price_sums = None if self._prices is None else _running(self._prices)
        self._promo_sums = _running(self._promo > 0)

    def rows(self, series: Ints, origins: Ints, steps: Ints) -> Rows:
        """Return a row for each pair of `series` and `origins` and each of its `steps` [n, k]."""
        level, own = self._at_origin(series, origins)
        count = steps.shape[1]
        who, when = np.repeat(series, count), np.repeat(origins, count)
        ahead = np.repeat(level, count)
        period = when + steps.reshape(-1)
        columns = [
            *self._weekly(who, when, period, ahead),
            *self._a_year_ago(who, when, period, ahead),
            *self._planned(who, when, period),
        ]
        dates = [
            self._dates[period],
            self._holidays[self._past.panel.locations[who], period],
            self._weekday_flags(period),
        ]
        step = (steps.reshape(-1, 1) + 1) / self._horizon
        values = np.concatenate(
            [np.repeat(own, count, axis=0), np.stack(columns, axis=1), *dates, step],
            axis=1,
            dtype=np.float32,
        )
        np.clip(values, -_WIDEST, _WIDEST, out=values)
        return Rows(values, ahead, self._past.factor[who, period].astype(np.float64))

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

    def _at_origin(self, series: Ints, origins: Ints) -> tuple[Doubles, Doubles]:
        """Return the level at the origin, and the features that only depend on it."""
        past, week, year = self._past, self._past.panel.rhythm.week, self._past.panel.rhythm.year
        means = self._means(series, origins)
        level = _level(means)
        begin = origins - 8 * week
        exposed = past.own.exposed.between(series, begin, origins)
        spread = past.squares.between(series, begin, origins) / np.maximum(exposed, 1.0)
        spread = np.sqrt(np.maximum(spread - means[8] ** 2, 0.0)) / _positive(means[8])
        zeros = past.zeros.between(series, begin, origins) / np.maximum(exposed, 1.0)
        had_year = (origins >= year + 4 * week) & self._yearly
        growth = _log(means[4], self._means(series, np.maximum(origins - year, 0))[4])
        age = past.own.exposed.between(series, origins * 0, origins)
        columns = [
            *(_log(means[weeks], level) for weeks in _WINDOWS),
            spread / 2,
            zeros,
            np.log(level + 0.1) / 4,
            np.where(had_year, growth, 0.0),
            np.log1p(np.minimum(age / week, 26)) / 4,
            had_year,
        ]
        return level, np.stack(columns, axis=1)

    def _weekly(self, series: Ints, origins: Ints, period: Ints, level: Doubles) -> list[Doubles]:
        """Compare the last same weekdays with the level: own, at the location, everywhere."""
        past, week = self._past, self._past.panel.rhythm.week
        latest = period - week * ((period - origins) // week + 1)
        own = [past.own.same_weekday(series, latest, n, level) for n in _SAME_WEEKDAYS]
        pool = past.pool
        columns = [_log(mean, level) for mean in own]
        for rows in (series * 0, pool.places[series]):
            usual = self._pool_mean(rows, origins - 8 * week, origins)
            columns.append(_log(pool.track.same_weekday(rows, latest, 8, usual), usual))
        columns.append(self._profile(series, origins, latest, columns[-1], level))
        return columns

    def _profile(
        self, series: Ints, origins: Ints, latest: Ints, shared: Doubles, level: Doubles
    ) -> Doubles:
        """Return the weekday's own profile, drawn to the location's as far as it may be noise."""
        past, week = self._past, self._past.panel.rhythm.week
        wanted = past.own.wanted_weekly.every(series, latest, 8)
        exposed = past.own.exposed_weekly.every(series, latest, 8)
        begin = origins - 8 * week
        seen = np.maximum(past.own.exposed.between(series, begin, origins), 1.0)
        noise = past.squares.between(series, begin, origins) / seen / _positive(level)
        expected = exposed * level * np.exp(shared)
        faith = _FAITH * noise
        return shared + _log(wanted + faith, expected + faith)

    def _a_year_ago(
        self, series: Ints, origins: Ints, period: Ints, level: Doubles
    ) -> list[Doubles]:
        """Compare the same days a year ago with the level they had: own, and pooled."""
        past, panel = self._past, self._past.panel
        week, year = panel.rhythm.week, panel.rhythm.year
        then, before = period - year, origins - year
        known = (before >= 4 * week) & self._yearly
        old = _level(self._means(series, np.maximum(before, 0)))
        near, wide = (3, 10) if panel.step is Step.DAY else (0, 1)
        columns = [
            _log(past.own.mean(series, *_seen(then, reach, origins), old), old)
            for reach in (near, wide)
        ]
        pool = past.pool
        for rows in (series * 0, pool.places[series], pool.goods[series]):
            usual = self._pool_mean(rows, before - 13 * week, before)
            then_level = 0.6 * self._pool_mean(rows, before - 4 * week, before) + 0.4 * usual
            mean = pool.track.mean(rows, *_seen(then, near, origins), usual)
            columns.append(_log(mean, then_level))
        everything = series * 0
        day = self._earlier[period]
        then_usual = self._pool_mean(everything, before - 13 * week, before)
        latest = np.minimum(day, origins) - week
        usual = pool.track.same_weekday(everything, latest, 8, then_usual)
        columns.append(_log(pool.track.mean(everything, *_seen(day, 0, origins), usual), usual))
        recent = self._pool_mean(everything, origins - 4 * week, origins)
        columns.append(_log(recent, self._pool_mean(everything, before - 4 * week, before)))
        return [np.where(known & (level > 0), column, 0.0) for column in columns]

    def _pool_mean(self, rows: Ints, begin: Ints, end: Ints) -> Doubles:
        track = self._past.pool.track
        ever = track.mean(rows, begin * 0, end, np.ones(len(rows)))
        return track.mean(rows, begin, end, ever)

    def _planned(self, series: Ints, origins: Ints, period: Ints) -> list[Doubles]:
        """Return what is known ahead: openings, promotions and prices, and how usual they are."""
        past, week = self._past, self._past.panel.rhythm.week
        plans = past.panel.plans
        last = past.opened.shape[1] - 1
        columns: list[Doubles] = []
        if plans.opened is not None:
            around = (np.maximum(period - 1, 0), np.minimum(period + 1, last))
            columns += [past.opened[series, day].astype(np.float64) for day in (period, *around)]
        if plans.promo is not None:
            shown = (self._promo[series, period] > 0).astype(np.float64)
            share = _window(self._promo_sums, series, origins - 4 * week, origins)
            columns += [shown, shown * np.log(past.uplift[series]), share]
            columns.append(self._promo[series, period].astype(np.float64))
            columns.append((self._promo[series, np.maximum(period - 1, 0)] > 0) - shown)
        if self._prices is not None and self._price_sums is not None:
            price = self._prices[series, period].astype(np.float64)
            for weeks in (4, 52):
                mean = _window(self._price_sums, series, origins - weeks * week, origins)
                columns.append(_log(price, mean) * 2)
        return columns

    def _weekday_flags(self, period: Ints) -> Floats:
        if self._past.panel.step is Step.WEEK:
            return np.zeros((len(period), 0), np.float32)
        return np.eye(7, dtype=np.float32)[self._weekdays[period]]


def _seen(middle: Ints, reach: int, origins: Ints) -> tuple[Ints, Ints]:
    """Return begin and end of the window around a period, as far as it lies before the origin."""
    begin = np.minimum(middle - reach, origins)
    return begin, np.minimum(middle + reach + 1, origins)


def _level(means: dict[int, Doubles]) -> Doubles:
    return np.sum([weight * means[weeks] for weeks, weight in LEVEL_WEEKS], axis=0)


def _positive(values: Doubles) -> Doubles:
    return np.where(values > 0, values, 1.0)


def _log(part: Doubles, whole: Doubles) -> Doubles:
    """Return the logarithm of a ratio; 0 where either is nothing or not known."""
    known = (part > 0) & (whole > 0)
    return np.log(np.where(known, part, 1.0) / np.where(known, whole, 1.0))


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
