"""Chunks of the log from the process that reads it to the others.

Fast, and never trusted to be complete.
"""

import asyncio
import logging
from collections import deque
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from backend.events import statements
from backend.events.rules import Chunk, Entry
from backend.infra.bus import Bus, BusUnreachable

MOST_WAITING: Final = 200
MOST_BYTES: Final = 4_000_000
ELECTION: Final = 1.0
RETRY: Final = 0.5
_log: Final = logging.getLogger(__name__)
_Wire = tuple[UUID, int, str, str, UUID | None, datetime, int, str]
_DECODER: Final = msgspec.msgpack.Decoder(tuple[int, int, list[_Wire]])


class Relay:
    """One process is elected to publish what it reads; all others take it from there.

    Whoever receives checks that each chunk begins where the last ended, and reads the log where it
    does not.
    """

    patience: float = 0.1
    """Seconds a chunk may lie behind its NOTIFY before the log is read instead."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._stream = ""
        self._ready: asyncio.Event | None = None
        self._attached = asyncio.Event()
        self._received: deque[Chunk] = deque(maxlen=MOST_WAITING)
        self._outgoing: asyncio.Queue[Chunk] = asyncio.Queue(MOST_WAITING)
        self._next_election = 0.0
        self.leads = False
        """Whether this process publishes."""
        self.is_broken = True
        """Whether nothing can come at present."""
        self.taken = 0
        """How many chunks were taken from other processes."""

    def attach(self, epoch: str, ready: asyncio.Event) -> None:
        """Carry this history; `ready` is set when something arrived or broke."""
        self._stream = f"shelfcast:feed:{epoch}"
        self._ready = ready
        self._received.clear()
        self._attached.set()

    async def lead(self, connection: asyncpg.Connection) -> bool:
        """Tell whether this process publishes; try to be elected once a second.

        The lock ends with the connection.
        """
        now = asyncio.get_running_loop().time()
        if not self.leads and now >= self._next_election:
            self._next_election = now + ELECTION
            self.leads = bool(await connection.fetchval(statements.TRY_LEAD, timeout=ELECTION * 5))
        return self.leads

    def publish(self, chunk: Chunk) -> None:
        """Send a chunk to the others, if this process is the one.

        Never waits: what does not fit they read themselves.
        """
        if self.leads and not self._outgoing.full():
            self._outgoing.put_nowait(chunk)

    def take(self) -> list[Chunk]:
        """Return what arrived since the last call."""
        chunks = list(self._received)
        self._received.clear()
        self.taken += len(chunks)
        return chunks

    async def send(self) -> None:
        """Publish what is to be sent, until cancelled."""
        while True:
            chunk = await self._outgoing.get()
            body = _encode(chunk)
            if len(body) > MOST_BYTES:
                continue
            try:
                await self._bus.publish(self._stream, body)
            except BusUnreachable as exc:
                _log.warning("cannot publish, the others read the log: %s", exc)

    async def receive(self) -> None:
        """Receive what others publish, until cancelled."""
        await self._attached.wait()
        while True:
            stream = self._stream
            try:
                async for body in self._bus.listen(stream):
                    self.is_broken = False
                    if body is not None and not self.leads:
                        self._received.append(_decode(body))
                        self._wake()
                    if stream != self._stream:
                        break
            except (BusUnreachable, msgspec.MsgspecError) as exc:
                _log.warning("nothing comes from the bus, reading the log: %s", exc)
                self.is_broken = True
                self._wake()
                await asyncio.sleep(RETRY)

    def _wake(self) -> None:
        if self._ready is not None:
            self._ready.set()


def _encode(chunk: Chunk) -> bytes:
    entries = [
        (e.org_id, e.seq, e.topic, e.kind, e.location_id, e.recorded_at, e.schema_version, e.items)
        for e in chunk.entries
    ]
    return msgspec.msgpack.encode((chunk.after, chunk.upto, entries))


def _decode(body: bytes) -> Chunk:
    after, upto, wires = _DECODER.decode(body)
    return Chunk(after, upto, [Entry(*wire) for wire in wires])
