"""What can be wrong with an order of goods, and with how they are supplied."""

from backend.core.errors import Conflict, Invalid, NotAllowed, NotFound, TooMuch, Unreachable


class InvalidServiceLevel(Invalid):
    """A service level that no forecast can promise."""

    code = "INVALID_SERVICE_LEVEL"


class InvalidSupplyTerms(Invalid):
    """A lead time, review period, pack, minimum or cover that cannot be."""

    code = "INVALID_SUPPLY_TERMS"


class UnknownSupply(NotFound):
    """A distributor, product or location that nobody knows, or that is out of sight."""

    code = "UNKNOWN_SUPPLY"


class SupplyTermsOutOfReach(NotAllowed):
    """Terms of more than the part of the business that the principal sees."""

    code = "SUPPLY_TERMS_OUT_OF_REACH"


class StaleSupplyTerms(Conflict):
    """The terms changed since they were looked at."""

    code = "STALE_SUPPLY_TERMS"


class TooManyPositions(TooMuch):
    """More products at more locations than one answer goes through."""

    code = "TOO_MANY_POSITIONS"


class TooManySupplyTerms(TooMuch):
    """More terms than an organisation may have."""

    code = "TOO_MANY_SUPPLY_TERMS"


class InvalidSimulation(Invalid):
    """Days of the past that no simulation goes through."""

    code = "INVALID_SIMULATION"


class SimulationTooLarge(TooMuch):
    """A simulation that forecasts more days than one may: `work`, and its `limit`."""

    code = "SIMULATION_TOO_LARGE"


class SimulationBusy(Unreachable):
    """Another simulation is being computed: the same may succeed later."""

    code = "SIMULATION_BUSY"


class SimulationFailed(Unreachable):
    """The process that simulates was lost, or took ten minutes: the same may succeed later."""

    code = "SIMULATION_FAILED"
