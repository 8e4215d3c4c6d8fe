"""Whether this process lives, whether it can serve, and its figures."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from backend.core.errors import ShelfcastError
from backend.infra import migrator
from backend.infra.database import Database
from backend.infra.metrics import Metrics

Check = Callable[[], Awaitable[str | None]]
"""Returns what is wrong, None when nothing is."""

_APPLIED: Final = "select applied_migrations() as name"
_TIMEOUT: Final = 5.0
_NO_STORE: Final = {"Cache-Control": "no-store"}


def health_routes(
    checks: dict[str, Check], metrics: Metrics, look: Callable[[], Awaitable[None]]
) -> list[Route]:
    """Return /healthz, /readyz and /metrics; ready means that every check is content.

    `look` is awaited before figures are told: what it finds out is in them.
    """

    async def alive(_: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers=_NO_STORE)

    async def ready(_: Request) -> Response:
        found = {name: await _ask(check) for name, check in checks.items()}
        is_ready = not any(found.values())
        body = {
            "status": "ok" if is_ready else "not ready",
            "checks": {name: wrong or "ok" for name, wrong in found.items()},
        }
        return JSONResponse(body, 200 if is_ready else 503, _NO_STORE)

    async def figures(_: Request) -> Response:
        with suppress(ShelfcastError, TimeoutError):  # such a figure says itself that it is unknown
            await asyncio.wait_for(look(), _TIMEOUT)
        return PlainTextResponse(
            metrics.text(), media_type="text/plain; version=0.0.4", headers=_NO_STORE
        )

    return [Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", figures)]


def schema_check(database: Database) -> Check:
    """Return a check that the database answers and has exactly this version's migrations."""

    async def check() -> str | None:
        async with database.auth() as connection:
            applied = {row["name"] for row in await connection.fetch(_APPLIED)}
        return describe_schema(applied)

    return check


def describe_schema(applied: set[str]) -> str | None:
    """Return how the schema differs from what this version needs, None when it does not."""
    known = migrator.known()
    if missing := sorted(known - applied):
        return f"the schema is old, {missing[0]} is missing: run `shelfcast migrate`"
    if foreign := sorted(applied - known):
        return f"the schema is newer than this version ({foreign[-1]}): upgrade Shelfcast"
    return None


async def _ask(check: Check) -> str | None:
    try:
        return await asyncio.wait_for(check(), _TIMEOUT)
    except ShelfcastError as exc:
        return exc.message
    except TimeoutError:
        return f"no answer within {_TIMEOUT:.0f} s"
