"""Profit and discount: what earns, what loses, and what discounts do to it."""

from __future__ import annotations

from dashboard.analysis.classes import BANDS, BREAK_EVEN
from dashboard.analysis.over_time import series_panel
from dashboard.analysis.panels import Frame
from dashboard.analysis.ranked import at, ranked_panel
from dashboard.analysis.spread import discount_panel
from dashboard.analysis.totals import TOTALS
from dashboard.pages.analysis_page import AnalysisPage

PAGE = AnalysisPage(
    key="profit",
    title="Profit & discount",
    lead="What earns money, what loses it, and what discounts do to either.",
    short="Profit",
    symbol="percentage",
    panels=(
        TOTALS,
        ranked_panel(
            Frame("items", "Most profitable items", "chart", measure="profit"), at("PRODUCT")
        ),
        ranked_panel(
            Frame("losses", "Least profitable items", "alert", measure="profit"),
            at("PRODUCT"),
            is_bottom=True,
        ),
        BANDS,
        BREAK_EVEN,
        discount_panel(Frame("discounts", "Discount and margin", "percentage"), "SUBCATEGORY"),
        discount_panel(
            Frame("products", "Discount and margin by product", "percentage"), "PRODUCT"
        ),
        ranked_panel(Frame("states", "Profit by state", "map", measure="profit"), at("STATE")),
        ranked_panel(
            Frame("sub-categories", "Profit by sub-category", "chart", measure="profit"),
            at("SUBCATEGORY"),
            shown=20,
        ),
        series_panel(
            Frame("time", "Profit over time", "trends", "full", measure="profit"), at("CATEGORY")
        ),
    ),
)
