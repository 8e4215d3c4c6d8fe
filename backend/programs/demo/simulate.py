"""The living demo: scans at tills and docks, orders over the network, for as long as it runs."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from random import Random
from typing import Any, Final, TypeVar

from backend.core.settings import BackendSettings
from backend.programs.demo.load import LOADED, SEED
from backend.programs.demo.master_data import DOCK, TILL
from backend.programs.demo.places import STORES, WEB_SHOP
from backend.programs.demo.retailer import retailer
from backend.programs.demo.scanners import Scanners
from backend.programs.demo.seasons import poisson
from backend.programs.demo.shelves import Dock, Shelves
from backend.programs.demo.shop import (
    ADJUST_STOCK,
    RECORD_RETURNS,
    RECORD_SALES,
    WHO,
    NotTheDemo,
    ShopClient,
    ShopRefused,
    ShopUnreachable,
)
from backend.programs.demo.shoppers import Shoppers
from backend.programs.demo.tags import TAG_STORES, Tags, has_tags
from backend.programs.demo.web_orders import Input, WebOrders

T = TypeVar("T")
log = logging.getLogger(__name__)

TICK: Final = 0.05
LONGEST_TICK: Final = 1.0
"""After a pause customers do not come in a crowd."""
RELEARN: Final = 300.0
AT_ONCE: Final = 100
_DOCK_PACE: Final = 6.0
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 10.0
_STORES: Final = {store.code: number for number, store in enumerate(STORES)}


class Simulation:
    """Everything that happens in the demo; `run` ends only when cancelled.

    Without a speed its past goes on at its own pace.
    """

    def __init__(
        self, shop: ShopClient, scanners: Scanners, seed: int, speed: float | None
    ) -> None:
        rng = Random()
        known = retailer(seed)
        goods = {good.sku: good for good in known.goods}
        self._shop = shop
        self._scanners = scanners
        self._speed = speed or 1.0
        self._rng = rng
        self._shelves = Shelves(rng, goods, self._speed)
        self._shoppers = Shoppers(rng, known, speed)
        self._dock = Dock()
        self._tags = Tags(rng, known.goods, self._speed)
        self._orders = WebOrders(rng, self._shoppers, self._shelves)
        self.scans = 0
        """Codes scanned so far."""

    async def run(self) -> None:
        """Sell, receive and ship."""
        await self._learn()
        places = [store.code for store in TAG_STORES]
        self._tags.learn(await insisting(lambda: self._shop.pieces(places)))
        self._tags.label(await insisting(self._shop.levels))
        log.info("the demo's stores are open: %d scanners", 2 * len(STORES))
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_learning())
            group.create_task(self._trade())
            for queue, document, name, recorded in (
                (self._orders.sales, RECORD_SALES, "sales", self._orders.give_back),
                (self._orders.returns, RECORD_RETURNS, "returns", None),
                (self._orders.deliveries, ADJUST_STOCK, "adjustments", None),
            ):
                group.create_task(self._send(queue, document, name, recorded))

    async def _learn(self) -> None:
        levels = await insisting(self._shop.levels)
        self._shelves.learn(levels, time.monotonic())

    async def _keep_learning(self) -> None:
        while True:
            await asyncio.sleep(RELEARN)
            await self._learn()

    async def _trade(self) -> None:
        last = time.monotonic()
        while True:
            await asyncio.sleep(TICK)
            clock = time.monotonic()
            passed, last = min(clock - last, LONGEST_TICK), clock
            now = datetime.now(UTC)
            await self._shop_in_stores(now, clock, passed)
            await self._unload(now, clock, passed)
            for place, point, tag in self._tags.next(clock, passed):
                await self._scanners.see(place, point, tag)
            for origin, pace in self._shoppers.orders_per_second(now).items():
                for _ in range(poisson(self._rng, pace * passed)):
                    self._orders.order(origin, now, clock)

    async def _shop_in_stores(self, now: datetime, clock: float, passed: float) -> None:
        for _ in range(poisson(self._rng, self._shoppers.scans_per_second(now) * passed)):
            bought = self._shoppers.purchase(now)
            place = STORES[bought.store].code
            if self._shelves.has(place, bought.good):
                self._shelves.take(place, bought.good, 1, clock)
                if has_tags(place, bought.good) and self._tags.buy(place, bought.good, clock):
                    continue
                await self._scan(bought.store, TILL, f"]E0{bought.good.gtin}")

    async def _unload(self, now: datetime, clock: float, passed: float) -> None:
        for delivery in self._shelves.arrivals(clock):
            if has_tags(delivery.place, delivery.good):
                self._tags.unload(delivery, clock)
            elif delivery.place in _STORES:
                self._dock.unload(delivery)
            else:
                self._orders.receive(delivery, now)
        for place, code in self._dock.next(poisson(self._rng, _DOCK_PACE * self._speed * passed)):
            await self._scan(_STORES[place], DOCK, code)

    async def _scan(self, store: int, point: str, code: str) -> None:
        await self._scanners.scan(store, point, code)
        self.scans += 1

    async def _send(
        self,
        queue: deque[Input],
        document: str,
        name: str,
        recorded: Callable[[list[Input], datetime], None] | None,
    ) -> None:
        while True:
            await asyncio.sleep(TICK)
            batch = [queue.popleft() for _ in range(min(AT_ONCE, len(queue)))]
            if not batch:
                continue
            with suppress(ShopRefused):
                await insisting(lambda: self._shop.ask(document, {"input": {name: batch}}))  # noqa: B023 - awaited at once
                if recorded:
                    recorded(batch, datetime.now(UTC))


async def insisting(call: Callable[[], Awaitable[T]]) -> T:
    """Await `call` until the backend answers, with growing pauses.

    Raises:
        ShopRefused: it answered no.
    """
    pause = _FIRST_PAUSE
    while True:
        try:
            return await call()
        except ShopUnreachable as exc:
            log.warning("%s; again in %.1f s", exc.message, pause)
        except ShopRefused as exc:
            log.error("refused: %s", exc.message)  # noqa: TRY400 - an answer, not a fault of ours
            raise
        await asyncio.sleep(pause * Random().uniform(0.5, 1))
        pause = min(pause * 2, _LONGEST_PAUSE)


async def simulate(settings: BackendSettings, speed: float | None) -> None:
    """Run the demo's stores until cancelled.

    Raises:
        NotTheDemo: the backend serves somebody else, or the demo is not loaded.
    """
    origin = f"http://{_reachable(settings.host)}:{settings.port}"
    clients = settings.data_dir / "clients"
    folder = settings.data_dir / "demo"
    scanners = Scanners(folder, f"{origin}/graphql", clients / "edge.json")
    async with ShopClient(origin, clients / "simulator.json") as shop:
        who = await insisting(lambda: shop.ask(WHO, {"shop": WEB_SHOP}))
        seed = _seed(who)
        async with asyncio.TaskGroup() as group:
            group.create_task(scanners.run())
            group.create_task(Simulation(shop, scanners, seed, speed).run())


def _seed(who: dict[str, Any]) -> int:
    organisation, found = who["organisation"], who["location"]
    attributes = (found and found["attributes"]) or {}
    if not organisation["isDemo"]:
        raise NotTheDemo(f"{organisation['name']} is no demo: nothing is simulated there")
    if LOADED not in attributes:
        raise NotTheDemo("the demo is not loaded: run `shelfcast demo load`")
    return int(attributes[SEED])


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in {"0.0.0.0", "::", "localhost"} else host
