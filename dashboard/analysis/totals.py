"""The panel of the most important figures, each against the period compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.analysis.cuts import Cut, Figures
from dashboard.analysis.panels import Drawing, KeyFigure, Panel

if TYPE_CHECKING:
    from dashboard.analysis.choices import Retailer
    from dashboard.analysis.panels import Found, Unit
    from dashboard.analysis.view import View


def _cuts(view: View) -> dict[str, Cut]:
    cuts = {"now": Cut((), view.sales_filter())}
    if view.compared_with:
        cuts["before"] = Cut((), view.sales_filter(view.compared_with))
    return cuts


def _draw(_: View, found: Found, __: Retailer) -> Drawing:
    now = found["now"].totals
    before = found["before"].totals if "before" in found else Figures()

    def figure(label: str, unit: Unit, name: str, *, is_cost: bool = False) -> KeyFigure:
        old = getattr(before, name) if before != Figures() else None
        return KeyFigure(label, unit, getattr(now, name), old, is_cost)

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
        is_empty=found["now"].is_empty,
    )


TOTALS = Panel("totals", "In all", "cash", _cuts, _draw, "full", "figures")
