"""Redis Streams between the processes: bounded, and allowed to lose anything at any time."""

import logging
from collections.abc import AsyncGenerator
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from backend.core.errors import Unreachable

MOST_MESSAGES: Final = 1_000
TIMEOUT: Final = 2.0
BLOCK: Final = 1.0
_FIELD: Final = b"b"
_log: Final = logging.getLogger(__name__)


class BusUnreachable(Unreachable):
    """Redis does not answer."""

    code = "BUS_UNAVAILABLE"


class Bus:
    """A connection to Redis.

    Nothing that is only here may matter: streams are trimmed and may be flushed.
    """

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(
            url,
            socket_timeout=TIMEOUT + BLOCK,
            socket_connect_timeout=TIMEOUT,
            retry=Retry(NoBackoff(), 0),
        )

    async def publish(self, stream: str, body: bytes) -> None:
        """Append a message for whoever listens now.

        Raises:
            BusUnreachable: it could not be appended.
        """
        try:
            await self._redis.xadd(stream, {_FIELD: body}, maxlen=MOST_MESSAGES, approximate=True)
        except (RedisError, OSError, TimeoutError) as exc:
            raise BusUnreachable(f"Redis does not answer: {exc}") from exc

    async def listen(self, stream: str) -> AsyncGenerator[bytes | None]:
        """Yield the messages from now on; None at the beginning and after each quiet second.

        Raises:
            BusUnreachable: the connection broke.
        """
        try:
            last = await self._end(stream)
            while True:
                yield None
                answer: Any = await self._redis.xread({stream: last}, block=int(BLOCK * 1000))
                for _, messages in _streams(answer):
                    for last, fields in messages:  # noqa: B007 - the last one is where to go on
                        yield fields.get(_FIELD)
                if not answer and _order(await self._end(stream)) < _order(last):
                    last = b"0-0"  # flushed: what comes now may have lower ids
        except (RedisError, OSError, TimeoutError) as exc:
            raise BusUnreachable(f"Redis does not answer: {exc}") from exc

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def _end(self, stream: str) -> bytes:
        """Return the id of the last message, of the least possible one without any."""
        newest: Any = await self._redis.xrevrange(stream, count=1)
        return newest[0][0] if newest else b"0-0"


def _order(message_id: bytes) -> tuple[int, int]:
    milliseconds, _, number = message_id.partition(b"-")
    return int(milliseconds), int(number)


def _streams(answer: Any) -> list[Any]:
    """Return what XREAD gave: a list in the old protocol, a mapping in the new one."""
    if not answer:
        return []
    return list(answer.items()) if isinstance(answer, dict) else answer
