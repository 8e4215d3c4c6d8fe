import contextlib

import pytest

from backend.core.limits import DEFAULTS, Limits
from backend.core.scopes import Scope
from backend.events.service import Feed
from tests.backend.transport.server import Server
from tests.world import principal_with


@pytest.fixture
def limited(database, settings, principal):
    """Serves the tiny schema: `async with limited(max_subscriptions=2) as server:`."""
    settings = settings.model_copy(update={"dashboard_url": "http://dashboard.test:8050"})

    @contextlib.asynccontextmanager
    async def serve(**changes):
        limits = Limits.model_validate(DEFAULTS.model_dump() | changes)
        async with Feed(database, settings) as feed:
            server = Server(database, settings, feed, limits)
            server.callers["all"] = principal
            server.callers["none"] = principal_with(principal.org_id)
            server.callers["stock"] = principal_with(principal.org_id, Scope.STOCK_READ)
            async with server.running():
                yield server

    return serve


@pytest.fixture
async def server(limited):
    """A tiny schema behind a real socket; the token "all" may do everything, "none" nothing."""
    async with limited() as server:
        yield server
