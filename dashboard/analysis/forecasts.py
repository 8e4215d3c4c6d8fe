"""What the page of forecasts asks for, and what it reads from the answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final

from dashboard.figures.forecast_chart import Ahead

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.analysis.view import View

HORIZONS: Final = (7, 14, 28, 56, 91)
DEFAULT_HORIZON: Final = 28
"""So far every model reaches."""
MOST_HORIZON: Final = 91
NO_LEVEL: Final = "NONE"
LEVELS: Final = {
    "CATEGORY": "Category",
    "PRODUCT": "Product",
    "LOCATION": "Location",
    "STATE": "State",
    "REGION": "Region",
    "COUNTRY": "Country",
    NO_LEVEL: "Nothing",
}
"""By what forecasts are added up."""
DEFAULT_LEVEL: Final = "CATEGORY"
MOST_SERIES: Final = 100
MOST_EXPORTED: Final = 500
EQUAL_WEEKDAYS: Final = 8
"""Of how many equal weekdays the simple guess is the mean."""
DEMAND_CLASSES: Final = {
    "SMOOTH": "smooth: sells nearly every day, in like amounts",
    "ERRATIC": "erratic: sells nearly every day, in unlike amounts",
    "INTERMITTENT": "intermittent: pauses, sells in like amounts",
    "LUMPY": "lumpy: pauses, sells in unlike amounts",
}
_DAY = "day mean median low high quantiles { level value }"
FORECAST = f"""
fragment forecast on Forecast {{
  asOf
  trainedThrough
  coverage90
  absence
  model {{ version family horizon metrics baselines }}
  series {{
    product {{ sku name }}
    location {{ code name }}
    demandClass
    total {{ mean low high }}
  }}
  total {{ series days {{ {_DAY} }} total {{ mean low high }} }}
  groups {{ keys {{ id label }} series days {{ mean }} total {{ mean low high }} }}
}}
"""


@dataclass(frozen=True, slots=True)
class Sum:
    """Units of several days together; nine in ten times they lie between `low` and `high`."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Series:
    """The forecast of one product at one location; `total` is that of all days."""

    sku: str
    product: str
    location: str
    place: str
    demand_class: str
    total: Sum


@dataclass(frozen=True, slots=True)
class Group:
    """The sum of some series: the means of its days, and all days together.

    `id` is None where nobody says; without a `name` it is all that is in no other group.
    """

    id: str | None
    name: str | None
    series: int
    means: tuple[float, ...]
    sum: Sum


@dataclass(frozen=True, slots=True)
class Forecast:
    """An answer; where there is no forecast, `absence` says why.

    `count` is how many products at locations the total adds up, of which `series` are the first.
    """

    made_at: datetime
    trained_through: datetime | None
    coverage: float | None
    model: Mapping[str, Any] | None
    series: tuple[Series, ...]
    total: Ahead | None
    sum: Sum | None
    count: int
    absence: str | None
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class Forecasted:
    """Asks for the forecast of what a view is about."""

    products: tuple[str, ...]
    locations: tuple[str, ...]
    horizon: int
    first: int = 50
    by: str = ""
    """The level of its groups; empty: there are none."""

    field: ClassVar[str] = "forecast"
    fragment: ClassVar[str] = FORECAST
    arguments: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "products": "[String!]",
            "locations": "[String!]",
            "horizon": "Int!",
            "first": "Int!",
            "by": "[ForecastLevel!]",
        }
    )

    @classmethod
    def of(cls, view: View) -> Forecasted:
        """Return what a view asks for."""
        return cls(
            tuple(view.filters.get("sku", ())),
            tuple(view.filters.get("location", ())),
            horizon_of(view),
            MOST_EXPORTED if view.is_export else MOST_SERIES,
            level_of(view),
        )

    def variables(self) -> dict[str, Any]:
        """Return the values of the arguments."""
        return {
            "products": list(self.products) or None,
            "locations": list(self.locations) or None,
            "horizon": self.horizon,
            "first": self.first,
            "by": [self.by] if self.by else None,
        }

    def read(self, given: Any) -> Forecast:
        """Return the answer."""
        through = given["trainedThrough"]
        total = given["total"]
        return Forecast(
            datetime.fromisoformat(given["asOf"]),
            datetime.fromisoformat(through) if through else None,
            given["coverage90"],
            given["model"],
            tuple(map(_series, given["series"])),
            ahead_of("All of it", total["days"]) if total["days"] else None,
            _sum(total["total"]) if total["total"] else None,
            total["series"],
            given["absence"],
            tuple(map(_group, given["groups"])),
        )


@dataclass(frozen=True, slots=True)
class Models:
    """Asks for the versions of models, for a file of them."""

    first: int = 50

    field: ClassVar[str] = "forecastModels"
    fragment: ClassVar[str] = """
fragment forecastModels on ForecastModelConnection {
  nodes { version family origin status verdict series trainedThrough trainedAt metrics }
}
"""
    arguments: ClassVar[Mapping[str, str]] = MappingProxyType({"first": "Int!"})

    def variables(self) -> dict[str, Any]:
        """Return the values of the arguments."""
        return {"first": self.first}

    def read(self, given: Any) -> Any:
        """Return the versions as they come."""
        return given["nodes"]


@dataclass(frozen=True, slots=True)
class Going:
    """Asks whether a model is being trained, for where none forecasts yet."""

    field: ClassVar[str] = "forecastRuns"
    fragment: ClassVar[str] = """
fragment forecastRuns on ForecastRunConnection { nodes { progress } }
"""
    arguments: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"first": "Int!", "filter": "ForecastRunFilter!"}
    )

    def variables(self) -> dict[str, Any]:
        """Return the values of the arguments."""
        asked = {"kinds": ["TRAIN", "RETRAIN"], "statuses": ["WAITING", "RUNNING"]}
        return {"first": 3, "filter": asked}

    def read(self, given: Any) -> float | None:
        """Return how far the training is that is farthest; None: there is none."""
        return max((one["progress"] for one in given["nodes"]), default=None)


def horizon_of(view: View) -> int:
    """Return how many days ahead a view looks."""
    chosen = view.choices.get("horizon", "")
    days = int(chosen) if chosen.isascii() and chosen.isdigit() else 0
    return days if 1 <= days <= MOST_HORIZON else DEFAULT_HORIZON


def horizons(view: View, reach: int) -> dict[str, str]:
    """Return what can be chosen where a model reaches so many days ahead."""
    days = {*(one for one in HORIZONS if one <= reach), reach, horizon_of(view)}
    return {f"{one}": f"{one} days" for one in sorted(days)}


def level_of(view: View) -> str:
    """Return by what a view adds up; empty: by nothing."""
    chosen = view.choices.get("by", DEFAULT_LEVEL)
    level = chosen if chosen in LEVELS else DEFAULT_LEVEL
    return "" if level == NO_LEVEL else level


def _group(given: Mapping[str, Any]) -> Group:
    (key,) = given["keys"] or [{"id": None, "label": None}]
    means = tuple(day["mean"] for day in given["days"])
    return Group(key["id"], key["label"], given["series"], means, _sum(given["total"]))


def _series(given: Mapping[str, Any]) -> Series:
    product, location = given["product"], given["location"]
    return Series(
        product["sku"],
        product["name"],
        location["code"],
        location["name"],
        given["demandClass"],
        _sum(given["total"]),
    )


def _sum(given: Mapping[str, Any]) -> Sum:
    return Sum(given["mean"], given["low"], given["high"])


def ahead_of(name: str, days: Sequence[Mapping[str, Any]]) -> Ahead:
    """Return a forecast as charts take it."""
    levels = [{float(one["level"]): one["value"] for one in day["quantiles"]} for day in days]
    return Ahead(
        name,
        [day["day"] for day in days],
        [day["mean"] for day in days],
        [day["median"] for day in days],
        ([day["low"] for day in days], [day["high"] for day in days]),
        ([one[0.25] for one in levels], [one[0.75] for one in levels]),
    )


def weekday_means(
    sold: Mapping[str, float], days: Sequence[str], today: date, since: date
) -> list[float | None]:
    """Return for each day ahead the mean of the last eight equal weekdays before today.

    A day without sales sold nothing; None where one of them lies before `since`.
    """
    found: list[float | None] = []
    for text in days:
        back = (today - date.fromisoformat(text)).days % 7 or 7
        equal = [today - timedelta(days=back + 7 * n) for n in range(EQUAL_WEEKDAYS)]
        total = sum(sold.get(f"{day}", 0.0) for day in equal)
        found.append(total / EQUAL_WEEKDAYS if min(equal) >= since else None)
    return found
