"""A shelf's plan as key figures and rows; words say what colours do."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from dash import html

from dashboard.analysis.panels import Column, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

METHODS: Final = {
    "GREEDY": "greedy choice",
    "EXACT": "exact solution",
    "PROPORTIONAL": "space in proportion to demand",
}
SOURCES: Final = {
    "FORECAST": "demand as forecast",
    "PAST_SALES": "demand as in the last eight weeks, for nothing is forecast here yet",
}
REASONS: Final = {
    "PRESENCE": "stands there",
    "DEMAND": "demand until refill",
    "SETTLED": "settled",
    "CAPPED": "capped by its most",
}


def figures(plan: Mapping[str, Any]) -> html.Div:
    """Return the cards: profit a week now, planned and in proportion, and how sure the plan is."""
    cards = []
    if plan["profit"] is not None:
        now, planned = Decimal(plan["profitNow"]), Decimal(plan["profit"])
        beside = Decimal(plan["profitProportional"])
        unit = plan["currency"]
        cards = [
            _card("Profit a week now", f"{now:,.2f} {unit}", _short(plan["shortNow"])),
            _card("As planned", f"{planned:,.2f} {unit}", _against(planned, now, "than now")),
            _card(
                "In proportion to demand",
                f"{beside:,.2f} {unit}",
                _against(beside, planned, "than planned"),
            ),
        ]
    return html.Div([*cards, _certainty(plan)], className="shelf-figures")


def _certainty(plan: Mapping[str, Any]) -> html.Article:
    how = METHODS[plan["method"]]
    if plan["isOptimal"]:
        return _card("Room for a better plan", "None", f"{how}, proven the best")
    if plan["gap"] is None:
        return _card("Room for a better plan", "Unknown", f"{how}; minimums do not fit")
    return _card("Room for a better plan", f"≤ {Decimal(plan['gap']):.3%}", how)


def _card(title: str, value: str, words: str) -> html.Article:
    return html.Article(
        [
            html.H3(title),
            html.P(value, className="shelf-value"),
            html.P(words, className="cell-note"),
        ],
        className="shelf-card",
    )


def _short(number: int) -> str:
    if not number:
        return "every minimum is held"
    return f"{number} {'product' if number == 1 else 'products'} below the minimum"


def _against(one: Decimal, other: Decimal, words: str) -> str:
    change = one - other
    share = f" ({change / other:+.1%})" if other > 0 else ""
    return f"{change:+,.2f}{share} {words}".replace("-", "−")


def plan_table(plan: Mapping[str, Any]) -> Table:
    """Return what stands where, now and as planned; profit only where it is known."""
    sees_profit = plan["profit"] is not None
    columns = [
        Column("Product"),
        Column("SKU", "code"),
        Column("Category"),
        Column("Board", "number"),
        Column("Facings now", "count"),
        Column("Planned", "count"),
        Column("In proportion", "count"),
        Column("Width cm", "number"),
        Column("Share", "percent"),
        Column("Minimum", "count"),
        Column("Because of"),
        Column("To know"),
        Column("Demand a week", "quantity"),
        Column("Until refill", "quantity"),
    ]
    if sees_profit:
        columns += [
            Column("Margin", "money"),
            Column("Profit a week now", "money"),
            Column("Profit a week", "money"),
            Column("Next facing", "money"),
        ]
    return Table(columns, [_row(one, sees_profit=sees_profit) for one in plan["products"]])


def _row(one: Mapping[str, Any], *, sees_profit: bool) -> list[Any]:
    cells: list[Any] = [
        one["product"]["name"],
        one["product"]["sku"],
        one["product"]["category"],
        one["board"],
        one["facingsNow"],
        one["facings"],
        one["facingsProportional"],
        Decimal(one["widthCm"]),
        Decimal(one["share"]),
        one["minimum"],
        REASONS[one["minimumReason"]],
        to_know(one),
        Decimal(one["demand"]),
        Decimal(one["demandUntilRefill"]),
    ]
    if sees_profit:
        names = ("margin", "profitNow", "profit", "profitOfNextFacing")
        cells += [Decimal(one[name]) for name in names]
    return cells


def to_know(one: Mapping[str, Any]) -> str:
    """Return what is special about a product of a plan."""
    words = []
    if one["board"] is None:
        words.append("no room")
    elif one["isShort"]:
        words.append("below its minimum")
    if one["board"] is not None and one["boardNow"] not in (None, one["board"]):
        words.append(f"moves from board {one['boardNow']}")
    if one["sizeState"] == "NO_WIDTH":
        words.append("not measured: taken as 10 × 20 × 10 cm")
    if one["costState"] != "KNOWN":
        words.append(
            {
                "ESTIMATED": "cost unknown: mean margin of the shelf",
                "PRICE_ONLY": "cost unknown: price taken",
                "NO_PRICE": "no price",
            }[one["costState"]]
        )
    return ", ".join(words)
