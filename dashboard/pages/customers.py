"""Customers by value: pseudonyms only; who they are is for those who may read customers."""

from __future__ import annotations

from dashboard.analysis.over_time import series_panel
from dashboard.analysis.panels import Frame
from dashboard.analysis.ranked import at, crossed_panel, ranked_panel, table_panel
from dashboard.analysis.spread import contribution_panel
from dashboard.analysis.totals import TOTALS
from dashboard.pages.analysis_page import AnalysisPage

PAGE = AnalysisPage(
    key="customers",
    title="Customers",
    lead="Customers by value: how much they bring, under pseudonyms. No name is shown here.",
    symbol="customers",
    has_measure=True,
    panels=(
        TOTALS,
        ranked_panel(Frame("best", "Most valuable customers", "customers"), at("CUSTOMER")),
        contribution_panel(Frame("contribution", "How few bring how much"), "CUSTOMER"),
        ranked_panel(Frame("segments", "Segments", "chart"), at("SEGMENT")),
        crossed_panel(
            Frame("taste", "What segments buy", "heat"), "SUBCATEGORY", "SEGMENT", is_share=True
        ),
        series_panel(Frame("time", "Segments over time", "trends", "full"), at("SEGMENT")),
        table_panel(Frame("all", "Customers", "table", "full"), "CUSTOMER"),
    ),
)
