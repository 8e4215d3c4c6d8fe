"""Products of the catalogue that sold nothing."""

from collections.abc import Collection
from decimal import Decimal
from typing import Final

from backend.analytics import queries
from backend.analytics.rules import Key, Measures, SalesDimension
from backend.infra.work import Work
from backend.sales.filters import SalesCriteria

_0: Final = Decimal()
NOTHING: Final = Measures(_0, _0, _0, _0, None, None, _0, 0, _0)
"""The figures of what sold nothing."""
_UNSOLD: Final = """
select p.sku, p.name from products p
 where p.org_id = $1 and p.status = 'ACTIVE' and p.sku <> all($2::text[])
   and ($3::text[] is null or p.sku = any($3))
   and ($4::text[] is null or p.category_id in (
        select id from categories where org_id = $1 and parent_id is null and name = any($4)))
   and ($5::text[] is null or p.subcategory_id in (
        select id from categories where org_id = $1 and parent_id is not null and name = any($5)))
   and ($6::text[] is null or p.distributor_id in (
        select id from distributors where org_id = $1 and code = any($6)))
 order by p.sku limit $7
"""


async def unsold_products(
    work: Work, criteria: SalesCriteria, sold: Collection[str], most: int
) -> list[Key]:
    """Return active products that the criteria admit and that are not among the sold, by SKU."""
    lists = [
        None if (value := getattr(criteria, name)) is None else sorted(value)
        for name in ("skus", "categories", "subcategories", "distributors")
    ]
    rows = await queries.run(work, _UNSOLD, (list(sold), *lists, most))
    return [Key(SalesDimension.PRODUCT, row["sku"], row["name"]) for row in rows]
