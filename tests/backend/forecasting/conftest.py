"""Worker processes."""

import pytest

from tests.conftest import SECRET_KEY
from tests.system.installation import Program, clean_environment


@pytest.fixture
def start_worker(tmp_path, owner_url):
    """Starts a worker process; what is alive of them at the end is killed."""
    environment = clean_environment() | {
        "SHELFCAST_DATA_DIR": str(tmp_path),
        "SHELFCAST_DATABASE_URL": owner_url,
        "SHELFCAST_SECRET_KEY": SECRET_KEY,
    }
    started = []

    def start():
        log = tmp_path / f"worker-{len(started)}.log"
        started.append(Program(log, "backend.programs.worker", environment=environment))
        started[-1].start()
        return started[-1]

    yield start
    for one in started:
        one.kill()
