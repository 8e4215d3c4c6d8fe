"""Which numbers the filters and the limits of who asks admit, column by column."""

from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from backend.analytics.rollups.grains import Column
from backend.analytics.rollups.planning import columns_of, dimensions_of, filters_of
from backend.analytics.rules import Question, SalesDimension
from backend.core.principal import Principal
from backend.sales.filters import SalesCriteria

_D = SalesDimension
_C = Column
OF_PLACE: Final = {
    _D.STATE: "state",
    _D.REGION: "region",
    _D.COUNTRY: "country",
    _D.POSTAL_CODE: "postal_code",
}
OF_MIX: Final = {_D.SALE_TYPE: "sale_type", _D.CHANNEL: "channel", _D.SEGMENT: "segment"}
OWN_PLACE: Final = "case when {p}.own is null then {p}.{column} else own.{column} end"


# Dimension, column → the numbers whose rows a filter admits; {0} is the parameter.
_NAMED: Final = (
    "select k.no from {table} f join rollup_keys k on k.org_id = $1 and k.id = f.id"
    " where f.org_id = $1 and f.{name} = any({{0}}::text[])"
)
_CATEGORY_IDS: Final = (
    "(select id from categories where org_id = $1 and parent_id is {not_}null"
    " and name = any({{0}}::text[]))"
)
_TOP: Final = _CATEGORY_IDS.format(not_="")
_SUB: Final = _CATEGORY_IDS.format(not_="not ")
_OF_NODES: Final = (
    "select k.no from rollup_keys k join categories f on f.org_id = $1 and f.id = k.id"
)
_OF_PRODUCTS: Final = (
    "select k.no from products f join rollup_keys k on k.org_id = $1 and k.id = f.id"
)
_ADMITTED: Final = {
    (_D.LOCATION, _C.LOCATION): _NAMED.format(table="locations", name="code"),
    (_D.DISTRIBUTOR, _C.DISTRIBUTOR): _NAMED.format(table="distributors", name="code"),
    (_D.PRODUCT, _C.PRODUCT): _NAMED.format(table="products", name="sku"),
    (_D.CATEGORY, _C.CATEGORY): f"{_OF_NODES} where k.org_id = $1 and f.id in {_TOP}",
    (_D.CATEGORY, _C.NODE): f"{_OF_NODES} where k.org_id = $1"
    f" and (f.id in {_TOP} or f.parent_id in {_TOP})",
    (_D.CATEGORY, _C.PRODUCT): f"{_OF_PRODUCTS} where f.org_id = $1 and f.category_id in {_TOP}",
    (_D.SUBCATEGORY, _C.NODE): f"{_OF_NODES} where k.org_id = $1 and f.id in {_SUB}",
    (
        _D.SUBCATEGORY,
        _C.PRODUCT,
    ): f"{_OF_PRODUCTS} where f.org_id = $1 and f.subcategory_id in {_SUB}",
    (_D.SUBCATEGORY, _C.CATEGORY): "select no from rollup_keys where org_id = $1 and id in"
    f" (select parent_id from categories where org_id = $1 and id in {_SUB})",
    (_D.CUSTOMER, _C.CUSTOMER): "select no from rollup_keys"
    " where org_id = $1 and id = any({0}::uuid[])",
}


_ALSO: Final = {
    (_D.CATEGORY, _C.CATEGORY): (_C.NODE,),
    (_D.CATEGORY, _C.NODE): (_C.CATEGORY,),
    (_D.CATEGORY, _C.PRODUCT): (_C.CATEGORY, _C.NODE),
    (_D.SUBCATEGORY, _C.NODE): (_C.CATEGORY,),
    (_D.SUBCATEGORY, _C.PRODUCT): (_C.CATEGORY, _C.NODE),
}
"""Dimension, column → columns of facts that the same filter limits, too.

They admit nothing less. Facts lie by them, and every index by what admits many facts holds the
subcategory: without these a whole area, or all that a store sold, is fetched for a category.
"""


def admitted(one: SalesDimension, column: Column) -> str:
    """Return the numbers of a column that a filter admits; {0} stands for its values."""
    if one in OF_MIX:
        name = OF_MIX[one]
        return f"select no from rollup_mixes where org_id = $1 and {name} = any({{0}}::text[])"
    if one in OF_PLACE:
        name = OF_PLACE[one]
        if column is _C.AREA:
            return f"select no from rollup_areas where org_id = $1 and {name} = any({{0}}::text[])"
        return (
            "select p.no from rollup_places p"
            " left join locations own on own.org_id = $1 and own.id = p.own"
            f" where p.org_id = $1 and {OWN_PLACE.format(p='p', column=name)} = any({{0}}::text[])"
        )
    return _ADMITTED[one, column]


_LIMITED_IDS: Final = "select no from rollup_keys where org_id = $1 and id = any({0}::uuid[])"


@dataclass(slots=True)
class Parameters:
    """The values of a statement, numbered from `first`."""

    first: int = 2
    values: list[object] = field(default_factory=list[object])

    def add(self, value: object) -> str:
        """Return the parameter that stands for a value."""
        self.values.append(value)
        return f"${self.first + len(self.values) - 1}"


def lookup(
    question: Question, criteria: SalesCriteria, principal: Principal
) -> tuple[str, list[object]]:
    """Return the statement for the numbers that a plan's filters admit, one array after another.

    PostgreSQL chooses an index by the numbers, which it does not know while they are a subquery.
    """
    parameters = Parameters()
    chosen = choices(criteria, principal, columns_of(dimensions_of(question, criteria)))
    arrays = [
        f"array({numbers.format(parameters.add(values))}) as n{n}"
        for n, (_, numbers, values) in enumerate(chosen)
    ]
    return f"select {', '.join(arrays)}", parameters.values


def choices(
    criteria: SalesCriteria, principal: Principal, column_by: dict[SalesDimension, Column]
) -> list[tuple[Column, str, list[Any]]]:
    """Return, by column, which numbers the criteria and the principal's limits admit.

    Columns that no dimension is read from are there for facts alone.
    """
    found = limits(principal)
    for one, values in filters_of(criteria).items():
        column = column_by[one]
        chosen = said(one, values)
        columns = (column, *_ALSO.get((one, column), ()))
        found += [(each, admitted(one, each), chosen) for each in columns]
    return found


def limits(principal: Principal) -> list[tuple[Column, str, list[Any]]]:
    """Return, by column, which numbers the principal's limits admit."""
    found: list[tuple[Column, str, list[Any]]] = []
    if principal.locations is not None:
        found.append((_C.LOCATION, _LIMITED_IDS, sorted(principal.locations)))
    if principal.partner is not None:
        found.append((_C.DISTRIBUTOR, _LIMITED_IDS, [principal.partner]))
    if principal.channel is not None:
        found.append((_C.MIX, admitted(_D.CHANNEL, _C.MIX), [principal.channel]))
    return found


def said(one: SalesDimension, values: frozenset[str]) -> list[Any]:
    """Return a filter's values as its statement takes them."""
    return _ids(values) if one is _D.CUSTOMER else sorted(values)


def _ids(values: frozenset[str]) -> list[UUID]:
    """Return the ids among the values, as PostgreSQL writes them; others are nobody's."""
    found: list[UUID] = []
    for value in sorted(values):
        try:
            id_ = UUID(value)
        except ValueError:
            continue
        if str(id_) == value:
            found.append(id_)
    return found
