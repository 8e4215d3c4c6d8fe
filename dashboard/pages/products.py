"""Products: the best, the slow, and how few bring how much."""

from __future__ import annotations

from dashboard.analysis.classes import ABC_XYZ, CONTRIBUTION, SLOW_MOVERS
from dashboard.analysis.named_drawing import named_panel
from dashboard.analysis.panels import Frame
from dashboard.analysis.ranked import at, ranked_panel, table_panel
from dashboard.pages.analysis_page import AnalysisPage

PAGE = AnalysisPage(
    key="products",
    title="Products",
    lead="What sells best, what hardly sells, and how few products bring most of it.",
    symbol="package",
    has_measure=True,
    panels=(
        ranked_panel(Frame("best", "Bestsellers", "chart"), at("PRODUCT"), shown=15),
        SLOW_MOVERS,
        ABC_XYZ,
        CONTRIBUTION,
        named_panel(Frame("weeks", "Weeks of supply", "package"), "WEEKS_OF_SUPPLY", "stock:read"),
        named_panel(
            Frame("attach", "Bought together", "basket"), "ATTACH_RATE", choice={"top": 50}
        ),
        table_panel(Frame("all", "All products", "package", "full"), "PRODUCT"),
    ),
)
