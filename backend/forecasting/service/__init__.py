"""What others may ask of forecasting."""

from backend.forecasting.service.answers import (
    HORIZON,
    ForecastCriteria,
    SeriesForecast,
    forecasts_of,
    live_coverage,
)
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
    "ModelCriteria",
    "ModelOrder",
    "ModelRow",
    "RunCriteria",
    "RunOrder",
    "SeriesForecast",
    "champion",
    "find_model",
    "find_run",
    "forecasts_of",
    "live_coverage",
    "models",
    "promote",
    "request",
    "roll_back",
    "run",
    "runs",
    "wait",
]
