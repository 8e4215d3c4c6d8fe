"""Where runs are done: the database, the process that computes, and what a run may take."""

from dataclasses import dataclass
from uuid import UUID

from backend.core.settings import BackendSettings
from backend.forecasting.demand.ledger import ROOM, Room
from backend.forecasting.jobs.process import Computer
from backend.forecasting.rules import RunReason
from backend.forecasting.scale.executors import AHEAD, HERE, Executor, LocalProcesses
from backend.forecasting.scale.on_ray import OnRay
from backend.infra.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How many days are forecast, and how many seconds and how much room that may take.

    What there is no room for is forecast part by part, by an executor.
    """

    horizon: int = 28
    training: float = 1_800.0
    updating: float = 600.0
    room: Room = ROOM
    executor: Executor = HERE


@dataclass(frozen=True, slots=True)
class Workshop:
    """What a run is done with."""

    database: Database
    computer: Computer
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class Ordered:
    """A run of an organisation that was asked for: which, and why."""

    org_id: UUID
    run_id: UUID
    reason: RunReason

    @property
    def seed(self) -> int:
        """With it and the same past the same model is trained."""
        return self.run_id.int % 2**31


def bounds_of(settings: BackendSettings) -> Bounds:
    """Return what the settings say."""
    return Bounds(horizon=settings.forecast_horizon, executor=_executor(settings))


def _executor(settings: BackendSettings) -> Executor:
    processes = settings.forecast_processes
    if settings.forecast_ray is not None:
        address = None if settings.forecast_ray == "local" else settings.forecast_ray
        return OnRay(processes * AHEAD, address, processes)
    return HERE if processes == 1 else LocalProcesses(processes)
