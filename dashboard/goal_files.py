"""The route under which goals and opportunities are saved as a file."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response, StreamingResponse

from dashboard import sessions
from dashboard.analysis.files import csv_parts, workbook
from dashboard.downloads import XLSX
from dashboard.figures.goal_tables import opportunity_table, plan_table, progress_table, proposed
from dashboard.goal_queries import GOALS_PAGE
from dashboard.live import NO_STORE, asks_from_own_page, refusal
from dashboard.pages.callbacks import PASSING, explained
from dashboard.pages.goal_actions import DIMENSIONS

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

    from dashboard.analysis.panels import Table
    from dashboard.settings import DashboardSettings

PATH: Final = "/live/goals"
NAMES: Final = ("filter", "on", "lower", "upper", "basis")

_log = logging.getLogger(__name__)


def add_route(server: FastAPI, settings: DashboardSettings) -> None:
    """Add the route; it has to come before Dash's catch-all."""

    async def goals(request: Request) -> Response:
        if not asks_from_own_page(request, settings):
            return refusal(403, "NOT_SAME_ORIGIN", "Only a page of this dashboard saves goals.")
        what, kind = request.query_params.get("what"), request.query_params.get("format")
        variables = _variables(request.query_params.get("query", ""))
        if (
            what not in {"progress", "opportunities", "plans"}
            or kind not in {"csv", "xlsx"}
            or not variables
        ):
            return refusal(404, "NOT_FOUND", "There is nothing of that name to save.")
        try:
            table = await _table(what, variables)
        except PASSING as exc:
            _log.warning("no goals to save: %s", exc)
            return refusal(503, getattr(exc, "code", "BACKEND_UNREACHABLE"), explained(exc))
        if kind == "csv":
            return StreamingResponse(csv_parts(table), media_type="text/csv", headers=NO_STORE)
        content = await asyncio.to_thread(workbook, table, "Goals")
        return Response(content, media_type=XLSX, headers=NO_STORE)

    server.add_route(PATH, goals, methods=["GET"])


def _variables(text: str) -> dict[str, Any] | None:
    """Return the variables of the page's query; None where the text is something else.

    What they hold is for the backend to check.
    """
    try:
        said = json.loads(text)
    except ValueError:
        return None
    is_ours = isinstance(said, dict) and set(said) == set(NAMES)
    return said if is_ours and isinstance(said["filter"], dict) else None


async def _table(what: str, variables: dict[str, Any]) -> Table:
    data = await sessions.current().execute(GOALS_PAGE, variables)
    chosen = variables["filter"]
    is_units = chosen.get("measures") == ["UNITS"]
    unit = "units" if is_units else data["organisation"]["currency"]
    dimension = (chosen.get("dimensions") or [""])[0]
    member = DIMENSIONS.get(dimension, ("Member", ""))[0]
    if what == "opportunities":
        return opportunity_table(data["opportunities"]["rows"], member, unit)
    rows = data["goalProgress"]["rows"]
    if what == "plans":
        return plan_table(proposed(rows), member, unit)
    return progress_table(rows, member, unit)
