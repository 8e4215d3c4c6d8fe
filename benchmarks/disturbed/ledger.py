"""What the backend's tables and the outbox say in the end, and whether they agree."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

import asyncpg

from benchmarks.disturbed.shop import Cashier, Gate

_POLL_S: Final = 0.3
_OVERLAP: Final = timedelta(seconds=3)
_LOOK_BACK: Final = timedelta(seconds=60)
_LOOKS_BEFORE_LOOKING_BACK: Final = 30

_RECENT: Final = """
select r.code, r.recorded_at from raw_reads r join devices d using (org_id)
 where d.id = r.device_id and d.code = any($1) and r.recorded_at > $2"""
_READS: Final = """
select d.code as device, count(*) as reads, count(distinct r.seq) as seqs,
       count(distinct r.key) as keys, coalesce(max(r.seq), 0) as newest
  from raw_reads r join devices d on d.org_id = r.org_id and d.id = r.device_id
 group by d.code"""
_CODES: Final = "select code, count(*) as reads from raw_reads group by code"
# Every code has a serial number: it names a piece, which moves once however often it is read.
_EXPECTED: Final = """
select d.code as place,
       sum(case when r.read_point = 'CHECKOUT' then -1 else 1 end) as moved
  from (select distinct on (device_id, code) *
          from raw_reads
         where read_point in ('CHECKOUT', 'RECEIVING') and product_id is not null) r
  join devices d on d.org_id = r.org_id and d.id = r.device_id
 group by d.code"""
_MOVED: Final = """
select l.code as place, sum(s.on_hand) as on_hand from stock_levels s
  join locations l on l.org_id = s.org_id and l.id = s.location_id group by l.code"""


async def follow(owner_url: str, devices: Sequence[str], gates: Sequence[Gate]) -> None:
    """Tell the gates which tags the ledger has, until cancelled."""
    connection = await asyncpg.connect(owner_url)
    try:
        since = await connection.fetchval("select now()")
        for look in range(1 << 60):
            is_long = look % _LOOKS_BEFORE_LOOKING_BACK == 0
            back = _LOOK_BACK if is_long else _OVERLAP
            rows = await connection.fetch(_RECENT, list(devices), since - back)
            codes = {row["code"] for row in rows}
            since = max([since, *(row["recorded_at"] for row in rows)])
            for gate in gates:
                gate.seen |= codes & gate.shown
            await asyncio.sleep(_POLL_S)
    finally:
        await connection.close()


@dataclass(frozen=True)
class Verdict:
    """What was compared; empty `faults` mean that exactly the right reads took effect, once."""

    reads: int
    scans: int
    tags: int
    twice: int
    """Scans that came to the ledger twice: the agent was killed before it could acknowledge."""
    dropped: int
    refused: int
    parked: Counter[str]
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Kept:
    """What the outbox remembers in the end."""

    waiting: int
    last_seqs: dict[str, int]
    dropped: Counter[str]
    refused: int
    parked: Counter[str]


def look_into(outbox: Path) -> Kept:
    """Read an outbox that nobody uses any more."""
    with closing(sqlite3.connect(outbox)) as file:
        losses = file.execute("SELECT device, kind, sum(count) FROM losses GROUP BY 1, 2")
        counted = {(device, kind): count for device, kind, count in losses}
        return Kept(
            file.execute("SELECT count(*) FROM reads").fetchone()[0],
            dict(file.execute("SELECT device, seq FROM device_seq").fetchall()),
            Counter({device: n for (device, kind), n in counted.items() if kind == "DROPPED"}),
            sum(n for (_, kind), n in counted.items() if kind == "REFUSED"),
            Counter(dict(file.execute("SELECT fault, count(*) FROM parked GROUP BY 1").fetchall())),
        )


async def judge(
    owner_url: str, outbox: Path, cashiers: Sequence[Cashier], gates: Sequence[Gate], opening: int
) -> Verdict:
    """Compare ledger, levels, outbox and what scanners and readers know.

    `opening` is the stock of every place before the run.
    """
    kept = look_into(outbox)
    connection = await asyncpg.connect(owner_url)
    by_device = {row["device"]: row for row in await connection.fetch(_READS)}
    codes = {row["code"]: row["reads"] for row in await connection.fetch(_CODES)}
    expected = {row["place"]: int(row["moved"]) for row in await connection.fetch(_EXPECTED)}
    levels = {row["place"]: int(row["on_hand"]) for row in await connection.fetch(_MOVED)}
    await connection.close()

    faults = [f"{kept.waiting} reads still wait"] if kept.waiting else []
    for device, row in by_device.items():
        kept_seqs = kept.last_seqs.get(device, 0) - kept.dropped[device]
        if not row["reads"] == row["keys"] == row["seqs"] == kept_seqs:
            faults.append(f"{device}: {kept_seqs} made durable and kept, {dict(row)} in the ledger")
    for place, on_hand in levels.items():
        if on_hand != opening + expected.get(place, 0):
            faults.append(f"{place}: {on_hand} on hand, not {opening + expected.get(place, 0)}")
    twice = 0
    for cashier in cashiers:
        for code in cashier.speaker.acknowledged:
            reads = codes.get(code, 0)
            twice += reads > 1
            if reads != 1 and not (reads > 1 and code in cashier.doubtful):
                faults.append(f"scan {code}: {reads} times in the ledger")
    shown = set[str]().union(*(gate.shown for gate in gates))
    faults += [f"tag {code}: not in the ledger" for code in shown - codes.keys()]
    scanned = {code for cashier in cashiers for code in cashier.speaker.acknowledged}
    faults += [f"{code}: nobody scanned it" for code in codes.keys() - scanned - shown]
    return Verdict(
        sum(row["reads"] for row in by_device.values()),
        len(scanned), len(shown), twice, kept.dropped.total(), kept.refused, kept.parked, faults,
    )  # fmt: skip
