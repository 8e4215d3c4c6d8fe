"""Forecast: what was sold and what will be, how sure that is, what moves it, and who says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from dashboard.analysis.forecast_insight import (
    draw_drivers,
    draw_measured,
    drivers_cuts,
    measured_cuts,
)
from dashboard.analysis.forecast_panels import (
    ahead_cuts,
    chart_cuts,
    draw_accuracy,
    draw_chart,
    draw_figures,
    draw_models,
    draw_series,
    models_cuts,
)
from dashboard.analysis.forecast_plans import draw_plans, draw_what_if, what_if_cuts
from dashboard.analysis.panels import Panel
from dashboard.forecast_queries import FORECAST_FEED
from dashboard.pages.analysis_page import AnalysisPage, sees_figures
from dashboard.pages.forecast_models import MODELS, READS

if TYPE_CHECKING:
    from dashboard.people import Person


class ForecastPage(AnalysisPage):
    """The page of forecasts; it is for those who may read them."""

    def is_for(self, person: Person) -> bool:
        """Tell whether somebody may open it."""
        return sees_figures(person) and person.may(READS)


PAGE = ForecastPage(
    key="forecast",
    title="Forecast",
    lead="What will be sold, how sure that is, what it knows, and which model says so.",
    symbol="trend",
    panels=(
        Panel("outlook", "Outlook", "target", ahead_cuts, draw_figures, "full", "figures"),
        Panel("forecast", "Sold and expected", "trends", chart_cuts, draw_chart, "full"),
        Panel("accuracy", "Accuracy", "check", ahead_cuts, draw_accuracy, "full", "table"),
        Panel("series", "What will sell", "package", ahead_cuts, draw_series, "full", "table"),
        Panel(
            "measured",
            "Forecasts that were made",
            "target",
            measured_cuts,
            draw_measured,
            "half",
            "table",
        ),
        Panel("drivers", "What moves it", "chart", drivers_cuts, draw_drivers, "half"),
        Panel("plans", "Other plans", "percentage", lambda _: {}, draw_plans, "half", "pivot"),
        Panel("what-if", "What if", "chart", what_if_cuts, draw_what_if, "half"),
        Panel(
            "models",
            "Models",
            "clock",
            models_cuts,
            draw_models,
            "full",
            "pivot",
        ),
    ),
    has_comparison=False,
    bodies={"models": MODELS.embedded, "plans": lambda: html.Div(id="forecast-plans")},
    default_period="90d",
    filters=("sku", "location"),
    feed=FORECAST_FEED,
    tickets="forecast",
)
