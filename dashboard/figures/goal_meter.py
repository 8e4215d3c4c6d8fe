"""How far goals are, as meters and rows; words and signs say what colours do."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from dash import html

from dashboard.analysis.panels import Column, Table
from dashboard.figures.agents import sign
from dashboard.figures.panel import attributes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STANDINGS: Final = {
    "REACHED": ("Reached", "good", "check"),
    "ON_TRACK": ("On track", "good", "trend"),
    "AT_RISK": ("At risk", "warning", "alert"),
    "MISSED": ("Missed", "bad", "alert-octagon"),
    "TOO_EARLY": ("Too early to say", "plain", "clock"),
    "NOT_STARTED": ("Not begun", "plain", "clock"),
}
SEASONS: Final = {
    "OWN": "its own months",
    "ORGANISATION": "months of all",
    "WEEKDAYS": "weekdays only",
    "EVEN": "even days",
}
FULL: Final = Decimal("1.25")
"""The share at which a meter is full: what lies beyond a goal can be seen, too."""


@dataclass(frozen=True, slots=True)
class Sum:
    """The goals of one period together; `landing` None: it is too early for one of them."""

    period: str
    goal: Decimal
    attained: Decimal
    landing: Decimal | None
    members: int
    reached: int
    standing: str

    @property
    def share(self) -> Decimal:
        """Attained as a part of the goal."""
        return self.attained / self.goal


def sums_of(rows: Sequence[Mapping[str, Any]], rules: Mapping[str, Any]) -> list[Sum]:
    """Return the goals of each period added up, in the order of the rows."""
    by_period: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_period.setdefault(row["goal"]["period"], []).append(row)
    return [_sum(period, those, rules) for period, those in by_period.items()]


def _sum(period: str, rows: Sequence[Mapping[str, Any]], rules: Mapping[str, Any]) -> Sum:
    goal = sum((Decimal(row["goal"]["amount"]) for row in rows), Decimal())
    attained = sum((Decimal(row["attained"]) for row in rows), Decimal())
    landings = [row["landing"] for row in rows]
    landing = None if None in landings else sum(map(Decimal, landings), Decimal())
    reached = sum(row["standing"] == "REACHED" for row in rows)
    if len(rows) == 1:
        standing = rows[0]["standing"]
    elif all(row["standing"] == "NOT_STARTED" for row in rows):
        standing = "NOT_STARTED"
    elif attained >= goal * Decimal(rules["reachedAt"]):
        standing = "REACHED"
    elif all(Decimal(row["daysLeft"]) == 0 for row in rows):
        standing = "MISSED"
    elif landing is None:
        standing = "TOO_EARLY"
    else:
        standing = "AT_RISK" if landing < goal * Decimal(rules["missedBelow"]) else "ON_TRACK"
    return Sum(period, goal, attained, landing, len(rows), reached, standing)


def meter(one: Sum, unit: str) -> html.Article:
    """Return the card of a period: a bar, a mark at the goal, one where it will land, and words."""
    word, kind, symbol = STANDINGS[one.standing]
    percent = f"{one.share:,.0%}"
    told = f"{percent}: {amount(one.attained)} of {amount(one.goal)} {unit}, {word.lower()}"
    marks = [html.I(className="goal-line", style={"left": _place(Decimal(1))})]
    if one.landing is not None and one.standing in {"ON_TRACK", "AT_RISK"}:
        landing = html.I(className="landing-line", style={"left": _place(one.landing / one.goal)})
        marks.append(landing)
    return html.Article(
        [
            html.Header([html.H3(one.period), sign(word, kind, symbol)]),
            html.P(percent, className="goal-share"),
            html.Div(
                [
                    html.Span(
                        className=f"goal-bar goal-{kind}", style={"width": _place(one.share)}
                    ),
                    *marks,
                ],
                className="goal-meter",
                role="meter",
                **attributes(
                    aria_valuemin="0",
                    aria_valuemax="125",
                    aria_valuenow=f"{min(one.share, FULL) * 100:.0f}",
                    aria_valuetext=told,
                    aria_label=one.period,
                ),
            ),
            html.P(
                [html.B(amount(one.attained)), f" of {amount(one.goal)} {unit}"],
                className="goal-figures",
            ),
            html.P(_words(one, unit), className="cell-note"),
        ],
        className="goal-card",
        **attributes(data_period=one.period, data_standing=one.standing.lower()),
    )


def _words(one: Sum, unit: str) -> str:
    words = []
    if one.members > 1:
        words.append(f"{one.reached} of {one.members} reached")
    if one.standing in {"ON_TRACK", "AT_RISK"} and one.landing is not None:
        words.append(f"will land at {amount(one.landing)} {unit} ({one.landing / one.goal:.0%})")
    elif one.standing == "MISSED":
        words.append(f"{amount(one.goal - one.attained)} {unit} were missing")
    return ", ".join(words)


def _place(share: Decimal) -> str:
    return f"{max(Decimal(0), min(share, FULL)) / FULL * 100:.2f}%"


def amount(value: Any) -> str:
    """Return an amount to be read at a glance."""
    number = Decimal(value)
    return (
        f"{number:,.0f}"
        if abs(number) >= 100 or number == number.to_integral()
        else f"{number:,.2f}"
    )


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
                _decimal(row["landing"]),
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


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)
