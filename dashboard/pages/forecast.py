"""Forecast: what was sold and what will be, how sure that is, what moves it, and who says so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from dash import html

from dashboard.analysis.forecast_insight import (
    draw_drivers,
    draw_measured,
    drivers_cuts,
    measured_cuts,
)
from dashboard.analysis.forecast_levels import draw_levels
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
from dashboard.analysis.forecasts import DEFAULT_HORIZON
from dashboard.analysis.panels import Panel
from dashboard.client import Refused
from dashboard.forecast_queries import FORECAST_FEED
from dashboard.pages.analysis_page import AnalysisPage, Asked, sees_figures
from dashboard.pages.forecast_models import MODELS, READS

if TYPE_CHECKING:
    from dashboard.people import Person
    from dashboard.sessions import Session

TOO_FAR: Final = "INVALID_HORIZON"
NOT_SO_FAR: Final = (
    f"More days were asked for than are forecast: {DEFAULT_HORIZON} are shown. Models reach further"
    " where SHELFCAST_FORECAST_HORIZON says so, from their next training on."
)


class ForecastPage(AnalysisPage):
    """The page of forecasts; it is for those who may read them."""

    def is_for(self, person: Person) -> bool:
        """Tell whether somebody may open it."""
        return sees_figures(person) and person.may(READS)

    async def answer(self, session: Session, asked: Asked) -> dict[str, Any]:
        """Return the panels that are wanted; of a horizon that no model reaches, the usual one.

        Raises:
            BadView: the address asks for what does not exist.
            BackendUnreachable, SignedOut, Refused: as `Session.execute` does.
        """
        try:
            shown = await super().answer(session, asked)
        except Refused as exc:
            if exc.code != TOO_FAR:
                raise
            shown = {"panels": {"": {"code": TOO_FAR}}}
        if all(one.get("code") != TOO_FAR for one in shown["panels"].values()):
            return shown
        usual = replace(asked, search=f"{asked.search}&horizon={DEFAULT_HORIZON}")
        shown = await super().answer(session, usual)
        if chart := shown["panels"].get("forecast"):
            chart["note"] = f"{NOT_SO_FAR} {chart.get('note', '')}"
        return shown


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
        Panel("levels", "Added up", "table", ahead_cuts, draw_levels, "full", "table"),
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
