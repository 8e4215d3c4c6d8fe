"""The gate before every page: who is signed in, and whether a change is asked for by our page."""

from __future__ import annotations

import hmac
import logging
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse

from dashboard import sessions
from dashboard.client import BackendUnreachable, CredentialsRefused, Refused, SignedOut
from dashboard.cookies import Cookies
from dashboard.notices import notice

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from dashboard.sessions import Session, Sessions
    from dashboard.settings import DashboardSettings

OPEN_PATHS = frozenset(
    {"/healthz", "/login", "/login/callback", "/signed-out", "/_favicon.ico", "/favicon.ico"}
)
OPEN_FOLDERS = ("/assets/", "/_dash-component-suites/")
"""What everybody may read: nothing in there is anybody's data."""

PARTS_OF_PAGES = ("/_dash-", "/live/", "/_reload-hash")
"""What scripts ask for: they are told to sign in, not sent there."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "X-CSRFToken"
"""Dash sends what it finds in the cookie of the same purpose in this header."""

NO_STORE = {"Cache-Control": "no-store"}

_log = logging.getLogger(__name__)


class Gate:
    """Let signed-in requests through as their session; plain ASGI, so that nothing is buffered."""

    def __init__(self, app: ASGIApp, *, settings: DashboardSettings, sessions: Sessions) -> None:
        self._app = app
        self._settings = settings
        self._sessions = sessions
        self._cookies = Cookies.of(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it here."""
        if scope["type"] == "websocket":
            # Browsers subscribe at the backend; this server has no sockets of its own.
            await send({"type": "websocket.close", "code": 4403})
            return
        if scope["type"] != "http" or is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        session = self._sessions.find(self._cookies.session_of(request))
        answer = (
            self._sign_in_first(request) if session is None else await self._check(request, session)
        )
        if answer is not None:
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _check(self, request: Request, session: Session) -> Response | None:
        """Return why the request is not let through; None when it is."""
        if request.method not in SAFE_METHODS and not self._is_from_own_page(request, session):
            _log.warning("a %s of %s was not from our page", request.method, request.url.path[:80])
            return _told(403, "NOT_FROM_OWN_PAGE")
        sessions.enter(session)
        if is_part_of_page(request.url.path) or request.method != "GET":
            return None
        try:
            await session.look_again()
        except SignedOut:
            return self._sign_in_first(request)
        except (BackendUnreachable, Refused) as exc:
            # Who it was a moment ago is known; panels say themselves what they cannot show.
            _log.warning("nobody says who is signed in: %s", exc)
        except CredentialsRefused as exc:
            _log.error("the backend refuses this dashboard: %s", exc)
            return notice("MISCONFIGURED", status=502, again=request.url.path)
        return None

    def _is_from_own_page(self, request: Request, session: Session) -> bool:
        """Ask for the header only our scripts can set, and for the origin browsers cannot hide."""
        token = request.headers.get(CSRF_HEADER, "").encode()
        origins = {self._settings.dashboard_url, f"{request.url.scheme}://{request.url.netloc}"}
        return (
            hmac.compare_digest(token, session.csrf.encode())
            and request.headers.get("origin") in origins
            and request.headers.get("sec-fetch-site", "same-origin") == "same-origin"
            and (request.url.hostname or "") in self._settings.host_names
        )

    def _sign_in_first(self, request: Request) -> Response:
        path = request.url.path
        if is_part_of_page(path) or request.method != "GET":
            response = _told(401, "SIGNED_OUT")
        else:
            back_to = f"{path}?{request.url.query}" if request.url.query else path
            where = f"/login?{urlencode({'next': back_to})}"
            response = RedirectResponse(where, 303, headers=NO_STORE)
        return response


def is_open(path: str) -> bool:
    """Tell whether everybody may read it."""
    return path in OPEN_PATHS or path.startswith(OPEN_FOLDERS)


def is_part_of_page(path: str) -> bool:
    """Tell whether a script asked for it, not a person."""
    return path.startswith(PARTS_OF_PAGES)


def _told(status: int, code: str) -> Response:
    return JSONResponse({"code": code}, status, headers=NO_STORE)
