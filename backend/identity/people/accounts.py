"""The verbs on people: invite, change, shut out, let in again; nobody above oneself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import UNSET, UnsetType

from backend.core.ids import new_id
from backend.core.patches import chosen
from backend.core.roles import Role
from backend.core.scopes import Scope
from backend.core.texts import text
from backend.identity.events import AccessChanged, Change, Subject
from backend.identity.models import User
from backend.identity.people import links, sessions, statements
from backend.identity.people.errors import (
    EmailTaken,
    LastOwner,
    NoPerson,
    SessionNotFound,
    UserNotFound,
)
from backend.identity.people.rules import (
    Link,
    LinkKind,
    Reach,
    UserDetails,
    check_email,
    check_rank,
    check_reach,
)
from backend.infra.work import Work

_MOST_NAME = 100


@dataclass(frozen=True, slots=True)
class UserChange:
    """What is to change of a person; UNSET stays as it is."""

    name: str | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    locations: frozenset[UUID] | UnsetType | None = UNSET
    distributor: UUID | UnsetType | None = UNSET
    channel: str | UnsetType | None = UNSET


async def add_user(
    work: Work,
    email: str,
    name: str,
    role: Role,
    reach: Reach | None = None,
    *,
    password_hash: str | None = None,
) -> UserDetails:
    """Add a person; without a password they cannot sign in before they accepted an invitation.

    Raises:
        InvalidEmail: it is no e-mail address.
        EmailTaken: somebody has it, here or elsewhere.
        InvalidReach: the limits do not go with the role.
        RoleTooHigh: above the role or the limits of who adds.
    """
    reach = reach or Reach()
    check_reach(role, reach)
    await check_may_touch(work, role, reach)
    values = (
        work.principal.org_id,
        new_id(),
        check_email(email),
        text(name, ["input", "name"], most=_MOST_NAME),
        role.value,
        *_columns(reach),
        password_hash,
        work.now,
    )
    try:
        row = await work.row(statements.ADD_USER, *values)
    except asyncpg.UniqueViolationError as exc:
        raise EmailTaken(
            "somebody has this e-mail address already", field=["input", "email"]
        ) from exc
    assert row is not None, "an insert returns its row"
    user = user_details(row)
    work.note("USER_ADDED", user.id, role=role, **_reach_facts(reach))
    return user


async def invite(
    work: Work,
    email: str,
    name: str,
    role: Role,
    reach: Reach | None = None,
    *,
    lifetime: timedelta,
) -> tuple[UserDetails, Link]:
    """Add a person and return the link by which they choose their password.

    Raises:
        as `add_user`.
    """
    user = await add_user(work, email, name, role, reach)
    link = await links.make_link(
        work, LinkKind.INVITATION, (user.id, user.email, user.name), lifetime=lifetime
    )
    work.note("USER_INVITED", user.id, expires_at=link.expires_at)
    return user, link


async def change_user(work: Work, user_id: UUID, change: UserChange) -> UserDetails:
    """Change who somebody is; what they hold open follows at once.

    Raises:
        UserNotFound: there is none.
        InvalidReach: the limits do not go with the role.
        RoleTooHigh: they, or what they would become, are above who changes them.
        LastOwner: no owner would be left.
    """
    old = await _locked(work, user_id)
    role = chosen(change.role, old.role)
    reach = Reach(
        chosen(change.locations, old.reach.location_ids),
        chosen(change.distributor, old.reach.distributor_id),
        chosen(change.channel, old.reach.channel),
    )
    check_reach(role, reach)
    await check_may_touch(work, role, reach)
    new = _present(
        await work.row(
            statements.UPDATE_USER,
            user_id,
            text(chosen(change.name, old.name), ["input", "name"], most=_MOST_NAME),
            role.value,
            *_columns(reach),
            work.now,
        ),
        user_id,
    )
    if old.role is Role.OWNER and role is not Role.OWNER:
        await _check_owner_left(work)
    work.note("USER_CHANGED", user_id, role=role, old_role=old.role, **_reach_facts(reach))
    _tell(work, user_id, Change.CHANGED)
    return new


async def disable_user(work: Work, user_id: UUID) -> UserDetails:
    """Shut somebody out: their sessions and tokens end within a second.

    Raises:
        UserNotFound: there is none.
        RoleTooHigh: they are above who does this.
        LastOwner: no owner would be left.
    """
    old = await _locked(work, user_id)
    user = _present(await work.row(statements.DISABLE_USER, user_id, work.now), user_id)
    if old.role is Role.OWNER:
        await _check_owner_left(work)
    await work.rows(statements.END_LINKS, user_id, work.now)
    await sessions.end_sessions_of(work, user_id)
    work.note("USER_DISABLED", user_id)
    _tell(work, user_id, Change.REVOKED)
    return user


async def enable_user(work: Work, user_id: UUID) -> UserDetails:
    """Let somebody in again who was shut out; they sign in anew.

    Raises:
        UserNotFound: there is none.
        RoleTooHigh: they are above who does this.
    """
    await _locked(work, user_id)
    user = _present(await work.row(statements.ENABLE_USER, user_id, work.now), user_id)
    work.note("USER_ENABLED", user_id)
    _tell(work, user_id, Change.CHANGED)
    return user


async def make_reset_link(work: Work, user_id: UUID, *, lifetime: timedelta) -> Link:
    """Return the link by which somebody sets a password: a new one, or their first.

    Raises:
        UserNotFound: there is none.
        RoleTooHigh: they are above who does this.
    """
    user = await _locked(work, user_id)
    kind = LinkKind.PASSWORD_RESET if user.has_password else LinkKind.INVITATION
    link = await links.make_link(work, kind, (user.id, user.email, user.name), lifetime=lifetime)
    work.note("PASSWORD_RESET_OFFERED", user_id, expires_at=link.expires_at)
    return link


async def end_session(work: Work, session_id: UUID) -> None:
    """End one session, one's own or that of somebody one may change.

    Raises:
        SessionNotFound: there is none, or it is over, or not one's business.
        RoleTooHigh: its person is above who does this.
    """
    row = await work.row(statements.USER_OF_SESSION, session_id)
    owner = None if row is None else row["user_id"]
    is_own = owner is not None and owner == work.principal.user_id
    if owner is not None and not is_own and work.principal.has(Scope.ADMIN):
        await _locked(work, owner)
    elif not is_own:
        owner = None
    if owner is None or not await sessions.end_session(work, session_id):
        raise SessionNotFound("there is no such session", field=["input", "id"])


async def end_all_sessions(work: Work, user_id: UUID | None) -> int:
    """End all sessions of somebody, None for oneself; return how many were open.

    Raises:
        NoPerson: a program asks for its own.
        UserNotFound: there is no such person.
        MissingScope: they are somebody else, and one may not change people.
        RoleTooHigh: they are above who does this.
    """
    who = user_id or work.principal.user_id
    if who is None:
        raise NoPerson("name a person: a program has no sessions", field=["input", "user"])
    if who != work.principal.user_id:
        work.principal.require(Scope.ADMIN)
        await _locked(work, who)
    ended = await sessions.end_sessions_of(work, who)
    _tell(work, who, Change.CHANGED)
    return ended


async def find_user(work: Work, user_id: UUID) -> UserDetails:
    """Return a person of the organisation.

    Raises:
        UserNotFound: there is none.
    """
    return _present(await work.row(statements.USER, user_id), user_id)


async def users_by_id(work: Work, ids: list[UUID]) -> list[UserDetails]:
    """Return people by their ids, which come from rows that were seen, in order."""
    found = {row["id"]: user_details(row) for row in await work.rows(statements.USERS, ids)}
    return [found[one] for one in ids]


def user_of(row: User) -> UserDetails:
    """Return a row of a list as an administrator sees it."""
    return user_details(vars(row))


def user_details(row: Mapping[str, Any]) -> UserDetails:
    """Return a row of `users` as an administrator sees it."""
    places = row["location_ids"]
    return UserDetails(
        id=row["id"],
        email=row["email"],
        name=row["name"],
        role=Role(row["role"]),
        reach=Reach(
            None if places is None else frozenset(places), row["distributor_id"], row["channel"]
        ),
        has_password=row["password_hash"] is not None,
        created_at=row["created_at"],
        last_sign_in_at=row["last_sign_in_at"],
        disabled_at=row["disabled_at"],
        version=row["version"],
    )


async def own_role(work: Work) -> Role:
    """Return the role of who acts: our own programs act for the owner."""
    who = work.principal
    if who.user_id is not None:
        row = await work.row(statements.ROLE_OF_USER, who.user_id)
    elif who.token_id is not None:
        row = await work.row(statements.ROLE_OF_CLIENT, who.client_id)
    else:
        return Role.OWNER
    # A client without a role got here through its scope `admin`.
    return Role(row["role"]) if row and row["role"] else Role.ADMIN


async def check_may_touch(work: Work, role: Role, reach: Reach) -> None:
    """Refuse who acts to give, change or take away what is above themselves.

    Raises:
        RoleTooHigh: it is above their role or beyond their limits.
    """
    who = work.principal
    own_reach = Reach(who.locations, who.partner, who.channel)
    check_rank(await own_role(work), own_reach, role, reach)


async def _locked(work: Work, user_id: UUID) -> UserDetails:
    """Return a person who may be changed by who acts; owners, then they are locked."""
    await work.rows(statements.LOCK_OWNERS)
    user = _present(await work.row(statements.LOCK_USER, user_id), user_id)
    await check_may_touch(work, user.role, user.reach)
    return user


async def _check_owner_left(work: Work) -> None:
    row = await work.row(statements.COUNT_OWNERS)
    if row is None or row["remaining"] == 0:
        raise LastOwner


def _tell(work: Work, user_id: UUID, change: Change) -> None:
    work.gather([AccessChanged.of(Subject.USER, user_id, change, work.now)])


def _present(row: dict[str, Any] | None, user_id: UUID) -> UserDetails:
    if row is None:
        raise UserNotFound("there is no such person", field=["input", "id"], value=str(user_id))
    return user_details(row)


def _columns(reach: Reach) -> tuple[list[UUID] | None, UUID | None, str | None]:
    places = None if reach.location_ids is None else sorted(reach.location_ids)
    return places, reach.distributor_id, reach.channel


def _reach_facts(reach: Reach) -> dict[str, object]:
    """Return limits as the audit log keeps them."""
    places, distributor, channel = _columns(reach)
    return {"locations": places, "distributor": distributor, "channel": channel}
