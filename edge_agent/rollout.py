"""Which configuration runs, which is tried and which was not taken. Pure: the time comes in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from edge_agent.clock import Stamp

OWN: Final = 0
"""The version that stands for the agent's own file."""
MAX_STARTS: Final = 2
"""So often a process may start with a configuration on trial; with the next start it goes back."""


class ConfigurationState(StrEnum):
    """What became of a configuration, in the words of the API."""

    CONFIRMED = "CONFIRMED"
    TRIAL = "TRIAL"
    REJECTED = "REJECTED"
    ROLLED_BACK = "ROLLED_BACK"


@dataclass(frozen=True, slots=True)
class Trial:
    """A configuration that must prove itself within `seconds` of powered time.

    After a power cut the time starts anew: nobody knows how long it was off. `starts` bounds that.
    """

    seconds: int
    boot_id: str
    began_ms: int
    """On the monotonic clock."""
    starts: int = 0

    def has_run_out(self, now: Stamp) -> bool:
        """Tell whether nothing proved it in time."""
        return now.boot_id == self.boot_id and now.mono_ms - self.began_ms >= self.seconds * 1000


@dataclass(frozen=True, slots=True)
class Refusal:
    """The version last not taken, and whether the backend has heard of it."""

    version: int
    state: ConfigurationState
    error: str
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What the agent says of a configuration; version None: its own."""

    version: int | None
    state: ConfigurationState
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Rollout:
    """What runs and what was there before. Every step returns a new one."""

    version: int = OWN
    previous: int = OWN
    trial: Trial | None = None
    refusal: Refusal | None = None

    def wants(self, version: int) -> bool:
        """Tell whether a version that the backend offers is news: neither running nor refused."""
        is_refused = self.refusal is not None and self.refusal.version == version
        return version != self.version and not is_refused

    def tried(self, version: int, seconds: int, now: Stamp) -> Rollout:
        """Begin the trial of another version."""
        trial = Trial(seconds, now.boot_id, now.mono_ms)
        return Rollout(version, self.version, trial, None)

    def confirmed(self) -> Rollout:
        """End the trial well."""
        return replace(self, trial=None)

    def rolled_back(self, error: str) -> Rollout:
        """Go back to the version before; behind that there is only the own file."""
        refusal = Refusal(self.version, ConfigurationState.ROLLED_BACK, error)
        return Rollout(self.previous, OWN, None, refusal)

    def rejected(self, version: int, error: str) -> Rollout:
        """Note a version that is of no use; what runs goes on."""
        return replace(self, refusal=Refusal(version, ConfigurationState.REJECTED, error))

    def told(self) -> Rollout:
        """Note that the backend has heard what was not taken."""
        if self.refusal is None or self.refusal.is_told:
            return self
        return replace(self, refusal=replace(self.refusal, is_told=True))

    def started(self, now: Stamp) -> Rollout:
        """Note a start of the process; too many of them during a trial end it badly."""
        if self.trial is None:
            return self
        if self.trial.starts >= MAX_STARTS:
            return self.rolled_back(f"the agent ended {MAX_STARTS + 1} times while it tried this")
        trial = replace(self.trial, starts=self.trial.starts + 1)
        if trial.boot_id != now.boot_id:
            trial = replace(trial, boot_id=now.boot_id, began_ms=now.mono_ms)
        return replace(self, trial=trial)

    def says(self) -> Said:
        """Return what to tell the backend: first what was not taken, then what runs."""
        if self.refusal is not None and not self.refusal.is_told:
            return Said(self.refusal.version, self.refusal.state, self.refusal.error)
        state = ConfigurationState.TRIAL if self.trial else ConfigurationState.CONFIRMED
        return Said(None if self.version == OWN else self.version, state)
