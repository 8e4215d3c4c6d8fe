"""Sales that checkout reads are, where reads count."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from backend.catalogue import service as catalogue
from backend.catalogue.rules import Packaged, Price
from backend.core.numbers import ZERO
from backend.infra.work import Work
from backend.locations.rules import LocationRef
from backend.sales import storage
from backend.sales.rules import (
    ONE,
    Channel,
    LineDraft,
    Sale,
    SaleKind,
    SaleSource,
    SaleType,
    complete_line,
)
from backend.stock.rules import Movement


class CheckoutRead(msgspec.Struct, frozen=True):
    """A checkout read whose key was claimed: `id` becomes the sale's.

    `price` is that of all of it, as its code says; None: the catalogue's.
    """

    id: UUID
    key: str
    location: LocationRef
    device: str
    packaged: Packaged
    observed_at: datetime
    price: Decimal | None = None


async def record(
    work: Work, reads: Sequence[CheckoutRead], others: Sequence[Movement] = ()
) -> None:
    """Record one sale of one code for each read.

    At its own price, else the catalogue's of that moment, else nothing.

    `others` are movements of the same batch: they are posted together, so that levels are locked
    once and in order.
    """
    wanted = [(read.packaged.product.id, read.observed_at) for read in reads]
    prices = await catalogue.prices_at(work, wanted)
    sales = [_sale(work, read, price) for read, price in zip(reads, prices, strict=True)]
    await storage.write(work, sales, others=others)


def _sale(work: Work, read: CheckoutRead, price: Price | None) -> Sale:
    unit_price = ZERO if read.price is None and price is None else read.price
    draft = LineDraft(quantity=ONE, unit_price=unit_price)
    line = complete_line(
        1, draft, read.packaged.product, read.packaged.units, price, ONE, ["reads"]
    )
    return Sale(
        id=read.id,
        kind=SaleKind.SALE,
        idempotency_key=read.key,
        source=SaleSource.READS,
        location=read.location,
        channel=Channel.IN_STORE,
        sale_type=SaleType.DIRECT,
        sold_at=read.observed_at,
        business_day=read.location.business_day(read.observed_at),
        recorded_at=work.now,
        distributor=None,
        distributor_id=None,
        sold_by=read.device,
        customer_id=None,
        segment=None,
        ship_to=None,
        currency=work.currency,
        exchange_rate=ONE,
        return_of=None,
        lines=(line,),
    )
