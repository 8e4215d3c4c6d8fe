"""Makes what a file names: its location, products and customers."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, TypeVar
from uuid import UUID

import polars as pl
from msgspec import UNSET

from backend.catalogue import service as catalogue
from backend.catalogue.rules import ProductRef
from backend.catalogue.service import DistributorDraft, ProductDraft
from backend.core.ids import key_digest
from backend.customers import service as customers
from backend.customers.rules import CustomerDraft, CustomerRef
from backend.imports import preparing, statements
from backend.imports.errors import InvalidMapping, MissingRate, UnknownLocation
from backend.imports.openings import LevelKey
from backend.imports.preparing import Names
from backend.imports.profiles import NewLocation, Profile
from backend.imports.rules import Opening, Options
from backend.imports.survey import Survey
from backend.infra.effects import EffectKind
from backend.infra.work import Work
from backend.locations import service as locations
from backend.locations.rules import LocationRef
from backend.locations.service import LocationDraft

T = TypeVar("T")
AT_ONCE: Final = 500
KEYS_AT_ONCE: Final = 50_000
ONE: Final = Decimal(1)
_DAY: Final = timedelta(days=1)


async def places(
    work: Work, profile: Profile, options: Options, named: Sequence[str]
) -> dict[str, LocationRef]:
    """Return the locations of a file by code; `named` are those its lines name.

    The one a profile describes is made.

    Raises:
        UnknownLocation: a code nobody has, and nothing says how to make it.
    """
    own = profile.location
    code = options.location or (own.code if own else None)
    wanted = list({one: None for one in [*named, code] if one})
    found = await locations.resolve_locations(work, wanted)
    if code is not None and code not in found and own is not None:
        found |= await _make(work, replace(own, code=code) if options.location else own)
    if code is not None and code not in found:
        raise UnknownLocation(
            f"no location {code!r}: make it first", field=["location"], value=code
        )
    if not found:
        raise UnknownLocation("say with --location CODE where these were sold", field=["location"])
    return found


async def _make(work: Work, new: NewLocation) -> dict[str, LocationRef]:
    draft = LocationDraft(
        code=new.code,
        name=new.name,
        kind=new.kind,
        timezone=new.timezone,
        country=UNSET if new.country is None else new.country,
    )
    made = await locations.upsert_locations(work, [draft], all_or_nothing=True)
    if (error := made[0][0].error) is not None:
        raise error
    return await locations.resolve_locations(work, [new.code])


async def currency(
    work: Work, profile: Profile, options: Options
) -> tuple[str, Decimal, str | None]:
    """Return the currency of a file, its rate to the organisation's, and what to know about that.

    A file that names none is in the organisation's. One whose layout is known takes an empty
    organisation along.

    Raises:
        MissingRate: the user named another currency without a rate.
    """
    own, said = work.currency, options.currency or profile.currency
    if said is None or said == own:
        return own, options.rate or ONE, None
    if options.rate is not None:
        return said, options.rate, None
    row = await work.row(statements.ADOPT_CURRENCY, said)
    if row and row["adopted"]:
        return said, ONE, f"the organisation had no sales yet: its currency is {said} now"
    if options.currency is not None:
        raise MissingRate(f"say with --rate what one {said} is worth in {own}", field=["rate"])
    note = f"the file is known to be in {said}: its amounts count as {own}"
    note += f" without --currency {said} --rate N"
    return own, ONE, note


async def names(
    work: Work,
    profile: Profile,
    options: Options,
    found: Survey,
    at: dict[str, LocationRef],
    money: tuple[str, Decimal],
) -> Names:
    """Make the products and customers of a file; return what all its names stand for."""
    products = await _products(work, found, money[1])
    made = Names(
        source=options.source or profile.name,
        products=products,
        customers=await _customers(work, found),
        locations=at,
        distributors=await _distributors(work, found.distributors),
        currency=money[0],
        rate=money[1],
        originals=dict(found.originals.iter_rows()),
        starts=await _ledger_starts(work, at) if options.opening is Opening.INFERRED else {},
    )
    keys = preparing.digests(made)
    rows = await work.rows(
        statements.IMPORTED, work.principal.org_id, EffectKind.IMPORT.value, list(keys)
    )
    made.made |= {keys[row["digest"]]: row["effect_id"] for row in rows}
    return made


async def _products(work: Work, found: Survey, rate: Decimal) -> dict[str, ProductRef]:
    drafts = [
        ProductDraft(
            sku=row["sku"],
            name=row["name"],
            category=row["category"],
            subcategory=UNSET if row["subcategory"] is None else row["subcategory"],
            price=_own(row["unit_price"], rate) or Decimal(0),
            cost=UNSET
            if row["unit_cost"] is None
            else max(_own(row["unit_cost"], rate), Decimal(0)),
            attributes={"service": True} if row["is_service"] else UNSET,
            valid_from=found.first_at and found.first_at - _DAY,
        )
        for row in found.products.iter_rows(named=True)
    ]
    made = await catalogue.ensure_products(work, drafts)
    if lost := {draft.sku for draft in drafts} - made.keys():
        raise InvalidMapping(
            f"the catalogue cannot keep {min(lost)!r}", field=["sku"], value=min(lost)
        )
    return made


async def _distributors(work: Work, codes: list[str]) -> dict[str, UUID]:
    found = await catalogue.resolve_distributors(work, codes)
    new = [DistributorDraft(code=code, name=code) for code in codes if code not in found]
    for some in _chunks(new, AT_ONCE):
        await catalogue.upsert_distributors(work, some, all_or_nothing=True)
    return await catalogue.resolve_distributors(work, codes) if new else found


def _own(amount: Decimal | None, rate: Decimal) -> Decimal:
    return round((amount or Decimal(0)) * rate, 4)


async def _customers(work: Work, found: Survey) -> dict[str, CustomerRef]:
    rows = list(found.customers.iter_rows(named=True))
    named = [row for row in rows if row["customer_name"] is not None]
    for some in _chunks(named, AT_ONCE):
        drafts = [
            CustomerDraft(
                reference=row["customer"],
                name=row["customer_name"],
                segment=UNSET if row["segment"] is None else row["segment"],
            )
            for row in some
        ]
        await customers.upsert_customers(work, drafts)
    segments = {row["customer"]: row["segment"] for row in rows}
    return await customers.resolve_customers(work, segments, segments)


async def _ledger_starts(work: Work, at: dict[str, LocationRef]) -> dict[LevelKey, datetime]:
    ids = [place.id for place in at.values()]
    any_levels = await work.row(statements.HAS_LEVELS, work.principal.org_id, ids)
    if not any_levels or not any_levels["any"]:
        return {}
    rows = await work.rows(statements.LEDGER_STARTS, work.principal.org_id, ids)
    return {(row["location_id"], row["product_id"]): row["first_at"] for row in rows}


async def imported(work: Work, names: Names, orders: pl.Series) -> pl.Series:
    """Return those of the orders that were imported before."""
    keys = {key_digest(names.key(order)): order for order in orders}
    known: list[str] = []
    for some in _chunks(list(keys), KEYS_AT_ONCE):
        rows = await work.rows(
            statements.IMPORTED, work.principal.org_id, EffectKind.IMPORT.value, some
        )
        known += [keys[row["digest"]] for row in rows]
    return pl.Series("order", known, pl.String)


def _chunks(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
