"""Brings a database to the present schema: roles, then the migrations, one process at a time."""

import asyncio
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
from tortoise import Tortoise
from tortoise.migrations import api

from backend.core.settings import ROLES, BackendSettings, role_password
from backend.infra import orm

_LOCK: Final = 0x5348_4C46
Report = Callable[[str], None]


async def migrate(settings: BackendSettings, owner_url: str, report: Report = print) -> list[str]:
    """Create the roles and run the migrations that are due; return their names.

    Safe to call from several processes at once: the others wait, then find nothing to do.
    """
    guard = await asyncpg.connect(owner_url, timeout=30)
    try:
        await guard.execute("select pg_advisory_lock($1)", _LOCK)
        await _create_roles(guard, settings, owner_url)
        before = await applied(guard)
        await asyncio.create_task(
            _run(owner_url, report)
        )  # a task of its own keeps Tortoise's context
        return sorted(await applied(guard) - before)
    finally:
        await guard.close()


async def applied(connection: asyncpg.Connection) -> set[str]:
    """Return the names of the migrations this database has seen."""
    if not await connection.fetchval("select to_regclass('tortoise_migrations') is not null"):
        return set()
    rows = await connection.fetch("select name from tortoise_migrations where app = 'retail'")
    return {row["name"] for row in rows}


def known() -> set[str]:
    """Return the names of the migrations this version brings."""
    return {path.stem for path in (orm.BACKEND / "migrations").glob("0*.sql")}


async def _run(owner_url: str, report: Report) -> None:
    try:
        await api.migrate(
            config=orm.config(_credentials(owner_url)),
            progress=lambda event, _app, name: report(f"{event} {name}"),
        )
    finally:
        await Tortoise.close_connections()


async def _create_roles(
    guard: asyncpg.Connection, settings: BackendSettings, owner_url: str
) -> None:
    present = {row["rolname"] for row in await guard.fetch("select rolname from pg_roles")}
    for role in ROLES:
        user = f"shelfcast_{role}"
        explicit = getattr(settings, f"{role}_database_url")
        if explicit is None:
            password = role_password(owner_url, user)
        else:
            password = unquote(urlsplit(explicit.get_secret_value()).password or "")
        verb = "alter" if user in present else "create"
        # Utility statements take no parameters: format() quotes on the server.
        statement: str = await guard.fetchval(  # pyright: ignore[reportAssignmentType]
            "select format('%s role %I login password %L', $1::text, $2::text, $3::text)",
            verb,
            user,
            password,
        )
        await guard.execute(statement)


def _credentials(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    credentials: dict[str, object] = {
        "user": unquote(parts.username or query.get("user", "")),
        "password": unquote(parts.password or query.get("password", "")),
        "database": parts.path.lstrip("/"),
        "host": query.get("host", parts.hostname),
        "port": int(query.get("port", parts.port or 5432)),
        "minsize": 1,
        "maxsize": 1,
    }
    if "sslmode" in query:
        credentials["ssl"] = query["sslmode"]
    return {"engine": "tortoise.backends.asyncpg", "credentials": credentials}
