"""The route under which the rows of a panel are saved as a file."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from starlette.responses import Response, StreamingResponse

from dashboard import sessions
from dashboard.analysis.answer import ask, why_hidden
from dashboard.analysis.files import csv_parts, workbook
from dashboard.analysis.view import BadView, parse
from dashboard.live import NO_STORE, asks_from_own_page, refusal
from dashboard.pages.analysis_page import SHELF
from dashboard.pages.callbacks import PASSING, explained

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI
    from starlette.requests import Request

    from dashboard.analysis.panels import Panel, Table
    from dashboard.pages.analysis_page import AnalysisPage
    from dashboard.settings import DashboardSettings

PATH: Final = "/live/rows"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_log = logging.getLogger(__name__)


class NotForYou(Exception):
    """Somebody asked for rows they may not see."""


def add_route(server: FastAPI, settings: DashboardSettings, pages: Sequence[AnalysisPage]) -> None:
    """Add the route; it has to come before Dash's catch-all."""
    panels = {
        (page.key, panel.key): (page, panel)
        for page in pages
        if page.has_files
        for panel in page.panels
    }

    async def rows(request: Request) -> Response:
        if not asks_from_own_page(request, settings):
            return refusal(403, "NOT_SAME_ORIGIN", "Only a page of this dashboard saves rows.")
        query = request.query_params
        known = panels.get((query.get("page", ""), query.get("panel", "")))
        kind = query.get("format")
        if known is None or kind not in {"csv", "xlsx"}:
            return refusal(404, "NOT_FOUND", "There is nothing of that name to save.")
        page, panel = known
        try:
            table = await _table(panel, page.search_of(query.get("view", "")))
        except NotForYou as exc:
            return refusal(403, "FORBIDDEN", str(exc))
        except BadView as exc:
            return refusal(400, "BAD_VIEW", str(exc))
        except PASSING as exc:
            _log.warning("no rows of %s: %s", panel.key, exc)
            return refusal(503, getattr(exc, "code", "BACKEND_UNREACHABLE"), explained(exc))
        if table is None:
            return refusal(404, "EMPTY", "There are no rows to save: nothing was sold.")
        if kind == "csv":
            return StreamingResponse(csv_parts(table), media_type="text/csv", headers=NO_STORE)
        content = await asyncio.to_thread(workbook, table, panel.title)
        return Response(content, media_type=XLSX, headers=NO_STORE)

    server.add_route(PATH, rows, methods=["GET"])


async def _table(panel: Panel, search: str) -> Table | None:
    session, now = sessions.current(), datetime.now(UTC)
    retailer = await SHELF.retailer(session, now)
    view = parse(
        search,
        today=retailer.today(now),
        known=retailer.recorded,
        years=retailer.years,
        timezone=retailer.timezone,
        is_export=True,
    )
    if missing := panel.missing(session.person, view, retailer):
        raise NotForYou(why_hidden(missing))
    found = await ask([panel], session, view)
    return panel.draw(view, found[panel.key], retailer).table
