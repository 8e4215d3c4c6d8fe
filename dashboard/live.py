"""Routes beside the pages: the ticket for a browser's WebSocket, and health."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.responses import JSONResponse

from dashboard import sessions
from dashboard.client import SOCKET_SCOPES, BackendUnreachable, CredentialsRefused, SignedOut

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response

    from dashboard.settings import DashboardSettings

PAGE_HEADER = "x-shelfcast-page"
"""Only a page of ours can send it: to another origin's script it costs a refused preflight."""

NO_STORE = {"Cache-Control": "no-store"}

_log = logging.getLogger(__name__)


def add_routes(server: FastAPI, settings: DashboardSettings) -> None:
    """Add `/live/ticket` and `/healthz`; they have to come before Dash's catch-all."""

    async def live_ticket(request: Request) -> Response:
        if not asks_from_own_page(request, settings):
            return refusal(403, "NOT_SAME_ORIGIN")
        use = request.query_params.get("for", "wall")
        if use not in SOCKET_SCOPES:
            return refusal(400, "UNKNOWN_USE")
        try:
            ticket = await sessions.current().ticket(use)
        except BackendUnreachable as exc:
            _log.warning("no ticket: %s", exc)
            return refusal(503, "BACKEND_UNREACHABLE")
        except CredentialsRefused as exc:
            _log.error("no ticket, the backend refuses the dashboard's client: %s", exc)
            return refusal(502, "CREDENTIALS_REFUSED")
        except SignedOut:
            return refusal(401, "SIGNED_OUT")
        body = {"ticket": ticket, "url": live_url(request, settings)}
        return JSONResponse(body, headers=NO_STORE)

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers=NO_STORE)

    server.add_route("/live/ticket", live_ticket, methods=["GET"])
    server.add_route("/healthz", healthz, methods=["GET"])


def live_url(request: Request, settings: DashboardSettings) -> str:
    """Return the WebSocket address of GraphQL as the browser that sent `request` reaches it."""
    return live_origin(
        settings, host=request.url.hostname or "localhost", is_secure=request.url.scheme == "https"
    ) + _path_of(settings)


def live_origin(settings: DashboardSettings, *, host: str, is_secure: bool) -> str:
    """Return `ws://host:port` of the backend for a page opened at `host`."""
    if settings.public_url:
        parts = urlsplit(settings.public_url)
        return f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"
    name = f"[{host}]" if ":" in host else host
    return f"{'wss' if is_secure else 'ws'}://{name}:{settings.backend_port}"


def _path_of(settings: DashboardSettings) -> str:
    return f"{urlsplit(settings.public_url or '').path}/graphql"


def asks_from_own_page(request: Request, settings: DashboardSettings) -> bool:
    """Refuse other origins and, by the host name, rebound DNS names."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    return (
        site == "same-origin"
        and PAGE_HEADER in request.headers
        and (request.url.hostname or "") in settings.host_names
    )


def refusal(status: int, code: str, message: str = "") -> Response:
    """Return why a request is not answered: a public code and, for people, words."""
    words = {"message": message} if message else {}
    return JSONResponse({"code": code, **words}, status_code=status, headers=NO_STORE)
