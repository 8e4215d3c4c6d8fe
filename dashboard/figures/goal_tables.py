"""Goals as rows: all their figures, where little is missing, and what may be planned next."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from dashboard.analysis.panels import Column, Table
from dashboard.figures.goal_meter import STANDINGS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SEASONS: Final = {
    "OWN": "its own months",
    "ORGANISATION": "months of all",
    "WEEKDAYS": "weekdays only",
    "EVEN": "even days",
}
LANDINGS: Final = {
    "FORECAST": "the forecast",
    "RUN_RATE": "what came so far",
    "SOLD": "it is over",
}
LANDING: Final = ("landing", "landingLow", "landingHigh", "probability")
PROPOSALS: Final = {
    "FORECAST": "the forecast",
    "LAST_YEAR": "last year with growth",
    "RUN_RATE": "where this period leads",
}


def progress_table(rows: Sequence[Mapping[str, Any]], member: str, unit: str) -> Table:
    """Return all figures of goals; `member` is what they are for, `unit` money or quantity."""
    kind: Any = "quantity" if unit == "units" else "money"
    columns = [
        Column("Period", "code"),
        Column(member),
        Column("Standing"),
        Column("Goal", kind),
        Column("Attained", kind),
        Column("Share", "percent"),
        Column("Missing", kind),
        Column("Expected by now", kind),
        Column("Landing", kind),
        Column("Lowest of 90%", kind),
        Column("Highest of 90%", kind),
        Column("Probability", "percent"),
        Column("Landing told by"),
        Column("A day so far", kind),
        Column("A day needed", kind),
        Column("Spread by"),
    ]
    return Table(
        columns,
        [
            [
                row["goal"]["period"],
                row["goal"]["member"] or "All",
                STANDINGS[row["standing"]][0],
                Decimal(row["goal"]["amount"]),
                Decimal(row["attained"]),
                Decimal(row["share"]),
                Decimal(row["gap"]),
                Decimal(row["expected"]),
                *(_decimal(row[name]) for name in LANDING),
                LANDINGS.get(row["landingBasis"], ""),
                _decimal(row["runRate"]),
                _decimal(row["neededRate"]),
                SEASONS[row["season"]],
            ]
            for row in rows
        ],
    )


def opportunity_table(rows: Sequence[Mapping[str, Any]], member: str, unit: str) -> Table:
    """Return goals of which little is missing, the most money first."""
    kind: Any = "quantity" if unit == "units" else "money"
    columns = [
        Column("Period", "code"),
        Column(member),
        Column("Missing in money", "money"),
        Column("Share", "percent"),
        Column("Of plan to date", "percent"),
        Column("Attained", kind),
        Column("Goal", kind),
    ]
    return Table(
        columns,
        [
            [
                row["goal"]["period"],
                row["goal"]["member"] or "All",
                _decimal(row["gapMoney"]),
                Decimal(row["share"]),
                _decimal(row["pace"]),
                Decimal(row["attained"]),
                Decimal(row["goal"]["amount"]),
            ]
            for row in rows
        ],
    )


def plan_table(rows: Sequence[Mapping[str, Any]], member: str, unit: str) -> Table:
    """Return what may be planned for the periods that follow."""
    kind: Any = "quantity" if unit == "units" else "money"
    columns = [
        Column("Period", "code"),
        Column(member),
        Column("Proposed", kind),
        Column("Made of"),
        Column("Growth", "percent"),
        Column("Lands now at", kind),
    ]
    return Table(
        columns,
        [
            [
                plan["period"],
                row["goal"]["member"] or "All",
                Decimal(plan["amount"]),
                PROPOSALS[plan["basis"]],
                None if plan["growth"] is None else Decimal(plan["growth"]) - 1,
                _decimal(row["landing"]),
            ]
            for row in rows
            for plan in [row["proposedPlan"]]
        ],
    )


def proposed(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the goals of the last period that has begun which have a plan for the next."""
    begun = [row for row in rows if row["standing"] != "NOT_STARTED"]
    last = max((row["goal"]["period"] for row in begun), default="")
    return [row for row in begun if row["goal"]["period"] == last and row["proposedPlan"]]


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)
