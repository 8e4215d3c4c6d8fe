"""Products: the best, the slow, and how few bring how much."""

from __future__ import annotations

from dashboard.analysis.panels import Frame
from dashboard.analysis.ranked import at, ranked_panel, table_panel
from dashboard.analysis.spread import contribution_panel
from dashboard.pages.analysis_page import AnalysisPage

PAGE = AnalysisPage(
    key="products",
    title="Products",
    lead="What sells best, what hardly sells, and how few products bring most of it.",
    symbol="package",
    has_measure=True,
    panels=(
        ranked_panel(Frame("best", "Bestsellers", "chart"), at("PRODUCT"), shown=15),
        ranked_panel(
            Frame("slow", "Slow movers", "package-off"), at("PRODUCT"), is_bottom=True, shown=15
        ),
        contribution_panel(Frame("contribution", "Contribution", "chart", "full"), "PRODUCT"),
        table_panel(Frame("all", "All products", "package", "full"), "PRODUCT"),
    ),
)
