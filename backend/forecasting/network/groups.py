"""What each feature is about, and what it usually is."""

from enum import StrEnum
from typing import Final, NamedTuple

from backend.forecasting.demand.panel import Panel
from backend.forecasting.demand.rhythm import Step


class Driver(StrEnum):
    """What moves a forecast away from the plain level of a product."""

    LEVEL = "LEVEL"
    """How products like it go on from such a level: how old it is, how much it varies."""
    TREND = "TREND"
    """Where it has been going: the last weeks beside the last months, this year beside the last."""
    WEEKDAY = "WEEKDAY"
    """The day of the week."""
    SEASON = "SEASON"
    """The time of the year and of the month."""
    HOLIDAY = "HOLIDAY"
    """Public holidays, and what was special about the date a year ago."""
    PROMOTION = "PROMOTION"
    """What is promoted then, or around it."""
    PRICE = "PRICE"
    """The price beside what it usually is."""
    OPENING = "OPENING"
    """How long the location is open then, and the day before and after."""


class Column(NamedTuple):
    """A feature: what it is about, and what it is where that is as usual."""

    driver: Driver
    usual: float = 0.0


_WINDOWS: Final = 6
_LEVEL, _TREND = Column(Driver.LEVEL), Column(Driver.TREND)
_AT_ORIGIN: Final = (*[_TREND] * _WINDOWS, *[_LEVEL] * 3, _TREND, *[_LEVEL] * 2)
_A_YEAR_AGO: Final = (*[Column(Driver.SEASON)] * 5, Column(Driver.HOLIDAY), _TREND)
_OPENINGS: Final = (Column(Driver.OPENING, 1.0),) * 3
_SHOWN: Final = Column(Driver.PROMOTION)
_PROMOTIONS: Final = (_SHOWN, _SHOWN, _LEVEL, _SHOWN, _SHOWN)
_PRICES: Final = (Column(Driver.PRICE),) * 2
_DATES: Final = (*[Column(Driver.SEASON)] * 8, Column(Driver.SEASON, 0.5))


def columns(panel: Panel) -> tuple[Column, ...]:
    """Return what the features of a panel are about, in their order."""
    is_daily, plans = panel.step is Step.DAY, panel.plans
    # A week has no weekdays: the one before it says where things are going.
    weekly = Column(Driver.WEEKDAY) if is_daily else _TREND
    return (
        *_AT_ORIGIN,
        *[weekly] * 6,
        *_A_YEAR_AGO,
        *(_OPENINGS if plans.opened is not None else ()),
        *(_PROMOTIONS if plans.promo is not None else ()),
        *(_PRICES if plans.price is not None else ()),
        *_DATES,
        *[Column(Driver.HOLIDAY)] * (5 if is_daily else 2),
        *([Column(Driver.WEEKDAY, 1 / 7)] * 7 if is_daily else ()),
        _LEVEL,
    )
