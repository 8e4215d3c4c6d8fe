"""Inputs of agents' reports."""

from datetime import datetime

from backend.fleet.errors import InvalidReport
from backend.fleet.graphql.enums import AgentConfigurationState, AgentDeviceState
from backend.fleet.rules import (
    LONG_TEXT,
    MOST_DEVICES,
    SHORT_TEXT,
    Report,
    ReportedConfiguration,
    ReportedDevice,
    ReportedOutbox,
    cut,
)
from backend.infra.api.described import input_type
from backend.infra.api.scalars import Long


@input_type
class AgentOutboxInput:
    """What waits in an agent, and what never got in."""

    depth: Long
    """Reads that wait to be sent."""
    bytes: Long
    """Size of the outbox."""
    refused: Long
    """Scans that were refused because it was full."""
    dropped: Long
    """Tag reads that were dropped because it was full."""
    parked: Long
    """Reads set aside for a person to look at."""
    oldest_at: datetime | None = None
    """When the oldest that waits was read, by the agent's clock."""


@input_type
class AgentDeviceInput:
    """A port of the agent and the device behind it."""

    code: str
    """Code of the device."""
    port: str
    """The port on the agent's machine."""
    state: AgentDeviceState
    """How it is."""
    protocol: str
    """How it is spoken to."""
    reads: Long
    """Reads since the agent started."""
    garbage: Long
    """Pieces of what made no sense since the agent started."""
    last_read_at: datetime | None = None
    """When it read last, by the agent's clock."""
    last_error: str | None = None
    """What went wrong last."""


@input_type
class AgentConfigurationInput:
    """What the agent made of a configuration."""

    version: int | None = None
    """Which; null for the one on its own disk."""
    state: AgentConfigurationState
    """What became of it."""
    error: str | None = None
    """Why it was not taken."""


@input_type
class ReportAgentInput:
    """What an agent says of itself; texts are cut to 100 characters, errors to 500."""

    version: str
    """Version of its software."""
    hostname: str | None = None
    """Name of its machine."""
    boot_id: str
    """Names this run of its machine."""
    started_at: datetime
    """When the agent started, by its clock."""
    sent_at: datetime
    """When this was sent, by its clock."""
    clock_skew_ms: int | None = None
    """How far its clock is ahead of the server's, in milliseconds, where it knows."""
    is_stopping: bool = False
    """Whether this is its last report before it stops in order."""
    outbox: AgentOutboxInput
    """What waits in it."""
    devices: list[AgentDeviceInput]
    """Its ports, at most 200."""
    last_error: str | None = None
    """What went wrong last."""
    configuration: AgentConfigurationInput | None = None
    """The configuration it runs with, tries, or did not take."""

    def report(self) -> Report:
        """Return the report as the service takes it.

        Raises:
            InvalidReport: too many devices, or a count below zero.
        """
        if len(self.devices) > MOST_DEVICES:
            raise InvalidReport(
                f"at most {MOST_DEVICES} devices", field=["input", "devices"], limit=MOST_DEVICES
            )
        _check_counts(self.outbox, ["input", "outbox"])
        for index, device in enumerate(self.devices):
            _check_counts(device, ["input", "devices", str(index)])
        outbox = self.outbox
        return Report(
            software_version=cut(self.version, SHORT_TEXT) or "unknown",
            hostname=cut(self.hostname, SHORT_TEXT),
            boot_id=cut(self.boot_id, SHORT_TEXT) or "unknown",
            started_at=self.started_at,
            sent_at=self.sent_at,
            clock_skew_ms=self.clock_skew_ms,
            is_stopping=self.is_stopping,
            outbox=ReportedOutbox(**vars(outbox)),
            devices=tuple(map(_device, self.devices)),
            last_error=cut(self.last_error, LONG_TEXT),
            configuration=_configuration(self.configuration),
        )


def _device(given: AgentDeviceInput) -> ReportedDevice:
    return ReportedDevice(
        code=cut(given.code, SHORT_TEXT) or "",
        port=cut(given.port, SHORT_TEXT) or "",
        state=given.state,
        protocol=cut(given.protocol, SHORT_TEXT) or "",
        reads=given.reads,
        garbage=given.garbage,
        last_read_at=given.last_read_at,
        last_error=cut(given.last_error, LONG_TEXT),
    )


def _configuration(given: AgentConfigurationInput | None) -> ReportedConfiguration | None:
    if given is None:
        return None
    return ReportedConfiguration(given.version, given.state, cut(given.error, LONG_TEXT))


def _check_counts(given: AgentOutboxInput | AgentDeviceInput, path: list[str]) -> None:
    for name, value in vars(given).items():
        if isinstance(value, int) and value < 0:
            raise InvalidReport("a count is not below zero", field=[*path, name], value=value)
