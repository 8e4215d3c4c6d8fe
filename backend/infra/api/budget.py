"""What each client may still ask for: cost of operations, rows of batches."""

import math
from typing import Final

from backend.core.errors import ShelfcastError, TooMuch
from backend.core.limits import Limits
from backend.core.principal import Principal
from backend.infra.api.cost import Price
from backend.infra.buckets import Buckets, Draw
from backend.infra.metrics import Metrics
from backend.infra.shared_scripts import SharedScripts

REFUSALS: Final = "shelfcast_limits_total"
REFUSALS_HELP: Final = "What a limit refused or ended, by limit."


class Throttled(ShelfcastError):
    """The client has used up what it may ask for now; `retryAfter` says for how many seconds."""

    code = "THROTTLED"

    @property
    def wait(self) -> float:
        """Seconds until it may ask again."""
        seconds = self.details.get("retryAfter")
        return float(seconds) if isinstance(seconds, int | float) else 1.0


class TooCostly(TooMuch):
    """The operation alone costs more than any operation may."""

    code = "COST_EXCEEDED"


class Budget:
    """The buckets of all clients. One per process; with Redis, one for all."""

    def __init__(
        self, limits: Limits, metrics: Metrics | None = None, shared: SharedScripts | None = None
    ) -> None:
        self.limits = limits
        self._metrics = metrics
        self._costs = Buckets("cost", limits.query_cost_burst, limits.query_cost_rate, shared)
        self._rows = Buckets("rows", limits.row_burst, limits.row_rate, shared)

    async def charge(self, who: Principal, price: Price, *, rows_paid: bool) -> "Bill":
        """Take what an operation costs, and its rows unless they are paid; all of it or nothing."""
        key = _key(who)
        if price.cost > self.limits.max_query_cost:
            draw = await self._costs.take(key, 0)
            return Bill(self._costs, key, price, draw, self._too_costly(price.cost))
        draw = await self._costs.take(key, price.cost)
        bill = Bill(self._costs, key, price, draw)
        if not draw.is_granted:
            bill.refuse(_throttled("cost", draw), draw.wait)
        elif price.rows and not rows_paid:
            rows = await self._rows.take(key, price.rows)
            if not rows.is_granted:
                await bill.cancel()
                bill.refuse(_throttled("rows", rows), rows.wait)
        return bill

    async def take_rows(self, who: Principal, rows: int) -> bool:
        """Take the rows of one batch; tell whether they were there."""
        return (await self._rows.take(_key(who), rows)).is_granted

    def note(self, limit: str) -> None:
        """Count that a limit took effect."""
        if self._metrics is not None:
            self._metrics.count(REFUSALS, REFUSALS_HELP, limit=limit)

    def _too_costly(self, cost: int) -> TooCostly:
        most = self.limits.max_query_cost
        return TooCostly(
            f"this operation may cost {cost}; at most {most} is allowed",
            of="cost",
            cost=cost,
            limit=most,
        )


class Bill:
    """What one operation asked for and what it came to."""

    def __init__(
        self,
        buckets: Buckets,
        key: str,
        price: Price,
        draw: Draw,
        refusal: ShelfcastError | None = None,
    ) -> None:
        self.refusal = refusal
        """Why it may not run; None where it may."""
        self.wait = 0.0
        """Seconds until it may."""
        self._buckets = buckets
        self._key = key
        self._price = price
        self._left = draw.left
        self._actual: int | None = None

    def refuse(self, refusal: ShelfcastError, wait: float) -> None:
        """Say that it may not run for so many seconds."""
        self.refusal, self.wait = refusal, wait

    async def settle(self, objects: int) -> None:
        """Put back what was not needed, or take what was needed beyond that while there is any."""
        await self._pay(objects + self._price.work)

    async def cancel(self) -> None:
        """Put everything back."""
        await self._pay(0)

    async def _pay(self, actual: int) -> None:
        if self._actual is None:
            self._actual = actual
            missing = actual - self._price.cost
            if missing > 0:
                self._left = (await self._buckets.drain(self._key, missing)).left
            elif missing:
                self._left = (await self._buckets.give_back(self._key, -missing)).left

    def as_json(self) -> dict[str, object]:
        """Return what `extensions.cost` says."""
        return {
            "requestedQueryCost": self._price.cost,
            "actualQueryCost": self._actual,
            "maximumAvailable": int(self._buckets.capacity),
            "currentlyAvailable": int(self._left),
            "restoreRate": self._buckets.rate,
        }


def _key(who: Principal) -> str:
    """A person pays for what is asked in their name, else the client does."""
    return f"{who.org_id}:{who.user_id or who.client_id}"


def _throttled(what: str, draw: Draw) -> Throttled:
    seconds = math.ceil(draw.wait * 1000) / 1000
    return Throttled(f"wait {seconds:g} s, then ask again", of=what, retryAfter=seconds)
