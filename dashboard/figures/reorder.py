"""Orders, transfers and markdowns as tables: for the page, where rows open, and for files."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from dash import html

from dashboard.analysis.panels import Column, Table
from dashboard.analysis.words import with_dates
from dashboard.figures.agents import sign
from dashboard.figures.panel import attributes
from dashboard.figures.record import ask_button, two_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash.development.base_component import Component

    Row = Mapping[str, Any]

URGENCIES: Final = {
    "OUT_OF_STOCK": ("Out of stock", "bad", "alert-octagon"),
    "LATE": ("Too late", "bad", "alert"),
    "DUE": ("Order now", "warning", "alert"),
    "SOON": ("Next review", "plain", "clock"),
    "ENOUGH": ("Enough", "good", "check"),
}
CAUSES: Final = {
    "EXPIRED": ("Expired", "bad", "alert-octagon"),
    "EXPIRING": ("Expires", "warning", "alert"),
    "SURPLUS": ("Surplus", "plain", "clock"),
}
FIGURES: Final = {
    "LEAD_TIME": "Lead time",
    "REVIEW_PERIOD": "Review period",
    "SERVICE_LEVEL": "Service level",
    "POSITION": "Position",
    "EXPECTED_DEMAND": "Expected demand",
    "SAFETY_STOCK": "Safety stock",
    "REORDER_POINT": "Reorder point",
    "QUANTITY": "Order",
    "DAYS_LEFT": "Lasts",
}
NOTHING: Final = "—"
NUMBERS: Final = frozenset(
    {"Order", "Position", "Reorder point", "Cost", "Move", "Sells more", "Sales", "To sell", "Left",
     "Discount", "Price"}
)  # fmt: skip


def urgency_counts(counts: Sequence[Row]) -> html.Div:
    """Return how many are how urgent; what nothing is does not show."""
    shown = [
        sign(f"{one['count']:,} {word.lower()}", kind, symbol)
        for one in counts
        if one["count"]
        for word, kind, symbol in [URGENCIES[one["urgency"]]]
    ]
    return html.Div(shown, className="reorder-counts")


def order_rows(rows: Sequence[Row], currency: str, *, may_write: bool) -> html.Table:
    """Return orders, each with a line under it that opens and says why."""
    heads = ("Product", "Location", "Urgency", "Order", "Position", "Reorder point", "Lasts until")
    costs = any(row["orderCost"] is not None for row in rows)
    columns = (*heads, f"Cost, {currency}") if costs else heads
    body = [line for row in rows for line in _order(row, columns, may_write=may_write)]
    return html.Table(
        [_head(columns), html.Tbody(body)],
        className="records reorder-table",
        **attributes(aria_label="Orders"),
    )


def _order(row: Row, columns: Sequence[str], *, may_write: bool) -> list[Component]:
    word, kind, symbol = URGENCIES[row["urgency"]]
    cells: list[Any] = [
        two_lines(row["product"]["name"], row["product"]["sku"]),
        row["location"]["name"],
        sign(word, kind, symbol),
        html.B(plain(row["quantity"])),
        plain(row["position"]),
        plain(row["reorderPoint"]),
        with_dates(row["stockoutOn"] or "More than a year"),
        money(row["orderCost"]),
    ]
    key = f"{row['product']['sku']}\n{row['location']['code']}"
    why = html.Details(
        [
            html.Summary(
                "Why", **attributes(aria_label=f"Why {row['product']['name']} is ordered so")
            ),
            html.Dl(
                [
                    part
                    for one in row["reasons"]
                    for part in (html.Dt(FIGURES[one["figure"]]), html.Dd(one["text"]))
                ]
            ),
            *([ask_button("settle", "Settle its terms", key=key)] if may_write else []),
        ],
        **attributes(data_fold=key),
    )
    return [
        _line(cells[: len(columns)], columns, row["urgency"]),
        html.Tr(html.Td(why, colSpan=len(columns)), className="why-row"),
    ]


def transfer_rows(rows: Sequence[Row], currency: str) -> html.Table:
    """Return transfers."""
    columns = ("Product", "From", "To", "Move", "Sells more", f"Sales, {currency}")
    lines = [
        _line(
            [
                two_lines(row["product"]["name"], row["product"]["sku"]),
                two_lines(row["from"]["name"], f"{plain(row['surplus'])} too many"),
                two_lines(row["to"]["name"], f"{plain(row['short'])} short"),
                html.B(plain(row["quantity"])),
                f"+{plain(row['sold'])}",
                money(row["sales"]),
            ],
            columns,
        )
        for row in rows
    ]
    return html.Table(
        [_head(columns), html.Tbody(lines)],
        className="records reorder-table",
        **attributes(aria_label="Transfers"),
    )


def markdown_rows(rows: Sequence[Row], currency: str) -> html.Table:
    """Return what will be left, and the discounts."""
    columns = (
        "Product", "Location", "Why", "By", "To sell", "Left", "Discount", f"Price, {currency}",
        f"Sales, {currency}",
    )  # fmt: skip
    lines = [
        _line(
            [
                two_lines(row["product"]["name"], row["product"]["sku"]),
                row["location"]["name"],
                sign(*CAUSES[row["cause"]]),
                with_dates(row["until"]),
                plain(row["units"]),
                html.B(plain(row["left"])),
                "None is known to pay" if row["discount"] is None else _percent(row["discount"]),
                _prices(row),
                money(row["sales"]),
            ],
            columns,
        )
        for row in rows
    ]
    return html.Table(
        [_head(columns), html.Tbody(lines)],
        className="records reorder-table",
        **attributes(aria_label="Markdowns"),
    )


def _head(columns: Sequence[str]) -> html.Thead:
    return html.Thead(html.Tr([html.Th(one, scope="col", className=_side(one)) for one in columns]))


def _line(cells: Sequence[Any], columns: Sequence[str], urgency: str = "") -> html.Tr:
    inside = [
        html.Td(html.Div(cell), className=_side(column), **attributes(data_label=column))
        for column, cell in zip(columns, cells, strict=True)
    ]
    return html.Tr(inside, **attributes(data_urgency=urgency.lower()))


def _side(column: str) -> str:
    """Return the class of a column: figures stand at its right edge, so that they compare."""
    return "is-number" if column.partition(",")[0] in NUMBERS else ""


def _prices(row: Row) -> str:
    if row["newPrice"] is None:
        return money(row["price"])
    return f"{money(row['newPrice'])} instead of {money(row['price'])}"


def plain(value: Any) -> str:
    """Return a number to be read, a dash for none."""
    if value is None:
        return NOTHING
    text = f"{Decimal(value):,.2f}"
    return text.rstrip("0").rstrip(".")


def money(value: Any) -> str:
    """Return an amount to the cent, a dash for none."""
    return NOTHING if value is None else f"{Decimal(value):,.2f}"


def _percent(value: Any) -> str:
    return f"−{Decimal(value) * 100:.0f} %"


def order_table(rows: Sequence[Row], currency: str) -> Table:
    """Return orders for a file, every figure with its reason."""
    names = (
        ("SKU", "code"), ("Product", "text"), ("Location", "text"), ("Distributor", "text"),
        ("Urgency", "text"), ("Order", "quantity"), (f"Cost {currency}", "money"),
        (f"Value {currency}", "money"), ("On hand", "quantity"), ("Available", "quantity"),
        ("On order", "quantity"), ("Position", "quantity"), ("Expected demand", "quantity"),
        ("Safety stock", "quantity"), ("Reorder point", "quantity"), ("Order up to", "quantity"),
        ("Days left", "number"), ("Lasts until", "date"), ("Lead time days", "count"),
        ("Review days", "count"), ("Service level", "percent"), ("Pack", "quantity"),
        ("Why", "text"),
    )  # fmt: skip
    figures = (
        "orderCost", "orderValue", "onHand", "available", "incoming", "position",
        "expectedDemand", "safetyStock", "reorderPoint", "orderUpTo", "daysLeft",
    )  # fmt: skip
    return _table(
        names,
        [
            [
                row["product"]["sku"], row["product"]["name"], row["location"]["name"],
                row["distributor"], URGENCIES[row["urgency"]][0], _number(row["quantity"]),
                *(_number(row[name]) for name in figures), row["stockoutOn"],
                row["leadTimeDays"], row["reviewDays"], _number(row["serviceLevel"]),
                _number(row["packSize"]),
                "; ".join(f"{FIGURES[one['figure']]}: {one['text']}" for one in row["reasons"]),
            ]
            for row in rows
        ],
    )  # fmt: skip


def transfer_table(rows: Sequence[Row], currency: str) -> Table:
    """Return transfers for a file."""
    names = (
        ("SKU", "code"), ("Product", "text"), ("From", "text"), ("To", "text"),
        ("Move", "quantity"), ("Too many", "quantity"), ("Short", "quantity"),
        ("Sells more", "quantity"), (f"Sales {currency}", "money"), (f"Profit {currency}", "money"),
    )  # fmt: skip
    figures = ("quantity", "surplus", "short", "sold", "sales", "profit")
    return _table(
        names,
        [
            [
                row["product"]["sku"], row["product"]["name"], row["from"]["name"],
                row["to"]["name"], *(_number(row[name]) for name in figures),
            ]
            for row in rows
        ],
    )  # fmt: skip


def markdown_table(rows: Sequence[Row], currency: str) -> Table:
    """Return markdowns for a file."""
    names = (
        ("SKU", "code"), ("Product", "text"), ("Location", "text"), ("Why", "text"),
        ("By", "date"), ("To sell", "quantity"), ("Left", "quantity"),
        (f"Left at cost {currency}", "money"), (f"Price {currency}", "money"),
        ("Discount", "percent"), (f"New price {currency}", "money"), ("Sells more", "quantity"),
        (f"Sales {currency}", "money"), (f"Gain {currency}", "money"),
    )  # fmt: skip
    figures = (
        "units", "left", "leftAtCost", "price", "discount", "newPrice", "sold", "sales", "gain",
    )  # fmt: skip
    return _table(
        names,
        [
            [
                row["product"]["sku"], row["product"]["name"], row["location"]["name"],
                CAUSES[row["cause"]][0], row["until"], *(_number(row[name]) for name in figures),
            ]
            for row in rows
        ],
    )  # fmt: skip


def _table(names: Sequence[tuple[str, Any]], rows: list[list[Any]]) -> Table:
    return Table([Column(label, unit) for label, unit in names], rows)


def _number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)
