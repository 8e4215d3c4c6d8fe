"""Sales: the trend against another period, categories, top products, and the rows behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.analysis.over_time import TREND, series_panel
from dashboard.analysis.panels import Frame
from dashboard.analysis.ranked import at, ranked_panel, ring_panel, table_panel
from dashboard.analysis.totals import TOTALS
from dashboard.pages.analysis_page import AnalysisPage

if TYPE_CHECKING:
    from dashboard.analysis.view import View


def goods_level(view: View) -> str:
    """Return the dimension below what is chosen: a press on a bar goes one level deeper."""
    if view.only("subcategory"):
        return "PRODUCT"
    return "SUBCATEGORY" if view.only("category") else "CATEGORY"


def lines_level(view: View) -> str:
    """Return the same for lines over time, of which there can only be so many."""
    return "SUBCATEGORY" if view.only("category") or view.only("subcategory") else "CATEGORY"


PAGE = AnalysisPage(
    key="sales",
    title="Sales",
    lead="What was sold, when and of what. Press a bar, a point or a name to look closer.",
    symbol="cash",
    has_measure=True,
    panels=(
        TOTALS,
        TREND,
        ranked_panel(Frame("categories", "Categories"), goods_level),
        ring_panel(Frame("top-products", "Top products", "ring"), at("PRODUCT")),
        series_panel(
            Frame("category-lines", "Categories over time", "trends", "full"), lines_level
        ),
        table_panel(Frame("products", "Products", "package", "full"), "PRODUCT"),
    ),
)
