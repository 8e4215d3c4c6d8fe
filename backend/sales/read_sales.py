"""Sales that checkout reads are, where reads count."""

from collections.abc import Sequence
from datetime import datetime
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
    """A checkout read whose key was claimed: `id` becomes the sale's."""

    id: UUID
    key: str
    packaged: Packaged
    observed_at: datetime


async def record(
    work: Work,
    location: LocationRef,
    device: str,
    reads: Sequence[CheckoutRead],
    others: Sequence[Movement] = (),
) -> None:
    """Record one sale of one code for each read, at the catalogue's price of that moment.

    Without one, at nothing.

    `others` are movements of the same batch: they are posted together, so that levels are locked
    once and in order.
    """
    wanted = [(read.packaged.product.id, read.observed_at) for read in reads]
    prices = await catalogue.prices_at(work, wanted)
    sales = [
        _sale(work, location, device, read, price)
        for read, price in zip(reads, prices, strict=True)
    ]
    await storage.write(work, sales, others=others)


def _sale(
    work: Work, location: LocationRef, device: str, read: CheckoutRead, price: Price | None
) -> Sale:
    draft = LineDraft(quantity=ONE, unit_price=None if price else ZERO)
    line = complete_line(
        1, draft, read.packaged.product, read.packaged.units, price, ONE, ["reads"]
    )
    return Sale(
        id=read.id,
        kind=SaleKind.SALE,
        idempotency_key=read.key,
        source=SaleSource.READS,
        location=location,
        channel=Channel.IN_STORE,
        sale_type=SaleType.DIRECT,
        sold_at=read.observed_at,
        business_day=location.business_day(read.observed_at),
        recorded_at=work.now,
        distributor=None,
        distributor_id=None,
        sold_by=device,
        customer_id=None,
        segment=None,
        ship_to=None,
        currency=work.currency,
        exchange_rate=ONE,
        return_of=None,
        lines=(line,),
    )
