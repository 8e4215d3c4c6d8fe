"""Configurations of agents in the schema."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

import strawberry
from strawberry.scalars import ID

from backend.core.scopes import Scope
from backend.fleet import configurations
from backend.fleet.configurations import OWN_FILE
from backend.fleet.documents import Problem, diff_of
from backend.fleet.graphql.agents import agent_id
from backend.fleet.graphql.enums import AgentConfigurationOrder
from backend.identity import audit
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.declared import seen_with
from backend.infra.api.described import input_type, object_type
from backend.infra.api.relay import Connection, connect
from backend.infra.api.results import SortDirection
from backend.infra.api.scalars import Cursor


@seen_with(Scope.DEVICES_READ)
@object_type
class AgentConfiguration:
    """A version of what agents are told to run with; none is ever changed."""

    id: ID
    """Identifies it."""
    version: int
    """Its number; grows with each one of the organisation."""
    document: str
    """TOML, as it stands in an agent's file, without what is the agent's own."""
    note: str | None
    """Why it was made."""
    based_on: int | None
    """The version that was changed; null where it began empty."""
    made_at: datetime
    """When it was made."""
    made_by: str
    """Id of who made it."""

    @strawberry.field
    async def made_by_name(self, info: Info) -> str | None:
        """Present name of who made it; null where there is none, or no more."""
        return await info.context.loader(audit.actor_names).load(actor(self.made_by))

    @strawberry.field
    async def diff(self, info: Info) -> str:
        """What changed against the version it is based on: a unified diff."""
        loader = info.context.loader(configurations.documents_of)
        before = await loader.load(self.based_on or OWN_FILE)
        return diff_of(before, self.document)

    @classmethod
    def of(cls, row: Any) -> Self:
        """Return a stored configuration as clients see it."""
        return cls(
            id=ID(str(row.id)),
            version=row.version,
            document=row.document,
            note=row.note,
            based_on=row.based_on,
            made_at=row.made_at,
            made_by=row.made_by,
        )


@seen_with(Scope.DEVICES_READ)
@object_type
class AgentConfigurationProblem:
    """Why a configuration must not be given to agents."""

    line: int | None
    """Where, from 1; null where it is about all of it."""
    key: str | None
    """Which key, with those above it: `devices.0.read_point`."""
    message: str
    """Why."""

    @classmethod
    def of(cls, problem: Problem) -> Self:
        """Return a problem as clients see it."""
        return cls(line=problem.line, key=problem.key, message=problem.message)


@seen_with(Scope.DEVICES_READ)
@object_type
class AgentConfigurationCheck:
    """What would become of a configuration."""

    problems: list[AgentConfigurationProblem]
    """What is wrong with it, by line; empty where it may be rolled out."""
    diff: str
    """What it changes against the version it is based on: a unified diff."""


@input_type
class AgentConfigurationFilter:
    """Which configurations; what is left out does not limit."""

    versions: list[int] | None = None
    """Only these."""


@input_type
class AgentConfigurationSort:
    """How configurations are sorted."""

    by: AgentConfigurationOrder = AgentConfigurationOrder.VERSION
    """By what."""
    direction: SortDirection = SortDirection.DESC
    """Which end first."""


@strawberry.type
class Query:
    """Questions about configurations."""

    @strawberry.field(extensions=[Requires(Scope.DEVICES_READ)])
    async def agent_configurations(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: AgentConfigurationFilter | None = None,  # noqa: A002 - the contract's name
        sort: AgentConfigurationSort | None = None,
    ) -> Connection[AgentConfiguration]:
        """Configurations that agents were given, latest first unless sorted otherwise."""
        sort = sort or AgentConfigurationSort()
        page = await configurations.list_configurations(
            await info.context.reading(),
            filter.versions if filter else None,
            sort.by,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, AgentConfiguration.of)

    @strawberry.field(extensions=[Requires(Scope.DEVICES_READ)])
    async def check_agent_configuration(
        self, info: Info, document: str, agents: list[ID], based_on: int | None = None
    ) -> AgentConfigurationCheck:
        """Tells whether a configuration may be given to these agents, without doing so."""
        work = await info.context.reading()
        ids = list(map(agent_id, agents))
        named = await configurations.agents_named(work, ids, ["agents"])
        problems = await configurations.check(work, document, named)
        (before,) = await configurations.documents_of(work, [based_on or OWN_FILE])
        return AgentConfigurationCheck(
            problems=[AgentConfigurationProblem.of(problem) for problem in problems],
            diff=diff_of(before, document),
        )


def actor(id_: str) -> tuple[str, str]:
    """Return who has an id, as the audit log names them."""
    try:
        UUID(id_)
    except ValueError:
        return "CLIENT", id_
    return "USER", id_
