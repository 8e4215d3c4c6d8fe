"""What moved a forecast, what would be if plans were others, and how good forecasts were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final

from dashboard.analysis.forecast_words import better
from dashboard.analysis.forecasts import horizon_of
from dashboard.analysis.panels import Column, Control, Drawing, Table, empty
from dashboard.analysis.words import with_dates
from dashboard.figures.forecast_chart import Step, steps_chart

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.analysis.choices import Retailer
    from dashboard.analysis.view import View

    Found = Mapping[str, Any]

DRIVERS: Final = {
    "LEVEL": "How such goods go on",
    "TREND": "Where it has been going",
    "WEEKDAY": "Day of the week",
    "SEASON": "Time of the year",
    "HOLIDAY": "Holidays",
    "PROMOTION": "Promotion",
    "PRICE": "Price",
    "OPENING": "Opening hours",
}
CHOOSE_ONE: Final = "Choose one product and one location: press a name in “What will sell”."
ACCURACY_BY: Final = {
    "NONE": "Everything",
    "CLASS": "By demand class",
    "PRODUCT": "By product",
    "LOCATION": "By location",
}


@dataclass(frozen=True, slots=True)
class One:
    """The one product at one location that a view is about."""

    sku: str
    location: str

    @classmethod
    def of(cls, view: View) -> One | None:
        """Return it; None where a view is about several."""
        sku, location = view.only("sku"), view.only("location")
        return cls(sku, location) if sku and location else None


@dataclass(frozen=True, slots=True)
class Drivers:
    """Asks what moved the forecast of a day."""

    one: One
    day: date

    field: ClassVar[str] = "forecastDrivers"
    fragment: ClassVar[str] = """
fragment forecastDrivers on ForecastDrivers {
  day level mean effects { driver units }
}
"""
    arguments: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"product": "String!", "location": "String!", "day": "Date!"}
    )

    def variables(self) -> dict[str, Any]:
        """Return the values of the arguments."""
        return {
            "product": self.one.sku,
            "location": self.one.location,
            "day": f"{self.day}",
        }

    def read(self, given: Any) -> Any:
        """Return the answer as it is."""
        return given


def drivers_cuts(view: View) -> dict[str, Any]:
    """Return what the panel of drivers asks for; nothing where several are chosen."""
    one = One.of(view)
    return {"drivers": Drivers(one, day_of(view))} if one else {}


def day_of(view: View) -> date:
    """Return the day whose forecast is explained; the first is tomorrow."""
    ahead = view.choices.get("ahead", "1")
    most = horizon_of(view) - 1
    today = view.today or view.span.last
    return today + timedelta(days=max(min(int(ahead), most), 1) if ahead.isdigit() else 1)


def draw_drivers(view: View, found: Found, _: Retailer) -> Drawing:
    """Return what adds up to the forecast of a day."""
    if "drivers" not in found:
        return empty(CHOOSE_ONE)
    said = found["drivers"]
    if said is None:
        return empty("Nothing is forecast of this day.")
    effects: list[tuple[str, float]] = [
        (DRIVERS.get(one["driver"], "Something else"), one["units"]) for one in said["effects"]
    ]
    effects.sort(key=lambda one: abs(one[1]), reverse=True)
    steps = [
        Step("Its usual level", said["level"], is_total=True),
        *(Step(driver, value) for driver, value in effects),
        Step("Expected that day", said["mean"], is_total=True),
    ]
    summary = f"{said['mean']:,.1f} units are expected on {with_dates(said['day'])}"
    if effects:
        summary += f"; most of the difference is due to {effects[0][0].lower()}"
    summary += "."
    return Drawing(
        summary,
        steps_chart(steps),
        Table(
            [Column("What"), Column("Units", "number")],
            [[step.name, step.value] for step in steps],
            [None] * len(steps),
        ),
        controls=[Control("ahead", "Day", view.choices.get("ahead", "1"), _days(view))],
        note="The level and all that moves it add up to what is expected.",
    )


def _days(view: View) -> dict[str, str]:
    today = view.today or view.span.last
    return {f"{n}": f"{today + timedelta(days=n):%a %d %b}" for n in range(1, horizon_of(view))}


@dataclass(frozen=True, slots=True)
class Accuracies:
    """Asks how good forecasts were on the last days."""

    by: str
    products: tuple[str, ...]
    locations: tuple[str, ...]

    field: ClassVar[str] = "forecastAccuracy"
    fragment: ClassVar[str] = """
fragment forecastAccuracy on ForecastAccuracy {
  from to
  rows { id label series days wape mase rmsse bias pinball coverage90 }
}
"""
    arguments: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"by": "ForecastAccuracyBy!", "products": "[String!]", "locations": "[String!]"}
    )

    def variables(self) -> dict[str, Any]:
        """Return the values of the arguments."""
        return {
            "by": self.by,
            "products": list(self.products) or None,
            "locations": list(self.locations) or None,
        }

    def read(self, given: Any) -> Any:
        """Return the answer as it is."""
        return given


def measured_cuts(view: View) -> dict[str, Any]:
    """Return what the panel of forecasts that were made asks for."""
    by = view.choices.get("measured", "CLASS")
    products, places = view.filters.get("sku", ()), view.filters.get("location", ())
    chosen = by if by in ACCURACY_BY else "CLASS"
    return {"measured": Accuracies(chosen, tuple(products), tuple(places))}


def draw_measured(view: View, found: Found, _: Retailer) -> Drawing:
    """Return how good forecasts were, those first of which most was missed."""
    said = found["measured"]
    control = Control("measured", "Told apart", view.choices.get("measured", "CLASS"), ACCURACY_BY)
    if not said["rows"]:
        return empty("No day was scored yet: forecasts are measured once their days are over.")
    columns = [
        Column("What"), Column("Beside last week again"), Column("WAPE", "percent"),
        Column("Bias", "percent"), Column("MASE", "number"), Column("RMSSE", "number"),
        Column("Pinball", "percent"), Column("In the 90 % band", "percent"),
        Column("Days", "count"),
    ]  # fmt: skip
    names = ("wape", "bias", "mase", "rmsse", "pinball", "coverage90", "days")
    rows = [
        [
            one["label"] or "Everything",
            better(one["mase"], 1.0, "it") or "–",
            *(one[name] for name in names),
        ]
        for one in said["rows"]
    ]
    return Drawing(
        f"Forecasts of one to seven days ahead, {said['from']} to {said['to']},"
        " those first of which most was missed. WAPE is what was missed as a part of what was sold:"
        " about 100 % is usual where a product sells a few units a week, so what tells is how much"
        " less is missed than by saying last week again. The goal of the band is 90 %.",
        table=Table(columns, rows, [None] * len(rows)),
        controls=[control],
    )
