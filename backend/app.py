"""The ASGI application: services, routes, and what must stand before the first request."""

import math
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route, WebSocketRoute

from backend import schema
from backend.alerts import (
    agents as agent_alerts,
    forecasts as forecast_alerts,
    goals as goal_alerts,
    pieces as piece_alerts,
    service as alerts,
)
from backend.analytics.columns.copying import Copying
from backend.analytics.goals.events import GoalChanged
from backend.analytics.goals.outlook import Outlooks
from backend.analytics.pictures.routes import Pictures
from backend.analytics.rollups.lag import RollupLag
from backend.catalogue.events import ProductChanged
from backend.core.identifiers import InStoreLayouts, read_layouts
from backend.core.settings import BackendSettings
from backend.devices import takeup
from backend.devices.hot import INGEST_READS
from backend.events.service import Feed
from backend.fleet import access
from backend.fleet.events import AgentChanged
from backend.fleet.registration import Registration
from backend.fleet.rules import Pace
from backend.forecasting.events import ForecastRunChanged
from backend.forecasting.jobs.health import ForecastHealth
from backend.forecasting.outlooks import GoalOutlooks
from backend.identity.authentication import Identity, concerned_by
from backend.identity.documents import Documents
from backend.identity.events import AccessChanged
from backend.identity.export import Export
from backend.identity.oauth.authorize import Authorizing
from backend.identity.oauth.endpoints import program_routes
from backend.identity.oauth.server import AuthorizationServer
from backend.identity.pages.frame import Pages, static_routes
from backend.identity.pages.links import Links
from backend.identity.people.users import People
from backend.identity.throttles import Throttles
from backend.infra.api.boundary import Boundary
from backend.infra.api.budget import Budget
from backend.infra.api.explorer import explorer_page, explorer_routes
from backend.infra.api.health import Check, health_routes, schema_check
from backend.infra.api.hot import HotDocuments
from backend.infra.api.transport import LiveView
from backend.infra.api.view import Surroundings
from backend.infra.bus import Bus
from backend.infra.database import Database
from backend.infra.metrics import Metrics
from backend.infra.notices import Notices
from backend.infra.secret_key import secret_key
from backend.infra.shared_scripts import SharedScripts
from backend.infra.work import Reactions
from backend.merchandising.rest.routes import LearningRest
from backend.pieces.events import PieceChanged
from backend.reports.backlog import Backlog
from backend.reports.routes import ReportFiles
from backend.sales.hot import RECORD_SALES
from backend.stock import service as stock
from backend.stock.events import StockLevelChanged, StockMoved

MOST_LAG: Final = 10.0
"""Seconds without news of the log after which a process is not ready."""


def create_app(settings: BackendSettings, owner_url: str) -> Starlette:
    """Return the application on the database of `owner_url`, which must be migrated."""
    metrics = Metrics()
    redis_url = settings.redis_url.get_secret_value() if settings.redis_url else None
    scripts = SharedScripts(redis_url) if redis_url else None
    database = Database(settings, owner_url, reactions())
    budget = Budget(settings, metrics, scripts)
    throttles = Throttles(Bus(redis_url) if redis_url else Notices(database), budget.note)
    identity = Identity(database, settings, throttles)
    people = People(database, settings, throttles)
    oauth = AuthorizationServer(identity, settings)
    pages = Pages(settings.origin, secret_key(settings).derive("forms"))
    documents = Documents(database)
    feed = Feed(database, settings)
    services: dict[type, Any] = {
        Metrics: metrics,
        Identity: identity,
        People: people,
        AuthorizationServer: oauth,
        Documents: documents,
        Feed: feed,
        BackendSettings: settings,
        Pace: pace_of(settings),
        Outlooks: GoalOutlooks(),
        InStoreLayouts: read_layouts(settings.in_store_codes),
    }
    surroundings = Surroundings(
        database=database,
        services=services,
        authenticate=identity.authenticate,
        redeem=oauth.redeem,
        dashboard_url=settings.dashboard_url,
        page=explorer_page,
        limits=settings,
        budget=budget,
        library=documents,
    )
    built = schema.build(settings)
    surroundings.fast_paths.append(HotDocuments(built, (INGEST_READS, RECORD_SALES)))
    view = LiveView(built, surroundings)

    def follow_rights(_org_id: UUID, facts: list[dict[str, Any]]) -> None:
        concerns = concerned_by(facts)
        identity.forget(concerns)
        documents.forget(concerns)
        view.connections.look_again(concerns)

    feed.listen(AccessChanged.kind, follow_rights)
    rollups, backlog = RollupLag(database), Backlog(database)
    forecasts, copying = ForecastHealth(database), Copying(database, settings)
    checks = {"database": schema_check(database), "feed": _feed_check(feed)}
    _add_gauges(metrics, database, feed, view, (rollups, copying))
    _add_backlog(metrics, backlog)
    _add_forecast_gauges(metrics, forecasts)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            if scripts is not None:
                stack.push_async_callback(scripts.close)
            for opened in (database, throttles, people, feed, view.running(), copying):
                await stack.enter_async_context(opened)
            yield

    routes: list[BaseRoute] = [
        Route("/graphql", view),
        WebSocketRoute("/graphql", view),
        *explorer_routes(built.as_str()),
        *program_routes(oauth, settings),
        *Registration(database, settings, throttles).routes(),
        *Authorizing(oauth, people, pages, settings).routes(),
        *Links(people, pages).routes(),
        *Export(identity).routes(),
        *Pictures(identity, budget).routes(),
        *LearningRest(identity, budget).routes(),
        *ReportFiles(database, settings).routes(),
        *static_routes(),
        *health_routes(checks, metrics, _looking(rollups, backlog, forecasts)),
    ]
    boundary = Middleware(Boundary, limits=settings, metrics=metrics)
    app = Starlette(routes=routes, middleware=[boundary], lifespan=lifespan)
    app.state.services = services
    return app


def _feed_check(feed: Feed) -> Check:
    async def check() -> str | None:
        await feed.here()
        lag = _lag(feed)
        return f"the event log was last read {lag:.0f} s ago" if lag > MOST_LAG else None

    return check


def _lag(feed: Feed) -> float:
    if feed.tail.epoch is None:
        return math.inf
    return (datetime.now(UTC) - feed.confirmed_at).total_seconds()


def _add_gauges(
    metrics: Metrics,
    database: Database,
    feed: Feed,
    view: LiveView,
    sums: tuple[RollupLag, Copying],
) -> None:
    rollups, copying = sums
    for name, summary, read in (
        ("shelfcast_feed_lag_seconds", "Age of what live figures stand for.", lambda: _lag(feed)),
        ("shelfcast_live_connections", "Open sockets.", lambda: len(view.connections)),
        ("shelfcast_pool_connections", "Database connections.", lambda: database.pool_size()),
        ("shelfcast_pool_idle", "Database connections at rest.", lambda: database.pool_idle()),
        (
            "shelfcast_rollup_lag_seconds",
            "Age of the oldest sale that is not rolled up.",
            lambda: rollups.seconds,
        ),
        (
            "shelfcast_rollup_lag_entries",
            "Entries of the log with such sales, ten thousand at most.",
            lambda: rollups.entries,
        ),
        (
            "shelfcast_columns_lag_facts",
            "Facts that the copy as columns lacks; not a number while nothing is copied.",
            lambda: copying.lag.facts,
        ),
    ):
        metrics.gauge(name, summary, read)


def _looking(*figures: RollupLag | Backlog | ForecastHealth) -> Callable[[], Awaitable[None]]:
    async def look() -> None:
        for one in figures:
            await one.look()

    return look


def _add_backlog(metrics: Metrics, backlog: Backlog) -> None:
    for name, summary, read in (
        ("reports_waiting", "Reports that are not made yet.", lambda: backlog.reports),
        (
            "reports_waiting_seconds",
            "Age of the report that has waited longest.",
            lambda: backlog.reports_seconds,
        ),
        (
            "retention_months_waiting",
            "Months of sales that are to go and are still there.",
            lambda: backlog.months,
        ),
        (
            "retention_waiting_seconds",
            "How long ago it was said that they go.",
            lambda: backlog.months_seconds,
        ),
    ):
        metrics.gauge(f"shelfcast_{name}", summary, read)


def _add_forecast_gauges(metrics: Metrics, forecasts: ForecastHealth) -> None:
    for name, summary, read in (
        (
            "shelfcast_forecast_model_age_seconds",
            "Age of the oldest model that forecasts.",
            lambda: forecasts.champion_age,
        ),
        (
            "shelfcast_forecast_update_seconds",
            "Seconds of the longest last update of forecasts.",
            lambda: forecasts.update_seconds,
        ),
        (
            "shelfcast_forecast_runs_failed",
            "Runs of forecasting that failed within a day.",
            lambda: forecasts.failed,
        ),
    ):
        metrics.gauge(name, summary, read)


def pace_of(settings: BackendSettings) -> Pace:
    """Return how often agents report, and when their silence counts."""
    return Pace(
        heartbeat=settings.agent_heartbeat,
        silence=settings.agent_silence,
        stopped_silence=settings.agent_stopped_silence,
        clock_tolerance=settings.agent_clock_tolerance,
    )


def reactions() -> Reactions:
    """Return what runs inside the transactions of every program."""
    registered = Reactions()
    # Before anybody locks a level: see SHARE_PARKING.
    registered.on(ProductChanged, takeup.take_up)
    registered.on(ProductChanged, stock.apply_reorder_points)
    registered.on(AccessChanged, access.follow_access)
    registered.on(AgentChanged, agent_alerts.react)
    registered.on(StockMoved, alerts.react)
    registered.on(StockLevelChanged, alerts.react_to_levels)
    registered.on(PieceChanged, piece_alerts.react)
    registered.on(GoalChanged, goal_alerts.react)
    registered.on(ForecastRunChanged, forecast_alerts.react)
    return registered
