"""The audit log in the schema."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry.scalars import ID, JSON

from backend.core.scopes import Scope
from backend.identity import audit
from backend.identity.audit import ActorKind, AuditCriteria, AuditOrder
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.declared import seen_with
from backend.infra.api.described import enum_type, input_type, object_type
from backend.infra.api.relay import Connection, connect
from backend.infra.api.results import SortDirection
from backend.infra.api.scalars import Cursor

for _enum in (ActorKind, AuditOrder):
    enum_type(_enum)


@seen_with(Scope.AUDIT_READ)
@object_type
class AuditEntry:
    """Something that somebody did; it can be neither changed nor deleted."""

    id: ID
    """Its number in the organisation's log: 1, 2, 3 … without a gap."""
    at: datetime
    """When it was done."""
    actor_kind: ActorKind
    """Who did it: a person, a client, or the server itself."""
    actor_id: str
    """Id of the person, client id, or name of the program."""
    client_id: str | None
    """The client through which it was done."""
    address: str | None
    """Where the request came from."""
    action: str
    """What was done, such as USER_INVITED."""
    subject: str | None
    """Id of what it was done to; null for the organisation."""
    details: JSON
    """The facts of it; of persons only ids."""
    hash: str
    """Seals this entry and, through it, all before it (SHA-256, hexadecimal)."""

    @strawberry.field
    async def actor_name(self, info: Info) -> str | None:
        """The actor's name of today; null where it has none."""
        actor = (self.actor_kind.value, self.actor_id)
        return await info.context.loader(audit.actor_names).load(actor)


@input_type
class AuditFilter:
    """Which entries; what is left out does not limit."""

    actions: list[str] | None = None
    """Only these actions."""
    actors: list[str] | None = None
    """Only of the actors with these ids."""
    subjects: list[str] | None = None
    """Only what was done to these."""
    since: datetime | None = None
    """Only from this moment on."""
    until: datetime | None = None
    """Only before this moment."""

    def criteria(self) -> AuditCriteria:
        """Return the filter as the service takes it."""
        return AuditCriteria(
            actions=None if self.actions is None else frozenset(self.actions),
            actors=None if self.actors is None else frozenset(self.actors),
            subjects=None if self.subjects is None else frozenset(self.subjects),
            since=self.since,
            until=self.until,
        )


@input_type
class AuditSort:
    """How entries are sorted."""

    by: AuditOrder = AuditOrder.AT
    """By what."""
    direction: SortDirection = SortDirection.DESC
    """Which end first."""


@strawberry.type
class Query:
    """Questions about who did what."""

    @strawberry.field(extensions=[Requires(Scope.AUDIT_READ)])
    async def audit_log(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: AuditFilter | None = None,  # noqa: A002 - the contract's name
        sort: AuditSort | None = None,
    ) -> Connection[AuditEntry]:
        """Who did what from where; latest first unless sorted otherwise."""
        sort = sort or AuditSort()
        page = await audit.list_entries(
            await info.context.reading(),
            (filter or AuditFilter()).criteria(),
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, _entry)


def _entry(row: Any) -> AuditEntry:
    return AuditEntry(
        id=ID(str(row.seq)),
        at=row.at,
        actor_kind=ActorKind(row.actor_kind),
        actor_id=row.actor_id,
        client_id=row.client_id,
        address=row.address,
        action=row.action,
        subject=row.subject,
        details=row.details,
        hash=row.hash.hex(),
    )
