"""Distributors: who sells or supplies how much, where, and of what."""

from __future__ import annotations

from dashboard.analysis.named_drawing import named_panel
from dashboard.analysis.over_time import series_panel
from dashboard.analysis.panels import Frame
from dashboard.analysis.ranked import at, crossed_panel, ranked_panel, ring_panel, table_panel
from dashboard.analysis.totals import TOTALS
from dashboard.pages.analysis_page import AnalysisPage

PAGE = AnalysisPage(
    key="distributors",
    title="Distributors",
    lead="Who sold it, else who supplied it: how much, where, of what, direct or traced.",
    symbol="distributors",
    has_measure=True,
    panels=(
        TOTALS,
        ranked_panel(Frame("ranking", "Distributors", "distributors"), at("DISTRIBUTOR")),
        ring_panel(Frame("sale-types", "Direct and trace sales", "ring"), at("SALE_TYPE")),
        crossed_panel(
            Frame("states", "Distributors by state", "heat", "full"), "STATE", "DISTRIBUTOR"
        ),
        named_panel(
            Frame("direct", "Direct against trace over time", "trends", "full"),
            "DIRECT_AGAINST_TRACE",
        ),
        series_panel(Frame("time", "Distributors over time", "trends", "full"), at("DISTRIBUTOR")),
        table_panel(
            Frame("products", "Distributors and products", "package", "full"),
            "DISTRIBUTOR",
            "PRODUCT",
        ),
    ),
)
