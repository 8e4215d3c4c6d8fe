"""Who signs in, changes a password or follows a link: throttled, and told no more than needed."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from backend.core.principal import Principal, program
from backend.core.roles import Role
from backend.core.settings import BackendSettings
from backend.core.texts import is_storable
from backend.identity.people import links, sessions, statements
from backend.identity.people.errors import (
    LinkExpired,
    NoPerson,
    SignInRefused,
    TooManyAttempts,
    WrongPassword,
)
from backend.identity.people.letters import Letters
from backend.identity.people.passwords import LONGEST, Passwords, check_password
from backend.identity.people.rules import LinkKind, OpenLink, SignedIn
from backend.identity.people.sessions import SessionLimits
from backend.identity.throttle import Throttle
from backend.identity.throttles import Throttles
from backend.infra.database import Database
from backend.infra.secret_key import secret_key
from backend.infra.tasks import Tasks
from backend.infra.work import Work


class People:
    """Lets people in and says whose a cookie is. Open it once per process."""

    def __init__(
        self, database: Database, settings: BackendSettings, throttles: Throttles | None = None
    ) -> None:
        throttles = throttles or Throttles()
        self.database = database
        self.settings = settings
        self.passwords = Passwords()
        self.letters = Letters(settings)
        self._link_key = secret_key(settings).derive(links.PURPOSE)
        self._tasks = Tasks()
        # Guessing one person's password from anywhere; trying many people from one place.
        self._email_failures = throttles.make("login_failures", settings.login_failures, 300)
        self._address_failures = throttles.make(
            "login_address_failures", settings.login_address_failures, 300
        )
        self._reset_requests = throttles.make("reset_requests", 5, 3600)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._tasks.close()
        self.passwords.close()

    async def sign_in(self, email: str, password: str, address: str, agent: str) -> str:
        """Return the cookie of a new session for who gives the right password.

        An unknown address, a wrong password and somebody shut out take the same time and answer.

        Raises:
            SignInRefused: any of these.
            TooManyAttempts: too many failures for this e-mail address or from this place.
            TooBusy: more sign in at this moment than we can check.
        """
        email = email.strip().lower()
        attempt = self._attempt(email, address)
        attempt.begin()
        if len(password) > LONGEST or not is_storable(email):
            raise SignInRefused
        org_id, user_id = await self._whose(email)
        state = None if org_id is None else await self._state(org_id, user_id)
        stored = None if state is None else state["password_hash"]
        is_right = await self.passwords.is_password(password, stored)
        if org_id is None or user_id is None or state is None:
            raise SignInRefused
        if not is_right or state["is_shut_out"]:
            # Beside the answer, which must not take longer for an address that exists.
            self._tasks.start(self._note_failure(org_id, user_id, address), "note a failure")
            raise SignInRefused
        attempt.succeed()
        better = await self._rehashed(password, state["password_hash"])
        who = replace(program(org_id, "identity"), user_id=user_id)
        async with self.database.work(who, address=address) as work:
            await work.rows(statements.NOTE_SIGN_IN, user_id, work.now, better)
            lifetime = SessionLimits.of(self.settings).longest_of(Role(state["role"]))
            return await sessions.open_session(work, user_id, agent, lifetime=lifetime)

    async def resolve(self, cookie: str) -> SignedIn | None:
        """Return who a session's cookie stands for now; None: they have to sign in."""
        return await sessions.resolve_session(
            self.database, cookie, datetime.now(UTC), SessionLimits.of(self.settings)
        )

    async def sign_out(self, cookie: str, address: str | None = None) -> None:
        """End the session of a cookie, and the tokens that came from it."""
        signed_in = await self.resolve(cookie)
        if signed_in is not None:
            who = replace(program(signed_in.org_id, "identity"), user_id=signed_in.user_id)
            async with self.database.work(who, address=address) as work:
                await sessions.end_session(work, signed_in.session_id)

    async def open_link(self, kind: LinkKind, signed: str) -> OpenLink:
        """Return whom a link is for, while it can still be used.

        Raises:
            LinkExpired: it cannot, or it never could.
        """
        digest = links.digest_of(self._link_key, kind, signed)
        if digest is None:
            raise LinkExpired
        async with self.database.auth() as connection:
            found = await connection.fetchrow(statements.FIND_LINK, digest)
        if found is None:
            raise LinkExpired
        who = program(found["org_id"], "identity")
        async with self.database.work(who, read_only=True) as work:
            row = await work.row(statements.OPEN_LINK, digest, work.now)
        if row is None:
            raise LinkExpired
        return OpenLink(found["org_id"], digest, **row)

    async def set_password(
        self, kind: LinkKind, signed: str, password: str, address: str
    ) -> OpenLink:
        """Use a link up: its person has this password from now on, and no session of before.

        Raises:
            LinkExpired: the link cannot be used.
            WeakPassword: the password is easy to guess.
        """
        link = await self.open_link(kind, signed)
        check_password(password, [link.email, link.name])
        stored = await self.passwords.hash(password)
        who = replace(program(link.org_id, "identity"), user_id=link.user_id)
        async with self.database.work(who, address=address) as work:
            used = await work.row(statements.USE_LINK, link.digest, work.now)
            if used is None or await self._store(work, link.user_id, stored) is None:
                raise LinkExpired
            await sessions.end_sessions_of(work, link.user_id)
            work.note("PASSWORD_SET", link.user_id, by=kind)
        return link

    def request_reset(self, email: str, address: str) -> None:
        """Send a link to whoever has that e-mail address; nobody learns whether anybody has.

        Raises:
            TooManyAttempts: too many requests for it or from this place.
        """
        email = email.strip().lower()
        moment = datetime.now(UTC).timestamp()
        attempt = _Attempt(
            ((self._reset_requests, email), (self._address_failures, address)), moment
        )
        attempt.begin()
        if is_storable(email):
            self._tasks.start(self._send_reset(email, address), "send a reset link")

    async def change_password(
        self, who: Principal, current: str, new: str, address: str | None
    ) -> datetime:
        """Change one's own password; one's other sessions end. Return when.

        Raises:
            NoPerson: a program asks.
            WrongPassword: `current` is not the present one.
            WeakPassword: the new one is easy to guess.
            TooManyAttempts: too many failures.
        """
        if who.user_id is None:
            raise NoPerson("only somebody who signed in has a password")
        async with self.database.work(who, read_only=True) as work:
            row = await work.row(statements.USER, who.user_id)
        assert row is not None, "a token of a person who is gone does not get here"
        attempt = self._attempt(row["email"], address or "")
        attempt.begin()
        if not await self.passwords.is_password(current[: LONGEST + 1], row["password_hash"]):
            raise WrongPassword(
                "this is not your present password", field=["input", "currentPassword"]
            )
        attempt.succeed()
        check_password(new, [row["email"], row["name"]])
        stored = await self.passwords.hash(new)
        async with self.database.work(who, address=address) as work:
            await self._store(work, who.user_id, stored)
            await sessions.end_sessions_of(work, who.user_id, but=who.session_id)
            work.note("PASSWORD_SET", who.user_id, by="THEMSELVES")
            return work.now

    async def _store(self, work: Work, user_id: UUID, stored: str) -> dict[str, Any] | None:
        await work.rows(statements.END_LINKS, user_id, work.now)
        return await work.row(statements.SET_PASSWORD, user_id, stored, work.now)

    async def _note_failure(self, org_id: UUID, user_id: UUID, address: str) -> None:
        who = program(org_id, "identity")
        async with self.database.work(who, address=address) as work:
            work.note("SIGN_IN_REFUSED", user_id)

    async def _send_reset(self, email: str, address: str) -> None:
        org_id, user_id = await self._whose(email)
        if org_id is None or not self.letters.are_sent:
            return
        who = program(org_id, "identity")
        async with self.database.work(who, address=address) as work:
            row = await work.row(statements.PERSON_FOR_RESET, user_id)
            if row is None:
                return
            link = await links.make_link(
                work,
                LinkKind.PASSWORD_RESET,
                (row["id"], row["email"], row["name"]),
                lifetime=self.settings.reset_lifetime,
            )
            work.note("PASSWORD_RESET_REQUESTED", user_id)
        await self.letters.deliver(link)

    async def _rehashed(self, password: str, stored: str) -> str | None:
        if not self.passwords.is_outdated(stored):
            return None
        return await self.passwords.hash(password)

    async def _whose(self, email: str) -> tuple[UUID | None, UUID | None]:
        async with self.database.auth() as connection:
            found = await connection.fetchrow(statements.FIND_USER, email)
        return (None, None) if found is None else (found["org_id"], found["id"])

    async def _state(self, org_id: UUID, user_id: UUID | None) -> dict[str, Any] | None:
        async with self.database.work(program(org_id, "identity"), read_only=True) as work:
            return await work.row(statements.SIGN_IN_STATE, user_id)

    def _attempt(self, email: str, address: str) -> "_Attempt":
        counted = ((self._email_failures, email), (self._address_failures, address))
        return _Attempt(counted, datetime.now(UTC).timestamp())


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One try, counted as a failure from its beginning: many at once are counted, too."""

    counted: tuple[tuple[Throttle, str], ...]
    moment: float

    def begin(self) -> None:
        wait = max(throttle.wait_of(key, self.moment) for throttle, key in self.counted)
        if wait > 0:
            raise TooManyAttempts(int(wait) + 1)
        for throttle, key in self.counted:
            throttle.note_failure(key, self.moment)

    def succeed(self) -> None:
        for throttle, key in self.counted:
            throttle.take_back(key, self.moment)
