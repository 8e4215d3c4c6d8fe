"""The real backend and dashboard as processes of their own, and a browser in front of them."""

import asyncio
import json
import os
import socket
import sys
from contextlib import asynccontextmanager

import httpx2
from playwright.async_api import async_playwright, expect

from tests.dashboard.browser import launch

ALL_SCOPES = (
    "catalogue:read catalogue:write locations:read locations:write stock:read stock:write"
    " sales:read sales:write alerts:read alerts:write analytics:read devices:read devices:write"
    " reads:write forecast:read goals:write"
)


STARTS_WITHIN_S = 180
"""On a machine that others keep busy, too."""


def free_port():
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Program:
    """A program of ours under a port; it can be killed and started again."""

    def __init__(self, module, port, environment, health):
        self._words = [sys.executable, "-m", module, "--port", str(port)]
        self._environment = environment
        self._health = f"http://127.0.0.1:{port}{health}"
        self._process = None

    def credentials(self, client):
        """Let it be this OAuth client from its next start on."""
        self._environment = self._environment | {
            "SHELFCAST_DASHBOARD_CLIENT_ID": client["client_id"],
            "SHELFCAST_DASHBOARD_CLIENT_SECRET": client["client_secret"],
        }

    async def start(self):
        """Start it and return once it answers."""
        self._process = await asyncio.create_subprocess_exec(*self._words, env=self._environment)
        async with asyncio.timeout(STARTS_WITHIN_S), httpx2.AsyncClient() as http:
            while True:
                assert self._process.returncode is None, f"{self._words} ended"
                try:
                    if (await http.get(self._health)).status_code == 200:
                        return
                except httpx2.HTTPError:
                    await asyncio.sleep(0.1)

    async def kill(self):
        """End it as a crash would."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


class Stack:
    """Backend and dashboard on one database, with an OAuth client for the test itself."""

    def __init__(self, owner_url, data_dir, secret_key, *, token_seconds=600):
        self.owner_url = owner_url
        self.backend_port, self.dashboard_port = free_port(), free_port()
        self.wall_url = f"http://localhost:{self.dashboard_port}/"
        self._environment = {name: os.environ[name] for name in ("PATH", "HOME")} | {
            "SHELFCAST_DATA_DIR": str(data_dir),
            "SHELFCAST_DATABASE_URL": owner_url,
            "SHELFCAST_SECRET_KEY": secret_key,
            "SHELFCAST_BACKEND_URL": f"http://127.0.0.1:{self.backend_port}",
            "SHELFCAST_PUBLIC_URL": f"http://localhost:{self.backend_port}",
            "SHELFCAST_TOKEN_LIFETIME": f"PT{token_seconds}S",
            "SHELFCAST_DASHBOARD_URL": f"http://localhost:{self.dashboard_port}",
            "SHELFCAST_LOG_LEVEL": "WARNING",
        }
        self.backend = Program(
            "backend.programs.server", self.backend_port, self._environment, "/readyz"
        )
        self.front = Program("dashboard", self.dashboard_port, self._environment, "/healthz")
        self._headers = {}
        self.own = {}
        """Credentials of the client that `execute` acts as."""

    @property
    def environment(self):
        """What one more program of ours needs to belong to it."""
        return dict(self._environment)

    async def make_client(self, name, scope, *more):
        """Return id and secret of a new OAuth client, as the command prints them."""
        words = ["create", "--name", name, "--scope", scope, *more]
        return json.loads(await self.run("backend.programs.client", *words))

    async def run(self, module, *words):
        """Run a command of ours to its end; return what it printed."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *words),
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()
        assert process.returncode == 0, output
        return output

    async def sign_in(self, credentials):
        """Let `execute` act as this client."""
        self._credentials = credentials
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{self.backend_port}") as http:
            answer = await http.post(
                "/oauth/token",
                data={"grant_type": "client_credentials", "scope": ALL_SCOPES},
                auth=(credentials["client_id"], credentials["client_secret"]),
            )
        self._headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    async def execute(self, document, **variables):
        """Return the data of a GraphQL operation that must succeed.

        On a busy machine tests outlive a token: then it signs in again.
        """
        answer = await self._ask(document, variables)
        if answer.status_code == 401:
            await self.sign_in(self._credentials)
            answer = await self._ask(document, variables)
        body = answer.json()
        assert not body.get("errors"), body
        return body["data"]

    async def _ask(self, document, variables):
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{self.backend_port}") as http:
            return await http.post(
                "/graphql",
                json={"query": document, "variables": variables},
                headers=self._headers,
            )


@asynccontextmanager
async def running(owner_url, data_dir, secret_key, **options):
    """Run backend and dashboard until the block ends."""
    stack = Stack(owner_url, data_dir, secret_key, **options)
    back = f"{stack.wall_url}login/callback"
    own, wall = await asyncio.gather(
        stack.make_client("test", ALL_SCOPES),
        stack.make_client("dashboard", "admin", "--first-party", "--redirect-uri", back),
    )
    stack.own = own
    stack.front.credentials(wall)
    try:
        await asyncio.gather(stack.backend.start(), stack.front.start())
        await stack.sign_in(own)
        yield stack
    finally:
        await asyncio.gather(stack.backend.kill(), stack.front.kill())


@asynccontextmanager
async def browser():
    """Run Chromium until the block ends; expectations are patient, the machine may be shared."""
    expect.set_options(timeout=60_000)
    async with async_playwright() as playwright:
        chromium = await launch(playwright)
        yield chromium
        await chromium.close()
