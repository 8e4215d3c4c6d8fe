"""The enums of reports."""

from backend.infra.api.described import enum_type
from backend.reports.contents.kind import ContentName
from backend.reports.rules import Frequency, ReportChannel, ReportFormat, RunReason, RunState
from backend.reports.runs import ReportRunOrder
from backend.reports.schedules import ReportScheduleOrder

enum_type(ContentName, "ReportContentKind")
enum_type(Frequency, "ReportFrequency")
enum_type(RunReason, "ReportReason")
enum_type(RunState, "ReportState")
enum_type(ReportChannel)
enum_type(ReportFormat)
enum_type(ReportRunOrder)
enum_type(ReportScheduleOrder)

__all__ = [
    "ContentName",
    "Frequency",
    "ReportChannel",
    "ReportFormat",
    "ReportRunOrder",
    "ReportScheduleOrder",
    "RunReason",
    "RunState",
]
