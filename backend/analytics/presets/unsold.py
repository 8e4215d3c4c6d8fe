"""Products of the catalogue that sold nothing."""

from collections.abc import Collection
from decimal import Decimal
from typing import Final

from backend.analytics import queries
from backend.analytics.candidates import candidates
from backend.analytics.rollups.admitting import Parameters
from backend.analytics.rules import Key, Measures, SalesDimension
from backend.infra.work import Work
from backend.sales.filters import SalesCriteria

_0: Final = Decimal()
NOTHING: Final = Measures(_0, _0, _0, _0, None, None, _0, 0, _0)
"""The figures of what sold nothing."""
_UNSOLD: Final = """
select p.sku, p.name from ({candidates}) p
 where p.is_offered and p.sku <> all({sold}::text[]) order by p.sku limit {most}
"""


async def unsold_products(
    work: Work, criteria: SalesCriteria, sold: Collection[str], most: int
) -> list[Key]:
    """Return active products that the criteria admit and that are not among the sold, by SKU."""
    parameters = Parameters()
    text = _UNSOLD.format(
        candidates=candidates(criteria, parameters),
        sold=parameters.add(list(sold)),
        most=parameters.add(most),
    )
    rows = await queries.run(work, text, tuple(parameters.values))
    return [Key(SalesDimension.PRODUCT, row["sku"], row["name"]) for row in rows]
