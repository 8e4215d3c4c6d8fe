"""Real servers for the tests: one PostgreSQL per session, a migrated database of its own per test.

`postgres` → `owner_url` (this test's database) → `database` (opened, with `org_id`, `principal`)
                                                → `app` → `client`, `token`, `graphql`; `server`
"""

import asyncio
import shutil
import threading
from pathlib import Path

import asyncpg
import httpx2
import pytest

from backend.app import create_app
from backend.core.scopes import Scope
from backend.core.settings import BackendSettings
from backend.infra import embedded, jobs
from backend.infra.database import Database
from backend.infra.migrator import migrate
from backend.infra.work import Reactions
from tests.databases import Databases
from tests.live import issue_token, running, serving
from tests.redis_server import RedisServer
from tests.system.installation import Program, clean_environment
from tests.turns import turn
from tests.world import add_organisation, principal_with


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Run a test together with those of other workers, or alone where it says so."""
    with turn(alone=item.get_closest_marker("alone") is not None):
        return (yield)


SECRET_KEY = "a secret key for tests only, never for anything else"


@pytest.fixture(scope="session")
def postgres():
    """A throw-away PostgreSQL; its database `shelfcast`, migrated and empty, is the template."""
    with embedded.temporary(durable=False) as server:
        _outside_the_loop(_prepare(server.owner_url))
        yield server


@pytest.fixture(scope="session")
def databases(postgres):
    """Where tests get their databases from."""
    return Databases(postgres.owner_url)


@pytest.fixture
async def owner_url(databases):
    """URL, as the owner, of a migrated, empty database that only this test sees."""
    url = await databases.take()
    yield url
    await databases.give_back(url)


@pytest.fixture
def settings(tmp_path):
    """Settings that ignore the environment; `settings.model_copy(update={…})` changes one."""
    return _settings(tmp_path)


@pytest.fixture
async def org_id(owner_url):
    """An organisation, code `test`, USD, UTC; `tests.world.add_organisation` makes more."""
    return await add_organisation(owner_url, "test")


@pytest.fixture
def principal(org_id):
    """Who may do everything there; `tests.world.principal_with` gives narrower ones."""
    return principal_with(org_id, Scope.ADMIN)


@pytest.fixture
def reactions():
    """What runs inside the transactions of `database`: nothing until the test registers it."""
    return Reactions()


@pytest.fixture
async def database(settings, owner_url, reactions):
    """The opened `Database` of this test: `async with database.work(principal) as work: …`."""
    async with Database(settings, owner_url, reactions) as opened:
        yield opened


@pytest.fixture
async def app(settings, owner_url, org_id):
    """The whole application with its lifespan, on the database of this test."""
    async with running(create_app(settings, owner_url)) as application:
        yield application


@pytest.fixture
async def client(app, settings):
    """An HTTP client of `app` without a socket: `await client.post("/graphql", …)`."""
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url=settings.origin) as http:
        yield http


@pytest.fixture
def token(app, principal):
    """Makes access tokens: `await token("sales:read", locations=None)`; no scopes means admin."""

    async def make(*scopes, locations=None, principal=principal):
        return await issue_token(app, principal, scopes or ("admin",), locations)

    return make


@pytest.fixture
def graphql(client, token):
    """Runs an operation as admin: `await graphql("{ … }", {…})` returns the whole answer."""

    async def run(query, variables=None, *scopes):
        headers = {"Authorization": f"Bearer {await token(*scopes)}"}
        body = {"query": query, "variables": variables}
        return (await client.post("/graphql", json=body, headers=headers)).json()

    return run


@pytest.fixture
async def server(settings, owner_url, org_id):
    """A real server on a free loopback port: `.url`, `.app`; for WebSockets and SSE."""
    async with serving(settings, owner_url) as live:
        yield live


@pytest.fixture
def redis():
    """A running redis-server: `.url`, `.stop()`, `.start()`; what it held is gone after a stop."""
    server = RedisServer()
    server.start()
    yield server
    server.stop()
    shutil.rmtree(server.folder)


@pytest.fixture
def start_worker(tmp_path, owner_url):
    """Starts a worker process, `start_worker(SHELFCAST_…=…)`; the end kills what is alive."""
    environment = clean_environment() | {
        "SHELFCAST_DATA_DIR": str(tmp_path),
        "SHELFCAST_DATABASE_URL": owner_url,
        "SHELFCAST_SECRET_KEY": SECRET_KEY,
    }
    started = []

    def start(**settings):
        log = tmp_path / f"worker-{len(started)}.log"
        own = environment | settings
        started.append(Program(log, "backend.programs.worker", environment=own))
        started[-1].start()
        return started[-1]

    yield start
    for one in started:
        one.kill()


async def _prepare(owner_url):
    await migrate(_settings(), owner_url, lambda _: None)
    connection = await asyncpg.connect(owner_url)
    await jobs.install(connection)
    await connection.close()


def _settings(data_dir=Path("/nonexistent")):
    return BackendSettings.model_validate(
        {"data_dir": data_dir, "secret_key": SECRET_KEY, "pool_size": 4}
    )


def _outside_the_loop(coroutine):
    """Run to the end on a thread, so that the loop of the test at hand is left alone."""
    failures = []

    def run():
        try:
            asyncio.run(coroutine)
        except BaseException as exc:  # noqa: BLE001 - raised again in the test's thread
            failures.append(exc)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
