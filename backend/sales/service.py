"""Verbs of sales."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from backend.catalogue import service as catalogue
from backend.catalogue.rules import Packaged, Price, ProductRef
from backend.core.errors import ShelfcastError
from backend.core.identifiers import Gtin, InvalidGtin
from backend.core.times import happened_at
from backend.customers import service as customers
from backend.customers.rules import CustomerRef
from backend.infra.batches import Row, claim_rows, read_rows
from backend.infra.effects import EffectKind
from backend.infra.work import Work
from backend.locations import service as locations
from backend.locations.rules import LocationRef, SalesSource
from backend.sales import retention, storage
from backend.sales.errors import (
    SalesSourceIsReads,
    UnknownDistributor,
    UnknownLocation,
    UnknownProduct,
)
from backend.sales.rules import (
    ONE,
    Channel,
    Line,
    LineDraft,
    Place,
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


@dataclass(frozen=True, slots=True)
class Names:
    """Everything the drafts of a batch name, looked up at once; from when on sales are kept."""

    products: dict[str, ProductRef]
    gtins: dict[str, Packaged]
    locations: dict[str, LocationRef]
    distributors: dict[str, UUID]
    kept_from: date | None

    def location(self, code: str, path: list[str]) -> LocationRef:
        """Return the location of that code.

        Raises:
            UnknownLocation: there is none.
        """
        if code not in self.locations:
            raise UnknownLocation(
                f"no location {code[:60]!r}", field=[*path, "location"], value=code[:60]
            )
        return self.locations[code]

    def packaged(self, line: LineDraft, path: list[str]) -> Packaged:
        """Return the product a line names and the units its code counts for.

        Raises:
            UnknownProduct: there is none.
            InvalidGtin: the GTIN cannot be one.
        """
        if line.sku is not None:
            if line.sku not in self.products:
                raise UnknownProduct(
                    f"no product {line.sku[:60]!r}", field=[*path, "sku"], value=line.sku[:60]
                )
            return Packaged(self.products[line.sku], ONE)
        gtin = Gtin(line.gtin or "", field=[*path, "gtin"])
        if gtin not in self.gtins:
            raise UnknownProduct(f"no product with GTIN {gtin}", field=[*path, "gtin"], value=gtin)
        return self.gtins[gtin]

    def distributor(self, code: str | None, path: list[str]) -> UUID | None:
        """Return the id of the distributor of that code, None for none.

        Raises:
            UnknownDistributor: there is none.
        """
        if code is None:
            return None
        if code not in self.distributors:
            raise UnknownDistributor(
                f"no distributor {code[:60]!r}", field=[*path, "distributor"], value=code[:60]
            )
        return self.distributors[code]


@dataclass(frozen=True, slots=True)
class Read:
    """A draft checked, with what it names. `lines` are complete once the prices are known."""

    draft: SaleDraft
    path: list[str]
    location: LocationRef
    sold_at: datetime
    distributor_id: UUID | None
    currency: str
    exchange_rate: Decimal
    packaged: list[Packaged]
    lines: tuple[Line, ...] = ()


async def record_sales(
    work: Work,
    drafts: Sequence[SaleDraft],
    *,
    all_or_nothing: bool = False,
) -> tuple[list[Row[Read]], dict[UUID, Sale]]:
    """Record sales.

    Return the rows in the order of `drafts` and, by `effect_id`, the sales recorded now.

    A direct sale takes its units off the location's stock, below zero if need be; a trace sale
    moves none. A bad line rejects its whole sale.
    """
    names = await look_up(work, drafts)

    def read(draft: SaleDraft, path: list[str]) -> Read:
        return _read(work, names, draft, path)

    rows = read_rows(drafts, "sales", lambda draft: draft.idempotency_key, read)
    await _complete(work, rows)
    new = await claim_rows(work, EffectKind.SALE, rows, all_or_nothing=all_or_nothing)
    buyers = await _customers(work, [row.value.draft for row in new if row.value])
    sales = [_sale(work, row.effect_id, row.value, buyers) for row in new if row.value]
    await storage.write(work, sales)
    return rows, {sale.id: sale for sale in sales}


async def look_up(work: Work, drafts: Sequence[SaleDraft]) -> Names:
    """Find what a batch names, in one statement for each sort of thing."""
    lines = [line for draft in drafts for line in draft.lines]
    skus = {line.sku for line in lines if line.sku is not None}
    gtins = {gtin for line in lines if line.gtin and (gtin := _gtin(line.gtin))}
    distributors = {draft.distributor for draft in drafts if draft.distributor is not None}
    return Names(
        products=await catalogue.resolve_skus(work, skus) if skus else {},
        gtins=await catalogue.resolve_gtins(work, gtins) if gtins else {},
        locations=await locations.resolve_locations(work, {draft.location for draft in drafts}),
        distributors=await catalogue.resolve_distributors(work, distributors)
        if distributors
        else {},
        kept_from=await retention.hold(work, (draft.sold_at for draft in drafts)),
    )


def _gtin(text: str) -> Gtin | None:
    """Return the GTIN a line names; None for none: its row will say why."""
    try:
        return Gtin(text)
    except InvalidGtin:
        return None


def _read(work: Work, names: Names, draft: SaleDraft, path: list[str]) -> Read:
    check_lines(draft.lines, path)
    check_text(draft.sold_by, [*path, "soldBy"])
    check_text(draft.customer, [*path, "customer"])
    check_place(draft.ship_to, [*path, "shipTo"])
    location = names.location(draft.location, path)
    if (
        location.sales_source is SalesSource.READS
        and draft.channel is Channel.IN_STORE
        and draft.sale_type is SaleType.DIRECT
    ):
        raise SalesSourceIsReads(
            f"the checkout reads of {location.code} are its sales: this one would count twice",
            field=[*path, "location"],
            value=location.code,
        )
    currency, exchange_rate = rate(draft.currency, draft.exchange_rate, work.currency, path)
    distributor_id = names.distributor(draft.distributor, path)
    check_reach(work.principal, draft.channel, distributor_id, draft.customer, path)
    field = [*path, "soldAt"]
    sold_at = happened_at(draft.sold_at, field, now=work.now, horizon=work.horizon)
    retention.check_kept(location.business_day(sold_at), names.kept_from, field)
    return Read(
        draft=draft,
        path=path,
        location=location,
        sold_at=sold_at,
        distributor_id=distributor_id,
        currency=currency,
        exchange_rate=exchange_rate,
        packaged=[
            names.packaged(line, [*path, "lines", str(index)])
            for index, line in enumerate(draft.lines)
        ],
    )


def check_place(place: Place | None, field: list[str]) -> None:
    """Refuse a place with a text that is too long."""
    if place is not None:
        for name in place.__struct_fields__:
            check_text(getattr(place, name), [*field, name])


async def _complete(work: Work, rows: Sequence[Row[Read]]) -> None:
    """Fill in the lines of good rows; a line that cannot be completed becomes its row's error."""
    good = [(row, row.value) for row in rows if row.value is not None]
    wanted = [
        (packaged.product.id, read.sold_at)
        for _, read in good
        for packaged, line in zip(read.packaged, read.draft.lines, strict=True)
        if line.unit_price is None or line.unit_cost is None
    ]
    found = await catalogue.prices_at(work, wanted) if wanted else []
    prices = dict(zip(wanted, found, strict=True))
    for row, read in good:
        try:
            row.value = replace(read, lines=complete_lines(read, prices))
        except ShelfcastError as error:
            row.error = error


def complete_lines(
    read: Read, prices: dict[tuple[UUID, datetime], Price | None]
) -> tuple[Line, ...]:
    """Return the lines of a sale with their sums.

    Raises:
        MissingPrice, InvalidAmount: as complete_line does.
    """
    return tuple(
        complete_line(
            index + 1,
            line,
            packaged.product,
            packaged.units,
            prices.get((packaged.product.id, read.sold_at)),
            read.exchange_rate,
            [*read.path, "lines", str(index)],
        )
        for index, (line, packaged) in enumerate(zip(read.draft.lines, read.packaged, strict=True))
    )


async def _customers(work: Work, drafts: Iterable[SaleDraft]) -> dict[str, CustomerRef]:
    references = {draft.customer for draft in drafts if draft.customer}
    return await customers.resolve_customers(work, references) if references else {}


def _sale(work: Work, sale_id: UUID, read: Read, buyers: dict[str, CustomerRef]) -> Sale:
    draft = read.draft
    buyer = buyers.get(draft.customer) if draft.customer else None
    return Sale(
        id=sale_id,
        kind=SaleKind.SALE,
        idempotency_key=draft.idempotency_key,
        source=SaleSource.POS,
        location=read.location,
        channel=draft.channel,
        sale_type=draft.sale_type,
        sold_at=read.sold_at,
        business_day=read.location.business_day(read.sold_at),
        recorded_at=work.now,
        distributor=draft.distributor,
        distributor_id=read.distributor_id,
        sold_by=draft.sold_by,
        customer_id=buyer.id if buyer else None,
        segment=buyer.segment if buyer else None,
        ship_to=draft.ship_to,
        currency=read.currency,
        exchange_rate=read.exchange_rate,
        return_of=None,
        lines=read.lines,
    )
