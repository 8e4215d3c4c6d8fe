"""Who reads what somebody made: its owner, and those it is shared with."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from backend.core.roles import Role
from backend.core.scopes import Scope
from backend.identity.people import accounts
from backend.infra.work import Work


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks: their id, and their role; None: a program of its own."""

    id: str
    role: Role | None

    def sees(self) -> Q:
        """Return which rows they see of a table with owner, sharing and roles."""
        seen = Q(owner_id=self.id) | Q(sharing="ORGANISATION")
        if self.role is not None:
            seen |= Q(sharing="ROLES", roles__contains=[self.role.value])
        return seen


async def reader_of(work: Work) -> Reader:
    """Return who asks."""
    who = work.principal
    role = await accounts.own_role(work) if who.user_id is not None else None
    return Reader(author_id(work), role)


def author_id(work: Work) -> str:
    """Return the id of who acts, as it is kept."""
    return str(work.principal.user_id or work.principal.client_id)


def may_change(work: Work, row: Any) -> bool:
    """Tell whether who acts may change what somebody made: its owner, and administrators."""
    return row.owner_id == author_id(work) or work.principal.has(Scope.ADMIN)


def actor_of(author: str) -> tuple[str, str]:
    """Return who has an id, as the audit log names them."""
    return ("CLIENT" if known_id(author) is None else "USER"), author


def known_id(text: str) -> UUID | None:
    """Return an id as it is kept; None: nothing can have it."""
    try:
        return UUID(text)
    except ValueError:
        return None


def known_ids(texts: Iterable[str]) -> frozenset[UUID]:
    """Return ids as they are kept, without those that nothing can have."""
    return frozenset(id_ for id_ in map(known_id, texts) if id_ is not None)
