"""Orders that reach the demo over the network, returns of them, goods for their shelves."""

from collections import deque
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from random import Random
from typing import Any, Final
from uuid import uuid4

from backend.programs.demo.goods import Good
from backend.programs.demo.pace import RETURNED, lines_of_an_order, units_of_a_line
from backend.programs.demo.places import COUNTRY, DISTRIBUTORS, WAREHOUSE, WEB_SHOP
from backend.programs.demo.shelves import Delivery, Shelves
from backend.programs.demo.shoppers import Shoppers

MOST_WAITING: Final = 400

Input = dict[str, Any]


class WebOrders:
    """Queues of inputs for recordSales, recordReturns and adjustStock.

    When one is full its oldest input is dropped. Every input has a key that no other run has, so
    repeating a call is harmless.
    """

    def __init__(self, rng: Random, shoppers: Shoppers, shelves: Shelves) -> None:
        self.sales: deque[Input] = deque(maxlen=MOST_WAITING)
        self.returns: deque[Input] = deque(maxlen=MOST_WAITING)
        self.deliveries: deque[Input] = deque(maxlen=4 * MOST_WAITING)
        self._rng = rng
        self._shoppers = shoppers
        self._shelves = shelves
        self._run = uuid4().hex
        self._numbers = count(1)

    def order(self, origin: str, now: datetime, clock: float) -> None:
        """Queue an order of a kind: ONLINE, MARKETPLACE or TRACE."""
        place = WEB_SHOP if origin == "ONLINE" else WAREHOUSE
        customer = self._shoppers.customer()
        home = customer.home
        key = self._key()
        sale: Input = {
            "idempotencyKey": key,
            "location": place,
            "channel": "ONLINE" if origin == "ONLINE" else "MARKETPLACE",
            "soldAt": now.isoformat(),
            "shipTo": {
                "city": home.city,
                "state": home.state,
                "postalCode": home.postal_code,
                "region": home.region,
                "country": COUNTRY,
            },
            "lines": [
                self._line(good, place, now, clock, is_ours=origin != "TRACE")
                for good in self._basket(place, home.region, any_level=origin == "TRACE")
            ],
        }
        if origin == "TRACE":
            sale |= {"saleType": "TRACE", "distributor": self._rng.choice(DISTRIBUTORS).code}
        else:
            sale["customer"] = customer.reference
        if sale["lines"]:
            self.sales.append(sale)

    def give_back(self, recorded: list[Input], now: datetime) -> None:
        """Queue what comes back of sales that were recorded."""
        for sale in recorded:
            if "distributor" not in sale and self._rng.random() < RETURNED:
                line = sale["lines"][0]
                self.returns.append(
                    {
                        "idempotencyKey": self._key(),
                        "sale": sale["idempotencyKey"],
                        "location": sale["location"],
                        "returnedAt": now.isoformat(),
                        "lines": [{"sku": line["sku"], "quantity": "1"}],
                    }
                )

    def receive(self, delivery: Delivery, now: datetime) -> None:
        """Queue goods for a place without scanners."""
        self.deliveries.append(
            {
                "idempotencyKey": self._key(),
                "sku": delivery.good.sku,
                "location": delivery.place,
                "delta": str(delivery.units),
                "reason": "RECEIVED",
                "occurredAt": now.isoformat(),
            }
        )

    def _basket(self, place: str, region: str, *, any_level: bool) -> Iterator[Good]:
        count = lines_of_an_order(self._rng)
        wanted = {self._shoppers.pick(place, region).sku: None for _ in range(count)}
        for sku in wanted:
            good = self._shelves.goods[sku]
            if any_level or self._shelves.has(place, good):
                yield good

    def _line(self, good: Good, place: str, now: datetime, clock: float, *, is_ours: bool) -> Input:
        units = units_of_a_line(self._rng)
        if is_ours:
            self._shelves.take(place, good, units, clock)
        line: Input = {"sku": good.sku, "quantity": str(units)}
        if discount := self._shoppers.discount(good, units, now):
            line["discount"] = str(discount)
        return line

    def _key(self) -> str:
        return f"demo-live-{self._run}-{next(self._numbers)}"
