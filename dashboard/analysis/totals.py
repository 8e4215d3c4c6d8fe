"""The panel of the most important figures, each against the period compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.analysis.cuts import Cut, Figures
from dashboard.analysis.panels import Column, Drawing, KeyFigure, Panel, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.analysis.choices import Retailer
    from dashboard.analysis.cuts import Row
    from dashboard.analysis.panels import Found, Unit
    from dashboard.analysis.view import View


def _cuts(view: View) -> dict[str, Cut]:
    cuts = {"now": Cut((), view.sales_filter())}
    if view.compared_with:
        cuts["before"] = Cut((), view.sales_filter(view.compared_with))
    if view.is_alike:
        cuts["alike"] = Cut(("LOCATION",), view.sales_filter())
    return cuts


def _draw(view: View, found: Found, _: Retailer) -> Drawing:
    now = found["now"].totals
    before = found["before"].totals if "before" in found else Figures()

    def figure(label: str, unit: Unit, name: str, *, is_cost: bool = False) -> KeyFigure:
        old = getattr(before, name) if before != Figures() else None
        return KeyFigure(label, unit, getattr(now, name), old, is_cost, view.gap)

    shown = [
        figure("Net sales", "money", "net_sales"),
        figure("Orders", "count", "orders"),
        figure("Average order", "money", "average_order"),
        figure("Units", "quantity", "units"),
        figure("Discount", "percent", "discount_rate", is_cost=True),
        figure("Returns", "percent", "return_rate", is_cost=True),
    ]
    if now.profit is not None:
        shown += [figure("Profit", "money", "profit"), figure("Margin", "percent", "margin")]
    return Drawing(
        "The most important figures of the period.",
        key_figures=shown,
        table=_table(shown),
        note=_stores(found["alike"].rows) if "alike" in found else "",
        is_empty=found["now"].is_empty,
    )


def _table(shown: Sequence[KeyFigure]) -> Table:
    """Return the figures as rows, for files."""
    heads = [Column("Figure"), Column("Unit"), Column("Now", "number")]
    return Table(
        [*heads, Column("Compared", "number"), Column("Compared with less")],
        [[one.label, one.unit, one.value, one.before, one.gap] for one in shown],
    )


def _stores(rows: Sequence[Row]) -> str:
    count = "one location" if len(rows) == 1 else f"{len(rows)} locations"
    return f"Like for like: {count} that sold in every month of both periods."


TOTALS = Panel("totals", "In all", "cash", _cuts, _draw, "full", "figures")
