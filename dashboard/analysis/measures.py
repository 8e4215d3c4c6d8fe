"""The measures that can be chosen: how they sort, how they are written, and tables of them all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dashboard.analysis.cuts import Figures
from dashboard.analysis.panels import Column, Table
from dashboard.analysis.view import narrowed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.analysis.cuts import Row
    from dashboard.analysis.panels import Unit

ORDER_OF: Final = {
    "netSales": "NET_SALES",
    "units": "UNITS",
    "orders": "ORDERS",
    "profit": "PROFIT",
}
UNIT_OF: Final[dict[str, Unit]] = {
    "netSales": "money",
    "units": "quantity",
    "orders": "count",
    "profit": "money",
}

HEADINGS: Final = {
    "CATEGORY": "Category",
    "SUBCATEGORY": "Sub-category",
    "PRODUCT": "Product",
    "REGION": "Region",
    "STATE": "State",
    "LOCATION": "Location",
    "CHANNEL": "Channel",
    "MONTH": "Month",
    "YEAR": "Year",
    "QUARTER": "Quarter",
    "WEEK": "Week",
    "DAY": "Day",
    "WEEKDAY": "Weekday",
    "HOUR": "Hour",
    "DISTRIBUTOR": "Distributor",
    "SALE_TYPE": "Sale type",
    "SEGMENT": "Segment",
    "CUSTOMER": "Customer",
    "SELLER": "Seller",
    "DISCOUNT_BAND": "Discount band",
    "COUNTRY": "Country",
    "POSTAL_CODE": "Postal code",
    "FISCAL_YEAR": "Business year",
    "FISCAL_QUARTER": "Business quarter",
    "FISCAL_MONTH": "Business month",
    "FISCAL_WEEK": "Business week",
}
"""What a column of a dimension is called; the everyday ones first, as they are offered."""

FILTER_OF: Final = {
    "CATEGORY": "category",
    "SUBCATEGORY": "subcategory",
    "PRODUCT": "sku",
    "LOCATION": "location",
    "COUNTRY": "country",
    "REGION": "region",
    "STATE": "state",
    "POSTAL_CODE": "postal",
    "DISTRIBUTOR": "distributor",
    "SALE_TYPE": "type",
    "CHANNEL": "channel",
    "SEGMENT": "segment",
    "CUSTOMER": "customer",
}
"""The filter that narrows a page to one value of a dimension."""

NAMED_BY: Final[dict[str, Unit]] = {"CUSTOMER": "pseudonym"}
"""How a column of a dimension is written; files have all of it."""


def value_of(figures: Figures | None, measure: str) -> Any:
    """Return a measure; what was not sold is nothing."""
    return (figures or Figures()).of_measure(measure) or 0


def drill_of(dimension: str, value: str | None) -> str | None:
    """Return what a press on this value adds to the address; None: nothing."""
    name = FILTER_OF.get(dimension)
    return narrowed(**{name: value}) if name and value is not None else None


def name_of(dimension: str, row: Row) -> str:
    """Return what stands beside a bar; pseudonyms by their end, in which they differ."""
    if dimension == "CUSTOMER" and row.id is not None:
        return f"Customer …{row.id[-8:]}"
    return row.label


def named_of(dimension: str, rows: Sequence[Row]) -> tuple[list[Row], Row | None]:
    """Return the rows that are ranked, and the one that is not: sales to nobody are no customer."""
    if dimension != "CUSTOMER":
        return list(rows), None
    named = [row for row in rows if row.id is not None]
    return named, next((row for row in rows if row.id is None), None)


def figures_table(dimensions: Sequence[str], rows: Sequence[Row]) -> Table:
    """Return all figures of groups; cost and profit where they are known."""
    has_profit = any(row.figures.profit is not None for row in rows)
    has_code = dimensions == ("PRODUCT",)
    columns = [
        *(Column(HEADINGS[one], NAMED_BY.get(one, "text")) for one in dimensions),
        *([Column("SKU", "code")] if has_code else []),
        Column("Net sales", "money"),
        Column("Units", "quantity"),
        Column("Orders", "count"),
        Column("Discount", "money"),
        Column("Returns", "money"),
        *([Column("Profit", "money"), Column("Margin", "percent")] if has_profit else []),
    ]
    cells = [
        [
            *(row.label_at(at) for at in range(len(dimensions))),
            *([row.id] if has_code else []),
            *_all_figures(row.figures, has_profit=has_profit),
        ]
        for row in rows
    ]
    return Table(columns, cells, [drill_of(dimensions[0], row.id) for row in rows])


def _all_figures(figures: Figures, *, has_profit: bool) -> list[Any]:
    shown = [
        figures.net_sales,
        figures.units,
        figures.orders,
        figures.discount,
        figures.returns,
    ]
    return [*shown, figures.profit, figures.margin] if has_profit else shown
