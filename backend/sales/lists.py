"""The list of sales as clients see it."""

from datetime import date

import strawberry

from backend.core.scopes import Scope
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.described import enum_type, input_type
from backend.infra.api.relay import Connection, connect
from backend.infra.api.results import SortDirection
from backend.infra.api.scalars import Cursor
from backend.sales import queries, retention
from backend.sales.filters import SalesCriteria, SalesFilter
from backend.sales.graphql import Sale
from backend.sales.queries import SaleOrder

enum_type(SaleOrder)


@input_type
class SaleSort:
    """How sales are sorted."""

    by: SaleOrder = SaleOrder.SOLD_AT
    """By what."""
    direction: SortDirection = SortDirection.DESC
    """Which end comes first."""


@strawberry.type
class Query:
    """Root fields."""

    @strawberry.field(extensions=[Requires(Scope.SALES_READ)])
    async def sales(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: SalesFilter | None = None,  # noqa: A002
        sort: SaleSort | None = None,
    ) -> Connection[Sale]:
        """Lists sales and returns, latest first unless sorted, of the days that are kept.

        One with a line the filter admits comes with all its lines.
        """
        sort = sort or SaleSort()
        page = await queries.sales(
            await info.context.reading(),
            filter.criteria() if filter else SalesCriteria(),
            sort.by,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, Sale.of)

    @strawberry.field(extensions=[Requires(Scope.SALES_READ)])
    async def sales_kept_from(self, info: Info) -> date | None:
        """First business day whose sales are kept; of days before there are sums only. Null: all.

        Where sums cannot answer, `SALES_NOT_KEPT` names this day.
        """
        return await retention.kept_from(await info.context.reading())
