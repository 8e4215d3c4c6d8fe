"""Entries become sales: recorded as any till would, all of them or none."""

from collections.abc import Sequence
from typing import Final

from backend.catalogue import service as catalogue
from backend.catalogue.rules import Price, ProductRef
from backend.catalogue.service import ProductDraft
from backend.core.errors import ShelfcastError
from backend.core.ids import content_digest, new_id
from backend.core.numbers import ZERO
from backend.infra import effects
from backend.infra.batches import BatchRejected, check_key
from backend.infra.effects import Claim, EffectKind, KeyMismatch, Standing
from backend.infra.work import Work
from backend.locations import service as locations
from backend.locations.rules import LocationKind, LocationRef, SalesSource
from backend.locations.service import LocationDraft
from backend.merchandising.rest.entries import Entry, Priced, priced
from backend.merchandising.rest.errors import InvalidEntry
from backend.sales import service as sales
from backend.sales.rules import Channel, LineDraft, SaleDraft

CATEGORY: Final = "Not sorted yet"
"""Of products that are known from entries only."""
FIRST_LOCATION: Final = "main"
"""What is made where a retailer has no location yet."""
_FIELDS: Final = {
    "soldAt": "time",
    "location": "location",
    "sku": "name",
    "quantity": "buy",
}


async def add_entries(work: Work, entries: Sequence[Entry], key: str | None) -> int:
    """Record entries as sales, all of them or none, and return how many are new.

    With a `key` the whole request takes effect once; without one every call counts.

    Raises:
        InvalidKey: a key that cannot be kept.
        KeyMismatch: the key took effect before, with other entries.
        ShelfcastError: an entry cannot be; `field` begins with its number.
    """
    if key is not None and not await _claim(work, entries, key):
        return 0
    place = await _places(work, entries)
    products = await _products(work, entries)
    wanted = [(products[one.sku].id, one.sold_at) for one in entries]
    prices = await catalogue.prices_at(work, wanted)
    batch = key or str(new_id())
    drafts = [
        _draft(f"add-data:{batch}:{n}", one, place[one.location], price, str(n))
        for n, (one, price) in enumerate(zip(entries, prices, strict=True))
    ]
    rows, recorded = await sales.record_sales(work, drafts, all_or_nothing=True)
    for n, row in enumerate(rows):
        if row.error is not None and not isinstance(row.error, BatchRejected):
            raise _of_entry(row.error, n)
    return len(recorded)


async def _claim(work: Work, entries: Sequence[Entry], key: str) -> bool:
    """Tell whether the key is new.

    Raises:
        InvalidKey, KeyMismatch: see `add_entries`.
    """
    check_key(key, ["Idempotency-Key"])
    claim = Claim(f"add-data:{key}", content_digest(list(entries)), new_id())
    (claimed,) = await effects.claim(work, EffectKind.SUBMISSION, [claim])
    if claimed.standing is Standing.MISMATCH:
        raise KeyMismatch(
            "this key took effect before, with other content", field=["Idempotency-Key"], value=key
        )
    return claimed.standing is Standing.NEW


async def _places(work: Work, entries: Sequence[Entry]) -> dict[str | None, LocationRef]:
    """Return the locations that entries name, and the one of those that name none.

    Raises:
        InvalidEntry: a location nobody knows, or none where sales are recorded.
    """
    named = await locations.resolve_locations(
        work, {one.location for one in entries if one.location}
    )
    for n, one in enumerate(entries):
        if one.location is not None and one.location not in named:
            raise InvalidEntry(
                f"no location {one.location[:60]!r}",
                field=[str(n), "location"],
                value=one.location[:60],
            )
    found: dict[str | None, LocationRef] = {**named}
    if any(one.location is None for one in entries):
        found[None] = await _usual(work)
    return found


async def _usual(work: Work) -> LocationRef:
    """Return where entries were sold that do not say: the only location, else the only web shop.

    Else the first that records its sales; where there is none at all, one is made.
    """
    known = [
        one
        for one in await locations.all_locations(work)
        if one.sales_source is SalesSource.POS or one.kind is LocationKind.WEB_SHOP
    ]
    shops = [one for one in known if one.kind is LocationKind.WEB_SHOP]
    if len(shops) == 1:
        return shops[0]
    stores = [one for one in known if one.kind is not LocationKind.WAREHOUSE]
    if stores or known:
        return (stores or known)[0]
    draft = LocationDraft(code=FIRST_LOCATION, name="Main", kind=LocationKind.STORE)
    ((row, detail),) = await locations.upsert_locations(work, [draft])
    if detail is None:
        raise row.error or InvalidEntry("there is no location", field=["0", "location"])
    return detail.ref


async def _products(work: Work, entries: Sequence[Entry]) -> dict[str, ProductRef]:
    """Return the products by SKU; those nobody knows are made, for somebody to complete.

    Raises:
        InvalidEntry: a name that no SKU can be.
    """
    firsts: dict[str, Entry] = {}
    for one in entries:
        firsts.setdefault(one.sku, one)
    drafts = [
        ProductDraft(
            sku=sku, name=sku, category=CATEGORY, price=priced(_gain(one), None).unit_price
        )
        for sku, one in firsts.items()
    ]
    found = await catalogue.ensure_products(work, drafts)
    for n, one in enumerate(entries):
        if one.sku not in found:
            raise InvalidEntry(
                "no SKU can be called so", field=[str(n), "name"], value=one.sku[:60]
            )
    return found


def _gain(entry: Entry) -> Entry:
    """Return an entry that lost nothing: what is earned is the least that was paid."""
    return Entry(entry.sku, entry.units, max(entry.profit, ZERO), entry.sold_at)


def _draft(
    key: str, entry: Entry, place: LocationRef, price: Price | None, number: str
) -> SaleDraft:
    try:
        made = priced(entry, None if price is None else price.price)
    except InvalidEntry as exc:
        raise InvalidEntry(exc.message, field=[number, "profit"], **exc.details) from exc
    return SaleDraft(
        idempotency_key=key,
        location=place.code,
        channel=Channel.ONLINE if place.kind is LocationKind.WEB_SHOP else Channel.IN_STORE,
        sold_at=entry.sold_at,
        lines=_lines(entry.sku, made),
    )


def _lines(sku: str, made: Priced) -> list[LineDraft]:
    return [
        LineDraft(sku=sku, quantity=one.units, unit_price=made.unit_price, unit_cost=one.unit_cost)
        for one in made.parts
    ]


def _of_entry(error: ShelfcastError, number: int) -> ShelfcastError:
    """Return an error of a sale as one of the entry it was made of."""
    spelt = [_FIELDS[one] for one in error.field or () if one in _FIELDS]
    error.field = [str(number), *(spelt[-1:] or ["profit"])]
    return error
