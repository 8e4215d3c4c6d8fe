"""Signing in: who gives an e-mail address and a password, throttled, without telling more."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from backend.core.principal import program
from backend.core.settings import BackendSettings
from backend.core.texts import is_storable
from backend.identity.people import sessions, statements
from backend.identity.people.errors import SignInRefused, TooManyAttempts
from backend.identity.people.passwords import LONGEST, Passwords
from backend.identity.people.rules import SignedIn
from backend.identity.throttle import Throttle
from backend.infra.database import Database
from backend.infra.work import Work


class People:
    """Lets people in and says whose a cookie is. One per process."""

    def __init__(self, database: Database, settings: BackendSettings) -> None:
        self.database = database
        self.settings = settings
        self.passwords = Passwords()
        # Guessing one person's password from anywhere; trying many people from one place.
        self._email_failures = Throttle(most=10, per_seconds=300)
        self._address_failures = Throttle(most=60, per_seconds=300)

    async def sign_in(self, email: str, password: str, address: str, agent: str) -> str:
        """Return the cookie of a new session for who gives the right password.

        An unknown address, a wrong password and somebody shut out take the same time and answer.

        Raises:
            SignInRefused: any of these.
            TooManyAttempts: too many failures for this e-mail address or from this place.
            TooBusy: more sign in at this moment than we can check.
        """
        email = email.strip().lower()
        counted = ((self._email_failures, email), (self._address_failures, address))
        attempt = _Attempt(counted, datetime.now(UTC).timestamp())
        attempt.begin()
        if len(password) > LONGEST or not is_storable(email):
            raise SignInRefused
        org_id, user_id = await self._whose(email)
        state = None if org_id is None else await self._state(org_id, user_id)
        stored = None if state is None else state["password_hash"]
        is_right = await self.passwords.is_password(password, stored)
        if not is_right or org_id is None or state is None or state["is_shut_out"]:
            raise SignInRefused
        attempt.succeed()
        better = await self._rehashed(password, state["password_hash"])
        async with self.database.work(program(org_id, "identity")) as work:
            return await self._open(work, state["id"], better, address, agent)

    async def resolve(self, cookie: str) -> SignedIn | None:
        """Return who a session's cookie stands for now; None: they have to sign in."""
        return await sessions.resolve_session(
            self.database, cookie, datetime.now(UTC), idle=self.settings.session_idle
        )

    async def sign_out(self, cookie: str) -> None:
        """End the session of a cookie, and the tokens that came from it."""
        signed_in = await self.resolve(cookie)
        if signed_in is not None:
            async with self.database.work(program(signed_in.org_id, "identity")) as work:
                await sessions.end_session(work, signed_in.session_id)

    def close(self) -> None:
        """End what runs beside the loop."""
        self.passwords.close()

    async def _open(
        self, work: Work, user_id: UUID, better: str | None, address: str, agent: str
    ) -> str:
        await work.rows(statements.NOTE_SIGN_IN, user_id, work.now, better)
        lifetime = self.settings.session_lifetime
        return await sessions.open_session(work, user_id, address, agent, lifetime=lifetime)

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
