"""One run: set everything up, let people scan while the world is disturbed, judge the outcome."""

import asyncio
import contextlib
import math
import random
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from backend.core.scopes import Scope
from benchmarks import instance, retailer
from benchmarks.agents import write_config
from benchmarks.disturbed import ledger
from benchmarks.disturbed.agent import set_clock
from benchmarks.disturbed.disk import Disk, small_disk
from benchmarks.disturbed.ledger import Verdict
from benchmarks.disturbed.process import Program
from benchmarks.disturbed.proxy import Proxy
from benchmarks.disturbed.shop import Cashier, Gate, scan_codes, tag_codes
from benchmarks.disturbed.troubles import Troubles
from benchmarks.instance import Instance
from benchmarks.programs import free_port
from edge_agent.simulator import SPEAKERS, PtyPort, ReaderSimulator, TcpPort
from edge_agent.simulator.speakers import SsiSpeaker

T = TypeVar("T")

GATES: Final = {"llrp": "RECEIVING", "a0": "SHELF"}
"""Protocol of each RFID reader, and its read point."""
TILL_PLACES: Final = retailer.PLACES - len(GATES)
TAG_SHARE: Final = 0.1
OPENING: Final = retailer.PRODUCTS * retailer.PLENTY
_TILL_POINTS: Final = ("CHECKOUT", "RECEIVING")
_MORE_READS: Final = 500
_BALLAST_BYTES: Final = 8 << 20
_REPORT_S: Final = 15.0
_DRAIN_TIMEOUT_S: Final = 1200.0


@dataclass(frozen=True)
class Plan:
    """How much is read at least, by how many scanners, and the seed of all that is random."""

    reads: int
    seed: int
    scanners: int = 30
    pace: float = 1.0
    """Of the disturbances: at 0.5 they last half as long, and half the time is between them."""
    rounds: int | None = None
    """So often everything is disturbed; None: until the end."""
    most_s: float = math.inf
    """After so many seconds nothing new is read."""


@dataclass(frozen=True)
class Report:
    """What a run found."""

    plan: Plan
    verdict: Verdict
    troubles: Counter[str]
    seconds: float
    has_small_disk: bool

    @property
    def text(self) -> str:
        """For people."""
        seen = self.verdict
        agree = "exactly those, once" if not seen.faults else f"{len(seen.faults)} FAULTS"
        lines = [
            f"seed {self.plan.seed}, {self.seconds:.0f} s: {seen.scans:,} scans acknowledged and"
            f" {seen.tags:,} tags shown = {seen.scans + seen.tags:,} codes;"
            f" {seen.reads:,} reads in the ledger: {agree}",
            f"scans twice, the agent killed before it could acknowledge: {seen.twice}",
            f"tag reads dropped and counted: {seen.dropped}; reads refused: {seen.refused}",
            f"parked frames: {dict(seen.parked)}",
            f"disturbed: {dict(sorted(self.troubles.items()))}"
            + ("" if self.has_small_disk else " (the disk could not be filled: no mount)"),
        ]
        return "\n".join([*lines, *seen.faults[:20]])


@dataclass
class _World:
    instance: Instance
    backend: Program
    proxy: Proxy
    disk: Disk
    folder: Path
    cashiers: list[Cashier]
    gates: list[Gate]

    @property
    def outbox(self) -> Path:
        return self.disk.folder / "outbox.sqlite3"

    @property
    def clock(self) -> Path:
        return self.folder / "clock"


async def run(plan: Plan, tell: Callable[[str], None]) -> Report:
    """Do one run; `tell` hears now and then how far it is."""
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="disturbed-")))
        disk = stack.enter_context(small_disk(folder))
        world = await stack.enter_async_context(_world(plan, folder, disk))
        agent = await _agent(world)
        await agent.start()
        stack.push_async_callback(agent.stop)
        troubles = Troubles(
            world.proxy,
            world.backend,
            agent,
            disk,
            world.clock,
            world.cashiers,
            plan.seed,
            plan.pace,
            plan.rounds,
        )
        began = time.monotonic()
        await _scan_and_disturb(plan, world, troubles, tell)
        await _mend(world, agent)
        await agent.stop()
        seconds = time.monotonic() - began
        tell("comparing …")
        verdict = await ledger.judge(
            world.instance.owner_url, world.outbox, world.cashiers, world.gates, OPENING
        )
    return Report(plan, verdict, troubles.done, seconds, disk.is_small)


async def _scan_and_disturb(
    plan: Plan, world: _World, troubles: Troubles, tell: Callable[[str], None]
) -> None:
    devices = [retailer.place(TILL_PLACES + number) for number in range(len(GATES))]
    aside = [
        asyncio.create_task(troubles.go_on()),
        asyncio.create_task(ledger.follow(world.instance.owner_url, devices, world.gates)),
        asyncio.create_task(_tell(plan, world, troubles, tell)),
    ]
    reading = asyncio.create_task(_read(plan, world, troubles))
    done, _ = await asyncio.wait({reading, *aside}, return_when=asyncio.FIRST_COMPLETED)
    for task in (reading, *aside):
        task.cancel()
    await asyncio.gather(reading, *aside, return_exceptions=True)
    for task in done:
        task.result()


async def _read(plan: Plan, world: _World, troubles: Troubles) -> None:
    """Read all, and go on until everything was disturbed at least once."""
    count = plan.reads
    until = asyncio.get_running_loop().time() + plan.most_s
    while count == plan.reads or not troubles.are_complete:
        tags = int(count * TAG_SHARE)
        await asyncio.gather(
            *(one.scan(n, until) for one, n in _shares(world.cashiers, count - tags)),
            *(one.carry(n, until) for one, n in _shares(world.gates, tags)),
        )
        count = min(_MORE_READS, plan.reads - 1)


def _shares(people: Sequence[T], total: int) -> list[tuple[T, int]]:
    each, rest = divmod(total, len(people))
    return [(one, each + (index < rest)) for index, one in enumerate(people)]


async def _mend(world: _World, agent: Program) -> None:
    """Let the dead rise, and wait until everything is delivered."""
    for program in (world.backend, agent):
        await program.kill()
        await program.start()
    async with asyncio.timeout(_DRAIN_TIMEOUT_S):
        while ledger.look_into(world.outbox).waiting:  # noqa: ASYNC110 - a file tells nobody
            await asyncio.sleep(0.5)


async def _tell(plan: Plan, world: _World, troubles: Troubles, tell: Callable[[str], None]) -> None:
    while True:
        await asyncio.sleep(_REPORT_S)
        scans = sum(one.acknowledged for one in world.cashiers)
        tags = sum(len(one.seen) for one in world.gates)
        with contextlib.suppress(sqlite3.Error), closing(sqlite3.connect(world.outbox)) as file:
            (waiting,) = file.execute("SELECT count(*) FROM reads").fetchone()
            tell(f"{scans:,} scans + {tags:,} tags of {plan.reads:,}; {waiting:,} wait;"
                 f" {troubles.done.total()} disturbances")  # fmt: skip


@asynccontextmanager
async def _world(plan: Plan, folder: Path, disk: Disk) -> AsyncGenerator[_World]:
    async with contextlib.AsyncExitStack() as stack:
        server, org_id = await stack.enter_async_context(instance.organisation())
        port = free_port()
        environment = instance.environment_of(server.owner_url, port)
        backend = Program(
            folder / "backend.log", instance.server_words(port), environment,
            instance.health_url(port),
        )  # fmt: skip
        await backend.start()
        stack.push_async_callback(backend.stop)
        client = await instance.make_client(server.owner_url, org_id, "all", Scope.ADMIN)
        token = await instance.fetch_token(port, *client)
        shop = Instance(server.owner_url, org_id, port, backend.pid, server.pid, token)
        await retailer.set_up(shop)
        proxy = Proxy(port, random.Random(plan.seed))
        await proxy.start()
        stack.push_async_callback(proxy.stop)
        cashiers = [
            await stack.enter_async_context(_cashier(plan, number, folder))
            for number in range(plan.scanners)
        ]
        gates = [
            await stack.enter_async_context(_gate(plan, number, protocol, folder))
            for number, protocol in enumerate(GATES)
        ]
        yield _World(shop, backend, proxy, disk, folder, cashiers, gates)


@asynccontextmanager
async def _cashier(plan: Plan, number: int, folder: Path) -> AsyncGenerator[Cashier]:
    speaker = SsiSpeaker()
    async with ReaderSimulator(PtyPort(folder / f"scanner-{number}"), speaker) as reader:
        yield Cashier(reader, scan_codes(number, plan.seed), speaker)


@asynccontextmanager
async def _gate(plan: Plan, number: int, protocol: str, folder: Path) -> AsyncGenerator[Gate]:
    port = TcpPort() if protocol == "llrp" else PtyPort(folder / f"reader-{number}")
    async with ReaderSimulator(port, SPEAKERS[protocol]()) as reader:
        yield Gate(reader, tag_codes(number, plan.seed))


async def _agent(world: _World) -> Program:
    client_id, secret = await instance.make_client(
        world.instance.owner_url, world.instance.org_id, "edge", Scope.READS_WRITE
    )
    config = world.folder / "edge.toml"
    uplink = {
        "url": f"http://127.0.0.1:{world.proxy.port}/graphql",
        "client_id": client_id,
        "client_secret": secret,
        "timeout_s": 4.0,
        "max_requests": 8,
    }
    outbox = {"path": str(world.outbox), "ballast_bytes": _BALLAST_BYTES}
    write_config(config, uplink, outbox, _devices(world))
    set_clock(world.clock, 0)
    words = ["benchmarks.disturbed.agent", str(config), str(world.clock)]
    return Program(world.folder / "agent.log", words, {})


def _devices(world: _World) -> list[dict[str, object]]:
    """Give each till place a till and a dock with several scanners, each other place a gate."""
    tills = [
        _device(
            number % TILL_PLACES, _TILL_POINTS[number // TILL_PLACES % 2], cashier.reader, "ssi"
        )
        for number, cashier in enumerate(world.cashiers)
    ]
    gates = [
        _device(TILL_PLACES + number, point, world.gates[number].reader, protocol)
        | {"tags": {"leave_s": 5.0}}
        for number, (protocol, point) in enumerate(GATES.items())
    ]
    return tills + gates


def _device(place: int, point: str, reader: ReaderSimulator, protocol: str) -> dict[str, object]:
    return {
        "code": retailer.place(place),
        "read_point": point,
        "port": reader.port.port,
        "protocol": protocol,
    }
