"""Brings the demo retailer into its organisation: what it has, sold, received and plans."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from time import perf_counter
from typing import Any, Final, TypeVar

from backend.analytics.goals import planning
from backend.core.principal import Principal
from backend.infra.database import Database
from backend.infra.work import Work
from backend.locations import service as locations
from backend.programs.demo.fixtures import put_fixtures
from backend.programs.demo.history import History
from backend.programs.demo.ledger import import_orders, oversell, receive
from backend.programs.demo.master_data import put_master_data, tills_count, web_shop
from backend.programs.demo.places import WEB_SHOP
from backend.programs.demo.plans import plans
from backend.programs.demo.retailer import retailer
from backend.programs.demo.seasons import HISTORY
from backend.programs.demo.supply import Supply

T = TypeVar("T")
RECEIPTS_AT_ONCE: Final = 4000
SEED: Final = "demoSeed"
UNTIL: Final = "demoHistoryUntil"
LOADED: Final = "demoLoadedAt"
"""Attributes of the web shop that tell how far a load came."""


@dataclass(slots=True)
class Loaded:
    """What a load did; zero where everything was there already."""

    seed: int
    orders: int = 0
    lines: int = 0
    receipts: int = 0
    goals: int = 0
    shelves: int = 0
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return it as `--json` prints it."""
        return {**asdict(self), "seconds": round(self.seconds, 2)}


async def load(
    database: Database,
    principal: Principal,
    seed: int,
    report: Callable[[str, int, int], None],
    span: timedelta = HISTORY,
) -> Loaded:
    """Load the demo retailer, once; a load that was broken off goes on where it stopped.

    Sales come before the goods that were there for them: so the alerts of the levels that end low
    are raised by the last delivery, as the ledger finds them. What was begun with one seed is
    finished with it.
    """
    started = perf_counter()
    async with database.work(principal) as work:
        state = await _state(work)
        now = datetime.fromisoformat(state.get(UNTIL, work.now.isoformat()))
    seed = int(state.get(SEED, seed))
    done = Loaded(seed)
    if LOADED in state:
        return done
    shop = retailer(seed)
    history = History(shop, now, span)
    async with database.work(principal) as work:
        await put_master_data(work, shop, history)
        await _put_state(work, {SEED: seed, UNTIL: now.isoformat()})
    report("inventing", 0, 0)
    orders = list(history.orders())
    supply = Supply(shop, orders, history.opened_at, now)
    done.orders = len(orders)
    done.lines = await import_orders(database, principal, orders, report)
    for n, batch in enumerate(_batches(supply.receipts)):
        async with database.work(principal) as work:
            done.receipts += await receive(work, shop, batch, f"receipts-{n}")
        report("receiving", n * RECEIPTS_AT_ONCE + len(batch), len(supply.receipts))
    async with database.work(principal) as work:
        await oversell(work, supply.excesses)
        await tills_count(work)
        done.goals = len(await planning.set_goals(work, plans(orders, history.today, seed)))
        done.shelves = await put_fixtures(work, shop.goods)
        loaded_at = datetime.now(UTC).isoformat()
        await _put_state(work, {SEED: seed, UNTIL: now.isoformat(), LOADED: loaded_at})
    done.seconds = perf_counter() - started
    return done


def _batches(things: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(things)
    while batch := list(islice(rest, RECEIPTS_AT_ONCE)):
        yield batch


async def _state(work: Work) -> dict[str, Any]:
    found = await locations.find_location(work, WEB_SHOP)
    return dict(found.attributes) if found else {}


async def _put_state(work: Work, state: dict[str, Any]) -> None:
    await locations.upsert_locations(work, [web_shop(state)])
