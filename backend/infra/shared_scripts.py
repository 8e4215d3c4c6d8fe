"""Small Lua scripts on Redis, for figures that several processes share; Redis may go away."""

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from redis.commands.core import AsyncScript

TIMEOUT: Final = 0.25
"""Seconds a request waits for Redis at most before the process decides for itself."""
PAUSE: Final = 1.0
"""Seconds during which an unreachable Redis is not asked again."""
_log: Final = logging.getLogger(__name__)


class SharedScripts:
    """Runs scripts while Redis answers.

    What is kept there may be lost at any time: callers must be able to go on without.
    """

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(
            url,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            retry=Retry(NoBackoff(), 0),
        )
        self._scripts: dict[str, AsyncScript] = {}
        self._away_until = 0.0

    async def run(self, script: str, key: str, *arguments: float) -> list[Any] | None:
        """Return what the script returns for the key; None while Redis is away."""
        now = asyncio.get_running_loop().time()
        if now < self._away_until:
            return None
        if script not in self._scripts:
            self._scripts[script] = self._redis.register_script(script)
        try:
            return await self._scripts[script](keys=[key], args=list(arguments))
        except (RedisError, OSError, TimeoutError) as exc:
            self._away_until = now + PAUSE
            _log.warning("Redis does not answer, each process keeps its own limits: %s", exc)
            return None

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()
