"""Sales as they are recorded."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import strawberry

from backend.core.events import Topic
from backend.core.scopes import Scope
from backend.events.rules import Entry, Fact, Item
from backend.events.subscriptions import changes
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.work import Work
from backend.sales.events import SaleRecorded
from backend.sales.filters import SalesCriteria, SalesFilter
from backend.sales.graphql import Sale

_PLACES: Final = {
    "countries": "country",
    "regions": "region",
    "states": "state",
    "postal_codes": "postalCode",
}
_LOCATIONS: Final = """
select id::text, country, region, state, postal_code as "postalCode" from locations
 where org_id = $1
"""
_SUPPLIED: Final = """
select p.id::text from products p
  join distributors d on d.org_id = p.org_id and d.id = p.distributor_id
 where p.org_id = $1 and d.code = any($2::text[])
"""


@strawberry.type
class Subscription:
    """Root fields."""

    @strawberry.subscription(extensions=[Requires(Scope.SALES_READ)])
    async def sale_recorded(
        self,
        info: Info,
        filter: SalesFilter | None = None,  # noqa: A002 - the contract's name
    ) -> AsyncGenerator[Sale, None]:
        """Sales as they are recorded, from now on; none is left out. Returns come with `feed`."""
        choice = await choose(info, filter.criteria() if filter else SalesCriteria())

        def is_wanted(entry: Entry, fact: Fact) -> bool:
            return entry.kind == SaleRecorded.kind and choice.admits(fact)

        async for sale in changes(info.context, [Topic.SALES], _sale, keep=is_wanted):
            yield sale


@dataclass(frozen=True, slots=True)
class Choice:
    """Criteria, and what stored facts of sales do not say but the criteria ask for.

    `places` of locations and the products `supplied` by the distributors, by id, as they were when
    the subscription began.
    """

    criteria: SalesCriteria
    places: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    supplied: frozenset[str] = frozenset()

    def admits(self, fact: Fact) -> bool:
        """Tell whether a sale meets the criteria: itself, and one of its lines."""
        sale, criteria = fact["sale"], self.criteria
        day = sale["businessDay"]
        return (
            (criteria.first_day is None or day >= criteria.first_day.isoformat())
            and (criteria.last_day is None or day <= criteria.last_day.isoformat())
            and _in(criteria.locations, fact["location"]["code"])
            and _in(criteria.sale_types, sale["saleType"])
            and _in(criteria.channels, sale["channel"])
            and _in(criteria.segments, sale["segment"])
            and _in(criteria.customers, sale["customerId"])
            and self._is_there(fact)
            and any(self._admits_line(sale, line) for line in fact["lines"])
        )

    def _is_there(self, fact: Fact) -> bool:
        shipped = fact["sale"]["shipTo"] or {}
        place = shipped if any(shipped.values()) else self.places.get(fact["location"]["id"], {})
        return all(
            _in(getattr(self.criteria, name), place.get(column)) for name, column in _PLACES.items()
        )

    def _admits_line(self, sale: Fact, line: Fact) -> bool:
        product, criteria = line["product"], self.criteria
        return (
            _in(criteria.skus, product["sku"])
            and _in(criteria.categories, product["category"])
            and _in(criteria.subcategories, product["subcategory"])
            and self._admits_distributor(sale["distributor"], product["id"])
        )

    def _admits_distributor(self, sold_by: str | None, product_id: str) -> bool:
        wanted = self.criteria.distributors
        if wanted is None or sold_by is not None:
            return _in(wanted, sold_by)
        return product_id in self.supplied


async def choose(info: Info, criteria: SalesCriteria) -> Choice:
    """Return the criteria with what they need to be applied to stored facts."""
    needs_places = any(getattr(criteria, name) is not None for name in _PLACES)
    if not needs_places and criteria.distributors is None:
        return Choice(criteria)
    async with info.context.database.work(info.context.principal, read_only=True) as work:
        places = await _places(work) if needs_places else {}
        supplied = await _supplied(work, criteria.distributors or frozenset())
    return Choice(criteria, places, supplied)


async def _places(work: Work) -> dict[str, dict[str, Any]]:
    rows = await work.rows(_LOCATIONS, work.principal.org_id)
    return {row["id"]: row for row in rows}


async def _supplied(work: Work, distributors: frozenset[str]) -> frozenset[str]:
    rows = await work.rows(_SUPPLIED, work.principal.org_id, sorted(distributors))
    return frozenset(row["id"] for row in rows)


def _in(wanted: frozenset[str] | None, value: str | None) -> bool:
    return wanted is None or value in wanted


def _sale(item: Item) -> Sale:
    return Sale.from_fact(item.fact)
