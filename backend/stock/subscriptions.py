"""Stock as it changes."""

from collections.abc import AsyncGenerator
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import strawberry

from backend.catalogue.rules import ProductRef
from backend.core.events import Topic
from backend.core.scopes import Scope
from backend.events.rules import Entry, Fact, Item
from backend.events.subscriptions import changes
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.emission import Style
from backend.locations.rules import LocationKind, LocationRef, SalesSource
from backend.stock.events import StockLevelChanged, StockMoved
from backend.stock.graphql import StockLevel, StockLevelFilter
from backend.stock.queries import LevelCriteria
from backend.stock.rules import Level

_KINDS = frozenset({StockMoved.kind, StockLevelChanged.kind})


@strawberry.type
class Subscription:
    """Root fields."""

    @strawberry.subscription(extensions=[Requires(Scope.STOCK_READ)])
    async def stock_changed(
        self,
        info: Info,
        filter: StockLevelFilter | None = None,  # noqa: A002 - the contract's name
    ) -> AsyncGenerator[StockLevel, None]:
        """Levels as they change, from now on.

        Whoever cannot keep up gets the latest version of each level and never an older one after
        it. `feed` tells every single movement.
        """
        criteria = filter.criteria() if filter else LevelCriteria()

        def is_wanted(entry: Entry, fact: Fact) -> bool:
            return entry.kind in _KINDS and criteria.admits(level_of_fact(fact))

        levels = changes(info.context, [Topic.STOCK], _level, style=Style.KEYED, keep=is_wanted)
        async for level in levels:
            yield level


def _level(item: Item) -> StockLevel:
    return StockLevel.from_fact(item.fact)


def level_of_fact(fact: Fact) -> Level:
    """Return the level of a stored fact of StockMoved or StockLevelChanged."""
    level, product, place = fact["level"], fact["product"], fact["location"]
    point = level["reorderPoint"]
    return Level(
        id=UUID(level["id"]),
        product=ProductRef(
            UUID(product["id"]),
            product["sku"],
            product["name"],
            product["category"],
            product["subcategory"],
        ),
        location=LocationRef(
            UUID(place["id"]),
            place["code"],
            place["name"],
            LocationKind(place["kind"]),
            place["timezone"],
            SalesSource.POS,
        ),
        on_hand=Decimal(level["onHand"]),
        committed=Decimal(level["committed"]),
        unavailable=Decimal(level["unavailable"]),
        incoming=Decimal(level["incoming"]),
        reorder_point=None if point is None else Decimal(point),
        version=level["version"],
        updated_at=datetime.fromisoformat(level["updatedAt"]),
    )
