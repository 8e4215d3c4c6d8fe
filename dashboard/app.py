"""Composition of the dashboard: server, Dash, pages and routes."""

from __future__ import annotations

import inspect
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import dash
from dash import Dash
from fastapi import FastAPI

from dashboard import (
    answers,
    downloads,
    export,
    goal_files,
    live,
    product_search,
    reorder_files,
    shelf_files,
)
from dashboard.cookies import Cookies
from dashboard.gate import CSRF_HEADER, Gate
from dashboard.pages import (
    analysis_page,
    boards,
    callbacks,
    devices,
    forecast_models,
    goals,
    not_found,
    pivot,
    reorder,
    reports,
    shelf,
    shell,
    wall,
)
from dashboard.pages.all_pages import ANALYSIS_PAGES, RECORD_PAGES
from dashboard.security import PIVOT_PATH, SecurityHeaders
from dashboard.sessions import Sessions
from dashboard.sign_in import SignIn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from dashboard.client import BackendClient
    from dashboard.settings import DashboardSettings

PLACES = [
    shell.Place("/", "Wall", "building-store", wall.is_for),
    *(
        shell.Place(
            page.path, page.name, page.symbol, page.is_for, "Analysis", page.path == PIVOT_PATH
        )
        for page in ANALYSIS_PAGES
    ),
    *(
        shell.Place(page.path, page.name, page.symbol, page.is_for, page.group)
        for page in RECORD_PAGES
    ),
]

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
    server = _server(client, prepare=lambda: _prepare(app))
    sessions = Sessions(client)
    live.add_routes(server, settings)
    export.add_route(server, settings)
    answers.add_route(server, settings, ANALYSIS_PAGES)
    downloads.add_route(server, settings, ANALYSIS_PAGES)
    goal_files.add_route(server, settings)
    reorder_files.add_route(server, settings)
    shelf_files.add_route(server, settings)
    product_search.add_route(server, settings)
    SignIn(settings, client, sessions).add_routes(server)
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
        assets_ignore=r"theme\.js|perspective\..*|pivot-grid\.mjs",
        suppress_callback_exceptions=True,  # pages differ by person: no layout holds all of them
        on_error=callbacks.log_fault,
        csrf_token_name=Cookies.of(settings).csrf,
        csrf_header_name=CSRF_HEADER,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    # Browsers subscribe to GraphQL themselves; Dash need not hold a second socket open for each.
    app.backend.websocket_capability = False
    _register_pages(settings)
    app.layout = partial(shell.layout, PLACES)
    shell.add_callbacks(app)
    wall.add_callbacks(app)
    callbacks.add_callbacks(app, (*RECORD_PAGES, forecast_models.MODELS))
    devices.add_callbacks(app)
    goals.add_callbacks(app)
    reorder.add_callbacks(app)
    shelf.add_callbacks(app)
    reports.add_callbacks(app)
    analysis_page.add_callbacks(app)
    pivot.add_callbacks(app)
    boards.add_callbacks(app)
    server.add_middleware(Gate, settings=settings, sessions=sessions)
    server.add_middleware(SecurityHeaders, settings=settings, script_hashes=app.csp_hashes)
    return server


def _server(client: BackendClient, *, prepare: Callable[[], Awaitable[None]]) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await prepare()
        yield
        await client.aclose()

    return FastAPI(lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)


async def _prepare(app: Dash) -> None:
    """Find scripts and pages now, which Dash leaves to the first request for `/`.

    Whoever opened another page first would be given it without scripts. The layout is checked on
    the way; as ours needs somebody signed in, another one stands in for it.
    """
    layout, app.layout = app.layout, dash.page_container
    hooks = app.backend._before_request_funcs  # noqa: SLF001 # pyright: ignore[reportAttributeAccessIssue] - Dash opens no other way
    for hook in hooks:
        done = hook()
        if inspect.isawaitable(done):
            await done
    app.layout = layout


def _register_pages(settings: DashboardSettings) -> None:
    """Register each page by hand; Dash's registry is global, so it is emptied first."""
    dash.page_registry.clear()
    dash.register_page(
        "dashboard.pages.wall",
        path="/",
        title="Wall · Shelfcast",
        layout=lambda **_: wall.layout(settings),
    )
    for page in (*ANALYSIS_PAGES, *RECORD_PAGES):
        dash.register_page(
            f"dashboard.pages.{page.key}",
            path=page.path,
            title=f"{page.title} · Shelfcast",
            layout=page.layout,
        )
    dash.register_page("not_found_404", title="Not found · Shelfcast", layout=not_found.layout())
