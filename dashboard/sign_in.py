"""Signing in at the backend (authorization code with PKCE, RFC 7636), and signing out."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

from starlette.responses import JSONResponse, RedirectResponse

from dashboard import sessions
from dashboard.client import BackendUnreachable, CredentialsRefused, Refused, SignedOut
from dashboard.cookies import SIGN_IN_SECONDS, Cookies
from dashboard.notices import notice
from dashboard.record_queries import END_ALL_SESSIONS, END_SESSION

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response

    from dashboard.client import BackendClient
    from dashboard.sessions import Session, Sessions
    from dashboard.settings import DashboardSettings

CALLBACK = "/login/callback"
MOST_PENDING: Final = 10_000
NO_STORE = {"Cache-Control": "no-store"}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in that was begun and has not come back yet."""

    browser: str = field(repr=False)
    """Value of the cookie of the browser that began it: nobody else may end it."""
    verifier: str = field(repr=False)
    back_to: str
    begun_at: float


class SignIn:
    """The routes of signing in and out."""

    def __init__(
        self, settings: DashboardSettings, client: BackendClient, sessions: Sessions
    ) -> None:
        self._settings = settings
        self._client = client
        self._sessions = sessions
        self._cookies = Cookies.of(settings)
        self._pending: OrderedDict[str, Pending] = OrderedDict()

    def add_routes(self, server: FastAPI) -> None:
        """Add the routes; they have to come before Dash's catch-all."""
        server.add_route("/login", self.begin, methods=["GET"])
        server.add_route(CALLBACK, self.finish, methods=["GET"])
        server.add_route("/logout", self.sign_out, methods=["POST"])
        server.add_route("/signed-out", self.signed_out, methods=["GET"])

    async def begin(self, request: Request) -> Response:
        """Send the browser to the backend, which signs in silently where it knows it already."""
        back_to = own_path(request.query_params.get("next"))
        if request.url.netloc != urlsplit(self._settings.dashboard_url).netloc:
            # The backend leads back to one address only, and cookies belong to a host name.
            where = f"{self._settings.dashboard_url}/login?{urlencode({'next': back_to})}"
            return RedirectResponse(where, 303, headers=NO_STORE)
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        browser = request.cookies.get(self._cookies.sign_in) or secrets.token_urlsafe(32)
        try:
            url = await self._client.authorization_url(
                redirect_uri=self._redirect_uri, state=state, challenge=challenge_of(verifier)
            )
        except BackendUnreachable as exc:
            _log.warning("nobody can sign in: %s", exc)
            return notice("UNREACHABLE", status=503, again=back_to)
        except CredentialsRefused as exc:
            _log.error("nobody can sign in: %s", exc)
            return notice("MISCONFIGURED", status=502, again=back_to)
        self._remember(state, Pending(browser, verifier, back_to, self._client.clock()))
        response = RedirectResponse(url, 303, headers=NO_STORE)
        self._cookies.keep_sign_in(response, browser)
        return response

    async def finish(self, request: Request) -> Response:
        """Take the code the browser brings back, if the sign-in was begun in that browser."""
        answer = request.query_params
        pending = self._pending_of(request)
        if pending is None:
            return notice("NOT_BEGUN_HERE", status=400)
        try:
            if answer.get("iss") != await self._client.issuer():
                _log.warning("an answer of another issuer was refused")
                return notice("WRONG_ISSUER", status=400, again=pending.back_to)
            code = answer.get("code")
            if not code:
                kind = "DENIED" if answer.get("error") == "access_denied" else "FAILED"
                _log.warning("sign-in ended with %s", answer.get("error", "no code")[:60])
                return notice(kind, status=400, again=pending.back_to)
            tokens = await self._client.exchange(
                code, verifier=pending.verifier, redirect_uri=self._redirect_uri
            )
            session = await self._sessions.open(tokens)
        except BackendUnreachable as exc:
            _log.warning("sign-in broken off: %s", exc)
            return notice("UNREACHABLE", status=503, again=pending.back_to)
        except CredentialsRefused as exc:
            _log.error("sign-in broken off: %s", exc)
            return notice("MISCONFIGURED", status=502, again=pending.back_to)
        except (SignedOut, Refused) as exc:
            _log.warning("sign-in refused: %s", exc)
            return notice("FAILED", status=400, again=pending.back_to)
        former = self._sessions.find(self._cookies.session_of(request))
        if former is not None:
            await self._sessions.end(former)
        response = RedirectResponse(pending.back_to, 303, headers=NO_STORE)
        self._cookies.keep_session(response, session.id, session.csrf)
        return response

    async def sign_out(self, request: Request) -> Response:
        """End the session here and at the backend; `?everywhere=1` ends all of the person's."""
        session = sessions.current()
        try:
            await end_at_backend(
                session, is_everywhere=request.query_params.get("everywhere") == "1"
            )
        except BackendUnreachable:
            return JSONResponse({"code": "BACKEND_UNREACHABLE"}, 503, headers=NO_STORE)
        except (SignedOut, Refused) as exc:
            _log.info("signed out of a session that was over: %s", exc)
        await self._sessions.end(session)
        response = JSONResponse({"location": "/signed-out"}, headers=NO_STORE)
        self._cookies.drop_session(response)
        return response

    async def signed_out(self, _: Request) -> Response:
        """Say that it is done."""
        return notice("SIGNED_OUT", status=200, again="/")

    @property
    def _redirect_uri(self) -> str:
        return self._settings.dashboard_url + CALLBACK

    def _remember(self, state: str, pending: Pending) -> None:
        self._pending[state] = pending
        if len(self._pending) > MOST_PENDING:
            self._pending.popitem(last=False)

    def _pending_of(self, request: Request) -> Pending | None:
        """Return what the state stands for, once, to the browser that began it, in time."""
        pending = self._pending.get(request.query_params.get("state", ""))
        browser = request.cookies.get(self._cookies.sign_in, "")
        if pending is None or not hmac.compare_digest(pending.browser, browser):
            return None
        del self._pending[request.query_params["state"]]
        is_in_time = self._client.clock() - pending.begun_at < SIGN_IN_SECONDS
        return pending if is_in_time else None


async def end_at_backend(session: Session, *, is_everywhere: bool) -> None:
    """End this session at the backend, or all sessions of its person."""
    if is_everywhere:
        await session.execute(END_ALL_SESSIONS, {"input": {}})
    else:
        await session.execute(END_SESSION, {"input": {"id": session.person.session_id}})


def own_path(wanted: str | None) -> str:
    """Return a path of this dashboard: what is no such path leads to the wall."""
    if not wanted or not wanted.startswith("/") or not wanted.isprintable():
        return "/"
    # Browsers read a backslash as a slash, and two slashes begin another host's address.
    if wanted.startswith(("//", "/login")) or "\\" in wanted:
        return "/"
    return wanted


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
