"""Versions of what agents are told to run with: checked, kept for good, compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from backend.core.ids import new_id
from backend.core.texts import text
from backend.devices import reach
from backend.fleet import rollout_statements as statements
from backend.fleet.documents import Points, Problem, names_devices, problems_of
from backend.fleet.errors import AgentNotFound, InvalidConfiguration
from backend.fleet.lists import find_agents
from backend.fleet.models import Agent, AgentConfiguration
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.work import Work

MOST_NOTE: Final = 400
OWN_FILE: Final = 0
"""The version that stands for what lies on the agent's own disk; its document is empty."""


class AgentConfigurationOrder(StrEnum):
    """By what configurations are sorted."""

    VERSION = "VERSION"
    """By their number."""
    MADE_AT = "MADE_AT"
    """By when they were made."""


_ORDERS: Final = {
    AgentConfigurationOrder.VERSION: (("version",), (int,)),
    AgentConfigurationOrder.MADE_AT: (("made_at", "id"), (datetime, UUID)),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A configuration as it is asked for; `based_on` is the version that was changed."""

    document: str
    note: str | None = None
    based_on: int | None = None


async def agents_named(work: Work, ids: Sequence[UUID], path: list[str]) -> list[Agent]:
    """Return the agents with these ids, in their order.

    Raises:
        AgentNotFound: one of them is not there.
    """
    found = await find_agents(work, ids)
    for id_ in ids:
        if id_ not in found:
            raise AgentNotFound("no such agent", field=path, value=str(id_))
    return [found[id_] for id_ in dict.fromkeys(ids)]


async def check(work: Work, document: str, agents: Sequence[Agent]) -> list[Problem]:
    """Return what is wrong with a document for these agents."""
    there: dict[UUID, Points] = {}
    named: dict[str, Points] = {}
    for agent in agents:
        for place in agent.location_ids:
            if place not in there:
                there[place] = {
                    device.code: frozenset(device.read_points)
                    for device in await reach.devices_at(work, place)
                }
        named[agent.name] = {
            code: points for place in agent.location_ids for code, points in there[place].items()
        }
    return problems_of(document, named) or await _lost_devices(work, document, agents)


async def add(work: Work, draft: Draft, agents: Sequence[Agent]) -> int:
    """Keep a new version of a configuration for these agents, and return its number.

    Raises:
        InvalidConfiguration: it must not be given to them.
        InvalidText: the note is too long.
    """
    if problems := await check(work, draft.document, agents):
        first = problems[0]
        raise InvalidConfiguration(
            f"line {first.line}: {first.key} {first.message}" if first.line else first.message,
            field=["input", "document"],
            problems=[
                {"line": one.line, "key": one.key, "message": one.message} for one in problems
            ],
        )
    note = None if draft.note is None else text(draft.note, ["input", "note"], most=MOST_NOTE)
    who = work.principal
    version = await work.row(statements.NEXT_VERSION, who.org_id)
    assert version is not None, "an upsert returns its row"
    number: int = version["last_version"]
    places = sorted({place for agent in agents for place in agent.location_ids})
    await work.rows(
        statements.ADD_CONFIGURATION,
        who.org_id,
        new_id(),
        number,
        draft.document,
        note,
        draft.based_on,
        places,
        work.now,
        str(who.user_id or who.client_id),
    )
    work.note("AGENT_CONFIGURATION_MADE", number, note=note, based_on=draft.based_on)
    return number


async def _lost_devices(work: Work, document: str, agents: Sequence[Agent]) -> list[Problem]:
    """Name the agents that would fall back to the devices of their own files unasked."""
    if names_devices(document):
        return []
    given = [(agent, agent.wanted_version) for agent in agents if agent.wanted_version]
    before = await documents_of(work, [version for _, version in given])
    return [
        Problem(
            f"{agent.name} has its devices from version {version}: say them here too, or it goes"
            " back to those of its own file",
            "devices",
        )
        for (agent, version), known in zip(given, before, strict=True)
        if names_devices(known)
    ]


async def documents_of(work: Work, versions: Sequence[int]) -> list[str]:
    """Return the documents of versions, in order; empty for one that is not there."""
    rows = await work.rows(statements.DOCUMENTS, work.principal.org_id, list(versions))
    found = {row["version"]: row["document"] for row in rows}
    return [found.get(version, "") for version in versions]


async def list_configurations(
    work: Work,
    versions: Sequence[int] | None,
    order: AgentConfigurationOrder,
    *,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[AgentConfiguration]:
    """Return a page of configurations; `versions` None does not limit.

    Raises:
        TooMuch: `first` is too large.
        InvalidCursor: `after` is not a cursor of this list.
    """
    query = AgentConfiguration.all()
    if versions is not None:
        query = query.filter(version__in=list(versions))
    columns, types = _ORDERS[order]
    ordering = Ordering(f"configurations-{order}", columns, types, descending)
    return await fetch_page(work, query, ordering, first, after)
