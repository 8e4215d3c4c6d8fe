"""The route under which pages look products up by a part of their name or SKU."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from starlette.responses import JSONResponse, Response

from dashboard import sessions
from dashboard.live import NO_STORE, asks_from_own_page, refusal
from dashboard.pages.callbacks import PASSING, explained
from dashboard.reorder_queries import PRODUCT_SEARCH

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

    from dashboard.settings import DashboardSettings

PATH: Final = "/live/products"
LONGEST: Final = 100

_log = logging.getLogger(__name__)


def add_route(server: FastAPI, settings: DashboardSettings) -> None:
    """Add the route; it has to come before Dash's catch-all."""

    async def products(request: Request) -> Response:
        if not asks_from_own_page(request, settings):
            return refusal(403, "NOT_SAME_ORIGIN", "Only a page of this dashboard asks for this.")
        search = request.query_params.get("search", "").strip()[:LONGEST]
        if not search:
            return JSONResponse({"products": []}, headers=NO_STORE)
        try:
            data = await sessions.current().execute(PRODUCT_SEARCH, {"search": search})
        except PASSING as exc:
            _log.warning("no products: %s", exc)
            return refusal(503, getattr(exc, "code", "BACKEND_UNREACHABLE"), explained(exc))
        return JSONResponse({"products": data["products"]["nodes"]}, headers=NO_STORE)

    server.add_route(PATH, products, methods=["GET"])
