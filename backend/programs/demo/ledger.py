"""The demo's past on its way into the ledger: sales as an import, goods as movements."""

import csv
import tempfile
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

from backend.catalogue import service as catalogue
from backend.core.errors import Conflict
from backend.core.ids import content_digest, new_id
from backend.core.principal import Principal
from backend.imports.rules import Opening, Options
from backend.imports.service import ImportRun
from backend.infra import effects
from backend.infra.database import Database
from backend.infra.effects import Claim, EffectKind, Standing
from backend.infra.work import Work
from backend.locations import service as locations
from backend.programs.demo.history import Order
from backend.programs.demo.places import COUNTRY
from backend.programs.demo.retailer import Retailer
from backend.programs.demo.supply import Excess, Receipt
from backend.sales import service as sales
from backend.sales.rules import Channel, LineDraft, SaleDraft
from backend.stock import service as stock
from backend.stock.rules import Movement, MovementReason

SOURCE: Final = "demo-history"
COLUMNS: Final = (
    "order", "sold_at", "location", "channel", "sale_type", "distributor", "sold_by", "customer",
    "segment", "city", "state", "postal_code", "region", "country", "sku", "quantity",
    "unit_price", "discount", "unit_cost",
)  # fmt: skip
_MAPPING: Final = "\n".join(
    [
        f'name = "{SOURCE}"',
        'time_format = "%Y-%m-%dT%H:%M:%S%#z"',
        "[columns]",
        *(f'{name} = "{name}"' for name in COLUMNS),
    ]
)


class HistoryRefused(Conflict):
    """Sales of the demo's past that were not taken: it was loaded before, from another past."""

    code = "DEMO_HISTORY_REFUSED"


async def import_orders(
    database: Database,
    principal: Principal,
    orders: Iterable[Order],
    report: Callable[[str, int, int], None],
) -> int:
    """Import orders as a file; return how many lines were new.

    Raises:
        HistoryRefused: a line was set aside.
    """
    with tempfile.TemporaryDirectory(prefix="shelfcast-demo-") as name:
        file, mapping = Path(name) / "sales.csv", Path(name) / "sales.toml"
        mapping.write_text(_MAPPING)
        with file.open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(COLUMNS)
            for order in orders:
                writer.writerows(_rows(order))
        options = Options(source=SOURCE, opening=Opening.NONE)
        run = ImportRun(database, principal, options, report)
        tally = await run.run(file, mapping, None)
    if tally.reasons:
        raise HistoryRefused(f"the demo's past was not taken in whole: {tally.reasons}")
    return tally.lines


async def receive(work: Work, retailer: Retailer, batch: Sequence[Receipt], name: str) -> int:
    """Post receipts, unless the batch of that name was posted before; return how many."""
    content = content_digest([[one.place, one.good.sku, one.units] for one in batch])
    claims = [Claim(f"{SOURCE}:{name}", content, new_id())]
    claimed = await effects.claim(work, EffectKind.IMPORT, claims)
    if claimed[0].standing is not Standing.NEW:
        return 0
    products = await catalogue.resolve_skus(work, [good.sku for good in retailer.goods])
    places = {place.code: place for place in await locations.all_locations(work)}
    movements = [
        Movement(
            product=products[one.good.sku],
            location=places[one.place],
            quantity=Decimal(one.units),
            reason=MovementReason.INITIAL if one.is_first else MovementReason.RECEIVED,
            reference=SOURCE,
            occurred_at=one.received_at,
        )
        for one in batch
    ]
    await stock.post(work, movements)
    return len(batch)


async def oversell(work: Work, excesses: Sequence[Excess]) -> None:
    """Record the sales that take more than the ledger knows of."""
    drafts = [
        SaleDraft(
            idempotency_key=f"{SOURCE}:oversold-{n}",
            location=one.place,
            channel=Channel.IN_STORE,
            sold_at=one.sold_at,
            sold_by=f"{one.place} till 1",
            lines=[LineDraft(sku=one.good.sku, quantity=Decimal(one.units))],
        )
        for n, one in enumerate(excesses)
    ]
    rows, _ = await sales.record_sales(work, drafts)
    for row in rows:
        if row.error:
            raise row.error


def _rows(order: Order) -> list[list[object]]:
    ship = order.ship_to
    place = (ship.city, ship.state, ship.postal_code, ship.region, COUNTRY) if ship else ("",) * 5
    customer = order.customer
    head = [
        f"{SOURCE}-{order.key}",
        order.sold_at.isoformat(),
        order.place,
        order.channel,
        "TRACE" if order.distributor else "DIRECT",
        order.distributor or "",
        order.sold_by or "",
        customer.reference if customer else "",
        customer.segment if customer else "",
        *place,
    ]
    sign = -1 if order.is_return else 1
    return [
        [*head, line.good.sku, sign * line.units, line.unit_price, line.discount, line.good.cost]
        for line in order.lines
    ]
