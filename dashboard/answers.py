"""The route under which a page of analysis asks for its panels."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from starlette.responses import JSONResponse, Response

from dashboard import sessions
from dashboard.analysis.view import BadView
from dashboard.client import SignedOut
from dashboard.live import NO_STORE, asks_from_own_page, refusal
from dashboard.pages.analysis_page import Asked
from dashboard.pages.callbacks import PASSING, UNEXPECTED, explained

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI
    from starlette.requests import Request

    from dashboard.pages.analysis_page import AnalysisPage
    from dashboard.settings import DashboardSettings

PATH: Final = "/live/panels"

_log = logging.getLogger(__name__)


def add_route(server: FastAPI, settings: DashboardSettings, pages: Sequence[AnalysisPage]) -> None:
    """Add the route; it has to come before Dash's catch-all."""
    by_key = {page.key: page for page in pages}

    async def panels(request: Request) -> Response:
        if not asks_from_own_page(request, settings):
            return refusal(403, "NOT_SAME_ORIGIN", "Only a page of this dashboard asks for this.")
        query = request.query_params
        page = by_key.get(query.get("page", ""))
        if page is None:
            return refusal(404, "NOT_FOUND", "There is no page of that name.")
        asked = Asked(
            query.getlist("panel"), query.get("view", ""), with_choices="choices" in query
        )
        return await answer_to(page, asked)

    server.add_route(PATH, panels, methods=["GET"])


async def answer_to(page: AnalysisPage, asked: Asked) -> Response:
    """Return the panels that are wanted of a page, or why not."""
    try:
        return JSONResponse(await page.answer(sessions.current(), asked), headers=NO_STORE)
    except BadView as exc:
        return refusal(400, "BAD_VIEW", str(exc))
    except SignedOut as exc:
        return refusal(401, "SIGNED_OUT", explained(exc))
    except PASSING as exc:
        _log.warning("%s cannot be shown: %s", page.key, exc)
        return refusal(503, getattr(exc, "code", "BACKEND_UNREACHABLE"), explained(exc))
    except Exception:  # noqa: BLE001 - the outermost of a request
        _log.exception("%s cannot be shown", page.key)
        return refusal(500, "UNEXPECTED", UNEXPECTED)
