"""PostgreSQL, backend, worker and edge agent are killed under load; nothing is lost or doubled.

One history serves all tests of this file: scanners on ptys and clients over HTTP send 500 reads a
second while each program is killed in turn. SHELFCAST_TEST_KILL_ROUNDS repeats that.
"""

import asyncio
import contextlib
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import cycle, islice

import pytest_asyncio

from edge_agent.reads import new_key
from tests.system import edge, retailer
from tests.system.caller import Caller
from tests.system.follower import Follower
from tests.system.retailer import GTINS, SKUS
from tests.system.wall import open_wall
from tests.world import run_sql

ROUNDS = int(os.environ.get("SHELFCAST_TEST_KILL_ROUNDS", "1"))
SCANNERS = 6
SCANS_PER_SECOND = 300
WRITERS = 2
BATCH = 20
READS_PER_SECOND = 200
BETWEEN_KILLS = 1_000
"""Events that must have reached the subscriber before the next program is killed."""

VICTIMS = ["database", "backend", "worker", "edge", "session"]
"""`session` is one server process of PostgreSQL, which makes all of it recover."""

MOST_UNSEEN = 3_000
"""Reads under way beyond which scanners wait: a busy machine must not fall ever further back."""

IN_FLIGHT_S = 3.0
"""What a killed agent had not yet read from the line, or not yet written, is younger than this."""

READS = """
select r.id::text as id, r.code, r.key, r.seq, d.code as device
  from raw_reads r
  join devices d on d.org_id = r.org_id and d.id = r.device_id
  join locations l on l.org_id = r.org_id and l.id = r.location_id
 where l.code = $1"""
MOVEMENTS = """
select m.id::text as id, split_part(m.reference, ':', 2) as read from stock_movements m
  join locations l on l.org_id = m.org_id and l.id = m.location_id where l.code = $1"""
SALES = """
select s.id::text as id from sales s join locations l
    on l.org_id = s.org_id and l.id = s.location_id where l.code = $1"""

ORDERS = """
select count(*) as orders from sales
 where kind = 'SALE' and business_day = (now() at time zone 'utc')::date"""


@dataclass
class History:
    """What was sent, what was acknowledged, and what came of it."""

    scanned: dict = field(default_factory=dict)
    """Code → when it was sent down a line."""
    agent_gone: list = field(default_factory=list)
    """Spans in which no agent listened, with a margin for what was in flight."""
    kept: set = field(default_factory=set)
    """Codes that lay in the outbox when the agent had been killed."""
    answered: dict = field(default_factory=dict)
    """Keys sent over HTTP → the verdict that came."""
    last_seqs: dict = field(default_factory=dict)
    """Device → how many of its reads were ever made durable."""
    parked: list = field(default_factory=list)
    ledger: list = field(default_factory=list)
    """Every read as it was kept."""
    movements: dict = field(default_factory=dict)
    """Id of every movement → the read it came from."""
    sales: set = field(default_factory=set)
    reconciliation: dict = field(default_factory=dict)
    levels: dict = field(default_factory=dict)
    badge: list = field(default_factory=list)
    """What the wall said of itself, one after the other."""
    faults: list = field(default_factory=list)
    """Errors in the wall's page."""
    orders: tuple = ()
    """Today's orders as the wall shows them, and as the ledger has them."""
    follower: Follower = None  # pyright: ignore[reportAssignmentType]

    @property
    def unseen(self):
        """How many reads the subscriber has not seen take effect."""
        return len(self.scanned) + len(self.answered) - len(self.follower.movements)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def history(installation, credentials, edge_credentials, tmp_path_factory, noted):
    """Everything above, told once."""
    folder = tmp_path_factory.mktemp("kills") / "edge"
    devices = [f"kills-{number}" for number in range(1, SCANNERS + 1)]
    points = list(zip(devices, cycle([edge.DOCK, edge.TILL]), strict=False))
    history = History()
    async with Caller(installation.url, credentials) as caller:
        await retailer.open_store(caller, "kills", devices=SCANNERS + WRITERS)
        agents = edge.running(folder, installation.url, edge_credentials, points)
        history.follower = Follower(caller, locations=["kills"])
        walls = open_wall(installation)
        async with agents as agent, history.follower.following(), walls as wall:
            began = time.monotonic()
            async with load(agent, caller, history):
                for name in VICTIMS * ROUNDS:
                    await take_effect(history, BETWEEN_KILLS)
                    await kill(name, installation, agent, history, noted)
                await take_effect(history, BETWEEN_KILLS)
            noted("load lasted", f"{time.monotonic() - began:.1f} s")
            await agent.drained(120)
            await look(history, agent, caller, installation.owner_url)
            await look_at_the_wall(history, wall, installation.owner_url)
    noted("scanned", f"{len(history.scanned)}, over HTTP {len(history.answered)}")
    noted("connections of the subscriber", history.follower.connections)
    return history


async def kill(name, installation, agent, history, noted):
    """Kill a program and wait until it is back."""
    began = time.monotonic()
    if name == "edge":
        agent.program.kill()
        history.kept.update(agent.waiting())
        await agent.start()
        history.agent_gone.append((began - IN_FLIGHT_S, time.monotonic()))
    elif name == "session":
        await installation.kill_session()
    else:
        await installation.wait_back(name, installation.kill(name))
    noted(f"{name} back after", f"{time.monotonic() - began:.1f} s")


async def take_effect(history, count):
    """Wait until so many more events have reached the subscriber."""
    follower = history.follower
    target = len(follower.events) + count
    await follower.until(lambda: len(follower.events) >= target, 60)


@contextlib.asynccontextmanager
async def load(agent, caller, history):
    """Send reads until the block ends, and then until each has its answer."""
    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for number, scanner in enumerate(agent.scanners.values()):
            group.create_task(scan(scanner, number, history, stopping))
        for number in range(SCANNERS + 1, SCANNERS + WRITERS + 1):
            group.create_task(send(caller, f"kills-{number}", history, stopping))
        try:
            yield
        finally:
            stopping.set()


async def scan(scanner, number, history, stopping):
    """Scan pieces that all differ, in a steady rhythm, whenever somebody listens."""
    rhythm = Rhythm(SCANS_PER_SECOND / SCANNERS)
    for code in islice(retailer.pieces(SKUS[number % len(SKUS)]), number, None, SCANNERS):
        await rhythm.beat()
        await history.follower.until(lambda: history.unseen < MOST_UNSEEN, 120)
        if stopping.is_set():
            return
        await scanner.wait_opened(60)
        history.scanned[code] = time.monotonic()
        await scanner.scan(code)


async def send(caller, device, history, stopping):
    """Send batches as a client does: the very same one again until it is answered.

    Every fifth answer is taken for lost.
    """
    rhythm = Rhythm(READS_PER_SECOND / WRITERS / BATCH)
    skus, answers_lost = cycle(SKUS), cycle([False] * 4 + [True])
    while not stopping.is_set():
        await rhythm.beat()
        reads = [
            {
                "key": new_key(),
                "readPoint": "dock",
                "code": GTINS[sku],
                "observedAt": retailer.now(),
            }
            for sku in islice(skus, BATCH)
        ]
        batch = {"device": device, "reads": reads}
        answer = await caller.insist(retailer.INGEST, input=batch)
        if next(answers_lost):
            answer = await caller.insist(retailer.INGEST, input=batch)
        history.answered |= {row["key"]: row["status"] for row in answer["ingestReads"]["results"]}


class Rhythm:
    """So many beats a second; late ones are not made up for."""

    def __init__(self, per_second):
        self._pause = 1 / per_second
        self._next = time.monotonic()

    async def beat(self):
        """Return when the next one is due."""
        await asyncio.sleep(max(self._next - time.monotonic(), 0))
        self._next = max(self._next, time.monotonic() - self._pause) + self._pause


async def look(history, agent, caller, owner_url):
    """Note what came of it, when nothing is under way any more."""
    history.parked, history.last_seqs = agent.parked(), agent.last_seqs()
    history.ledger = await run_sql(owner_url, READS, "kills")
    rows = await run_sql(owner_url, MOVEMENTS, "kills")
    history.movements = {row["id"]: row["read"] for row in rows}
    history.sales = {row["id"] for row in await run_sql(owner_url, SALES, "kills")}
    checked = await caller.insist(retailer.RECONCILE, location="kills")
    history.reconciliation = checked["stockReconciliation"]
    history.levels = await retailer.on_hand(caller, "kills")
    follower = history.follower
    with contextlib.suppress(TimeoutError):
        await follower.until(lambda: len(follower.movements) >= len(history.movements))
        await follower.until(lambda: len(follower.sales) >= len(history.sales))
    # One more event shows that nothing else comes before it.
    count = len(follower.events)
    await retailer.receive(caller, "kills", TEA=1)
    await follower.until(lambda: len(follower.events) > count)


async def look_at_the_wall(history, wall, owner_url):
    """Note what it has said, and what it shows at the end."""
    await wall.is_live()
    history.badge, history.faults = await wall.states(), wall.faults
    (row,) = await run_sql(owner_url, ORDERS)
    history.orders = (await wall.shows_orders(row["orders"]), f"{row['orders']:,}")


def in_ledger(history):
    return Counter(row["code"] for row in history.ledger if row["seq"] is not None)


def test_every_scan_is_in_the_ledger_but_those_in_flight_when_the_agent_was_killed(history, noted):
    recorded = in_ledger(history)
    lost = [code for code in history.scanned if code not in recorded]

    noted("bytes lost with the agent", f"{len(lost)} scans")
    excused = [
        code
        for code in lost
        if any(since <= history.scanned[code] <= until for since, until in history.agent_gone)
    ]
    assert lost == excused
    assert len(lost) <= ROUNDS * SCANS_PER_SECOND * IN_FLIGHT_S / 2


def test_no_scan_is_in_the_ledger_twice(history):
    assert [code for code, times in in_ledger(history).items() if times > 1] == []


def test_everything_the_outbox_held_when_the_agent_was_killed_is_in_the_ledger(history):
    assert history.kept <= in_ledger(history).keys()


def test_every_read_the_agent_ever_stored_is_in_the_ledger_once(history):
    seqs = Counter((row["device"], row["seq"]) for row in history.ledger if row["seq"])

    stored = [
        (device, seq) for device, last in history.last_seqs.items() for seq in range(1, last + 1)
    ]
    assert sorted(seqs.elements()) == sorted(stored)
    assert history.parked == []


def test_every_read_acknowledged_over_http_is_in_the_ledger_once(history, noted):
    keys = Counter(row["key"] for row in history.ledger if row["seq"] is None)

    verdicts = Counter(history.answered.values())
    noted("verdicts over HTTP", dict(verdicts))
    assert set(verdicts) == {"ACCEPTED", "DUPLICATE"}
    assert keys == Counter(history.answered.keys())


def test_every_read_moved_stock_exactly_once(history):
    reads = Counter(row["id"] for row in history.ledger)

    assert Counter(history.movements.values()) == reads


def test_levels_are_the_sum_of_their_movements(history):
    assert history.reconciliation == {"checked": len(SKUS), "mismatches": []}
    sold = len(history.sales)
    received = len(history.movements) - sold
    assert sum(history.levels.values()) == received - sold


def test_an_open_subscription_saw_every_event_once(history):
    follower = history.follower

    assert follower.gaps == []
    assert Counter(follower.sales) == Counter(history.sales)
    [(last, one)] = (Counter(follower.movements) - Counter(history.movements.keys())).items()
    assert (last, one) == (follower.movements[-1], 1)
    assert Counter(history.movements.keys()) - Counter(follower.movements) == Counter()


def test_an_open_subscription_saw_the_events_of_each_key_in_order(history):
    levels = {key: seen for key, seen in history.follower.versions.items() if len(key) == 2}

    assert {code for code, _ in levels} == {"kills"}
    for seen in levels.values():
        assert seen == list(range(1, len(seen) + 1))
    for seen in history.follower.versions.values():
        assert seen == sorted(set(seen))


def test_the_subscription_was_cut_and_resumed(history):
    assert history.follower.connections >= 1 + ROUNDS


def test_the_wall_said_that_it_was_reconnecting_and_then_that_it_was_live(history):
    assert history.badge[0] == "live"
    assert history.badge.count("reconnecting") >= ROUNDS
    assert history.badge[-1] == "live"
    assert history.faults == []


def test_the_wall_counts_what_the_ledger_counts(history):
    shown, recorded = history.orders

    assert shown == recorded
