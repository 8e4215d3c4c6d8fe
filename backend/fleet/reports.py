"""What agents report: one row each, rewritten in place; news only where a person would see it."""

from typing import Any, Final
from uuid import UUID

import msgspec

from backend.devices import reach
from backend.fleet import orders, statements
from backend.fleet.enrolment import add_agent
from backend.fleet.errors import NotAnAgent
from backend.fleet.events import changes_of
from backend.fleet.rules import (
    AgentConfigurationState,
    AgentFact,
    AgentState,
    AgentTrouble,
    Answer,
    Pace,
    Report,
    ReportedConfiguration,
    ReportedDevice,
    ReportedOutbox,
    lost_at,
    sight_of,
    troubles_of,
)
from backend.identity import clients
from backend.infra.work import Work

_DEVICES: Final = msgspec.json.Decoder(tuple[ReportedDevice, ...])


async def report(work: Work, said: Report, pace: Pace) -> Answer:
    """Keep what the agent that asks says of itself, and say what it is to do.

    A client that never reported becomes an agent with this. Gathers AgentChanged where a person
    would see a difference.

    Raises:
        NotAnAgent: a person asks, or a partner.
    """
    row = await _locked(work)
    known = await reach.places_of(work, (device.code for device in said.devices))
    places = _places(work, row, known)
    losing_at = lost_at(said, row, work.now)
    troubles = troubles_of(said, losing_at, work.now, pace)
    state = AgentState.STOPPED if said.is_stopping else AgentState.REPORTING
    before = None if row["heard_at"] is None else (*_standing(row), sight_of(report_of(row)))
    is_news = before != (state, troubles, places, sight_of(said))
    kept = await work.row(
        statements.REPORT,
        work.principal.org_id,
        row["id"],
        sorted(places),
        state,
        sorted(troubles),
        *_columns(work, said, losing_at),
        is_news,
    )
    assert kept is not None, "it is locked"
    if is_news:
        work.gather(changes_of(fact_of(kept), work.now))
        await orders.note_outcome(work, kept)
    unknown = [
        (index, device.code)
        for index, device in enumerate(said.devices)
        if device.code not in known
    ]
    return Answer(await orders.wanted_by(work, kept), tuple(unknown))


def fact_of(row: dict[str, Any]) -> AgentFact:
    """Return an agent's row as others need to know it."""
    state, troubles, _ = _standing(row)
    return AgentFact(
        row["id"], row["name"], tuple(row["location_ids"]), state, troubles, row["version"]
    )


def report_of(row: dict[str, Any]) -> Report:
    """Return the last report of an agent's row that has had one."""
    state = row["configuration_state"]
    configuration = state and ReportedConfiguration(
        row["configuration_version"], AgentConfigurationState(state), row["configuration_error"]
    )
    return Report(
        software_version=row["software_version"],
        hostname=row["hostname"],
        boot_id=row["boot_id"],
        started_at=row["started_at"],
        sent_at=row["sent_at"],
        clock_skew_ms=row["clock_skew_ms"],
        is_stopping=row["state"] == AgentState.STOPPED,
        outbox=ReportedOutbox(
            row["outbox_depth"],
            row["outbox_bytes"],
            row["reads_refused"],
            row["reads_dropped"],
            row["reads_parked"],
            row["outbox_oldest_at"],
        ),
        devices=devices_of(row["devices"]),
        last_error=row["last_error"],
        configuration=configuration,
    )


def devices_of(stored: Any) -> tuple[ReportedDevice, ...]:
    """Return the devices of a stored report, JSON or what was read of it."""
    if isinstance(stored, str):
        return _DEVICES.decode(stored)
    return msgspec.convert(stored, tuple[ReportedDevice, ...])


async def _locked(work: Work) -> dict[str, Any]:
    who = work.principal
    if who.user_id is not None or who.token_id is None or who.is_partner:
        raise NotAnAgent("only a program with credentials of its own reports as an agent")
    asked = (statements.LOCK_AGENT, who.org_id, who.client_id)
    row = await work.row(*asked)
    if row is None:
        (name,) = await clients.client_names(work, [who.client_id])
        await add_agent(work, who.client_id, name, sorted(who.locations or ()), by=None)
        work.note("AGENT_JOINED", who.client_id, name=name)
        row = await work.row(*asked)
    if row is None or row["state"] == AgentState.REVOKED:
        raise NotAnAgent("this agent was revoked")
    return row


def _places(work: Work, row: dict[str, Any], known: dict[str, UUID]) -> frozenset[UUID]:
    """Return where an agent is: as far as its client is limited, else where its devices are."""
    own = work.principal.locations
    if own is not None:
        return own
    return frozenset(known.values()) or frozenset(row["location_ids"])


def _standing(row: dict[str, Any]) -> tuple[AgentState, frozenset[AgentTrouble], frozenset[UUID]]:
    troubles = frozenset(map(AgentTrouble, row["troubles"]))
    return AgentState(row["state"]), troubles, frozenset(row["location_ids"])


def _columns(work: Work, said: Report, losing_at: Any) -> list[Any]:
    configuration = said.configuration or ReportedConfiguration(
        None, AgentConfigurationState.CONFIRMED
    )
    return [
        said.software_version,
        said.hostname,
        said.boot_id,
        said.started_at,
        said.sent_at,
        work.now,
        said.clock_skew_ms,
        said.outbox.depth,
        said.outbox.bytes,
        said.outbox.oldest_at,
        said.outbox.refused,
        said.outbox.dropped,
        said.outbox.parked,
        losing_at,
        said.last_error,
        msgspec.json.encode(said.devices).decode(),
        configuration.version,
        None if said.configuration is None else configuration.state.value,
        configuration.error,
    ]
