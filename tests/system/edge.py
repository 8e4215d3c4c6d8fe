"""The edge agent as a program of its own, with scanners on ptys in front of it."""

import asyncio
import contextlib
import json
import sqlite3
from contextlib import closing

from edge_agent.simulator import ScannerSimulator
from tests.system.installation import Program

TILL, DOCK = "till", "dock"


class Edge:
    """One agent; `scanners` maps (device, read point) to a pty."""

    def __init__(self, folder, url, credentials, points):
        folder.mkdir()
        self.outbox = folder / "outbox.sqlite3"
        self.scanners = {
            point: ScannerSimulator(folder / "-".join(map(str, point))) for point in points
        }
        config = folder / "edge.toml"
        config.write_text(_config(url, credentials, self.outbox, self.scanners))
        self.program = Program(folder / "edge.log", "edge_agent", "--config", config)

    async def start(self):
        """Start the agent and return once it listens to all scanners."""
        self.program.start()
        await asyncio.gather(*(one.wait_opened(60) for one in self.scanners.values()))

    def waiting(self):
        """Return the codes that lie in the outbox."""
        with closing(sqlite3.connect(f"file:{self.outbox}?mode=ro", uri=True)) as file:
            return [row[0].decode("latin-1") for row in file.execute("SELECT raw FROM reads")]

    def parked(self):
        """Return why reads were set aside for a person."""
        with closing(sqlite3.connect(f"file:{self.outbox}?mode=ro", uri=True)) as file:
            return file.execute("SELECT fault, message FROM parked").fetchall()

    def last_seqs(self):
        """Return how many reads of each device were ever made durable."""
        with closing(sqlite3.connect(f"file:{self.outbox}?mode=ro", uri=True)) as file:
            return dict(file.execute("SELECT device, seq FROM device_seq WHERE device != ''"))

    async def drained(self, timeout_s=60):
        """Wait until everything was delivered."""
        async with asyncio.timeout(timeout_s):
            while self.waiting():
                await asyncio.sleep(0.05)

    def close(self):
        """Stop the agent and pull the cables."""
        self.program.stop(10)
        for scanner in self.scanners.values():
            scanner.unplug()


@contextlib.asynccontextmanager
async def running(folder, url, credentials, points):
    """Run an agent until the block ends."""
    edge = Edge(folder, url, credentials, points)
    try:
        await edge.start()
        yield edge
    finally:
        edge.close()


def _config(url, credentials, outbox, scanners):
    text = json.dumps  # JSON strings are TOML strings, as long as they are plain
    lines = [
        "[uplink]",
        f"url = {text(url + '/graphql')}",
        f"client_id = {text(credentials['client_id'])}",
        f"client_secret = {text(credentials['client_secret'])}",
        "backoff_base_s = 0.2",
        "backoff_cap_s = 2.0",
        "[outbox]",
        f"path = {text(str(outbox))}",
    ]
    for (device, point, *_), scanner in scanners.items():
        lines += [
            "[[devices]]",
            f"code = {text(device)}",
            f"read_point = {text(point)}",
            f"port = {text(scanner.port)}",
            'terminator = "cr"',
        ]
    return "\n".join(lines)
