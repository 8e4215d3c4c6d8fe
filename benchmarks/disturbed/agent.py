"""The real agent with a wall clock that can be set from outside: `python -m … CONFIG CLOCK`."""

import asyncio
import logging
import mmap
import os
import signal
import struct
import sys
from pathlib import Path

from edge_agent.agent import Agent
from edge_agent.clock import Stamp, SystemClock
from edge_agent.settings import load_settings

_OFFSET = struct.Struct("<q")


class SetClock:
    """The clocks of this machine, the wall clock set wrong by the milliseconds in a file."""

    def __init__(self, file: Path) -> None:
        self._system = SystemClock()
        with file.open("r+b") as opened:
            self._map = mmap.mmap(opened.fileno(), _OFFSET.size)

    def now(self) -> Stamp:
        """Return the present instant."""
        now = self._system.now()
        (offset_ms,) = _OFFSET.unpack(self._map[: _OFFSET.size])
        return Stamp(now.boot_id, now.wall_ms + offset_ms, now.mono_ms)


def set_clock(file: Path, offset_ms: int) -> None:
    """Set the wall clock of an agent that looks at this file."""
    with file.open("r+b" if file.exists() else "wb") as opened:
        opened.write(_OFFSET.pack(offset_ms))


async def _run(config: Path, clock: Path) -> None:
    agent = Agent(load_settings(config, os.environ), SetClock(clock))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, agent.stop)
    await agent.run()


if __name__ == "__main__":
    logging.basicConfig(level="WARNING", format="%(asctime)s %(levelname)s %(name)s %(message)s")
    asyncio.run(_run(Path(sys.argv[1]), Path(sys.argv[2])))
