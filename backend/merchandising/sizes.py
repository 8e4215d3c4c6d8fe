"""How large products are, and how much their sales follow space."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from backend.catalogue import service as catalogue
from backend.catalogue.errors import UnknownProduct
from backend.infra.upserts import UpsertRow, good_rows, read_upserts
from backend.infra.work import Work
from backend.merchandising import statements
from backend.merchandising.changing import take_turn
from backend.merchandising.drafts import SizeDraft, read_size
from backend.merchandising.errors import InvalidShelf, ShelfOutOfReach, TooManyOnShelf
from backend.merchandising.rules import Size

MOST_ELASTICITY: Final = Decimal("0.9")
MOST_ELASTICITIES: Final = 500
Elasticities = dict[str, Decimal]
"""By category."""


async def upsert_sizes(
    work: Work, drafts: Sequence[SizeDraft], *, all_or_nothing: bool = False
) -> list[UpsertRow[Size]]:
    """Settle how large products are; each row succeeds or fails by itself."""
    _check_reach(work)
    rows = read_upserts(drafts, "sizes", lambda draft: draft.sku, read_size)
    products = await catalogue.resolve_skus(work, {row.code for row in rows})

    def check(size: Size, path: list[str]) -> Size:
        if rows[int(path[2])].code not in products:
            sku = rows[int(path[2])].code[:60]
            raise UnknownProduct(f"no product {sku!r}", field=[*path, "sku"], value=sku)
        return size

    for row in rows:
        row.refuse(check)
    good = [row for row in good_rows(rows, all_or_nothing=all_or_nothing) if row.value]
    sizes = [row.value for row in good if row.value]
    await work.rows(
        statements.PUT_SIZES,
        work.principal.org_id,
        [products[row.code].id for row in good],
        [one.width for one in sizes],
        [one.height for one in sizes],
        [one.depth for one in sizes],
        [one.units_per_facing for one in sizes],
        [one.is_stackable for one in sizes],
    )
    work.note_all("PRODUCT_SIZES_SET", [row.code for row in good])
    return rows


async def elasticities(work: Work) -> Elasticities:
    """Return the elasticities that were settled, by category."""
    rows = await work.rows(statements.ELASTICITIES, work.principal.org_id)
    return {row["category"]: row["elasticity"] for row in rows}


async def set_elasticities(
    work: Work, wanted: Sequence[tuple[str, Decimal | None]]
) -> Elasticities:
    """Settle how much sales of categories follow space; None: the default again.

    Raises:
        InvalidShelf: an elasticity that is none.
        TooManyOnShelf: more than an organisation has.
        ShelfOutOfReach: by who does not see the whole organisation.
    """
    if work.principal.is_limited:
        raise ShelfOutOfReach(
            "this is for those who see the whole organisation", field=["input", "elasticities"]
        )
    for n, (category, value) in enumerate(wanted):
        _check_elasticity(category, value, ["input", "elasticities", str(n)])
    await take_turn(work)
    org, known = work.principal.org_id, await elasticities(work)
    settled = {category: value for category, value in wanted if value is not None}
    if len({*known, *settled}) > MOST_ELASTICITIES:
        raise TooManyOnShelf(
            f"at most {MOST_ELASTICITIES} categories",
            field=["input", "elasticities"],
            limit=MOST_ELASTICITIES,
        )
    gone = [category for category, value in dict(wanted).items() if value is None]
    await work.rows(statements.DROP_ELASTICITIES, org, gone)
    await work.rows(statements.PUT_ELASTICITIES, org, list(settled), list(settled.values()))
    work.note_all("SHELF_ELASTICITIES_SET", list(dict(wanted)))
    return await elasticities(work)


def _check_elasticity(category: str, value: Decimal | None, path: list[str]) -> None:
    if not category.strip() or len(category) > 400 or "\x00" in category:
        raise InvalidShelf("a category has a name", field=[*path, "category"])
    is_bad = value is not None and not (
        value.is_finite()
        and 0 <= value <= MOST_ELASTICITY
        and value == value.quantize(Decimal("0.001"))
    )
    if is_bad:
        raise InvalidShelf(
            f"an elasticity is 0 to {MOST_ELASTICITY}, with at most three decimals",
            field=[*path, "elasticity"],
            value=str(value)[:40],
        )


def _check_reach(work: Work) -> None:
    if work.principal.is_partner:
        raise ShelfOutOfReach("sizes are for those of the organisation", field=["input", "sizes"])
