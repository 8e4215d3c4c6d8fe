"""A simulated reader: a port, somebody who speaks its protocol, and what disturbs them."""

from __future__ import annotations

import asyncio
import contextlib
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol, Self

if TYPE_CHECKING:
    from edge_agent.simulator.speakers import Speaker

_POLL_S: Final = 0.005
INSIST_S: Final = 1.0
"""So often a device repeats what was not acknowledged, or says that it lives."""
_MAX_NOISE_BYTES: Final = 20


class SimulatedPort(Protocol):
    """What a pty and a TCP port have in common."""

    @property
    def port(self) -> str:
        """What to give to the agent."""
        ...

    @property
    def is_opened(self) -> bool:
        """Whether a program listens."""
        ...

    def plug(self) -> None:
        """Make it appear."""
        ...

    def unplug(self) -> None:
        """Pull the cable."""
        ...

    async def wait_opened(self, timeout_s: float = 10.0) -> None:
        """Wait for a program to listen."""
        ...

    async def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        ...

    def take_heard(self) -> bytes:
        """Return, once, what the program sent."""
        ...

    async def wait_read(self, timeout_s: float = 10.0) -> None:
        """Wait until the program has read all."""
        ...


@dataclass(slots=True)
class Disturbance:
    """What happens to frames on their way; chances from 0 to 1."""

    noise: float = 0.0
    """Of some random bytes in front of a frame."""
    truncation: float = 0.0
    """Of a frame being cut off."""
    rng: random.Random = field(default_factory=lambda: random.Random(1))

    def disturb(self, frame: bytes) -> bytes:
        """Return what arrives."""
        if self.rng.random() < self.noise:
            frame = self.rng.randbytes(self.rng.randint(1, _MAX_NOISE_BYTES)) + frame
        if self.rng.random() < self.truncation:
            frame = frame[: self.rng.randrange(len(frame))]
        return frame


class ReaderSimulator:
    """One reader; `async with` it, so that it answers what it is asked."""

    def __init__(
        self, port: SimulatedPort, speaker: Speaker, disturbance: Disturbance | None = None
    ) -> None:
        self.port = port
        self.speaker = speaker
        self.insist_s = INSIST_S
        self._disturbance = disturbance or Disturbance()
        self._is_greeted = False

    async def __aenter__(self) -> Self:
        """Begin to answer."""
        self._task = asyncio.create_task(self._converse())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Pull the cable."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self.port.unplug()

    async def read(self, code: str, timeout_s: float = 60.0) -> None:
        """See one code, once the host is ready for it."""
        await self.wait_ready(timeout_s)
        with contextlib.suppress(OSError):
            await self.port.send(self._disturbance.disturb(self.speaker.say(code)))

    async def wait_ready(self, timeout_s: float = 60.0) -> None:
        """Wait until the host listens and has acknowledged what must be; raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while not (self._is_greeted and self.port.is_opened and self.speaker.is_ready):  # noqa: ASYNC110
                await asyncio.sleep(_POLL_S)

    async def wait_settled(self, timeout_s: float = 60.0) -> None:
        """Wait until all that was said is read, and acknowledged where it must be."""
        await self.wait_ready(timeout_s)
        await self.port.wait_read(timeout_s)

    async def replug(self, away_s: float = 0.2) -> None:
        """Pull the cable and put it back."""
        self.port.unplug()
        self._is_greeted = False
        await asyncio.sleep(away_s)
        self.port.plug()

    async def _converse(self) -> None:
        loop = asyncio.get_running_loop()
        insist_at = loop.time() + self.insist_s
        while True:
            await asyncio.sleep(_POLL_S)
            with contextlib.suppress(OSError):
                if not self.port.is_opened:
                    self._part()
                    continue
                said = b""
                if not self._is_greeted:
                    self._is_greeted = True
                    said = self.speaker.greet()
                if heard := self.port.take_heard():
                    said += self.speaker.hear(heard)
                    insist_at = loop.time() + self.insist_s
                if loop.time() >= insist_at:
                    said += self.speaker.insist()
                    insist_at = loop.time() + self.insist_s
                await self.port.send(said)

    def _part(self) -> None:
        """Take what the host said before it went: an answer on the line arrives even so."""
        if self._is_greeted:
            self._is_greeted = False
            self.speaker.hear(self.port.take_heard())
