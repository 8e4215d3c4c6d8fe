"""Trends: seasons, the week, peaks, what grows and fades, and where preferences shift."""

from __future__ import annotations

from dashboard.analysis.classes import DECOMPOSITION
from dashboard.analysis.named_drawing import named_panel
from dashboard.analysis.over_time import TREND, series_panel
from dashboard.analysis.panels import Frame
from dashboard.analysis.ranked import at, crossed_panel
from dashboard.analysis.seasons import PEAK_DAYS, SEASONS, WEEK, change_panel
from dashboard.pages.analysis_page import AnalysisPage

PAGE = AnalysisPage(
    key="trends",
    title="Trends",
    lead="When it sells, what rises and fades, and how tastes differ and shift.",
    symbol="trends",
    has_measure=True,
    panels=(
        TREND,
        DECOMPOSITION,
        SEASONS,
        WEEK,
        PEAK_DAYS,
        change_panel(Frame("growth", "Growth of sub-categories", "trend"), "SUBCATEGORY"),
        named_panel(
            Frame("emerging", "Emerging and fading products", "trend"), "EMERGING_AND_FADING"
        ),
        crossed_panel(
            Frame("by-segment", "Preference by segment", "heat"),
            "SEGMENT",
            "CATEGORY",
            is_share=True,
        ),
        crossed_panel(
            Frame("by-region", "Preference by region", "heat"), "REGION", "CATEGORY", is_share=True
        ),
        crossed_panel(
            Frame("by-quarter", "Preference by quarter", "heat"),
            "QUARTER",
            "CATEGORY",
            is_share=True,
        ),
        named_panel(Frame("peak-seasons", "Season of each category", "heat"), "SEASONAL_PEAKS"),
        named_panel(
            Frame("shifts", "Shifts of preference by segment", "trend"), "PREFERENCE_SHIFTS"
        ),
        named_panel(
            Frame("season-tastes", "Preferences by season", "trend", "full"),
            "PREFERENCES_BY_SEASON",
        ),
        series_panel(Frame("regions", "Regions over time", "trends", "full"), at("REGION")),
    ),
)
