"""Who is signed in here: browsers hold a random id, tokens stay in this process."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import OrderedDict
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from dashboard.client import BackendUnreachable, CredentialsRefused, SignedOut
from dashboard.people import Person

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx2

    from dashboard.client import BackendClient, Tokens

MOST_SESSIONS: Final = 10_000
"""Beyond these the longest unused is forgotten; its browser is signed in again without a word."""

ID_BYTES: Final = 32

_log = logging.getLogger(__name__)
_current: ContextVar[Session | None] = ContextVar("session", default=None)


class Session:
    """One browser's sign-in at this dashboard."""

    def __init__(self, client: BackendClient, tokens: Tokens) -> None:
        self.id = secrets.token_urlsafe(ID_BYTES)
        self.csrf = secrets.token_urlsafe(ID_BYTES)
        """What its pages send along with every request that changes something."""
        self.person = Person()
        self.is_over = False
        self._client = client
        self._tokens = tokens
        self._renewal = asyncio.Lock()

    async def execute(
        self, document: str, variables: Mapping[str, object] | None = None, *, is_long: bool = False
    ) -> dict[str, Any]:
        """Return the data of a GraphQL operation, done as this person.

        Raises:
            BackendUnreachable: no answer, or an error that passes.
            SignedOut: the sign-in has ended.
            Refused: the operation was refused.
        """
        access = await self._access()
        try:
            return await self._client.execute(access, document, variables, is_long=is_long)
        except SignedOut:
            access = await self._renew(access)
        try:
            return await self._client.execute(access, document, variables, is_long=is_long)
        except SignedOut:
            self.is_over = True
            raise

    async def known_scopes(self) -> list[str]:
        """Return every scope that a client could be given.

        Raises:
            BackendUnreachable: no answer.
        """
        return await self._client.scopes()

    async def ticket(self, use: str = "wall") -> str:
        """Return a ticket for one WebSocket of this person, good for a use of `SOCKET_SCOPES`.

        Raises:
            BackendUnreachable: no answer, or an error that passes.
            SignedOut: the sign-in has ended.
        """
        access = await self._access()
        try:
            return await self._client.ticket(access, use)
        except SignedOut:
            access = await self._renew(access)
        try:
            return await self._client.ticket(access, use)
        except SignedOut:
            self.is_over = True
            raise

    async def export(self) -> httpx2.Response:
        """Return everything of the organisation, still to be read, then closed.

        Raises:
            BackendUnreachable: no answer, or an error that passes.
            SignedOut: the sign-in has ended.
            Refused: this person is no owner.
        """
        access = await self._access()
        try:
            return await self._client.export(access)
        except SignedOut:
            access = await self._renew(access)
        try:
            return await self._client.export(access)
        except SignedOut:
            self.is_over = True
            raise

    async def fetch(self, url: str) -> bytes:
        """Return what lies behind a link of the backend.

        Raises:
            BackendUnreachable: no answer.
            Refused: the link is good for nothing any more.
        """
        return await self._client.fetch(url)

    async def look_again(self) -> None:
        """Ask who this is and what they may do now.

        Raises:
            BackendUnreachable: no answer; what was known before stays.
            SignedOut: the sign-in has ended.
        """
        self.person = await Person.of(self)

    async def revoke(self) -> None:
        """Give the tokens back; that the backend cannot be told is no reason to stay signed in."""
        self.is_over = True
        try:
            await self._client.revoke(self._tokens)
        except (BackendUnreachable, CredentialsRefused) as exc:
            _log.warning("tokens were dropped but not revoked: %s", exc)

    async def _access(self) -> str:
        if self._tokens.is_fresh(self._client.clock()):
            return self._tokens.access
        try:
            return await self._renew(self._tokens.access)
        except BackendUnreachable:
            return self._tokens.access  # it may still be good; whoever asks will see

    async def _renew(self, refused: str) -> str:
        """Return another access token than `refused`.

        One at a time: a refresh token is good once, and a second use ends all of its family.
        """
        async with self._renewal:
            if self.is_over:
                raise SignedOut("the sign-in has ended")
            if self._tokens.access == refused:
                try:
                    self._tokens = await self._client.refresh(self._tokens)
                except SignedOut:
                    self.is_over = True
                    raise
            return self._tokens.access


class Sessions:
    """The sessions of this process, at most `MOST_SESSIONS`; all are gone when it ends."""

    def __init__(self, client: BackendClient) -> None:
        self._client = client
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    async def open(self, tokens: Tokens) -> Session:
        """Begin a session and learn whose it is.

        Raises:
            BackendUnreachable: no answer.
            SignedOut: the tokens are not good any more.
        """
        session = Session(self._client, tokens)
        await session.look_again()
        self._sessions[session.id] = session
        if len(self._sessions) > MOST_SESSIONS:
            self._sessions.popitem(last=False)
        return session

    def find(self, session_id: str | None) -> Session | None:
        """Return the session a cookie names, unless it is over."""
        session = self._sessions.get(session_id or "")
        if session is None:
            return None
        if session.is_over:
            del self._sessions[session.id]
            return None
        self._sessions.move_to_end(session.id)
        return session

    async def end(self, session: Session) -> None:
        """Forget a session here and its tokens everywhere."""
        self._sessions.pop(session.id, None)
        await session.revoke()


def enter(session: Session) -> None:
    """Let the rest of this request act as `session`."""
    _current.set(session)


def current() -> Session:
    """Return whose request this is.

    Raises:
        SignedOut: nobody's.
    """
    session = _current.get()
    if session is None:
        raise SignedOut("nobody is signed in")
    return session
