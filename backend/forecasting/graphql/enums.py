"""Enums of forecasts, described before any type uses them."""

from enum import StrEnum

from backend.forecasting.insight.levels import ForecastLevel
from backend.forecasting.judging.promotion import Verdict
from backend.forecasting.rules import (
    DemandClass,
    ModelFamily,
    ModelKind,
    ModelOrigin,
    ModelStatus,
    RunKind,
    RunReason,
    RunStatus,
)
from backend.forecasting.service import ModelOrder, RunOrder
from backend.infra.api.described import enum_type


class ForecastAbsence(StrEnum):
    """Why nothing is forecast."""

    NOTHING_SOLD = "NOTHING_SOLD"
    """Nothing was sold yet, as far as you may see."""
    NOT_TRAINED = "NOT_TRAINED"
    """Nothing was trained yet: the worker does so when something is sold, or when asked to."""
    NOT_LATELY = "NOT_LATELY"
    """Of what was asked for nothing was sold for a year."""


enum_type(ForecastAbsence)
enum_type(DemandClass)
enum_type(ForecastLevel)
enum_type(Verdict, "ForecastVerdict")
enum_type(ModelFamily, "ForecastModelFamily")
enum_type(ModelKind, "ForecastModelKind")
enum_type(ModelOrigin, "ForecastModelOrigin")
enum_type(ModelStatus, "ForecastModelStatus")
enum_type(RunKind, "ForecastRunKind")
enum_type(RunReason, "ForecastRunReason")
enum_type(RunStatus, "ForecastRunStatus")
enum_type(ModelOrder, "ForecastModelOrder")
enum_type(RunOrder, "ForecastRunOrder")
