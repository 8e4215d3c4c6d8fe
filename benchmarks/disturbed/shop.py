"""Who scans: people at SSI scanners, and tags carried past RFID readers; what they know."""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from benchmarks.retailer import PRODUCTS, gtin
from edge_agent.simulator import ReaderSimulator
from edge_agent.simulator.speakers import SsiSpeaker

PATIENCE_S: Final = 600.0
TAGS_IN_FIELD: Final = 300
_ROUND_S: Final = 0.05
_SAID_PER_ROUND: Final = 10
LINGER_S: Final = 45.0
"""A tag the ledger does not show for so long is carried away, and past the reader once more."""
AWAY_S: Final = 8.0
"""Longer than the agent waits before it says that a tag has left."""


def scan_codes(number: int, seed: int) -> Iterator[str]:
    """Yield GS1-128 codes of one scanner without end: a good and a serial number, each once."""
    rng = random.Random(f"{seed}/scanner/{number}")
    serial = 0
    while True:
        serial += 1
        yield f"]C1010{gtin(rng.randrange(PRODUCTS))}21S{number:02d}{serial:08d}"


def tag_codes(number: int, seed: int) -> Iterator[str]:
    """Yield SGTIN-96 of one reader without end, each once."""
    rng = random.Random(f"{seed}/reader/{number}")
    serial = number << 32
    while True:
        serial += 1
        company, item = int("400638"), rng.randrange(PRODUCTS)
        # GS1 TDS: header 0x30, filter 1, partition 6: six digits of company, seven of item.
        bits = 0x30 << 88 | 1 << 85 | 6 << 82 | company << 62 | item << 38 | serial
        yield f"{bits:024X}"


@dataclass
class Cashier:
    """Scans code after code with an SSI scanner, again at every beep of error."""

    reader: ReaderSimulator
    codes: Iterator[str]
    speaker: SsiSpeaker
    acknowledged: int = 0
    doubtful: set[str] = field(default_factory=set)
    """Codes scanned more than once, or under way when the agent was killed: once or more often."""

    async def scan(self, count: int, until: float) -> None:
        """Scan so many codes, each until the scanner beeps that it is safe; stop at a time."""
        for code in islice(self.codes, count):
            if asyncio.get_running_loop().time() > until:
                return
            while True:
                before = len(self.speaker.given_up)
                await self.reader.read(code, PATIENCE_S)
                await self.reader.wait_ready(PATIENCE_S)
                if len(self.speaker.given_up) == before:
                    break
                self.doubtful.add(code)
            self.acknowledged += 1

    def note_kill(self) -> None:
        """Note that the agent died: it may have stored what it did not acknowledge."""
        self.doubtful.update(self.speaker.waiting)


@dataclass
class _Tag:
    since: float
    is_away: bool = False


@dataclass
class Gate:
    """Carries tags past a reader; each stays in its field until the ledger has it."""

    reader: ReaderSimulator
    codes: Iterator[str]
    seen: set[str] = field(default_factory=set)
    """Codes the ledger has shown."""
    shown: set[str] = field(default_factory=set)
    _tags: dict[str, _Tag] = field(default_factory=dict)

    async def carry(self, count: int, until: float) -> None:
        """Carry so many tags past the reader; bring no more from a time on."""
        codes = islice(self.codes, count)
        loop = asyncio.get_running_loop()
        at = 0
        while True:
            self._let_go(loop.time())
            more = TAGS_IN_FIELD - len(self._tags) if loop.time() < until else 0
            for code in islice(codes, more):
                self._tags[code] = _Tag(loop.time())
                self.shown.add(code)
            if not self._tags:
                return
            present = [code for code, tag in self._tags.items() if not tag.is_away]
            for code in (present * 2)[at : at + _SAID_PER_ROUND]:
                await self.reader.read(code, PATIENCE_S)
            at = (at + _SAID_PER_ROUND) % max(len(present), 1)
            await asyncio.sleep(_ROUND_S)

    def _let_go(self, now: float) -> None:
        for code in [code for code in self._tags if code in self.seen]:
            del self._tags[code]
        for tag in self._tags.values():
            if now - tag.since > (AWAY_S if tag.is_away else LINGER_S):
                tag.is_away, tag.since = not tag.is_away, now
