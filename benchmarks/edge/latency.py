"""From the last byte of a scan to the disk, and to the ledger; one scan at a time."""

import asyncio
import select
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from benchmarks import retailer
from benchmarks.agents import write_config
from benchmarks.instance import Instance
from benchmarks.programs import serving
from edge_agent.protocols import ssi
from edge_agent.simulator import PtyPort

SCANS: Final = 200
_PAUSE_S: Final = 0.05
_WARM_UP: Final = 10
_PATIENCE_S: Final = 10.0
_TYPE_EAN_13: Final = b"\x0b"
_ARRIVED: Final = "select exists (select from raw_reads where code = $1)"


@dataclass(frozen=True)
class Latencies:
    """Milliseconds of every scan."""

    durable: Sequence[float]
    ledger: Sequence[float]


async def measure(installation: Instance, client: tuple[str, str], folder: Path) -> Latencies:
    """Scan with an SSI scanner, whose acknowledgement says that a scan is on the disk."""
    durable: list[float] = []
    ledger: list[float] = []
    connection = await asyncpg.connect(installation.owner_url)
    with PtyPort(folder / "scanner") as port:
        config = folder / "edge.toml"
        _configure(config, installation, client, folder, port)
        async with serving(["edge_agent", "--config", str(config)], {}, None):
            await port.wait_opened(60)
            for number in range(_WARM_UP + SCANS):
                code = f"]C1010{retailer.gtin(number)}21{number}"
                began = time.perf_counter()
                await asyncio.to_thread(_scan, port, code)
                durable.append((time.perf_counter() - began) * 1000)
                while not await connection.fetchval(_ARRIVED, code):
                    pass
                ledger.append((time.perf_counter() - began) * 1000)
                await asyncio.sleep(_PAUSE_S)
    await connection.close()
    return Latencies(durable[_WARM_UP:], ledger[_WARM_UP:])


def _scan(port: PtyPort, code: str) -> None:
    """Send a scan and return when its acknowledgement is there."""
    port.send_now(ssi.packet(0xF3, _TYPE_EAN_13 + code.encode("ascii"), source=0))
    heard = b""
    until = time.monotonic() + _PATIENCE_S
    while ssi.ACK not in heard:
        if time.monotonic() > until:
            raise TimeoutError("a scan was not acknowledged")
        select.select([port.fileno()], [], [], 1.0)
        heard += port.take_heard()


def _configure(
    config: Path, installation: Instance, client: tuple[str, str], folder: Path, port: PtyPort
) -> None:
    uplink = {
        "url": f"{installation.url}/graphql",
        "client_id": client[0],
        "client_secret": client[1],
    }
    till = {
        "code": retailer.place(0),
        "read_point": "RECEIVING",
        "port": port.port,
        "protocol": "ssi",
    }
    write_config(config, uplink, {"path": str(folder / "latency.sqlite3")}, [till])
