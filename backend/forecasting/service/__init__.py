"""What others may ask of forecasting."""

from backend.forecasting.service.answers import (
    ForecastCriteria,
    SeriesForecast,
    forecasts_of,
)
from backend.forecasting.service.lists import ModelCriteria, RunCriteria, models, runs
from backend.forecasting.service.orders import request, run, wait
from backend.forecasting.service.standing import (
    ModelRow,
    champion,
    find_model,
    promote,
    roll_back,
)

__all__ = [
    "ForecastCriteria",
    "ModelCriteria",
    "ModelRow",
    "RunCriteria",
    "SeriesForecast",
    "champion",
    "find_model",
    "forecasts_of",
    "models",
    "promote",
    "request",
    "roll_back",
    "run",
    "runs",
    "wait",
]
