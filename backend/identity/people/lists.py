"""Lists of people and of their sessions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from tortoise.expressions import Q

from backend.core.roles import Role
from backend.core.scopes import Scope
from backend.identity.models import Session, User
from backend.identity.people.errors import NoPerson
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.work import Work


class UserOrder(StrEnum):
    """By what people are sorted."""

    NAME = "NAME"
    """By name."""
    EMAIL = "EMAIL"
    """By e-mail address."""
    CREATED_AT = "CREATED_AT"
    """By when they were invited."""


class SessionOrder(StrEnum):
    """By what sessions are sorted."""

    CREATED_AT = "CREATED_AT"
    """By when they began."""
    LAST_SEEN_AT = "LAST_SEEN_AT"
    """By when they were last used."""


_USERS: Final = {
    UserOrder.NAME: (("name", "id"), (str, UUID)),
    UserOrder.EMAIL: (("email", "id"), (str, UUID)),
    UserOrder.CREATED_AT: (("created_at", "id"), (datetime, UUID)),
}
_SESSIONS: Final = {
    SessionOrder.CREATED_AT: (("created_at", "id"), (datetime, UUID)),
    SessionOrder.LAST_SEEN_AT: (("last_seen_at", "id"), (datetime, UUID)),
}


@dataclass(frozen=True, slots=True)
class UserCriteria:
    """Which people; None does not limit. `text` is part of a name or an e-mail address."""

    roles: frozenset[Role] | None = None
    is_disabled: bool | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class SessionCriteria:
    """Which sessions; None does not limit."""

    user_id: UUID | None = None
    is_open: bool | None = None


async def list_users(
    work: Work,
    criteria: UserCriteria,
    by: UserOrder,
    *,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[User]:
    """Return a page of people."""
    query = User.all()
    if criteria.roles is not None:
        query = query.filter(role__in=[role.value for role in criteria.roles])
    if criteria.is_disabled is not None:
        query = query.filter(disabled_at__isnull=not criteria.is_disabled)
    if criteria.text is not None:
        query = query.filter(Q(name__icontains=criteria.text) | Q(email__icontains=criteria.text))
    columns, types = _USERS[by]
    ordering = Ordering(f"users {by}", columns, types, descending)
    return await fetch_page(work, query, ordering, first, after)


async def list_sessions(
    work: Work,
    criteria: SessionCriteria,
    by: SessionOrder,
    *,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[Session]:
    """Return a page of sessions: one's own, for an administrator everybody's.

    Raises:
        NoPerson: a program that may not manage people asks.
    """
    query = Session.all()
    who = work.principal
    if not who.has(Scope.ADMIN):
        if who.user_id is None:
            raise NoPerson("a program has no sessions")
        query = query.filter(user_id=who.user_id)
    if criteria.user_id is not None:
        query = query.filter(user_id=criteria.user_id)
    if criteria.is_open is not None:
        is_open = Q(ended_at__isnull=True) & Q(expires_at__gt=work.now)
        query = query.filter(is_open if criteria.is_open else ~is_open)
    columns, types = _SESSIONS[by]
    ordering = Ordering(f"sessions {by}", columns, types, descending)
    return await fetch_page(work, query, ordering, first, after)
