"""One running Shelfcast for all tests of the whole system."""

import tempfile
from pathlib import Path

import pytest

from backend.infra.embedded import remove_cluster
from tests.system.caller import Caller
from tests.system.installation import Installation

SCOPES = (
    "catalogue:read catalogue:write locations:read locations:write stock:read stock:write"
    " sales:read sales:write alerts:read analytics:read devices:read devices:write reads:write"
)


NOTES: list[str] = []


def pytest_terminal_summary(terminalreporter):
    """Say how long things took: the machine may be shared, so no test asserts on it."""
    for line in NOTES:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def noted():
    """`noted(what, value)` puts a figure under the report."""
    return lambda what, value: NOTES.append(f"{what}: {value}")


@pytest.fixture(scope="session")
def installation():
    """Shelfcast, up, with an empty retailer."""
    # Not below pytest's folder: the database user has to walk there, and sockets want short paths.
    with tempfile.TemporaryDirectory(prefix="shelfcast-system-", ignore_cleanup_errors=True) as at:
        folder = Path(at)
        folder.chmod(0o711)
        installation = Installation(folder)
        try:
            installation.start()
            yield installation
        finally:
            installation.stop()
            remove_cluster(installation.data_dir)


@pytest.fixture(scope="session")
def credentials(installation):
    """An OAuth client that may do what the tests do."""
    return installation.make_client("system tests", SCOPES)


@pytest.fixture(scope="session")
def edge_credentials(installation):
    """An OAuth client that may hand in reads, and nothing else."""
    return installation.make_client("edge", "reads:write")


@pytest.fixture
async def caller(installation, credentials):
    """A client of the backend."""
    async with Caller(installation.url, credentials) as opened:
        yield opened
