"""The route under which orders, transfers, markdowns and trials are saved as a file."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response, StreamingResponse

from dashboard import sessions
from dashboard.analysis.files import csv_parts, workbook
from dashboard.downloads import XLSX
from dashboard.figures.reorder import markdown_table, order_table, transfer_table
from dashboard.live import NO_STORE, asks_from_own_page, refusal
from dashboard.pages.callbacks import PASSING, explained
from dashboard.pages.reorder import DOCUMENTS, FIELDS
from dashboard.pages.reorder_filters import TABS
from dashboard.pages.reorder_trial import DRAWN, PANELS, TRIALS

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

    from dashboard.analysis.panels import Table
    from dashboard.settings import DashboardSettings

PATH: Final = "/live/reorder"
NAMES: Final = frozenset({"filter", "serviceLevel", "leadTimeDays"})
TABLES: Final = {"orders": order_table, "transfers": transfer_table, "markdowns": markdown_table}
TITLES: Final = TABS | {panel.key: panel.title for panel in PANELS}
PER_PAGE: Final = 1_000
MOST_PAGES: Final = 50
"""So many positions the backend goes through at most."""
MOST_ROWS: Final = 500

_log = logging.getLogger(__name__)


def add_route(server: FastAPI, settings: DashboardSettings) -> None:
    """Add the route; it has to come before Dash's catch-all."""

    async def reorder(request: Request) -> Response:
        if not asks_from_own_page(request, settings):
            return refusal(403, "NOT_SAME_ORIGIN", "Only a page of this dashboard saves orders.")
        what = request.query_params.get("what", "")
        kind = request.query_params.get("format")
        query = request.query_params.get("query", "")
        variables = _variables(query)
        is_known = what in DRAWN or (what in TABLES and variables is not None)
        if not is_known or kind not in {"csv", "xlsx"}:
            return refusal(404, "NOT_FOUND", "There is nothing of that name to save.")
        try:
            table = await _table(what, variables) if variables is not None else _tried(what, query)
        except PASSING as exc:
            _log.warning("no orders to save: %s", exc)
            return refusal(503, getattr(exc, "code", "BACKEND_UNREACHABLE"), explained(exc))
        if table is None:
            return refusal(404, "NOT_KEPT", "This trial is not kept any more: try it again.")
        if kind == "csv":
            return StreamingResponse(csv_parts(table), media_type="text/csv", headers=NO_STORE)
        content = await asyncio.to_thread(workbook, table, TITLES[what])
        return Response(content, media_type=XLSX, headers=NO_STORE)

    server.add_route(PATH, reorder, methods=["GET"])


def _variables(text: str) -> dict[str, Any] | None:
    """Return the variables of the page's query; None where the text is something else.

    What they hold is for the backend to check.
    """
    try:
        said = json.loads(text)
    except ValueError:
        return None
    is_ours = isinstance(said, dict) and set(said) <= NAMES and "filter" in said
    return said if is_ours and isinstance(said["filter"], dict) else None


def _tried(panel: str, name: str) -> Table | None:
    return TRIALS.table(sessions.current(), name, panel)


async def _table(what: str, variables: dict[str, Any]) -> Table:
    session = sessions.current()
    if what != "orders":
        data = await session.execute(
            DOCUMENTS[what], {**variables, "first": MOST_ROWS}, is_long=True
        )
        report = data[FIELDS[what]]
        return TABLES[what](report["rows"], report["currency"])
    rows: list[Any] = []
    after, currency = None, ""
    for _ in range(MOST_PAGES):
        page = {**variables, "first": PER_PAGE, "after": after}
        report = (await session.execute(DOCUMENTS[what], page, is_long=True))[FIELDS[what]]
        rows += report["nodes"]
        currency, after = report["currency"], report["pageInfo"]["endCursor"]
        if not report["pageInfo"]["hasNextPage"]:
            break
    return order_table(rows, currency)
