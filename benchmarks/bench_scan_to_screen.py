"""From the last byte of a scan on a serial line to the changed number on the wall.

Scanner on a pty, edge agent, backend, dashboard and Chromium, each a process of its own.
"""

import asyncio
import math
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg
from playwright.async_api import Page

from backend.core.roles import Role
from backend.core.scopes import Scope
from benchmarks import browser, instance, retailer
from benchmarks.agents import write_config
from benchmarks.instance import Instance
from benchmarks.programs import PROGRAMS, cpu_by_program, free_port, run_job, serving
from benchmarks.results import Figure, Result, at_most, percentile
from edge_agent.simulator import ScannerSimulator

SCANS: Final = 60
PAUSE: Final = 0.25
"""Seconds between a change on the wall and the next scan."""
PATIENCE: Final = 10.0
"""Seconds after which a scan counts as lost."""
LOAD: Final = 500
"""Reads per second in the background."""
LOAD_PLACES: Final = 5
LOAD_PRODUCTS: Final = 8
"""Few enough that one frame of the wall names all levels that changed: it names fifty at most."""
LOAD_SECONDS: Final = 60.0
SHOP: Final = retailer.PLACES - 1
"""The number of the place with the scanner; the load comes from the first five."""

# Notes the moment of every change of the stock panel, and what changed.
OBSERVER: Final = """
() => {
  window.seen = new Map();
  const panel = document.querySelector("#panel-stock");
  new MutationObserver(() => {
    const at = performance.timeOrigin + performance.now();
    for (const one of panel.getAttribute("data-applied").split(/[ ,]+/)) {
      const key = one.split(":")[0];
      if (!window.seen.has(key)) window.seen.set(key, at);
    }
  }).observe(panel, {attributes: true, attributeFilter: ["data-applied", "data-applied-at"]});
}
"""
SEEN: Final = "key => window.seen.get(key) ?? null"
# The page's clock is the system's at its start plus a monotonic one; they may drift apart.
DRIFT: Final = "() => performance.timeOrigin + performance.now() - Date.now()"


@dataclass(frozen=True)
class Scan:
    """A scan and when it was seen, in milliseconds since 1970; None: never."""

    gtin: str
    sent_at: float
    seen_at: float | None


async def run() -> Result:
    """Scan one code after the other, first with nothing else going on, then under load."""
    dashboard_port = free_port()
    with tempfile.TemporaryDirectory() as name:
        async with (
            instance.running(dashboard_port) as installation,
            browser.dashboard(
                installation.owner_url, installation.org_id, installation.url, dashboard_port
            ),
        ):
            await retailer.set_up(installation)
            scanner = ScannerSimulator(Path(name) / "scanner")
            with scanner:
                async with (
                    _edge(installation, Path(name), scanner),
                    _wall(installation, dashboard_port) as page,
                ):
                    await _scan_all(page, scanner, range(5))  # everything is warm then
                    idle = await _scan_all(page, scanner, range(100, 100 + SCANS))
                    loaded, notes = await _under_load(installation, page, scanner)
            arrived = await _arrivals(installation)
    figures = [*_figures("idle", idle, arrived), *_figures(f"at {LOAD} reads/s", loaded, arrived)]
    return Result("scan_to_screen", figures, notes)


@asynccontextmanager
async def _edge(
    installation: Instance, folder: Path, scanner: ScannerSimulator
) -> AsyncGenerator[None]:
    client_id, secret = await instance.make_client(
        installation.owner_url, installation.org_id, "edge", Scope.READS_WRITE
    )
    config = folder / "edge.toml"
    uplink = {
        "url": f"{installation.url}/graphql",
        "client_id": client_id,
        "client_secret": secret,
    }
    till = {
        "code": retailer.place(SHOP),
        "read_point": "CHECKOUT",
        "port": scanner.port,
        "terminator": "cr",
    }
    write_config(config, uplink, {"path": str(folder / "outbox.sqlite3")}, [till])
    async with serving(["edge_agent", "--config", str(config)], {}, None):
        await scanner.wait_opened(60)
        yield


@asynccontextmanager
async def _wall(installation: Instance, port: int) -> AsyncGenerator[Page]:
    owner_url, org_id = installation.owner_url, installation.org_id
    async with browser.signed_in(owner_url, org_id, port, Role.SCREEN) as page:
        await page.evaluate(OBSERVER)
        yield page


async def _under_load(
    installation: Instance, page: Page, scanner: ScannerSimulator
) -> tuple[list[Scan], list[str]]:
    job = {
        "rate": LOAD,
        "places": LOAD_PLACES,
        "products": LOAD_PRODUCTS,
        "roles": ["CHECKOUT", "RECEIVING"],
        "seconds": LOAD_SECONDS,
        "port": installation.port,
        "token": installation.token,
    }
    async with asyncio.TaskGroup() as group:
        load = group.create_task(run_job("benchmarks.trickle_reads", job))
        await asyncio.sleep(4)  # until it flows
        started, before = time.monotonic(), cpu_by_program()
        until = started + LOAD_SECONDS - 5
        scans = await _scan_all(page, scanner, range(300, 300 + SCANS), until)
        seconds, after = time.monotonic() - started, cpu_by_program()
    shares = {name: (after[name] - before.get(name, 0)) / seconds for name in PROGRAMS}
    notes = [
        f"background load: {load.result()['rate']:.0f} reads/s",
        "cores in use under it: "
        + ", ".join(f"{name} {share:.2f}" for name, share in shares.items()),
    ]
    return scans, notes


async def _scan_all(
    page: Page, scanner: ScannerSimulator, products: range, until: float = math.inf
) -> list[Scan]:
    """Scan each product once; stop early at the moment `until` of the monotonic clock."""
    scans: list[Scan] = []
    for number in products:
        if time.monotonic() > until:
            break
        gtin = retailer.gtin(number)
        await scanner.scan(f"]E0{gtin}")
        sent_at = time.time() * 1000
        seen_at = await _wait_seen(page, f"{retailer.sku(number)}@{retailer.place(SHOP)}")
        scans.append(Scan(gtin, sent_at, seen_at))
        await asyncio.sleep(PAUSE)
    return scans


async def _wait_seen(page: Page, key: str) -> float | None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        at = await page.evaluate(SEEN, key)
        if at is not None:
            return at - await page.evaluate(DRIFT)
        await asyncio.sleep(0.02)
    return None


async def _arrivals(installation: Instance) -> dict[str, float]:
    """Return when the backend began to work on the read of each GTIN."""
    connection = await asyncpg.connect(installation.owner_url)
    rows = await connection.fetch(
        "select r.code, r.recorded_at from raw_reads r"
        " join devices d on d.org_id = r.org_id and d.id = r.device_id where d.code = $1",
        retailer.place(SHOP),
    )
    await connection.close()
    return {row["code"][-13:]: row["recorded_at"].timestamp() * 1000 for row in rows}


def _figures(when: str, scans: list[Scan], arrived: dict[str, float]) -> list[Figure]:
    seen = [(scan, scan.seen_at) for scan in scans if scan.seen_at is not None]
    whole = [at - scan.sent_at for scan, at in seen]
    first = [arrived[scan.gtin] - scan.sent_at for scan, _ in seen]
    second = [at - arrived[scan.gtin] for scan, at in seen]
    return [
        at_most(f"{when}, p50", percentile(whole, 50), "ms", 150),
        at_most(f"{when}, p99", percentile(whole, 99), "ms", 500),
        Figure(f"{when}, scanner to backend, p50", percentile(first, 50), "ms"),
        Figure(f"{when}, backend to screen, p50", percentile(second, 50), "ms"),
        at_most(f"{when}, scans never seen", len(scans) - len(seen), f"of {len(scans)}", 0),
    ]
