"""Tortoise on connections of our own: every statement runs in the unit of work it belongs to."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, cast

import asyncpg
from tortoise import Tortoise
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.context import TortoiseContext

BACKEND: Final = Path(__file__).resolve().parent.parent
_ready: list[TortoiseContext] = []


def model_modules() -> list[str]:
    """Return the modules of all tables: `models.py` of every domain."""
    return sorted(f"backend.{path.parent.name}.models" for path in BACKEND.glob("*/models.py"))


def config(connection: object) -> dict[str, Any]:
    """Return Tortoise's configuration for the one app `retail`."""
    return {
        "connections": {"default": connection},
        "apps": {
            "retail": {
                "models": model_modules(),
                "default_connection": "default",
                "migrations": "backend.migrations",
            }
        },
        "use_tz": True,
        "timezone": "UTC",
    }


async def prepare_models() -> None:
    """Resolve the relations between models once per process.

    Its connection is never opened: queries name theirs.
    """
    if not _ready:
        unused = {"engine": "tortoise.backends.asyncpg", "credentials": {}}
        _ready.append(await Tortoise.init(config=config(unused), _enable_global_fallback=True))


@asynccontextmanager
async def transaction(
    pool: asyncpg.Pool, timeout: float, *, read_only: bool
) -> AsyncGenerator[TransactionWrapper]:
    """Hold a connection of `pool` in a transaction; commit at the end, roll back on an exception.

    `timeout` in seconds bounds the wait for a connection.
    """
    async with pool.acquire(timeout=timeout) as connection:
        client = AsyncpgDBClient(user=None, connection_name="default")
        # Tortoise offers no way to hand it a connection.
        client._connection = cast("asyncpg.Connection", connection)  # noqa: SLF001
        wrapper = TransactionWrapper(client)
        isolation = "repeatable_read" if read_only else "read_committed"
        started = connection.transaction(isolation=isolation, readonly=read_only)
        wrapper.transaction = started
        await started.start()
        try:
            yield wrapper
        except BaseException:
            await wrapper.rollback()
            raise
        await wrapper.commit()


def is_lost(tx: TransactionWrapper) -> bool:
    """Tell whether the connection of a transaction is gone."""
    return tx._connection.is_closed()  # noqa: SLF001 - Tortoise offers no way to ask
