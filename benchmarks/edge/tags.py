"""What the agent costs while a reader sees a thousand new tags a second."""

import asyncio
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import asyncpg

from benchmarks import retailer
from benchmarks.agents import write_config
from benchmarks.disturbed.shop import tag_codes
from benchmarks.instance import Instance
from benchmarks.programs import cpu_seconds, serving

RATE: Final = 1000
_SECONDS: Final = 20
_WARM_UP_S: Final = 5.0
_PLACE: Final = 1
_READS: Final = """
select count(distinct r.code) from raw_reads r
  join devices d on d.org_id = r.org_id and d.id = r.device_id
 where d.code = $1"""


@dataclass(frozen=True)
class Cost:
    """`core_share` is that of one core, delivering included."""

    core_share: float
    tags: int
    in_ledger: int


async def measure(installation: Instance, client: tuple[str, str], folder: Path) -> Cost:
    """Let a simulated A0 reader in a process of its own see tags, each once."""
    count = RATE * _SECONDS
    codes = folder / "tags.txt"
    codes.write_text("\n".join(islice(tag_codes(9, 1), count)))
    config = folder / "tags.toml"
    link = folder / "gate"
    uplink = {
        "url": f"{installation.url}/graphql",
        "client_id": client[0],
        "client_secret": client[1],
    }
    gate = {
        "code": retailer.place(_PLACE),
        "read_point": "SHELF",
        "port": str(link),
        "protocol": "a0",
        "tags": {"leave_s": 2.0},
    }
    write_config(config, uplink, {"path": str(folder / "tags.sqlite3")}, [gate])
    words = ["edge_agent", "simulate", "--protocol", "a0", "--link", str(link)]
    words += ["--codes", str(codes), "--rate", str(RATE), "--limit", str(count)]
    async with serving(["edge_agent", "--config", str(config)], {}, None) as pid:
        await asyncio.sleep(_WARM_UP_S / 2)
        async with serving(words, {}, None):
            await asyncio.sleep(_WARM_UP_S)
            before, began = cpu_seconds(pid), time.monotonic()
            await asyncio.sleep(_SECONDS - _WARM_UP_S - 2)
            share = (cpu_seconds(pid) - before) / (time.monotonic() - began)
            arrived = await _wait_arrived(installation, count)
    return Cost(share, count, arrived)


async def _wait_arrived(installation: Instance, wanted: int) -> int:
    """Wait until the ledger has every tag; not for ever."""
    connection = await asyncpg.connect(installation.owner_url)
    arrived = 0
    until = time.monotonic() + 60
    while arrived < wanted and time.monotonic() < until:
        arrived = await connection.fetchval(_READS, retailer.place(_PLACE))
        await asyncio.sleep(0.5)
    await connection.close()
    return arrived
