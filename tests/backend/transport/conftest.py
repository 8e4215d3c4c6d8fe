import pytest

from backend.core.scopes import Scope
from backend.events.service import Feed
from tests.backend.transport.server import Server
from tests.world import principal_with


@pytest.fixture
async def server(database, settings, principal):
    """A tiny schema behind a real socket; the token "all" may do everything, "none" nothing."""
    settings = settings.model_copy(update={"dashboard_url": "http://dashboard.test:8050"})
    async with Feed(database, settings) as feed:
        server = Server(database, settings, feed)
        server.callers["all"] = principal
        server.callers["none"] = principal_with(principal.org_id)
        server.callers["stock"] = principal_with(principal.org_id, Scope.STOCK_READ)
        async with server.running():
            yield server
