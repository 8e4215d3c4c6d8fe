"""What would be forecast if a promotion, a price or opening days were others than planned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from dashboard.analysis.forecast_insight import CHOOSE_ONE, One
from dashboard.analysis.forecasts import horizon_of
from dashboard.analysis.panels import Column, Drawing, Table, empty
from dashboard.analysis.view import BadView
from dashboard.figures.forecast_chart import WHAT_IF, what_if_chart

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.analysis.choices import Retailer
    from dashboard.analysis.view import View

    Found = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be otherwise from `first` to `last`, as the address says it.

    `is_throughout`: it names neither, and means every day that is forecast. `promotion` is percent
    off. Without any of the three all is as planned.
    """

    first: date
    last: date
    is_throughout: bool = False
    promotion: int | None = None
    price: str | None = None
    is_closed: bool = False

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing would be otherwise."""
        return self.promotion is None and self.price is None and not self.is_closed

    @classmethod
    def of(cls, view: View) -> Plan:
        """Read it from an address; days it does not name are all that are forecast.

        Raises:
            BadView: it says what cannot be.
        """
        said, (first, last) = view.choices, days_of(view)
        first, last = _day(said, "planFrom") or first, _day(said, "planTo") or last
        if last < first:
            raise BadView("What is planned otherwise ends before it begins.")
        promotion = said.get("promotion")
        return cls(
            first,
            last,
            is_throughout=not (said.get("planFrom") or said.get("planTo")),
            promotion=int(promotion) if promotion else None,
            price=said.get("price") or None,
            is_closed=said.get("closed") == "1",
        )

    def as_form(self) -> dict[str, Any]:
        """Return it as the form of the page shows it."""
        return {
            "planFrom": "" if self.is_throughout else f"{self.first}",
            "planTo": "" if self.is_throughout else f"{self.last}",
            "promotion": "" if self.promotion is None else f"{self.promotion}",
            "price": self.price or "",
            "closed": self.is_closed,
        }


def days_of(view: View) -> tuple[date, date]:
    """Return the first and the last day forecast even where yesterday has not ended yet."""
    today = view.today or view.span.last
    return today + timedelta(days=1), today + timedelta(days=max(horizon_of(view) - 2, 1))


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Asks what would be forecast with other plans."""

    one: One
    plan: Plan

    field: ClassVar[str] = "forecastWhatIf"
    fragment: ClassVar[str] = """
fragment forecastWhatIf on ForecastWhatIf {
  days { day planned { mean } changed { mean low high } }
  plannedUnits changedUnits
}
"""
    arguments: ClassVar[Mapping[str, str]] = MappingProxyType({"input": "ForecastWhatIfInput!"})

    def variables(self) -> dict[str, Any]:
        """Return the values of the arguments."""
        plan = self.plan
        days = [
            f"{plan.first + timedelta(days=n)}" for n in range((plan.last - plan.first).days + 1)
        ]
        given = {
            "product": self.one.sku,
            "location": self.one.location,
            "days": None if plan.is_throughout else days,
            "promotion": None if plan.promotion is None else plan.promotion / 100,
            "price": None if plan.price is None else float(plan.price),
            "closed": True if plan.is_closed else None,
        }
        return {"input": given}

    def read(self, given: Any) -> Any:
        """Return the answer as it is."""
        return given


def what_if_cuts(view: View) -> dict[str, WhatIf]:
    """Return what is asked for where one series is chosen and something would be otherwise."""
    one, plan = One.of(view), Plan.of(view)
    return {"otherwise": WhatIf(one, plan)} if one and not plan.is_empty else {}


def draw_what_if(view: View, found: Found, _: Retailer) -> Drawing:
    """Return both forecasts, one over the other."""
    if One.of(view) is None:
        return empty(CHOOSE_ONE)
    if "otherwise" not in found:
        return empty("Say beside this what would be otherwise.")
    said = found["otherwise"]
    if said is None:
        return empty("Nothing is forecast of this product there.")
    days = said["days"]
    rows = [
        [
            one["day"], one["planned"]["mean"], one["changed"]["mean"], one["changed"]["low"],
            one["changed"]["high"],
        ]
        for one in days
    ]  # fmt: skip
    names = ("As planned", WHAT_IF, "5 %", "95 %")
    more = said["changedUnits"] - said["plannedUnits"]
    return Drawing(
        f"{said['changedUnits']:,.1f} units instead of {said['plannedUnits']:,.1f}:"
        f" {abs(more):,.1f} {'more' if more >= 0 else 'less'}.",
        what_if_chart([row[0] for row in rows], *([row[at] for row in rows] for at in range(1, 5))),
        Table(
            [Column("Day", "code"), *(Column(one, "number") for one in names)],
            rows,
            [None] * len(rows),
        ),
    )


def draw_plans(view: View, _: Found, __: Retailer) -> Drawing:
    """Return what the form of plans holds."""
    if One.of(view) is None:
        return empty(CHOOSE_ONE)
    first, last = days_of(view)
    return Drawing(
        "What would be otherwise on these days?",
        own={"plan": Plan.of(view).as_form(), "first": f"{first}", "last": f"{last}"},
    )


def _day(said: Mapping[str, str], name: str) -> date | None:
    try:
        return date.fromisoformat(said[name]) if said.get(name) else None
    except ValueError as exc:
        raise BadView(f"“{said[name][:40]}” is no date: write 2026-12-24.") from exc
