"""What can be asked about sales, and what an answer consists of. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from backend.analytics.calendars import BusinessCalendar
from backend.analytics.errors import InvalidSummary

MOST_DIMENSIONS: Final = 6
MOST_GROUPS: Final = 50_000
CALENDAR: Final = BusinessCalendar()


class SalesDimension(StrEnum):
    """By what sales are grouped."""

    HOUR = "HOUR"
    """Hour of the location's own day; id 0 to 23."""
    WEEKDAY = "WEEKDAY"
    """Day of the week; id 1 (Monday) to 7."""
    DAY = "DAY"
    """Business day; id 2018-03-05."""
    WEEK = "WEEK"
    """ISO week; id 2018-W10."""
    MONTH = "MONTH"
    """Calendar month; id 2018-03."""
    QUARTER = "QUARTER"
    """Calendar quarter; id 2018-Q1."""
    YEAR = "YEAR"
    """Calendar year; id 2018."""
    FISCAL_WEEK = "FISCAL_WEEK"
    """Week of the organisation's business year; id FY2018-W05."""
    FISCAL_MONTH = "FISCAL_MONTH"
    """Month, or period of four or five weeks, of the business year; id FY2018-P02."""
    FISCAL_QUARTER = "FISCAL_QUARTER"
    """Quarter of the business year; id FY2018-Q1."""
    FISCAL_YEAR = "FISCAL_YEAR"
    """Business year; id FY2018."""
    CATEGORY = "CATEGORY"
    """Category of the product."""
    SUBCATEGORY = "SUBCATEGORY"
    """Subcategory of the product."""
    PRODUCT = "PRODUCT"
    """Product; id is its SKU."""
    LOCATION = "LOCATION"
    """Location it counts at; id is its code."""
    STATE = "STATE"
    """State it was shipped to, else the location's."""
    POSTAL_CODE = "POSTAL_CODE"
    """Postal code it was shipped to, else the location's."""
    REGION = "REGION"
    """Sales region it was shipped to, else the location's."""
    COUNTRY = "COUNTRY"
    """Country it was shipped to, else the location's."""
    DISTRIBUTOR = "DISTRIBUTOR"
    """Who sold it, else who supplies the product; id is the distributor's code."""
    SALE_TYPE = "SALE_TYPE"
    """Direct or trace."""
    CHANNEL = "CHANNEL"
    """Where the customer bought."""
    SEGMENT = "SEGMENT"
    """Segment of the customer when it was recorded."""
    CUSTOMER = "CUSTOMER"
    """Customer, under a pseudonym."""
    SELLER = "SELLER"
    """Who sold it."""
    DISCOUNT_BAND = "DISCOUNT_BAND"
    """How much of the line's gross sales was given as discount; id is the band's upper end in %."""


class SummaryOrder(StrEnum):
    """By what the rows of a summary are sorted."""

    KEY = "KEY"
    """By their keys, in the order of `groupBy`: time runs forward, names from A to Z."""
    UNITS = "UNITS"
    """By units."""
    GROSS_SALES = "GROSS_SALES"
    """By sales before discounts."""
    DISCOUNT = "DISCOUNT"
    """By discounts."""
    NET_SALES = "NET_SALES"
    """By sales after discounts and returns."""
    COST = "COST"
    """By cost."""
    PROFIT = "PROFIT"
    """By profit."""
    ORDERS = "ORDERS"
    """By the number of orders."""
    RETURNS = "RETURNS"
    """By the value of returns."""


class SummaryColumn(StrEnum):
    """What a cell of a summary holds."""

    ID = "ID"
    """Stable key for programs, of each dimension; null where the sales do not say."""
    LABEL = "LABEL"
    """Name for people, of each dimension."""
    UNITS = "UNITS"
    """As `units`."""
    GROSS_SALES = "GROSS_SALES"
    """As `grossSales`."""
    DISCOUNT = "DISCOUNT"
    """As `discount`."""
    NET_SALES = "NET_SALES"
    """As `netSales`."""
    NET_SALES_WITHOUT_COST = "NET_SALES_WITHOUT_COST"
    """As `netSalesWithoutCost`."""
    ORDERS = "ORDERS"
    """As `orders`."""
    RETURNS = "RETURNS"
    """As `returns`."""
    COST = "COST"
    """As `cost`."""
    PROFIT = "PROFIT"
    """As `profit`."""
    IS_RESTATED = "IS_RESTATED"
    """As `isRestated`."""


SECRET_ORDERS: Final = frozenset({SummaryOrder.COST, SummaryOrder.PROFIT})
"""Orders that would give away what only analytics:read may know."""


@dataclass(frozen=True, slots=True)
class Question:
    """How a summary is cut, sorted and shortened.

    `calendar` divides business years. `top` keeps so many rows: of all, or of each group that
    shares the dimensions `top_within`. None keeps all. `both_ends` keeps so many last ones, too.

    Raises:
        InvalidSummary: its parts contradict each other.
    """

    group_by: tuple[SalesDimension, ...]
    order: SummaryOrder = SummaryOrder.NET_SALES
    descending: bool = True
    top: int | None = None
    top_within: tuple[SalesDimension, ...] = ()
    calendar: BusinessCalendar = CALENDAR
    both_ends: bool = False

    def __post_init__(self) -> None:
        if len(set(self.group_by)) < len(self.group_by):
            raise InvalidSummary("a dimension stands in groupBy once", field=["groupBy"])
        if len(self.group_by) > MOST_DIMENSIONS:
            raise InvalidSummary(
                f"group by at most {MOST_DIMENSIONS} dimensions",
                field=["groupBy"],
                limit=MOST_DIMENSIONS,
            )
        if self.top is not None and not 1 <= self.top <= MOST_GROUPS:
            raise InvalidSummary(f"top is 1 to {MOST_GROUPS}", field=["top"], value=self.top)
        if self.top_within and self.top is None:
            raise InvalidSummary("topWithin needs top", field=["top"])
        if not set(self.top_within) < set(self.group_by) and self.top_within:
            raise InvalidSummary(
                "topWithin names some, not all, of the dimensions of groupBy", field=["topWithin"]
            )


class Measures(NamedTuple):  # made ten thousand times for one answer
    """The figures of a group, in the organisation's currency.

    Gross figures count sales only; units, net sales, cost and profit have returns taken off. Cost
    and profit cover the lines
    whose cost is known (None: no line's is); `net_sales_without_cost` is what the others sold.
    """

    units: Decimal
    gross_sales: Decimal
    discount: Decimal
    net_sales: Decimal
    cost: Decimal | None
    profit: Decimal | None
    net_sales_without_cost: Decimal
    orders: int
    returns: Decimal


@dataclass(frozen=True, slots=True)
class Key:
    """Where a group lies on one dimension; `id` None where the sales do not say."""

    dimension: SalesDimension
    id: str | None
    label: str


class Group(NamedTuple):
    """One row of a summary.

    `rank` counts from the first where there is a top, `low` from the last where both ends are kept.
    """

    keys: tuple[Key, ...]
    measures: Measures
    rank: int = 0
    low: int = 0


@dataclass(frozen=True, slots=True)
class Trace:
    """How far figures can be followed to the sales they add up.

    Sales are kept from the business day `kept_from` on (None: all are); `first_day` is the first
    that the figures are about (None: no limit). Where they are not `is_whole`, some of them are
    sums of sales that are gone; `is_out_of_place`: something that moved since counts there where it
    was.
    """

    kept_from: date | None = None
    first_day: date | None = None
    is_whole: bool = True
    is_out_of_place: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """An answer: its rows, and the figures of all sales it is about, cut off rows included.

    Everything recorded up to `as_of` is in it.
    """

    as_of: datetime
    groups: tuple[Group, ...]
    totals: Measures
    trace: Trace


@dataclass(frozen=True, slots=True)
class Values:
    """One figure of each group, in the order of the question; None: nobody knows it.

    Everything recorded up to `as_of` is in it.
    """

    as_of: datetime
    groups: Mapping[tuple[Key, ...], Decimal | int | None]
    trace: Trace
