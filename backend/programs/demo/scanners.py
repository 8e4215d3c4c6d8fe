"""The scanners of the demo's stores on ptys, and what the edge agent is told of them."""

import asyncio
import ctypes
import json
import logging
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from backend.programs.demo.master_data import DOCK, TILL
from backend.programs.demo.places import STORES

log = logging.getLogger(__name__)

_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 15.0
_PATIENCE: Final = "600"
"""Seconds without a listener after which the simulator starts anew."""
_PR_SET_PDEATHSIG: Final = 1
_NO_LIMIT: Final = str(10**15)
_UNPACED: Final = "100000"
_LINK_POLL: Final = 0.05


class Scanners:
    """Two scanners per store, at till and dock; `run` is a task.

    They are ptys of `edge_agent simulate`, started as a program: nothing of it is imported.
    """

    def __init__(self, folder: Path, endpoint: str, client_file: Path) -> None:
        self._ports = folder / "ports"
        self._config = folder / "edge.toml"
        self._outbox = folder / "outbox.sqlite3"
        self._endpoint = endpoint
        self._client_file = client_file
        self._pipe: asyncio.StreamWriter | None = None
        self._plugged = asyncio.Event()

    async def run(self) -> None:
        """Keep the simulator running until cancelled, starting it again when it ends."""
        pause = _FIRST_PAUSE
        while True:
            started = asyncio.get_running_loop().time()
            code = await self._live()
            if asyncio.get_running_loop().time() - started > _LONGEST_PAUSE:
                pause = _FIRST_PAUSE
            log.warning("the scanners' simulator ended with %s; again in %.1f s", code, pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def scan(self, store: int, point: str, code: str) -> None:
        """Let a store's scanner at TILL or DOCK see a code; waits while nobody listens to it."""
        await self._plugged.wait()
        pipe = self._pipe
        if pipe is None:
            return
        number = 2 * store + (point == DOCK)
        with suppress(OSError):  # the simulator went away: so did the scan
            pipe.write(f"{number}\t{code}\n".encode())
            await pipe.drain()

    async def _live(self) -> int:
        links = [self._link(store.code, point) for store in STORES for point in (TILL, DOCK)]
        self._ports.mkdir(parents=True, exist_ok=True)
        for link in links:
            link.unlink(missing_ok=True)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "edge_agent", "simulate", "--codes", "-", "--addressed",
            "--rate", _UNPACED, "--limit", _NO_LIMIT, "--wait", _PATIENCE,
            *(word for link in links for word in ("--link", str(link))),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            preexec_fn=_die_with_parent,
        )  # fmt: skip
        try:
            await self._wait_for(links, process)
            self._pipe = process.stdin
            self._plugged.set()
            self._write_config()
            return await process.wait()
        finally:
            self._plugged.clear()
            self._pipe = None
            await _end(process)

    async def _wait_for(self, links: list[Path], process: asyncio.subprocess.Process) -> None:
        while process.returncode is None and not all(link.is_symlink() for link in links):  # noqa: ASYNC110 - it polls
            await asyncio.sleep(_LINK_POLL)

    def _link(self, store: str, point: str) -> Path:
        return self._ports / f"{store}-{point}"

    def _write_config(self) -> None:
        """Tell the edge agent of every port; what it is told must not change while it runs."""
        text = f"# Written by `shelfcast demo simulate`: the demo's scanners.\n{self._toml()}"
        if self._config.exists() and self._config.read_text() == text:
            return
        partial = self._config.with_suffix(".new")
        partial.write_text(text)
        partial.replace(self._config)

    def _toml(self) -> str:
        # A JSON string is a TOML string.
        lines = [
            "[uplink]",
            f"url = {json.dumps(self._endpoint)}",
            f"client_file = {json.dumps(str(self._client_file))}",
            "backoff_cap_s = 5.0",
            "[outbox]",
            f"path = {json.dumps(str(self._outbox))}",
        ]
        for store in STORES:
            for point in (TILL, DOCK):
                port = json.dumps(str(self._link(store.code, point)))
                lines += [
                    "[[devices]]",
                    f'code = "{store.device}"',
                    f'read_point = "{point}"',
                    f"port = {port}",
                    'terminator = "cr"',
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
