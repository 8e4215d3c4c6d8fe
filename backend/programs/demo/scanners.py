"""The readers of the demo's stores on ptys, and what the edge agent is told of them."""

import asyncio
import ctypes
import json
import logging
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from backend.programs.demo.master_data import DOCK, TILL
from backend.programs.demo.places import STORES
from backend.programs.demo.tags import TAG_POINTS, TAG_STORES, tag_device

log = logging.getLogger(__name__)

LINES: Final = "lines"
TAGS: Final = "bb"
"""Protocols of the scanners and of the tag readers."""
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 15.0
_PATIENCE: Final = "600"
"""Seconds without a listener after which the simulator starts anew."""
_PR_SET_PDEATHSIG: Final = 1
_NO_LIMIT: Final = str(10**15)
_UNPACED: Final = "100000"
_LINK_POLL: Final = 0.05


@dataclass(frozen=True, slots=True)
class Reader:
    """A device's reader at one of its read points."""

    store: str
    device: str
    point: str


SCANNERS: Final = tuple(
    Reader(store.code, store.device, point) for store in STORES for point in (TILL, DOCK)
)
TAG_READERS: Final = tuple(
    Reader(store.code, tag_device(store), point) for store in TAG_STORES for point in TAG_POINTS
)


class Simulator:
    """Ptys of `edge_agent simulate`, started as a program: nothing of it is imported."""

    def __init__(self, folder: Path, readers: Sequence[Reader], protocol: str) -> None:
        self._folder = folder
        self._readers = readers
        self._protocol = protocol
        self._numbers = {(one.store, one.point): number for number, one in enumerate(readers)}
        self._pipe: asyncio.StreamWriter | None = None
        self.plugged = asyncio.Event()
        """Set while its ptys are there."""

    async def run(self) -> None:
        """Keep it running until cancelled, starting it again when it ends."""
        pause = _FIRST_PAUSE
        while True:
            started = asyncio.get_running_loop().time()
            code = await self._live()
            if asyncio.get_running_loop().time() - started > _LONGEST_PAUSE:
                pause = _FIRST_PAUSE
            log.warning("the simulator of %s ended with %s", self._protocol, code)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def read(self, store: str, point: str, code: str) -> None:
        """Let a store's reader see a code; waits while nobody listens to it."""
        await self.plugged.wait()
        pipe = self._pipe
        if pipe is None:
            return
        with suppress(OSError):  # the simulator went away: so did the read
            pipe.write(f"{self._numbers[store, point]}\t{code}\n".encode())
            await pipe.drain()

    def devices(self) -> list[str]:
        """Return the lines that tell an edge agent of the ptys."""
        # A JSON string is a TOML string.
        return [
            line
            for reader in self._readers
            for line in (
                "[[devices]]",
                f'code = "{reader.device}"',
                f'read_point = "{reader.point}"',
                f"port = {json.dumps(str(self._link(reader)))}",
                'terminator = "cr"'
                if self._protocol == LINES
                else f'protocol = "{self._protocol}"',
            )
        ]

    async def _live(self) -> int:
        links = [self._link(reader) for reader in self._readers]
        self._folder.mkdir(parents=True, exist_ok=True)
        for link in links:
            link.unlink(missing_ok=True)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "edge_agent", "simulate", "--codes", "-", "--addressed",
            "--protocol", self._protocol,
            "--rate", _UNPACED, "--limit", _NO_LIMIT, "--wait", _PATIENCE,
            *(word for link in links for word in ("--link", str(link))),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            preexec_fn=_die_with_parent,
        )  # fmt: skip
        try:
            await self._wait_for(links, process)
            self._pipe = process.stdin
            self.plugged.set()
            return await process.wait()
        finally:
            self.plugged.clear()
            self._pipe = None
            await _end(process)

    async def _wait_for(self, links: list[Path], process: asyncio.subprocess.Process) -> None:
        while process.returncode is None and not all(link.is_symlink() for link in links):  # noqa: ASYNC110 - it polls
            await asyncio.sleep(_LINK_POLL)

    def _link(self, reader: Reader) -> Path:
        return self._folder / f"{reader.store}-{reader.point}"


class Scanners:
    """Scanners at till and dock of every store, tag readers in some; `run` is a task."""

    def __init__(self, folder: Path, endpoint: str, client_file: Path) -> None:
        ports = folder / "ports"
        self._barcodes = Simulator(ports, SCANNERS, LINES)
        self._tags = Simulator(ports, TAG_READERS, TAGS)
        self._config = folder / "edge.toml"
        self._outbox = folder / "outbox.sqlite3"
        self._endpoint = endpoint
        self._client_file = client_file

    async def run(self) -> None:
        """Keep the simulators running until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._barcodes.run())
            group.create_task(self._tags.run())
            await self._barcodes.plugged.wait()
            await self._tags.plugged.wait()
            self._write_config()

    async def scan(self, store: int, point: str, code: str) -> None:
        """Let a store's scanner at TILL or DOCK see a code."""
        await self._barcodes.read(STORES[store].code, point, code)

    async def see(self, place: str, point: str, epc: str) -> None:
        """Let a tag reader of a place see a tag."""
        await self._tags.read(place, point, epc)

    def _write_config(self) -> None:
        """Tell the edge agent of every port; what it is told must not change while it runs."""
        text = f"# Written by `shelfcast demo simulate`: the demo's readers.\n{self._toml()}"
        if self._config.exists() and self._config.read_text() == text:
            return
        partial = self._config.with_suffix(".new")
        partial.write_text(text)
        partial.replace(self._config)

    def _toml(self) -> str:
        lines = [
            "[uplink]",
            f"url = {json.dumps(self._endpoint)}",
            f"client_file = {json.dumps(str(self._client_file))}",
            "backoff_cap_s = 5.0",
            "[outbox]",
            f"path = {json.dumps(str(self._outbox))}",
            *self._barcodes.devices(),
            *self._tags.devices(),
        ]
        return "\n".join(lines) + "\n"


def _die_with_parent() -> None:
    """Ask Linux to end the simulator when we are killed: the next one takes over its links."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 2)
        except TimeoutError:
            process.kill()
            await process.wait()
