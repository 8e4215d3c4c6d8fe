"""A program that can be killed and started again."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import httpx2

START_TIMEOUT_S: Final = 90.0
_STOP_TIMEOUT_S: Final = 20.0


class Program:
    """`python -m words`; what it says goes into a log."""

    def __init__(
        self, log: Path, words: list[str], environment: Mapping[str, str], health: str | None = None
    ) -> None:
        self._log = log
        self._words = words
        basics = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self._environment = {**basics, **environment}
        self._health = health
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """Of the process that runs."""
        if self._process is None:
            raise RuntimeError("not started")
        return self._process.pid

    @property
    def has_died(self) -> bool:
        """Whether it ended though nobody told it to."""
        return self._process is not None and self._process.returncode is not None

    async def start(self) -> None:
        """Start it, and wait until it is healthy where that can be asked."""
        with self._log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", *self._words,
                env=self._environment, stdin=asyncio.subprocess.DEVNULL,
                stdout=output, stderr=output,
            )  # fmt: skip
        if self._health is not None:
            await self._wait_healthy(self._health)

    async def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def stop(self) -> None:
        """Ask it to end, and make it where it does not listen."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), _STOP_TIMEOUT_S)
        except TimeoutError:
            await self.kill()

    async def _wait_healthy(self, url: str) -> None:
        async with asyncio.timeout(START_TIMEOUT_S), httpx2.AsyncClient() as http:
            while True:
                if self.has_died:
                    raise RuntimeError(f"{self._words[0]} ended at its start")
                try:
                    if (await http.get(url)).status_code == httpx2.codes.OK:
                        return
                except httpx2.HTTPError:
                    pass
                await asyncio.sleep(0.1)
