"""Composition of the dashboard: server, Dash, pages and routes."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import dash
from dash import Dash
from fastapi import FastAPI

from dashboard import live
from dashboard.pages import not_found, shell, wall
from dashboard.security import SecurityHeaders

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from dashboard.client import BackendClient
    from dashboard.settings import DashboardSettings

# The theme is set before the first paint, so its script stands in the head, not in the assets.
INDEX = """<!DOCTYPE html>
<html lang="en">
    <head>
        {%metas%}
        <title>{%title%}</title>
        <meta name="color-scheme" content="dark light">
        <link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
        <link rel="preload" href="/assets/vendor/fonts/inter-latin-wght-normal.woff2"
              as="font" type="font/woff2" crossorigin>
        <script src="/assets/head/theme.js"></script>
        {%css%}
    </head>
    <body>
        {%app_entry%}
        <footer>
            {%config%}
            {%scripts%}
            {%renderer%}
        </footer>
    </body>
</html>
"""


def create_app(settings: DashboardSettings, client: BackendClient) -> FastAPI:
    """Build the dashboard; it connects to nothing before a page asks."""
    server = _server(client)
    live.add_routes(server, settings, client)
    app = Dash(
        "dashboard",
        server=server,  # pyright: ignore[reportArgumentType] - a FastAPI is taken as well
        title="Shelfcast",
        update_title=None,  # pyright: ignore[reportArgumentType] - None is what turns it off
        use_pages=True,
        pages_folder="",
        compress=True,
        serve_locally=True,
        index_string=INDEX,
        assets_ignore=r"theme\.js",
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    # Browsers subscribe to GraphQL themselves; Dash need not hold a second socket open for each.
    app.backend.websocket_capability = False
    _register_pages(settings)
    app.layout = shell.layout([page for page in dash.page_registry.values() if "icon" in page])
    wall.add_callbacks(app)
    server.add_middleware(SecurityHeaders, settings=settings, script_hashes=app.csp_hashes)
    return server


def _server(client: BackendClient) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await client.aclose()

    return FastAPI(lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)


def _register_pages(settings: DashboardSettings) -> None:
    """Register each page by hand; Dash's registry is global, so it is emptied first."""
    dash.page_registry.clear()
    dash.register_page(
        "dashboard.pages.wall",
        path="/",
        name="Wall",
        title="Wall · Shelfcast",
        icon="building-store",
        layout=wall.layout(settings),
    )
    dash.register_page("not_found_404", title="Not found · Shelfcast", layout=not_found.layout())
