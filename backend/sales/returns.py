"""Returns: movements and lines of their own; the sale they belong to stays as it was."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from backend.catalogue import service as catalogue
from backend.catalogue.rules import Packaged, Price, ProductRef
from backend.core.errors import ShelfcastError
from backend.core.ids import key_digest
from backend.core.numbers import ZERO, rounded
from backend.core.times import happened_at
from backend.customers import service as customers
from backend.infra.batches import Row, claim_rows, give_back, read_rows
from backend.infra.effects import EffectKind
from backend.infra.work import Work
from backend.locations.rules import LocationRef
from backend.sales import retention, statements, storage
from backend.sales.errors import InvalidSale, ReturnExceedsSale, SaleNotKept, UnknownSale
from backend.sales.rules import (
    Channel,
    Line,
    LineDraft,
    Place,
    ReturnDraft,
    Sale,
    SaleDraft,
    SaleKind,
    SaleSource,
    SaleType,
    check_lines,
    check_reach,
    check_text,
    complete_line,
    rate,
)
from backend.sales.service import Names, look_up

_MADE_BY: Final = [EffectKind.SALE.value, EffectKind.IMPORT.value, EffectKind.READ.value]
"""What a sale's key may have been claimed for: it was recorded, imported, or a checkout read."""
Sold = dict[tuple[UUID, UUID], dict[str, Any]]
"""What can still come back, by sale and product."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A draft checked, with what it names.

    `sale` is the row of the sale it belongs to, None without a receipt.
    """

    draft: ReturnDraft
    path: list[str]
    location: LocationRef
    returned_at: datetime
    currency: str
    exchange_rate: Decimal
    packaged: list[Packaged]
    sale: dict[str, Any] | None


_Priced = tuple[UUID, _Read, tuple[Line, ...]]
"""Id, what was read, and the lines of a return."""


async def record_returns(
    work: Work, drafts: Sequence[ReturnDraft], *, all_or_nothing: bool = False
) -> tuple[list[Row[_Read]], dict[UUID, Sale]]:
    """Record returns.

    The rows are in the order of `drafts`, the returns recorded now by `effect_id`.

    Prices, discounts and taxes left out are those of the sale per unit, else the catalogue's. More
    than was sold does not come back.
    """
    names = await look_up(work, [_as_sale(draft) for draft in drafts])
    sales = await _find_sales(work, drafts)

    def read(draft: ReturnDraft, path: list[str]) -> _Read:
        return _read(work, names, sales, draft, path)

    rows = read_rows(drafts, "returns", lambda draft: draft.idempotency_key, read)
    new = await claim_rows(work, EffectKind.RETURN, rows, all_or_nothing=all_or_nothing)
    priced = await _priced(work, new)
    failed = [row for row in new if row.error]
    if failed:
        await give_back(work, EffectKind.RETURN, new if all_or_nothing else failed)
        if all_or_nothing:
            await claim_rows(work, EffectKind.RETURN, rows, all_or_nothing=True)
            priced = []
    returns = await _complete(work, priced)
    restock = frozenset(row.effect_id for row in new if row.value and row.value.draft.restock)
    await storage.write(work, returns, restock=restock)
    work.note_all("RETURNS_RECORDED", [one.id for one in returns])
    return rows, {one.id: one for one in returns}


async def _find_sales(work: Work, drafts: Sequence[ReturnDraft]) -> dict[bytes, dict[str, Any]]:
    digests = {key_digest(draft.sale) for draft in drafts if draft.sale is not None}
    if not digests:
        return {}
    rows = await work.rows(statements.FIND_SALES, work.principal.org_id, _MADE_BY, list(digests))
    await work.rows(statements.LOCK_SALES, sorted(row["id"] for row in rows if row["id"]))
    if work.principal.is_limited:  # of what it does not see it does not learn that it was there
        rows = [row for row in rows if row["id"]]
    return {row["digest"]: row for row in rows}


def _read(
    work: Work,
    names: Names,
    sales: dict[bytes, dict[str, Any]],
    draft: ReturnDraft,
    path: list[str],
) -> _Read:
    check_lines(draft.lines, path)
    check_text(draft.customer, [*path, "customer"])
    sale = None if draft.sale is None else _found(sales, draft.sale, [*path, "sale"])
    if sale is not None and draft.currency not in (None, sale["currency"]):
        raise InvalidSale(
            f"the sale was in {sale['currency']}", field=[*path, "currency"], value=draft.currency
        )
    known = sale or {}
    channel = draft.channel or Channel(known.get("channel", Channel.IN_STORE))
    check_reach(work.principal, channel, known.get("distributor_id"), draft.customer, path)
    field = [*path, "returnedAt"]
    returned_at = happened_at(draft.returned_at, field, now=work.now, horizon=work.horizon)
    location = names.location(draft.location, path)
    retention.check_kept(location.business_day(returned_at), names.kept_from, field)
    currency, exchange_rate = (
        (sale["currency"], sale["exchange_rate"])
        if sale is not None
        else rate(draft.currency, draft.exchange_rate, work.currency, path)
    )
    return _Read(
        draft=draft,
        path=path,
        location=location,
        returned_at=returned_at,
        currency=currency,
        exchange_rate=exchange_rate,
        packaged=[
            names.packaged(line, [*path, "lines", str(index)])
            for index, line in enumerate(draft.lines)
        ],
        sale=sale,
    )


def _found(sales: dict[bytes, dict[str, Any]], key: str, field: list[str]) -> dict[str, Any]:
    """Return the sale that a return belongs to.

    Raises:
        UnknownSale: there is none, or it may not be seen.
        SaleNotKept: there was one, which is let go.
    """
    sale = sales.get(key_digest(key))
    if sale is None:
        raise UnknownSale(f"no sale with key {key[:60]!r}", field=field, value=key[:60])
    if sale["id"] is None:
        raise SaleNotKept(
            f"the sale with key {key[:60]!r} is not kept any more: take its goods back without it",
            field=field,
            value=key[:60],
        )
    return sale


async def _priced(work: Work, rows: Sequence[Row[_Read]]) -> list[_Priced]:
    """Return the good rows with their lines; what cannot be becomes the row's error."""
    reads = [row.value for row in rows if row.value]
    sold = await _returnable(work, {read.sale["id"] for read in reads if read.sale})
    wanted = [(one.product.id, read.returned_at) for read in reads for one in read.packaged]
    found = await catalogue.prices_at(work, wanted) if wanted else []
    prices = dict(zip(wanted, found, strict=True))
    priced: list[_Priced] = []
    for row in rows:
        read = row.value
        assert read is not None
        try:
            priced.append((row.effect_id, read, _lines(read, sold, prices)))
        except ShelfcastError as error:
            row.error = error
    return priced


async def _complete(work: Work, priced: Sequence[_Priced]) -> list[Sale]:
    """Return the complete returns; customers nobody knew are made."""
    references = {read.draft.customer for _, read, _ in priced if read.draft.customer}
    buyers = await customers.resolve_customers(work, references) if references else {}
    return [
        _return(work, id_, read, lines, buyers.get(read.draft.customer or ""))
        for id_, read, lines in priced
    ]


async def _returnable(work: Work, sale_ids: set[UUID]) -> Sold:
    if not sale_ids:
        return {}
    org_id, ids = work.principal.org_id, sorted(sale_ids)
    days = [row["day"] for row in await work.rows(statements.DAYS, org_id, ids)]
    rows = await work.rows(statements.RETURNABLE, org_id, ids, days)
    return {(row["sale_id"], row["product_id"]): row for row in rows}


def _lines(
    read: _Read, sold: Sold, prices: dict[tuple[UUID, datetime], Price | None]
) -> tuple[Line, ...]:
    lines: list[Line] = []
    taken: dict[UUID, Decimal] = defaultdict(Decimal)
    for index, (draft, packaged) in enumerate(zip(read.draft.lines, read.packaged, strict=True)):
        path = [*read.path, "lines", str(index)]
        product = packaged.product
        if read.sale is not None:
            row = sold.get((read.sale["id"], product.id))
            count = draft.quantity * packaged.units
            taken[product.id] += count
            _check_returnable(row, product, taken[product.id], path)
            draft = _priced_as_sold(draft, row or {}, count, packaged.units)
        price = prices.get((product.id, read.returned_at))
        lines.append(
            complete_line(
                index + 1, draft, product, packaged.units, price, read.exchange_rate, path
            )
        )
    for line in lines:
        if read.sale is not None:
            sold[(read.sale["id"], line.product.id)]["quantity"] -= line.quantity
    return tuple(lines)


def _check_returnable(
    row: dict[str, Any] | None, product: ProductRef, wanted: Decimal, path: list[str]
) -> None:
    left = row["quantity"] if row else ZERO
    if wanted > left:
        raise ReturnExceedsSale(
            f"{wanted:f} of {product.sku} would come back, {left:f} can",
            field=[*path, "quantity"],
            value=str(wanted),
            returnable=str(left),
        )


def _priced_as_sold(
    draft: LineDraft, row: dict[str, Any], count: Decimal, units: Decimal
) -> LineDraft:
    """Return the line with what it leaves out taken from the sale, per unit."""
    unit_price, discount = row.get("unit_price"), row.get("unit_discount")
    tax, unit_cost = row.get("unit_tax"), row.get("unit_cost")
    return LineDraft(
        sku=draft.sku,
        gtin=draft.gtin,
        quantity=draft.quantity,
        unit_price=unit_price * units
        if draft.unit_price is None and unit_price is not None
        else draft.unit_price,
        discount=rounded(discount * count)
        if draft.discount is None and draft.unit_price is None and discount
        else draft.discount,
        tax=rounded(tax * count) if draft.tax is None and tax else draft.tax,
        unit_cost=unit_cost if draft.unit_cost is None else draft.unit_cost,
    )


def _return(
    work: Work,
    return_id: UUID,
    read: _Read,
    lines: tuple[Line, ...],
    buyer: customers.CustomerRef | None,
) -> Sale:
    sale = read.sale or {}
    ship_to = (
        Place(
            city=sale["ship_city"],
            state=sale["ship_state"],
            postal_code=sale["ship_postal_code"],
            region=sale["ship_region"],
            country=sale["ship_country"],
        )
        if sale
        else None
    )
    return Sale(
        id=return_id,
        kind=SaleKind.RETURN,
        idempotency_key=read.draft.idempotency_key,
        source=SaleSource.POS,
        location=read.location,
        channel=read.draft.channel or Channel(sale.get("channel", Channel.IN_STORE)),
        sale_type=SaleType(sale.get("sale_type", SaleType.DIRECT)),
        sold_at=read.returned_at,
        business_day=read.location.business_day(read.returned_at),
        recorded_at=work.now,
        distributor=None,
        distributor_id=sale.get("distributor_id"),
        sold_by=sale.get("sold_by"),
        customer_id=buyer.id if buyer else sale.get("customer_id"),
        segment=buyer.segment if buyer else sale.get("segment"),
        ship_to=ship_to if ship_to != Place() else None,
        currency=read.currency,
        exchange_rate=read.exchange_rate,
        return_of=sale.get("id"),
        lines=lines,
    )


def _as_sale(draft: ReturnDraft) -> SaleDraft:
    """Return the part of a return that names things, as the look-up takes it."""
    return SaleDraft(
        idempotency_key=draft.idempotency_key,
        location=draft.location,
        channel=draft.channel or Channel.IN_STORE,
        sold_at=draft.returned_at,
        lines=draft.lines,
    )
