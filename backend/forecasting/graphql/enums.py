"""Enums of forecasts, described before any type uses them."""

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
from backend.infra.api.described import enum_type

enum_type(DemandClass)
enum_type(Verdict, "ForecastVerdict")
enum_type(ModelFamily, "ForecastModelFamily")
enum_type(ModelKind, "ForecastModelKind")
enum_type(ModelOrigin, "ForecastModelOrigin")
enum_type(ModelStatus, "ForecastModelStatus")
enum_type(RunKind, "ForecastRunKind")
enum_type(RunReason, "ForecastRunReason")
enum_type(RunStatus, "ForecastRunStatus")
