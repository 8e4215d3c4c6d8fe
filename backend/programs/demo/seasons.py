"""When the demo retailer's customers buy what: year, week, day, growth, promotions, region."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import cos, exp, pi
from random import Random
from typing import Final

from backend.programs.demo.goods import Good

HISTORY: Final = timedelta(days=426)
"""Fourteen months."""
KNOWN_AHEAD: Final = timedelta(days=150)
GROWTH: Final = 0.35
"""By how much the trade has grown from the first to the last day."""

# January to December; Monday to Sunday.
_MONTHS: Final = (0.85, 0.84, 0.92, 0.97, 1.02, 1.00, 0.97, 1.03, 0.95, 1.00, 1.22, 1.50)
_STORE_WEEK: Final = (0.84, 0.82, 0.88, 0.96, 1.15, 1.36, 1.08)
_WEB_WEEK: Final = (1.12, 1.06, 1.02, 0.98, 0.90, 0.88, 1.10)
# Midnight to eleven at night, local time.
DAY: Final = (
    0, 0, 0, 0, 0, 0, 0, 0, 0.2, 0.5, 0.8, 1.0,
    1.1, 1.0, 0.9, 0.9, 1.0, 1.2, 1.2, 0.9, 0.6, 0.2, 0, 0,
)  # fmt: skip
ALL_NIGHT: Final = tuple(max(share, 0.08) for share in DAY)
WEB: Final = (
    0.35, 0.2, 0.12, 0.1, 0.1, 0.15, 0.3, 0.5, 0.7, 0.8, 0.9, 0.9,
    0.95, 0.9, 0.85, 0.85, 0.85, 0.9, 1.0, 1.15, 1.3, 1.25, 1.0, 0.6,
)  # fmt: skip

_TASTES: Final = {
    ("West", "Sports"): 1.45,
    ("West", "Garden"): 1.15,
    ("South", "Garden"): 1.35,
    ("South", "Kitchen"): 1.10,
    ("East", "Office"): 1.30,
    ("East", "Electronics"): 1.15,
    ("Central", "Household"): 1.25,
    ("Central", "Toys"): 1.15,
}


@dataclass(frozen=True, slots=True)
class Promotion:
    """A discount on a category (None: on all) in all locations; dates inclusive."""

    code: str
    name: str
    starts_on: date
    ends_on: date
    rate: Decimal
    category: str | None = None

    def runs_on(self, day: date) -> bool:
        """Tell whether it is on that day."""
        return self.starts_on <= day <= self.ends_on


def promotions(today: date) -> tuple[Promotion, ...]:
    """Return the promotions of the past fourteen months and those known ahead, by first day."""
    first, last = today - HISTORY, today + KNOWN_AHEAD
    years = range(first.year - 1, last.year + 1)
    found = [one for year in years for one in _of_year(year)]
    return tuple(one for one in found if one.ends_on >= first and one.starts_on <= last)


def day_factor(day: date, today: date, *, online: bool) -> float:
    """Return how much is bought on a day, 1 on an ordinary one."""
    if (day.month, day.day) == (12, 25):
        return 0.3 if online else 0.05
    grown = 1 + GROWTH * (1 - (today - day) / HISTORY) - GROWTH / 2
    week = _WEB_WEEK if online else _STORE_WEEK
    rush = 2.1 if day == _black_friday(day.year) else 1.0
    return _month_factor(day) * week[day.weekday()] * grown * rush


def taste(good: Good, region: str, month: int, on_offer: bool) -> float:
    """Return how much a product is bought in a region and month of the year."""
    season = 1.0
    if good.group.peak:
        season += 0.6 * cos(2 * pi * (month - good.group.peak) / 12)
    regional = _TASTES.get((region, good.group.category), 1.0)
    return good.popularity * season * regional * (1.7 if on_offer else 1.0)


def offers(running: tuple[Promotion, ...], day: date) -> dict[str | None, Decimal]:
    """Return the discount rate per category on a day; under None what holds for all."""
    return {one.category: one.rate for one in running if one.runs_on(day)}


def _month_factor(day: date) -> float:
    """Return the month's factor, gliding from the middle of one month to that of the next."""
    here = day.month - 1
    offset = (day.day - 15) / 30
    other = (here + (1 if offset > 0 else -1)) % 12
    return _MONTHS[here] * (1 - abs(offset)) + _MONTHS[other] * abs(offset)


def _black_friday(year: int) -> date:
    """Return the day after the fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 22)


def _of_year(year: int) -> list[Promotion]:
    friday = _black_friday(year)
    rows: list[tuple[str, str, date, date, str, str | None]] = [
        ("FITNESS", "New year, new you", date(year, 1, 2), date(year, 1, 22), "0.20", "Sports"),
        ("GARDEN", "Spring in the garden", date(year, 4, 14), date(year, 5, 12), "0.15", "Garden"),
        ("SUMMER", "Summer outdoors", date(year, 6, 20), date(year, 7, 8), "0.15", "Sports"),
        ("SCHOOL", "Back to school", date(year, 8, 3), date(year, 8, 30), "0.20", "Office"),
        ("COZY", "Cozy home", date(year, 10, 5), date(year, 10, 25), "0.10", "Home"),
        ("FRIDAY", "Black Friday week", friday - timedelta(days=4), friday + timedelta(days=3),
         "0.25", None),
        ("GIFTS", "Gifts that play", date(year, 12, 6), date(year, 12, 20), "0.15", "Toys"),
    ]  # fmt: skip
    return [
        Promotion(f"DEMO-{code}-{year}", f"{name} {year}", first, last, Decimal(rate), category)
        for code, name, first, last, rate, category in rows
    ]


def poisson(rng: Random, mean: float) -> int:
    """Return a Poisson number; by the normal distribution where it is large."""
    if mean > 30:
        return max(0, round(rng.gauss(mean, mean**0.5)))
    limit, product, count = exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count
