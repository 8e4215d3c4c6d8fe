"""Products of the catalogue, and which of them a filter admits, bought or not."""

from typing import Final

from backend.analytics.rollups.admitting import Parameters
from backend.sales.filters import SalesCriteria

_LISTS: Final = ("skus", "categories", "subcategories", "distributors")
_PRODUCTS: Final = """
select p.id, p.sku, p.name, p.status = 'ACTIVE'
   and ({0}::text[] is null or p.sku = any({0}))
   and ({1}::text[] is null or p.category_id in (
        select id from categories where org_id = $1 and parent_id is null and name = any({1})))
   and ({2}::text[] is null or p.subcategory_id in (
        select id from categories where org_id = $1 and parent_id is not null and name = any({2})))
   and ({3}::text[] is null or p.distributor_id in (
        select id from distributors where org_id = $1 and code = any({3}))) as is_offered
  from products p where p.org_id = $1"""


def candidates(criteria: SalesCriteria, parameters: Parameters) -> str:
    """Return the statement for all products of the organisation $1: `id`, `sku`, `name`.

    Those that are active and that the criteria admit are `is_offered`.
    """
    lists = (getattr(criteria, name) for name in _LISTS)
    given = [parameters.add(None if one is None else sorted(one)) for one in lists]
    return _PRODUCTS.format(*given)
