"""Agents as clients see them."""

from datetime import datetime
from typing import Any, Self

import strawberry
from strawberry.scalars import ID

from backend.core.scopes import Scope
from backend.fleet.graphql.enums import (
    AgentConfigurationState,
    AgentDeviceState,
    AgentState,
    AgentTrouble,
)
from backend.fleet.reports import devices_of
from backend.fleet.rules import ReportedDevice
from backend.infra.api.context import Info
from backend.infra.api.declared import seen_with
from backend.infra.api.described import object_type
from backend.infra.api.scalars import Long
from backend.locations import service as locations
from backend.locations.graphql import Location


@seen_with(Scope.DEVICES_READ)
@object_type
class AgentOutbox:
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
    """Reads set aside on the agent for a person to look at."""
    oldest_at: datetime | None
    """When the oldest that waits was read, by the agent's clock."""


@seen_with(Scope.DEVICES_READ)
@object_type
class AgentDevice:
    """A port of an agent and the device behind it."""

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
    last_read_at: datetime | None
    """When it read last, by the agent's clock."""
    last_error: str | None
    """What went wrong last."""

    @classmethod
    def of(cls, device: ReportedDevice) -> Self:
        """Return a port as clients see it."""
        return cls(
            code=device.code,
            port=device.port,
            state=device.state,
            protocol=device.protocol,
            reads=Long(device.reads),
            garbage=Long(device.garbage),
            last_read_at=device.last_read_at,
            last_error=device.last_error,
        )


@seen_with(Scope.DEVICES_READ)
@object_type
class AgentConfigurationStatus:
    """What an agent made of a configuration."""

    version: int | None
    """Which; null for the one on its own disk."""
    state: AgentConfigurationState
    """What became of it."""
    error: str | None
    """Why it was not taken."""


@seen_with(Scope.DEVICES_READ)
@object_type
class Agent:
    """A program beside the devices of a shop, and what it last said of itself."""

    id: ID
    """Identifies it."""
    name: str
    """What people call it, unique in the organisation."""
    client_id: str
    """The OAuth client with which it proves itself."""
    state: AgentState
    """Whether it lives."""
    troubles: list[AgentTrouble]
    """What is wrong with it, by its last report."""
    enrolled_at: datetime
    """When it was let in, or reported first."""
    heard_at: datetime | None
    """When it was last heard of, by our clock."""
    software_version: str | None
    """Version of its software."""
    hostname: str | None
    """Name of its machine."""
    started_at: datetime | None
    """When it started, by its clock."""
    clock_skew_ms: int | None
    """How far its clock is ahead of ours, in milliseconds, where it knows."""
    outbox: AgentOutbox
    """What waits in it."""
    devices: list[AgentDevice]
    """Its ports."""
    last_error: str | None
    """What went wrong last."""
    wanted_version: int | None
    """Version of the configuration that it is to run with; null: the one on its own disk."""
    configuration: AgentConfigurationStatus | None
    """The configuration it runs with, tries, or did not take; null where it has not said."""
    updated_at: datetime
    """When something last changed that a person would see."""
    version: Long
    """Grows with every such change."""
    location_ids: strawberry.Private[list[Any]]

    @strawberry.field
    async def locations(self, info: Info) -> list[Location]:
        """Where its devices are, by code."""
        loaded = info.context.loader(_locations).load_many(sorted(self.location_ids))
        refs = [ref for ref in await loaded if ref is not None]
        return [Location.from_ref(ref) for ref in sorted(refs, key=lambda ref: ref.code)]

    @classmethod
    def of(cls, row: Any) -> Self:
        """Return an agent's row as clients see it."""
        return cls(
            id=ID(str(row.id)),
            name=row.name,
            client_id=row.client_id,
            state=AgentState(row.state),
            troubles=[AgentTrouble(one) for one in row.troubles],
            enrolled_at=row.enrolled_at,
            heard_at=row.heard_at,
            software_version=row.software_version,
            hostname=row.hostname,
            started_at=row.started_at,
            clock_skew_ms=row.clock_skew_ms,
            outbox=_outbox(row),
            devices=[AgentDevice.of(device) for device in devices_of(row.devices)],
            last_error=row.last_error,
            wanted_version=row.wanted_version,
            configuration=_configuration(row),
            updated_at=row.updated_at,
            version=Long(row.version),
            location_ids=row.location_ids,
        )


def _outbox(row: Any) -> AgentOutbox:
    return AgentOutbox(
        depth=Long(row.outbox_depth),
        bytes=Long(row.outbox_bytes),
        refused=Long(row.reads_refused),
        dropped=Long(row.reads_dropped),
        parked=Long(row.reads_parked),
        oldest_at=row.outbox_oldest_at,
    )


def _configuration(row: Any) -> AgentConfigurationStatus | None:
    if row.configuration_state is None:
        return None
    return AgentConfigurationStatus(
        version=row.configuration_version,
        state=AgentConfigurationState(row.configuration_state),
        error=row.configuration_error,
    )


async def _locations(work: Any, ids: list[Any]) -> list[Any]:
    found = await locations.locations_by_id(work, ids)
    return [found.get(id_) for id_ in ids]
