"""What an agent says of itself, and what it means. Pure: the time comes in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import msgspec

LOSS_REMEMBERED: Final = timedelta(minutes=15)
"""An agent that refused or dropped reads is in trouble for so long after the last one."""
HELD_TOO_LONG: Final = timedelta(minutes=10)
"""Reads that wait longer, while the agent reaches us, are held back."""
MOST_DEVICES: Final = 200
SHORT_TEXT: Final = 100
LONG_TEXT: Final = 500


class AgentState(StrEnum):
    """Whether an agent lives."""

    ENROLLED = "ENROLLED"
    """It was let in and has not reported yet."""
    REPORTING = "REPORTING"
    """It reports."""
    STOPPED = "STOPPED"
    """It said that it stops."""
    SILENT = "SILENT"
    """Nothing was heard of it for too long."""
    REVOKED = "REVOKED"
    """Its access was ended for good."""


class AgentTrouble(StrEnum):
    """What is wrong with an agent that lives."""

    LOSES_READS = "LOSES_READS"
    """Its outbox is full: scans were refused or tags dropped in the last quarter of an hour."""
    HOLDS_READS = "HOLDS_READS"
    """Reads have waited for ten minutes although it reaches us."""
    CLOCK_WRONG = "CLOCK_WRONG"
    """Its clock is further off than is tolerated."""
    DEVICE_QUARANTINED = "DEVICE_QUARANTINED"
    """A device sends garbage, and its port is closed for a while."""


class AgentDeviceState(StrEnum):
    """How a port is, as the agent says."""

    CONNECTED = "CONNECTED"
    """The port is open."""
    DISCONNECTED = "DISCONNECTED"
    """There is nothing at the port, or it cannot be opened; the agent tries again."""
    QUARANTINED = "QUARANTINED"
    """It sent garbage: the port is closed for a while."""


class AgentConfigurationState(StrEnum):
    """What an agent made of a configuration."""

    CONFIRMED = "CONFIRMED"
    """It runs with it for good."""
    TRIAL = "TRIAL"
    """It tries it."""
    REJECTED = "REJECTED"
    """It could not use it, and goes on as before."""
    ROLLED_BACK = "ROLLED_BACK"
    """It tried it, and went back."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often agents report, and when silence or a wrong clock counts."""

    heartbeat: timedelta
    silence: timedelta
    stopped_silence: timedelta
    clock_tolerance: timedelta


class ReportedDevice(msgspec.Struct, frozen=True, rename="camel"):
    """A port as the agent reports it; `reads` and `garbage` are counted since the agent started."""

    code: str
    port: str
    state: AgentDeviceState
    protocol: str
    reads: int
    garbage: int
    last_read_at: datetime | None = None
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class ReportedOutbox:
    """What waits in an agent and what never got in; `oldest_at` by its clock."""

    depth: int
    bytes: int
    refused: int
    dropped: int
    parked: int
    oldest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReportedConfiguration:
    """Which configuration it is about, and what became of it; version None: the agent's own."""

    version: int | None
    state: AgentConfigurationState
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What an agent says of itself. Its texts are cut to what is kept."""

    software_version: str
    hostname: str | None
    boot_id: str
    started_at: datetime
    sent_at: datetime
    clock_skew_ms: int | None
    is_stopping: bool
    outbox: ReportedOutbox
    devices: tuple[ReportedDevice, ...]
    last_error: str | None
    configuration: ReportedConfiguration | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A configuration that an agent is told to try; version 0: its own, with an empty document."""

    version: int
    document: str
    trial_seconds: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What an agent hears after its report.

    `unknown_devices` are those of its devices that are not there, by their place in the report.
    """

    wanted: Wanted | None
    unknown_devices: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class AgentFact:
    """An agent as others need to know it: which one, where, and how it is."""

    id: UUID
    name: str
    location_ids: tuple[UUID, ...]
    state: AgentState
    troubles: frozenset[AgentTrouble]
    version: int


def cut(text: str | None, most: int) -> str | None:
    """Return the beginning of a text as PostgreSQL can keep it; None for nothing."""
    kept = (text or "").replace("\x00", "").encode("utf-8", "replace").decode()[:most].strip()
    return kept or None


def lost_at(report: Report, before: dict[str, Any] | None, now: datetime) -> datetime | None:
    """Return when an agent last lost reads, as far as its counters tell; None: it never did.

    Counters that are smaller than before began anew. What a first report counts is of the past.
    """
    if before is None or before["heard_at"] is None:
        return None
    known, told = before["reads_refused"] + before["reads_dropped"], _lost(report)
    return now if told > known or 0 < told < known else before["losing_at"]


def troubles_of(
    report: Report, losing_at: datetime | None, now: datetime, pace: Pace
) -> frozenset[AgentTrouble]:
    """Return what is wrong with an agent that says this of itself."""
    found: set[AgentTrouble] = set()
    if losing_at is not None and now - losing_at < LOSS_REMEMBERED:
        found.add(AgentTrouble.LOSES_READS)
    oldest_at = report.outbox.oldest_at
    # Both by its own clock: that may be wrong.
    if oldest_at is not None and report.sent_at - oldest_at > HELD_TOO_LONG:
        found.add(AgentTrouble.HOLDS_READS)
    skew = timedelta(milliseconds=abs(report.clock_skew_ms or 0))
    if skew > pace.clock_tolerance:
        found.add(AgentTrouble.CLOCK_WRONG)
    if any(device.state is AgentDeviceState.QUARANTINED for device in report.devices):
        found.add(AgentTrouble.DEVICE_QUARANTINED)
    return frozenset(found)


def sight_of(report: Report) -> tuple[object, ...]:
    """Return what a person would see change in a report: figures that grow all day are not in it.

    Of errors only that there is one: their texts may differ each time.
    """
    ports = [
        (one.code, one.port, one.state, one.protocol, one.last_error is None)
        for one in report.devices
    ]
    return (
        report.software_version,
        report.hostname,
        report.started_at,
        report.last_error is None,
        report.configuration,
        ports,
    )


def _lost(report: Report) -> int:
    return report.outbox.refused + report.outbox.dropped
