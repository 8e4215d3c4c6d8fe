"""The route under which a planogram and the rows of a shelf's plan are read and saved."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response, StreamingResponse

from dashboard import sessions
from dashboard.analysis.files import csv_parts, workbook
from dashboard.downloads import XLSX
from dashboard.figures.shelf import plan_table
from dashboard.live import NO_STORE, asks_from_own_page, refusal
from dashboard.pages.callbacks import PASSING, explained
from dashboard.shelf_queries import SHELF_PAGE, SHELF_PICTURE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI
    from starlette.requests import Request

    from dashboard.settings import DashboardSettings

PATH: Final = "/live/shelf"
FORMATS: Final = frozenset({"svg", "csv", "xlsx"})
NARROWEST, WIDEST = 320, 1500
"""Pixels of a picture."""
WIDTH: Final = re.compile(r"[0-9]{1,4}")
METHODS: Final = frozenset({"AUTO", "GREEDY", "EXACT", "PROPORTIONAL"})

_log = logging.getLogger(__name__)


def add_route(server: FastAPI, settings: DashboardSettings) -> None:
    """Add the route; it has to come before Dash's catch-all."""

    async def shelf(request: Request) -> Response:
        if not asks_from_own_page(request, settings):
            return refusal(403, "NOT_SAME_ORIGIN", "Only a page of this dashboard asks for this.")
        asked = request.query_params
        variables = {"shelf": asked.get("shelf", "")[:40], "method": asked.get("method", "AUTO")}
        kind = asked.get("format")
        if kind not in FORMATS or variables["method"] not in METHODS:
            return refusal(404, "NOT_FOUND", "There is nothing of that name.")
        try:
            if kind == "svg":
                return await _picture(variables, asked)
            return await _rows(variables, kind)
        except PASSING as exc:
            _log.warning("no plan of a shelf: %s", exc)
            return refusal(503, getattr(exc, "code", "BACKEND_UNREACHABLE"), explained(exc))

    server.add_route(PATH, shelf, methods=["GET"])


async def _picture(variables: dict[str, Any], asked: Mapping[str, str]) -> Response:
    width = asked.get("width", "")
    chosen = {
        "theme": "DARK" if asked.get("theme") == "dark" else "LIGHT",
        "moment": "NOW" if asked.get("moment") == "NOW" else "PLANNED",
        "width": min(max(int(width), NARROWEST), WIDEST) if WIDTH.fullmatch(width) else WIDEST,
    }
    data = await sessions.current().execute(SHELF_PICTURE, variables | chosen, is_long=True)
    if data["shelfPlan"] is None:
        return _gone()
    return Response(data["shelfPlan"]["picture"], media_type="image/svg+xml", headers=NO_STORE)


async def _rows(variables: dict[str, Any], kind: str) -> Response:
    data = await sessions.current().execute(SHELF_PAGE, variables, is_long=True)
    if data["shelfPlan"] is None:
        return _gone()
    table = plan_table(data["shelfPlan"])
    if kind == "csv":
        return StreamingResponse(csv_parts(table), media_type="text/csv", headers=NO_STORE)
    content = await asyncio.to_thread(workbook, table, "Shelf")
    return Response(content, media_type=XLSX, headers=NO_STORE)


def _gone() -> Response:
    return refusal(404, "UNKNOWN_SHELF", "This shelf is not there any more.")
