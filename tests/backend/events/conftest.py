import pytest

from backend.events.service import Feed
from tests.backend.events.facts import QUICK


@pytest.fixture
def settings(settings):
    """Heartbeats quick enough for a test to wait for one."""
    return settings.model_copy(update={"heartbeat_interval": QUICK})


@pytest.fixture
async def feed(database, settings):
    """The feed of one process."""
    async with Feed(database, settings) as opened:
        yield opened
