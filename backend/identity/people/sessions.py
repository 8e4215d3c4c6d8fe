"""Browsers' sign-ins: opened with a password, known by a random cookie, ended at any time."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self
from uuid import UUID

from backend.core.ids import new_id
from backend.core.principal import program
from backend.core.roles import Role
from backend.core.settings import BackendSettings
from backend.identity.events import AccessChanged, Change, Subject
from backend.identity.models import Session
from backend.identity.people import statements
from backend.identity.people.rules import SignedIn, secret_digest
from backend.infra.database import Database
from backend.infra.work import Work

_COOKIE_BYTES: Final = 32
_LONGEST_AGENT: Final = 300
_NOTED_EVERY: Final = timedelta(minutes=1)
"""A session in use would otherwise rewrite its row at every request."""


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lasts: unused, and at the longest, which is another time for a screen."""

    idle: timedelta
    longest: timedelta
    longest_of_screens: timedelta

    @classmethod
    def of(cls, settings: BackendSettings) -> Self:
        """Return what the settings say."""
        return cls(
            settings.session_idle, settings.session_lifetime, settings.screen_session_lifetime
        )

    def longest_of(self, role: Role) -> timedelta:
        """Return after how long a session of that role ends, used or not."""
        return self.longest_of_screens if role is Role.SCREEN else self.longest


async def open_session(work: Work, user_id: UUID, agent: str, *, lifetime: timedelta) -> str:
    """Begin a session and return the value of its cookie, of which only a digest is kept."""
    cookie = secrets.token_urlsafe(_COOKIE_BYTES)
    digest = secret_digest(cookie)
    assert digest is not None, "what we make has our shape"
    session = Session(
        id=new_id(),
        org_id=work.principal.org_id,
        user_id=user_id,
        digest=digest,
        address=work.address or "unknown",
        agent=_visible(agent),
        created_at=work.now,
        last_seen_at=work.now,
        expires_at=work.now + lifetime,
    )
    await session.save(using_db=work.tx, force_create=True)
    work.note("SIGNED_IN", user_id, session=session.id)
    return cookie


async def resolve_session(
    database: Database, cookie: str, now: datetime, limits: SessionLimits
) -> SignedIn | None:
    """Return who the cookie stands for, and note that it was seen.

    None when nobody knows it, it ended or expired, was not used for too long, or its user or
    organisation is shut out.
    """
    digest = secret_digest(cookie)
    if digest is None:
        return None
    async with database.auth() as connection:
        found = await connection.fetchrow(statements.FIND_SESSION, digest)
    if found is None:
        return None
    async with database.work(program(found["org_id"], "identity")) as work:
        row = await work.row(
            statements.LIVE_SESSION, digest, now, now - limits.idle, now - limits.longest
        )
        if row is not None and now - row["last_seen_at"] > _NOTED_EVERY:
            await work.rows(statements.NOTE_SEEN, row["session_id"], now)
    return None if row is None else _signed_in(row)


async def use_session(work: Work, session_id: UUID, limits: SessionLimits) -> bool:
    """Note that a session is in use; tell whether it still stands."""
    now = work.now
    since = (now - limits.idle, now - limits.longest)
    return await work.row(statements.USE_SESSION, session_id, now, *since) is not None


async def end_session(work: Work, session_id: UUID) -> bool:
    """End one session, its tokens with it; tell whether it had been open."""
    ended = await work.row(statements.END_SESSION, session_id, work.now)
    if ended is not None:
        work.note("SESSION_ENDED", session_id, user=ended["user_id"])
        work.gather([AccessChanged.of(Subject.SESSION, session_id, Change.REVOKED, work.now)])
    return ended is not None


async def end_sessions_of(work: Work, user_id: UUID, *, but: UUID | None = None) -> int:
    """End all sessions of a person `but` one, their tokens with them; return how many were open."""
    ended = await work.rows(statements.END_SESSIONS, user_id, work.now, but)
    if ended:
        work.note("SESSIONS_ENDED", user_id, sessions=[row["id"] for row in ended])
    work.gather(
        AccessChanged.of(Subject.SESSION, row["id"], Change.REVOKED, work.now) for row in ended
    )
    return len(ended)


def _signed_in(row: dict[str, Any]) -> SignedIn:
    places = row["location_ids"]
    return SignedIn(
        org_id=row["org_id"],
        session_id=row["session_id"],
        user_id=row["user_id"],
        email=row["email"],
        name=row["name"],
        role=Role(row["role"]),
        location_ids=None if places is None else frozenset(places),
        distributor_id=row["distributor_id"],
        channel=row["channel"],
        signed_in_at=row["signed_in_at"],
        expires_at=row["expires_at"],
    )


def _visible(agent: str) -> str:
    """Return the browser's name of itself as far as it can be stored and shown."""
    kept = "".join(letter for letter in agent if letter.isprintable())
    return kept[:_LONGEST_AGENT].encode("utf-8", "replace").decode()
