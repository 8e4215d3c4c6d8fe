"""An installation for one benchmark: durable PostgreSQL, an organisation, a backend process."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import asyncpg
import httpx2
import uvloop
from argon2 import PasswordHasher

from backend.core.ids import new_id
from backend.core.principal import Principal, program
from backend.core.roles import Role
from backend.core.scopes import Scope
from backend.core.settings import BackendSettings
from backend.identity import clients as identity
from backend.identity.people import accounts
from backend.identity.rules import ClientTraits
from backend.infra import embedded
from backend.infra.database import Database
from backend.infra.migrator import migrate
from backend.infra.work import Reactions
from benchmarks.programs import free_port, serving

SECRET_KEY: Final = "a secret key for benchmarks only, never for anything else"


@dataclass(frozen=True)
class Instance:
    """Where the pieces are. `token` may do everything."""

    owner_url: str
    org_id: UUID
    port: int
    backend_pid: int
    postgres_pid: int
    token: str

    @property
    def url(self) -> str:
        """The backend's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def principal(self) -> Principal:
        """Who may do everything in the organisation."""
        return program(self.org_id, "benchmark")

    @property
    def watched(self) -> dict[str, int]:
        """The processes whose processor time is of interest."""
        return {"backend": self.backend_pid, "postgres": self.postgres_pid}

    async def execute(self, document: str, **variables: Any) -> Any:
        """Return the data of a GraphQL operation that must succeed."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with httpx2.AsyncClient(base_url=self.url, timeout=60) as http:
            body = {"query": document, "variables": variables}
            answer = (await http.post("/graphql", json=body, headers=headers)).json()
        if answer.get("errors"):
            raise RuntimeError(answer["errors"])
        return answer["data"]


def settings() -> BackendSettings:
    """Return settings that the environment has no part in."""
    return BackendSettings.model_validate({"secret_key": SECRET_KEY, "token_lifetime": "PT2H"})


@asynccontextmanager
async def running(dashboard_port: int = 8050) -> AsyncGenerator[Instance]:
    """Run PostgreSQL (fsync on) and a backend until the block ends; nothing of them stays.

    Pages of `dashboard_port` may open sockets.
    """
    async with organisation() as (server, org_id):
        client = await make_client(server.owner_url, org_id, "benchmark", Scope.ADMIN)
        port = free_port()
        environment = environment_of(server.owner_url, port, dashboard_port)
        async with serving(server_words(port), environment, health_url(port)) as pid:
            token = await fetch_token(port, *client)
            yield Instance(server.owner_url, org_id, port, pid, server.pid, token)


@asynccontextmanager
async def organisation() -> AsyncGenerator[tuple[embedded.Server, UUID]]:
    """Run PostgreSQL (fsync on) with an organisation and nothing else."""
    with embedded.temporary(durable=True) as server:
        await migrate(settings(), server.owner_url, lambda _: None)
        yield server, await _add_organisation(server.owner_url)


def server_words(port: int) -> list[str]:
    """Return how a backend is started."""
    return ["backend.programs.server", "--port", str(port)]


def health_url(port: int) -> str:
    """Return where a backend says that it is ready."""
    return f"http://127.0.0.1:{port}/readyz"


async def make_client(
    owner_url: str, org_id: UUID, name: str, *scopes: Scope, traits: ClientTraits | None = None
) -> tuple[str, str]:
    """Make an OAuth client; return its id and secret."""
    async with (
        Database(settings(), owner_url, Reactions()) as database,
        database.work(program(org_id, "benchmark")) as work,
    ):
        made = await identity.create_client(work, name, frozenset(scopes), traits=traits)
    return made.client_id, made.client_secret


async def add_person(owner_url: str, org_id: UUID, email: str, password: str, role: Role) -> None:
    """Add somebody who may sign in."""
    hashed = PasswordHasher().hash(password)
    async with (
        Database(settings(), owner_url, Reactions()) as database,
        database.work(program(org_id, "benchmark")) as work,
    ):
        await accounts.add_user(work, email, "Somebody", role, password_hash=hashed)


async def fetch_token(port: int, client_id: str, secret: str) -> str:
    """Return an access token as any client gets one."""
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        form = {"grant_type": "client_credentials"}
        answer = await http.post("/oauth/token", data=form, auth=(client_id, secret))
    return answer.raise_for_status().json()["access_token"]


def run(main: Any) -> Any:
    """Run a coroutine on the loop that the servers use."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


def environment_of(owner_url: str, port: int, dashboard_port: int = 8050) -> dict[str, str]:
    """Return the settings of a backend whose public address is that port."""
    return {
        "SHELFCAST_DATA_DIR": "/nonexistent",
        "SHELFCAST_DATABASE_URL": owner_url,
        "SHELFCAST_SECRET_KEY": SECRET_KEY,
        "SHELFCAST_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SHELFCAST_DASHBOARD_URL": f"http://localhost:{dashboard_port}",
        "SHELFCAST_TOKEN_LIFETIME": "PT2H",
        "SHELFCAST_LOG_LEVEL": "WARNING",
        # One client does here what a thousand would: nobody is to be slowed down.
        "SHELFCAST_ROW_BURST": "1000000000",
        "SHELFCAST_QUERY_COST_BURST": "1000000000",
    }


async def _add_organisation(owner_url: str) -> UUID:
    connection = await asyncpg.connect(owner_url)
    org_id = new_id()
    statement = (
        "insert into organisations (id, code, name, currency, timezone)"
        " values ($1, 'benchmark', 'Benchmark', 'USD', 'UTC')"
    )
    await connection.execute(statement, org_id)
    await connection.close()
    return org_id
