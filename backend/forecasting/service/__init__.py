"""What others may ask of forecasting."""

from backend.forecasting.service.answers import (
    HORIZON,
    ForecastCriteria,
    SeriesForecast,
    TotalForecasts,
    TotalsMade,
    days_forecast,
    forecasts_of,
    left_out,
    live_coverage,
    totals_of,
)
from backend.forecasting.service.groups import ForecastSum, sum_of, sums_by
from backend.forecasting.service.lists import (
    ModelCriteria,
    ModelOrder,
    RunCriteria,
    RunOrder,
    models,
    runs,
)
from backend.forecasting.service.orders import find_run, request, run, wait
from backend.forecasting.service.standing import (
    ModelRow,
    champion,
    find_model,
    promote,
    roll_back,
)

__all__ = [
    "HORIZON",
    "ForecastCriteria",
    "ForecastSum",
    "ModelCriteria",
    "ModelOrder",
    "ModelRow",
    "RunCriteria",
    "RunOrder",
    "SeriesForecast",
    "TotalForecasts",
    "TotalsMade",
    "champion",
    "days_forecast",
    "find_model",
    "find_run",
    "forecasts_of",
    "left_out",
    "live_coverage",
    "models",
    "promote",
    "request",
    "roll_back",
    "run",
    "runs",
    "sum_of",
    "sums_by",
    "totals_of",
    "wait",
]
