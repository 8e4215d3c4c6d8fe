"""What can be wrong with a question about sales."""

from backend.core.errors import Invalid, TooMuch, Unreachable


class InvalidSummary(Invalid):
    """A question that contradicts itself."""

    code = "INVALID_SUMMARY"


class InvalidAnalysis(Invalid):
    """A parameter that this analysis does not take, or not with this value."""

    code = "INVALID_ANALYSIS"


class InvalidParameter(Invalid):
    """A parameter of a picture that is unknown, or has no such value."""

    code = "INVALID_PARAMETER"


class NotAcceptable(Invalid):
    """A picture in a form that it does not come in."""

    code = "NOT_ACCEPTABLE"


class TooManyGroups(TooMuch):
    """More rows than an answer may have."""

    code = "TOO_MANY_GROUPS"


class SummaryTooSlow(Unreachable):
    """The answer takes longer than one statement may."""

    code = "SUMMARY_TOO_SLOW"


class SummariesBusy(Unreachable):
    """Others are having large sums made; what is small is answered all the same."""

    code = "SUMMARIES_BUSY"
