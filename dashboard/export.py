"""The download of everything an organisation has, passed on from the backend part by part."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from starlette.background import BackgroundTask
from starlette.responses import StreamingResponse

from dashboard import sessions
from dashboard.client import BackendUnreachable, CredentialsRefused, Refused, SignedOut
from dashboard.live import NO_STORE, asks_from_own_page, refusal

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response

    from dashboard.settings import DashboardSettings

PATH = "/live/export"

_log = logging.getLogger(__name__)


def add_route(server: FastAPI, settings: DashboardSettings) -> None:
    """Add the route; it has to come before Dash's catch-all."""

    async def export(request: Request) -> Response:
        if not asks_from_own_page(request, settings):
            return refusal(403, "NOT_SAME_ORIGIN")
        try:
            archive = await sessions.current().export()
        except (BackendUnreachable, CredentialsRefused) as exc:
            _log.warning("no export: %s", exc)
            return refusal(503, "BACKEND_UNREACHABLE")
        except Refused as exc:
            return refusal(403, exc.code)
        except SignedOut:
            return refusal(401, "SIGNED_OUT")
        return StreamingResponse(
            archive.aiter_bytes(),
            headers=NO_STORE,
            media_type="application/zip",
            background=BackgroundTask(archive.aclose),
        )

    server.add_route(PATH, export, methods=["GET"])
