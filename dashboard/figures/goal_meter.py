"""How far goals are, as meters and rows; words and signs say what colours do."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from dash import html

from dashboard.analysis.words import SYMBOLS
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
LIKELY: Final = Decimal("0.5")
FULL: Final = Decimal("1.25")
"""The share at which a meter is full: what lies beyond a goal can be seen, too."""


@dataclass(frozen=True, slots=True)
class Sum:
    """The goals of one period together; `landing` None: it is too early for one of them.

    `band` and `probability` are those of a goal alone; of several, `likely` are rather reached.
    """

    period: str
    goal: Decimal
    attained: Decimal
    landing: Decimal | None
    members: int
    reached: int
    standing: str
    band: tuple[Decimal, Decimal] | None = None
    probability: Decimal | None = None
    likely: int = 0
    is_foreseen: bool = False
    """Whether its landing is that of the forecast."""

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
    likely = sum(Decimal(row["probability"] or 0) >= LIKELY for row in rows)
    band, probability = _alone(rows[0]) if len(rows) == 1 else (None, None)
    is_foreseen = all(row["landingBasis"] == "FORECAST" for row in rows)
    return Sum(
        period, goal, attained, landing, len(rows), reached, standing,
        band, probability, likely, is_foreseen,
    )  # fmt: skip


def _alone(row: Mapping[str, Any]) -> tuple[tuple[Decimal, Decimal] | None, Decimal | None]:
    if row["probability"] is None:
        return None, None
    band = Decimal(row["landingLow"]), Decimal(row["landingHigh"])
    return band, Decimal(row["probability"])


def meter(one: Sum, unit: str) -> html.Article:
    """Return the card of a period: a bar, a mark at the goal, one where it will land, and words."""
    word, kind, symbol = STANDINGS[one.standing]
    percent = f"{one.share:,.0%}"
    attained, goal = amount(one.attained, unit), amount(one.goal, unit)
    told = f"{percent}: {attained} of {goal}, {word.lower()}"
    marks = [html.I(className="goal-line", style={"left": _place(Decimal(1))})]
    if one.landing is not None and one.standing in {"ON_TRACK", "AT_RISK"}:
        landing = html.I(className="landing-line", style={"left": _place(one.landing / one.goal)})
        marks.append(landing)
        if one.band:
            low, high = (_place(end / one.goal) for end in one.band)
            band = {"left": low, "right": f"calc(100% - {high})"}
            marks.insert(0, html.I(className="landing-band", style=band))
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
            html.P([html.B(attained), f" of {goal}"], className="goal-figures"),
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
        by = " by the forecast" if one.is_foreseen else ""
        share = f"{one.landing / one.goal:.0%}"
        words.append(f"will land{by} at {amount(one.landing, unit)} ({share})")
        words += _chance(one, unit)
    elif one.standing == "MISSED":
        words.append(f"{amount(one.goal - one.attained, unit)} were missing")
    text = ", ".join(words)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _chance(one: Sum, unit: str) -> list[str]:
    """Say how sure a landing is."""
    if one.members > 1:
        return [f"{one.likely} of {one.members} rather reached than not"]
    if one.band is None or one.probability is None:
        return ["the past is too short to say how surely"]
    low, high = (amount(end, unit) for end in one.band)
    return [f"nine in ten times between {low} and {high}", f"{chance(one.probability)} reached"]


def chance(probability: Decimal) -> str:
    """Return a probability in words that promise nothing."""
    percent = f"{probability:.0%}"
    return {"100%": "almost surely", "0%": "hardly ever"}.get(
        percent, f"with {percent} probability"
    )


def _place(share: Decimal) -> str:
    return f"{max(Decimal(0), min(share, FULL)) / FULL * 100:.2f}%"


def amount(value: Any, unit: str) -> str:
    """Return an amount to be read at a glance; `unit` is a currency, or units."""
    number = Decimal(value)
    is_round = abs(number) >= 100 or number == number.to_integral()
    text = f"{abs(number):,.0f}" if is_round else f"{abs(number):,.2f}"
    sign = "−" if number < 0 else ""
    if unit == "units":
        return f"{sign}{text} units"
    return f"{sign}{SYMBOLS.get(unit, f'{unit} ')}{text}"
