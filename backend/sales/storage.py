"""How complete sales become rows, movements and events."""

from collections.abc import Sequence
from uuid import UUID

from backend.infra.work import Work
from backend.sales import statements
from backend.sales.events import ReturnRecorded, SaleRecorded
from backend.sales.rules import Place, Sale, SaleKind, SaleType
from backend.stock import service as stock
from backend.stock.rules import Movement, MovementReason


async def write(
    work: Work,
    sales: Sequence[Sale],
    *,
    restock: frozenset[UUID] | None = None,
    others: Sequence[Movement] = (),
) -> None:
    """Store complete sales and returns, move the stock they move, and tell.

    `restock` limits which returns put their goods back on the shelf; None: all. `others` are
    movements posted with them.
    """
    if not sales:
        return
    await work.rows(statements.INSERT, work.principal.org_id, work.now, *_columns(sales))
    moved = [movement for sale in sales for movement in movements_of(sale, restock)]
    await stock.post(work, [*others, *moved])
    work.gather(
        SaleRecorded(sale.location.id, sale)
        if sale.kind is SaleKind.SALE
        else ReturnRecorded(sale.location.id, sale)
        for sale in sales
    )


def movements_of(sale: Sale, restock: frozenset[UUID] | None = None) -> list[Movement]:
    """Return the movements a sale or return makes."""
    if sale.sale_type is SaleType.TRACE:
        return []
    is_return = sale.kind is SaleKind.RETURN
    if is_return and restock is not None and sale.id not in restock:
        return []
    return [
        Movement(
            product=line.product,
            location=sale.location,
            quantity=line.quantity if is_return else -line.quantity,
            reason=MovementReason.RETURN if is_return else MovementReason.SALE,
            reference=f"sale:{sale.id}",
            occurred_at=sale.sold_at,
        )
        for line in sale.lines
    ]


def _columns(sales: Sequence[Sale]) -> list[list[object]]:
    lines = [(sale, line) for sale in sales for line in sale.lines]
    ship = [sale.ship_to or Place() for sale in sales]
    return [
        [sale.id for sale in sales],
        [sale.kind.value for sale in sales],
        [sale.idempotency_key for sale in sales],
        [sale.source.value for sale in sales],
        [sale.location.id for sale in sales],
        [sale.channel.value for sale in sales],
        [sale.sale_type.value for sale in sales],
        [sale.sold_at for sale in sales],
        [sale.business_day for sale in sales],
        [sale.distributor_id for sale in sales],
        [sale.sold_by for sale in sales],
        [sale.customer_id for sale in sales],
        [sale.segment for sale in sales],
        [place.city for place in ship],
        [place.state for place in ship],
        [place.postal_code for place in ship],
        [place.region for place in ship],
        [place.country for place in ship],
        [sale.currency for sale in sales],
        [sale.exchange_rate for sale in sales],
        [sale.return_of for sale in sales],
        [sale.id for sale, _ in lines],
        [line.line_no for _, line in lines],
        [line.product.id for _, line in lines],
        [line.quantity for _, line in lines],
        [line.unit_price for _, line in lines],
        [line.discount for _, line in lines],
        [line.tax for _, line in lines],
        [line.unit_cost for _, line in lines],
        [line.gross for _, line in lines],
        [line.discounted for _, line in lines],
        [line.net for _, line in lines],
        [line.cost for _, line in lines],
        [sale.business_day for sale, _ in lines],
    ]
