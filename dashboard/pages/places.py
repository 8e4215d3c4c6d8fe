"""Map: where it sells, who leads where, and how that changes with time."""

from __future__ import annotations

from dashboard.analysis.named_drawing import named_panel
from dashboard.analysis.panels import Frame
from dashboard.analysis.places import AREAS
from dashboard.analysis.ranked import at, ranked_panel, table_panel
from dashboard.figures.area_map import area_map
from dashboard.pages.analysis_page import AnalysisPage

PAGE = AnalysisPage(
    key="map",
    title="Map",
    lead="Where it sells. Press an area to look closer; the slider goes through time.",
    symbol="map",
    has_measure=True,
    panels=(
        AREAS,
        ranked_panel(Frame("high", "High performers: states", "trend"), at("STATE"), shown=10),
        ranked_panel(
            Frame("postal", "High performers: postal codes", "trend"), at("POSTAL_CODE"), shown=10
        ),
        ranked_panel(
            Frame("low", "Weakest states", "alert"), at("STATE"), is_bottom=True, shown=10
        ),
        ranked_panel(Frame("locations", "Our own places", "building-store"), at("LOCATION")),
        named_panel(
            Frame("within", "Best and least within each state", "table", "full"),
            "TOP_AND_BOTTOM_WITHIN",
            choice={"by": "SUBCATEGORY", "within": "STATE", "top": 3},
        ),
        table_panel(
            Frame("all", "States and postal codes", "table", "full"), "STATE", "POSTAL_CODE"
        ),
    ),
    bodies={"areas": area_map},
)
