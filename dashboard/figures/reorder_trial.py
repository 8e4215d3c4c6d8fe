"""Reorder points tried on the past: what more service costs as a picture, policies as a table."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from dashboard.analysis.panels import Column, Drawing, Table
from dashboard.analysis.periods import Span
from dashboard.figures.chart import chart, numbers, series_style

if TYPE_CHECKING:
    from collections.abc import Mapping

    Row = Mapping[str, Any]

POLICIES: Final = {
    "FORECAST": "By forecast",
    "TEXTBOOK": "By the textbook",
    "PRESENT": "As settled",
}
"""How reorder points are found: from forecasts, fixed, and from forecasts on present terms."""
LABELS: Final = {"FORECAST": "top left", "TEXTBOOK": "bottom right"}
"""On which side of its line a policy says service levels: they do not run into one another."""
SETTLED: Final = "as settled"
CHART_HEIGHT: Final = 400


def trade_off(found: Row, level: str) -> Drawing:
    """Return how much was there against the stock that it takes, at several service levels."""
    is_money = _has_costs(found)
    currency, by = found["currency"], {one["policy"]: one for one in found["outcomes"]}
    traces = [
        *(_line(found, policy, at, is_money) for at, policy in enumerate(LABELS)),
        *(_point(by[policy], policy, at, level, is_money) for at, policy in enumerate(POLICIES)),
    ]
    figure = chart(
        traces,
        x={
            "title": {"text": f"Stock held, {currency} at cost" if is_money else "Units held"},
        },
        y={"title": {"text": "Of what was wanted"}, "range": _shares(found)},
        units={"xaxis": "money" if is_money else "number", "yaxis": "percent"},
        showlegend=True,
        height=CHART_HEIGHT,
    )
    return Drawing(
        _said(by, currency, is_money), figure, _trade_table(found), note=_basis(found, is_money)
    )


def policies(found: Row, level: str) -> Drawing:
    """Return what each policy would have done, side by side."""
    rows = [
        [
            POLICIES[one["policy"]],
            SETTLED if one["policy"] == "PRESENT" else level,
            *_figures(found, one),
        ]
        for one in found["outcomes"]
    ]
    columns = [Column("Policy"), Column("Service level"), *_columns(found)]
    lost = ", ".join(
        f"{POLICIES[one['policy']].lower()} {_money(one['lostSales'], found['currency'])}"
        for one in found["outcomes"]
    )
    return Drawing(
        f"Sales lost for want of goods: {lost}.",
        table=Table(columns, rows, [None] * len(rows)),
        note="Sales lost are those of products with a price. Wanted is what was sold then: who went"
        " away from an empty shelf is in nobody's books.",
    )


def _has_costs(found: Row) -> bool:
    """Tell whether stock can be told in money; costs may be unknown, or not for this person."""
    return any(Decimal(one["stockAtCost"] or 0) for one in found["outcomes"])


def _shares(found: Row) -> list[float]:
    """Return from where to where the axis goes: never more than all, nor a line without height."""
    told = [*found["outcomes"], *(one["outcome"] for one in found["tradeOff"])]
    least = min((one["fillRate"] for one in told if one["fillRate"] is not None), default=0.0)
    room = max(1 - least, 0.1) * 0.15
    return [max(min(least, 0.9) - room, 0.0), 1 + room]


def _held(one: Row, is_money: bool) -> Any:
    return one["stockAtCost"] if is_money else one["stockHeld"]


def _line(found: Row, policy: str, at: int, is_money: bool) -> dict[str, Any]:
    """Return the line of a policy through its service levels."""
    colour, dash, symbol, _ = series_style(at)
    told = [one for one in found["tradeOff"] if one["outcome"]["policy"] == policy]
    return {
        "type": "scatter",
        "mode": "lines+markers+text",
        "name": POLICIES[policy],
        "x": numbers([_held(one["outcome"], is_money) for one in told]),
        "y": numbers([one["outcome"]["fillRate"] for one in told]),
        "text": [level_name(one["serviceLevel"]) for one in told],
        "textposition": LABELS[policy],
        "textfont": {"color": "--dim", "size": 11},
        "cliponaxis": False,
        "line": {"color": colour, "width": 2.2, "dash": dash},
        "marker": {"symbol": symbol, "size": 6, "color": colour},
        "hovertemplate": "<b>%{text} service level</b><br>%{y} of what was wanted"
        "<br>%{x} held<extra>" + POLICIES[policy] + "</extra>",
    }


def _point(one: Row, policy: str, at: int, level: str, is_money: bool) -> dict[str, Any]:
    """Return where a policy stands on the terms asked for, or on those settled."""
    colour, _, symbol, _ = series_style(at)
    on = "terms as settled" if policy == "PRESENT" else f"as asked for: {level}"
    return {
        "type": "scatter",
        "mode": "markers",
        "name": POLICIES[policy] if policy == "PRESENT" else f"{POLICIES[policy]}, {level}",
        "showlegend": policy == "PRESENT",
        "x": numbers([_held(one, is_money)]),
        "y": numbers([one["fillRate"]]),
        "marker": {
            "symbol": f"{symbol}-open" if policy == "PRESENT" else symbol,
            "size": 19 if policy == "PRESENT" else 13,
            "color": colour,
            "line": {"width": 2.4 if policy == "PRESENT" else 0, "color": colour},
        },
        "hovertemplate": f"<b>{on}</b><br>%{{y}} of what was wanted<br>%{{x}} held"
        f"<extra>{POLICIES[policy]}</extra>",
    }


def _said(by: Mapping[str, Row], currency: str, is_money: bool) -> str:
    """Return in a sentence what each policy reaches, and with how much stock."""
    told = [
        f"{name.lower()} {_percent(by[policy]['fillRate'])} with"
        f" {_money(by[policy]['stockAtCost'], currency) if is_money else _units(by[policy])}"
        for policy, name in POLICIES.items()
    ]
    first, *rest = told
    return f"Of what was wanted would have been there: {first} of stock; {'; '.join(rest)}."


def _basis(found: Row, is_money: bool) -> str:
    """Return of what this is said, and what is not in it."""
    tried = Span(*map(date.fromisoformat, (found["firstDay"], found["lastDay"])))
    parts = [f"{found['days']} days, {tried.named()}; {_counted(found['series'])}"]
    if found["leftOut"]:
        parts.append(f", the best-selling ones: {found['leftOut']:,} that sell less are left out")
    parts.append(". Forecasts come from a model that saw nothing of these days; shelves begin full")
    if is_money and found["uncosted"]:
        parts.append(f". Of {found['uncosted']:,} nobody knows the cost: their stock is not in it")
    return "".join(parts) + "."


def _counted(series: int) -> str:
    return "one product at one location" if series == 1 else f"{series:,} products at locations"


def _trade_table(found: Row) -> Table:
    rows = [
        [
            POLICIES[one["outcome"]["policy"]],
            Decimal(one["serviceLevel"]),
            *_figures(found, one["outcome"]),
        ]
        for one in found["tradeOff"]
    ]
    columns = [Column("Policy"), Column("Service level", "percent"), *_columns(found)]
    return Table(columns, rows, [None] * len(rows))


def _columns(found: Row) -> list[Column]:
    currency = found["currency"]
    costs = [Column(f"Stock at cost, {currency}", "money")] if _has_costs(found) else []
    return [
        Column("Was there", "percent"),
        Column("Wanted", "quantity"),
        Column("Sold", "quantity"),
        Column("Lost", "quantity"),
        Column(f"Sales lost, {currency}", "money"),
        Column("Stock held", "quantity"),
        *costs,
        Column("Orders", "count"),
    ]


def _figures(found: Row, one: Row) -> list[Any]:
    exact = ("wanted", "sold", "lost", "lostSales", "stockHeld")
    costs = [Decimal(one["stockAtCost"])] if _has_costs(found) else []
    return [one["fillRate"], *(Decimal(one[name]) for name in exact), *costs, one["orders"]]


def level_name(level: str) -> str:
    """Return a service level as it is read."""
    return f"{Decimal(level) * 100:f}".rstrip("0").rstrip(".") + " %"


def _percent(share: float | None) -> str:
    return "nothing" if share is None else f"{share:.1%}".replace("%", " %")


def _money(value: Any, currency: str) -> str:
    return f"{Decimal(value):,.0f} {currency}"


def _units(one: Row) -> str:
    return f"{Decimal(one['stockHeld']):,.0f} units"
