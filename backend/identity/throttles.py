"""Throttles that several processes keep alike: each tells the others of the failures it sees."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Hashable
from contextlib import aclosing
from hashlib import blake2b
from typing import Final, Self

import msgspec

from backend.core.errors import Unreachable
from backend.identity.throttle import Throttle
from backend.infra.bus import Bus
from backend.infra.notices import Notices
from backend.infra.tasks import Tasks

STREAM: Final = "shelfcast:failures"
MOST_WAITING: Final = 1_000
RETRY: Final = 0.5
_DECODER: Final = msgspec.msgpack.Decoder(tuple[bytes, str, bytes, bool])
_log: Final = logging.getLogger(__name__)


class Throttles:
    """Makes throttles; those of one name count for all processes together that share `bus`.

    Counting never waits: without it, or while it is away, each process counts for itself.
    """

    def __init__(
        self, bus: Bus | Notices | None = None, note: Callable[[str], None] = lambda _: None
    ) -> None:
        self.note = note
        """Told the throttle's name whenever somebody has to wait."""
        self._bus = bus
        self._made: dict[str, SharedThrottle] = {}
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
        self._own = secrets.token_bytes(8)
        self._tasks = Tasks()

    async def __aenter__(self) -> Self:
        if self._bus is not None:
            self._tasks.start(self._send(self._bus), "telling of failures")
            self._tasks.start(self._receive(self._bus), "hearing of failures")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._tasks.close()
        if self._bus is not None:
            await self._bus.close()

    def make(self, name: str, most: int, per_seconds: float) -> Throttle:
        """Return the throttle of that name."""
        made = self._made[name] = SharedThrottle(self, name, most, per_seconds)
        return made

    def tell(self, name: str, digest: bytes, *, is_failure: bool) -> None:
        """Let the others know; what does not fit they will not hear of."""
        if self._bus is not None and not self._outgoing.full():
            body = msgspec.msgpack.encode((self._own, name, digest, is_failure))
            self._outgoing.put_nowait(body)

    async def _send(self, bus: Bus | Notices) -> None:
        while True:
            body = await self._outgoing.get()
            try:
                await bus.publish(STREAM, body)
            except Unreachable as exc:
                _log.warning("the others do not hear of a failure: %s", exc)

    async def _receive(self, bus: Bus | Notices) -> None:
        while True:
            try:
                async with aclosing(bus.listen(STREAM)) as bodies:
                    async for body in bodies:
                        if body is not None:
                            self._hear(body)
            except (Unreachable, msgspec.MsgspecError) as exc:
                _log.warning("failures elsewhere are not heard of: %s", exc)
                await asyncio.sleep(RETRY)

    def _hear(self, body: bytes) -> None:
        sender, name, digest, is_failure = _DECODER.decode(body)
        if sender != self._own and name in self._made:
            self._made[name].hear(digest, is_failure=is_failure)


class SharedThrottle(Throttle):
    """A throttle whose keys are known by their digests: who failed is nobody else's business."""

    def __init__(self, throttles: Throttles, name: str, most: int, per_seconds: float) -> None:
        super().__init__(most, per_seconds)
        self._throttles = throttles
        self._name = name

    def wait_of(self, key: Hashable, now: float) -> float:
        """Return the seconds `key` has to wait before another try; 0 when it may go on."""
        wait = super().wait_of(_digest(key), now)
        if wait > 0:
            self._throttles.note(self._name)
        return wait

    def note_failure(self, key: Hashable, now: float) -> None:
        """Count one failure, here and elsewhere."""
        digest = _digest(key)
        super().note_failure(digest, now)
        self._throttles.tell(self._name, digest, is_failure=True)

    def take_back(self, key: Hashable, now: float) -> None:
        """Forget one failure that was counted before its outcome was known."""
        digest = _digest(key)
        super().take_back(digest, now)
        self._throttles.tell(self._name, digest, is_failure=False)

    def hear(self, digest: bytes, *, is_failure: bool) -> None:
        """Count what happened in another process."""
        if is_failure:
            super().note_failure(digest, time.time())
        else:
            super().take_back(digest, time.time())


def _digest(key: Hashable) -> bytes:
    return blake2b(repr(key).encode(), digest_size=16).digest()
