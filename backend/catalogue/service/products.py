"""Making and changing products: a fixed number of statements, whatever the number of products."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import UnsetType

from backend.catalogue import statements
from backend.catalogue.drafts import (
    ProductDraft,
    ProductState,
    changes,
    merged,
    read_product,
)
from backend.catalogue.errors import DuplicateGtin, UnknownDistributor
from backend.catalogue.events import ProductChanged
from backend.catalogue.loaders import detail_of, price_of
from backend.catalogue.rules import Packaging, ProductDetail, ProductRef, ProductStatus
from backend.catalogue.service.references import resolve_distributors, resolve_skus
from backend.core import attributes
from backend.core.ids import new_id
from backend.infra.upserts import UpsertRow, good_rows, read_upserts
from backend.infra.work import Work

MOST_AT_ONCE: Final = 500
_PRICED: Final = {"price", "cost"}
_CategoryName = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database says of the products and codes of a batch, at the time of the lock."""

    details: dict[str, ProductDetail]
    states: dict[str, ProductState]
    owners: dict[str, str]
    """SKU of the product to which a GTIN belongs."""
    distributors: dict[str, UUID]


@dataclass(frozen=True, slots=True)
class _Change:
    """A product that is to become something else than it is."""

    row: UpsertRow[ProductDraft]
    id: UUID
    draft: ProductDraft
    before: ProductState | None
    after: ProductState
    changed: tuple[str, ...]


async def upsert_products(
    work: Work, drafts: Sequence[ProductDraft], *, all_or_nothing: bool = False
) -> list[tuple[UpsertRow[ProductDraft], ProductDetail | None]]:
    """Make or change products by SKU; each row comes with the product it left, None if rejected.

    A price or cost that differs from the one at `valid_from` (now where unset) opens a period that
    begins there. What is as sent already is not touched: no version, no event.
    """
    rows = read_upserts(
        drafts,
        "products",
        lambda draft: draft.sku,
        lambda draft, path: read_product(draft, path, work.now),
    )
    await work.rows(statements.LOCK, str(work.principal.org_id))
    known = await _known(work, [row.value for row in rows if row.value and not row.error])
    _refuse_unknown_distributors(rows, known)
    _refuse_taken_gtins(rows, known)
    good = good_rows(rows, all_or_nothing=all_or_nothing)
    pending = [change for row in good if (change := _change(row, known)) is not None]
    details = known.details | await _write(work, pending, known)
    work.note_all("PRODUCTS_UPSERTED", [change.draft.sku for change in pending])
    return [(row, None if row.error else details[row.code]) for row in rows]


async def ensure_products(work: Work, drafts: Iterable[ProductDraft]) -> dict[str, ProductRef]:
    """Return the products of these SKUs, making those that are new as PROVISIONAL.

    Products that are known stay as they are. Drafts that make no sense are absent.
    """
    by_sku = {draft.sku: draft for draft in drafts}
    found = await resolve_skus(work, by_sku)
    missing = [
        msgspec.structs.replace(draft, status=ProductStatus.PROVISIONAL)
        for sku, draft in by_sku.items()
        if sku not in found
    ]
    for start in range(0, len(missing), MOST_AT_ONCE):
        made = await upsert_products(work, missing[start : start + MOST_AT_ONCE])
        found |= {row.code: detail.ref for row, detail in made if detail}
    return found


async def _known(work: Work, drafts: Sequence[ProductDraft]) -> _Known:
    org = work.principal.org_id
    found = await work.rows(
        statements.PRODUCTS_TO_CHANGE,
        org,
        [draft.sku for draft in drafts],
        [draft.valid_from or work.now for draft in drafts],
    )
    ids = [row["id"] for row in found]
    wanted = [one.gtin for draft in drafts for one in draft.gtins or ()]
    gtins = await work.rows(statements.GTINS_TO_CHANGE, org, wanted, ids)
    by_sku: dict[str, set[Packaging]] = {row["sku"]: set() for row in found}
    for row in gtins:
        by_sku.setdefault(row["sku"], set()).add(Packaging(row["gtin"], row["units"]))
    codes = {draft.distributor for draft in drafts if isinstance(draft.distributor, str)}
    return _Known(
        {row["sku"]: detail_of(row) for row in found},
        {row["sku"]: _state(row, frozenset(by_sku[row["sku"]])) for row in found},
        {row["gtin"]: row["sku"] for row in gtins},
        await resolve_distributors(
            work, codes | {row["distributor"] for row in found if row["distributor"]}
        ),
    )


def _state(row: dict[str, Any], gtins: frozenset[Packaging]) -> ProductState:
    return ProductState(
        row["name"],
        row["category"],
        row["subcategory"],
        row["distributor"],
        row["reorder_point"],
        ProductStatus(row["status"]),
        attributes.decode(row["attributes"]),
        gtins,
        price_of(row),
    )


def _refuse_unknown_distributors(rows: Sequence[UpsertRow[ProductDraft]], known: _Known) -> None:
    def check(draft: ProductDraft, path: list[str]) -> None:
        code = draft.distributor
        if isinstance(code, str) and code not in known.distributors:
            raise UnknownDistributor(
                f"no distributor {code[:60]!r}", field=[*path, "distributor"], value=code[:60]
            )

    for row in rows:
        row.refuse(check)


def _refuse_taken_gtins(rows: Sequence[UpsertRow[ProductDraft]], known: _Known) -> None:
    """Refuse rows that take a GTIN from a product which does not give it up in the same call.

    A refused row gives up nothing, so its refusal may be the reason for the next.
    """
    while True:
        good = [row for row in rows if row.value is not None and row.error is None]
        kept = _kept_gtins(good, known)

        def check(draft: ProductDraft, path: list[str]) -> None:
            for index, one in enumerate(draft.gtins or ()):
                owner = kept[one.gtin]  # noqa: B023 - called at once, below
                if owner != draft.sku:
                    raise DuplicateGtin(
                        f"{one.gtin} belongs to {owner}",
                        field=[*path, "gtins", str(index), "gtin"],
                        value=one.gtin,
                        sku=owner,
                    )

        for row in good:
            row.refuse(check)
        if all(row.error is None for row in good):
            return


def _kept_gtins(good: Sequence[UpsertRow[ProductDraft]], known: _Known) -> dict[str, str]:
    """Return the SKU to which each GTIN belongs if these rows take effect.

    Of two that want it, the one that has it keeps it, else the first one gets it.
    """
    wanted = {
        row.code: [one.gtin for one in row.value.gtins or ()]
        for row in good
        if row.value and not isinstance(row.value.gtins, UnsetType)
    }
    kept = {
        gtin: sku for gtin, sku in known.owners.items() if sku not in wanted or gtin in wanted[sku]
    }
    for sku, gtins in wanted.items():
        for gtin in gtins:
            kept.setdefault(gtin, sku)
    return kept


def _change(row: UpsertRow[ProductDraft], known: _Known) -> _Change | None:
    assert row.value is not None
    before = known.states.get(row.code)
    after = merged(row.value, before)
    changed = changes(before, after)
    id_ = known.details[row.code].ref.id if before else new_id()
    return _Change(row, id_, row.value, before, after, changed) if changed else None


async def _write(work: Work, pending: list[_Change], known: _Known) -> dict[str, ProductDetail]:
    if not pending:
        return {}
    org = work.principal.org_id
    categories = await _categories(work, [one.after for one in pending])
    suppliers = [one.after.distributor for one in pending]
    written = await work.rows(
        statements.PUT_PRODUCTS,
        org,
        [one.id for one in pending],
        [one.draft.sku for one in pending],
        [one.after.name for one in pending],
        [categories[one.after.category, None] for one in pending],
        [categories[one.after.category, one.after.subcategory] if one.after.subcategory else None
         for one in pending],
        [known.distributors[code] if code else None for code in suppliers],
        [one.after.reorder_point for one in pending],
        [one.after.status.value for one in pending],
        [attributes.encode(one.after.attributes) for one in pending],
        work.now,
    )  # fmt: skip
    await _write_gtins(work, pending)
    await _write_prices(work, pending)
    versions = {row["sku"]: row["version"] for row in written}
    details = {one.draft.sku: _detail(work, one, known, versions[one.draft.sku]) for one in pending}
    work.gather(_event(work, one, details[one.draft.sku]) for one in pending)
    return details


async def _categories(work: Work, states: Sequence[ProductState]) -> dict[_CategoryName, UUID]:
    """Return the ids of categories (second None) and subcategories by name, making the new ones."""
    wanted: set[_CategoryName] = {(state.category, None) for state in states}
    wanted |= {(state.category, state.subcategory) for state in states if state.subcategory}
    names = list({name for pair in wanted for name in pair if name})
    rows = await work.rows(statements.CATEGORIES_BY_NAME, work.principal.org_id, names)
    ids: dict[_CategoryName, UUID] = {
        (row["name"], None): row["id"] for row in rows if row["parent_id"] is None
    }
    parents = {id_: name for (name, _), id_ in ids.items()}
    ids |= {
        (parents[row["parent_id"]], row["name"]): row["id"]
        for row in rows
        if row["parent_id"] in parents
    }
    new = sorted(wanted - ids.keys(), key=lambda pair: (pair[1] is not None, str(pair)))
    for pair in new:
        ids[pair] = new_id()
    if new:
        await work.rows(
            statements.ADD_CATEGORIES,
            work.principal.org_id,
            [ids[pair] for pair in new],
            [name if second is None else second for name, second in new],
            [None if second is None else ids[name, None] for name, second in new],
        )
    return ids


async def _write_gtins(work: Work, pending: Sequence[_Change]) -> None:
    touched = [one for one in pending if "gtins" in one.changed]
    if not touched:
        return
    had = {g.gtin for one in touched if one.before for g in one.before.gtins}
    has = [(g.gtin, one.id, g.units) for one in touched for g in one.after.gtins]
    org = work.principal.org_id
    await work.rows(statements.DROP_GTINS, org, list(had - {gtin for gtin, _, _ in has}))
    await work.rows(
        statements.PUT_GTINS,
        org,
        [gtin for gtin, _, _ in has],
        [id_ for _, id_, _ in has],
        [units for _, _, units in has],
    )


async def _write_prices(work: Work, pending: Sequence[_Change]) -> None:
    priced = [one for one in pending if _PRICED & set(one.changed)]
    if not priced:
        return
    await work.rows(
        statements.PUT_PRICES,
        work.principal.org_id,
        [one.id for one in priced],
        [one.draft.valid_from or work.now for one in priced],
        [one.after.price and one.after.price.price for one in priced],
        [one.after.price and one.after.price.cost for one in priced],
    )


def _detail(work: Work, one: _Change, known: _Known, version: int) -> ProductDetail:
    after = one.after
    ref = ProductRef(
        one.id,
        one.draft.sku,
        after.name,
        after.category,
        after.subcategory,
        known.distributors[after.distributor] if after.distributor else None,
        after.reorder_point,
    )
    return ProductDetail(ref, after.status, after.attributes, work.now, version)


def _event(work: Work, one: _Change, detail: ProductDetail) -> ProductChanged:
    previous = one.before.reorder_point if one.before else None
    return ProductChanged(None, detail.ref, previous, one.changed, detail.version, work.now)
