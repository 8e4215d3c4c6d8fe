"""What can be wrong with demand, and with what is asked of it."""

from backend.core.errors import Conflict, Invalid, NotFound, TooMuch, Unreachable


class InvalidDemand(Invalid):
    """A table of demand with a value that cannot be, or without a column it needs."""

    code = "INVALID_DEMAND"


class DemandTooLarge(TooMuch):
    """More series and periods than one forecast holds at once."""

    code = "DEMAND_TOO_LARGE"


class TooLittleHistory(Invalid):
    """Fewer periods than a forecast, or a judgement of one, needs."""

    code = "TOO_LITTLE_HISTORY"


class InvalidHorizon(Invalid):
    """A horizon, or a number of origins or seeds, that no forecast has."""

    code = "INVALID_HORIZON"


class InvalidModel(Invalid):
    """Not a model of ours, of another version, or made for other inputs."""

    code = "INVALID_MODEL"


class UnknownCountry(Invalid):
    """A country whose public holidays are not known."""

    code = "UNKNOWN_COUNTRY"


class ForecastModelNotFound(NotFound):
    """No model of forecasts has this id."""

    code = "FORECAST_MODEL_NOT_FOUND"


class ForecastRunNotFound(NotFound):
    """No run of forecasting has this id."""

    code = "FORECAST_RUN_NOT_FOUND"


class ModelNotKept(Conflict):
    """A model of which only the description is kept, or that forecasts no single days."""

    code = "FORECAST_MODEL_NOT_KEPT"


class NoEarlierModel(Conflict):
    """No model that forecast before is kept."""

    code = "NO_EARLIER_MODEL"


class TooManySeries(TooMuch):
    """More products and locations than one answer has: choose some."""

    code = "TOO_MANY_SERIES"


class PartFailed(Unreachable):
    """A process that worked on a part of a forecast died, or took too long."""

    code = "PART_FAILED"


class InvalidPlan(Invalid):
    """A plan that cannot be, or of which the past has no example: nobody knows what it would do."""

    code = "INVALID_PLAN"


class ForecastNotFound(NotFound):
    """Nothing is forecast of that day."""

    code = "FORECAST_NOT_FOUND"


class NotExplained(Conflict):
    """The forecasts are made by a simple mean, which nothing moves but the past."""

    code = "FORECAST_NOT_EXPLAINED"
