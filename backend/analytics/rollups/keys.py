"""What the numbers of columns stand for, in SQL: the keys of groups."""

from typing import Final

from backend.analytics.dimensions import dimension
from backend.analytics.rollups.admitting import OF_MIX, OF_PLACE, OWN_PLACE
from backend.analytics.rollups.grains import Column
from backend.analytics.rules import Question, SalesDimension

_D = SalesDimension
_C = Column
# A column's number → what it stands for: joins on `x`, the row of sums.
_KEY: Final = "left join rollup_keys of_{0} on of_{0}.org_id = $1 and of_{0}.no = x.{0}"
KEY_JOINS: Final = {
    _C.HOUR: "",
    _C.BAND: "",
    _C.LOCATION: _KEY.format("location"),
    _C.DISTRIBUTOR: _KEY.format("distributor"),
    _C.CUSTOMER: _KEY.format("customer"),
    _C.SELLER: _KEY.format("seller"),
    _C.CATEGORY: _KEY.format("category"),
    _C.NODE: _KEY.format("node")
    + " left join categories a_node on a_node.org_id = $1 and a_node.id = of_node.id",
    _C.PRODUCT: _KEY.format("product")
    + " left join products a_product on a_product.org_id = $1 and a_product.id = of_product.id",
    _C.MIX: "left join rollup_mixes of_mix on of_mix.org_id = $1 and of_mix.no = x.mix",
    _C.AREA: "left join rollup_areas of_area on of_area.org_id = $1 and of_area.no = x.area",
    _C.PLACE: "left join rollup_places of_place on of_place.org_id = $1 and of_place.no = x.place"
    " left join locations own on own.org_id = $1 and own.id = of_place.own",
}


def key_of(one: SalesDimension, column: Column) -> str:
    """Return the SQL of a dimension's key where its column was joined by `KEY_JOINS`."""
    if one in OF_MIX:
        return f"of_mix.{OF_MIX[one]}"
    if one in OF_PLACE:
        name = OF_PLACE[one]
        own = OWN_PLACE.format(p="of_place", column=name)
        return f"of_area.{name}" if column is _C.AREA else own
    if column in (_C.HOUR, _C.BAND):
        return f"x.{column}::int"
    if one is _D.SELLER:
        return "of_seller.name"
    if column is _C.NODE:
        if one is _D.CATEGORY:
            return "coalesce(a_node.parent_id, a_node.id)"
        return "case when a_node.parent_id is not null then a_node.id end"
    if column is _C.PRODUCT and one is not _D.PRODUCT:
        return f"a_product.{'sub' * (one is _D.SUBCATEGORY)}category_id"
    return f"of_{column}.id"


def time_of(one: SalesDimension, question: Question, day: str) -> str:
    """Return the SQL of a period's key where `day` is that of a day in it."""
    return dimension(one, question.calendar).key.replace("s.business_day", day)
