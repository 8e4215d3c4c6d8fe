"""Channels: shops, web and marketplaces side by side and together."""

from __future__ import annotations

from dashboard.analysis.named_drawing import named_panel
from dashboard.analysis.over_time import series_panel
from dashboard.analysis.panels import Frame
from dashboard.analysis.ranked import at, crossed_panel, ranked_panel, ring_panel, table_panel
from dashboard.analysis.totals import TOTALS
from dashboard.pages.analysis_page import AnalysisPage

PAGE = AnalysisPage(
    key="channels",
    title="Channels",
    lead="Shops, web and marketplaces in one view, all in one currency.",
    symbol="channels",
    has_measure=True,
    panels=(
        TOTALS,
        ring_panel(Frame("shares", "Shares", "ring"), at("CHANNEL")),
        ranked_panel(Frame("locations", "Locations", "building-store"), at("LOCATION")),
        series_panel(
            Frame("time", "Channels over time", "trends", "full"), at("CHANNEL"), is_stacked=True
        ),
        crossed_panel(
            Frame("goods", "What sells where", "heat"), "CATEGORY", "CHANNEL", is_share=True
        ),
        named_panel(Frame("baskets", "Baskets by channel", "basket"), "BASKET_SIZE"),
        named_panel(Frame("side-by-side", "Side by side", "table", "full"), "CHANNELS"),
        table_panel(
            Frame("all", "Channels and categories", "table", "full"), "CHANNEL", "CATEGORY"
        ),
    ),
)
