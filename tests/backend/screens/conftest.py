import pytest

from backend import schema
from backend.identity.authentication import Identity
from backend.infra.api.context import Context
from backend.infra.api.sharing import Executions
from tests.backend.events.facts import QUICK
from tests.backend.screens.subscriber import Subscriber


@pytest.fixture
def settings(settings):
    """Heartbeats quick enough for a test to wait for one."""
    return settings.model_copy(update={"heartbeat_interval": QUICK})


@pytest.fixture
async def executions():
    """Runs subscriptions as the transports do."""
    running = Executions(schema.build())
    yield running
    await running.close()


@pytest.fixture
def subscribe(app, executions, principal):
    """Begins a subscription: `subscribe(query, variables, who=principal, services={…})`."""

    def begin(query, variables=None, who=principal, services=None, emission=None):
        known = app.state.services
        context = Context(known[Identity].database, known | (services or {}))
        context.caller = who
        return Subscriber(executions, query, variables, context, emission)

    return begin
