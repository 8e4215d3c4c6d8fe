"""How much is bought at a moment: the same for the demo's past and for its present."""

from datetime import date, datetime
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from backend.programs.demo.places import ZONE, Store
from backend.programs.demo.seasons import ALL_NIGHT, DAY, WEB, day_factor

STORE_ORDERS: Final = 7.0
"""Things that pass the till of an ordinary store on an ordinary day; each is a sale of its own."""
SHIPPED_ORDERS: Final = {"ONLINE": 45.0, "MARKETPLACE": 22.0, "TRACE": 3.0}
"""Orders of an ordinary day over the network, by where they come from."""
RETURNED: Final = 0.03
"""Which part of the orders over the network comes back; tills take nothing back."""

_LINES: Final = (0.36, 0.66, 0.86, 0.95, 1.0)
_UNITS: Final = (0.82, 0.95, 0.99, 1.0)
_HOUR_S: Final = 3600.0


def store_orders(store: Store, day: date, today: date) -> float:
    """Return how many things a store sells on a local day."""
    return STORE_ORDERS * store.size * day_factor(day, today, online=False)


def shipped_orders(origin: str, day: date, today: date) -> float:
    """Return how many orders come in on a day from ONLINE, MARKETPLACE or TRACE."""
    return SHIPPED_ORDERS[origin] * day_factor(day, today, online=True)


def hours_of(store: Store) -> tuple[float, ...]:
    """Return how the hours of a store's day share its trade."""
    return ALL_NIGHT if store.all_night else DAY


def scans_per_second(store: Store, now: datetime) -> float:
    """Return how fast things pass a store's till, as its past goes on."""
    local = now.astimezone(ZoneInfo(store.timezone))
    share = hours_of(store)[local.hour] / sum(hours_of(store))
    return store_orders(store, local.date(), local.date()) * share / _HOUR_S


def orders_per_second(origin: str, now: datetime) -> float:
    """Return how fast orders come in over the network, as their past goes on."""
    local = now.astimezone(ZoneInfo(ZONE))
    share = WEB[local.hour] / sum(WEB)
    return shipped_orders(origin, local.date(), local.date()) * share / _HOUR_S


def lines_of_an_order(rng: Random) -> int:
    """Return how many different things an order over the network holds."""
    return _pick(rng.random(), _LINES) + 1


def units_of_a_line(rng: Random) -> int:
    """Return how many of a thing an order over the network holds."""
    return _pick(rng.random(), _UNITS) + 1


def _pick(share: float, steps: tuple[float, ...]) -> int:
    """Return the first step that reaches a share of 0 to 1."""
    return next(n for n, step in enumerate(steps) if share <= step)
