"""Which column says what: the layouts recognised by themselves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from backend.imports.errors import UnknownColumns
from backend.locations.rules import LocationKind

# What a column can say. Amounts are of the whole line but for unit_price and unit_cost.
FIELDS: Final = (
    "order",
    "sold_at",
    "time",
    "sku",
    "name",
    "category",
    "subcategory",
    "quantity",
    "unit_price",
    "gross",
    "net",
    "discount",
    "discount_rate",
    "tax",
    "unit_cost",
    "cost",
    "profit",
    "customer",
    "customer_name",
    "segment",
    "city",
    "state",
    "postal_code",
    "region",
    "country",
    "channel",
    "sale_type",
    "distributor",
    "sold_by",
    "location",
)
REQUIRED: Final = ("sold_at", "sku", "quantity")


@dataclass(frozen=True, slots=True)
class NewLocation:
    """The location a file belongs to, made when nobody has it yet."""

    code: str
    name: str
    kind: LocationKind
    timezone: str
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """How the columns of a file are read.

    `columns` names the column of each field, `constants` what no column says, `values` renames what
    a column says. `name` is part of the keys: two files under one name hold the same sales when
    their order numbers are equal.
    """

    name: str
    columns: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict[str, str])
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    time_formats: tuple[str, ...] = ()
    decimal_comma: bool = False
    currency: str | None = None
    location: NewLocation | None = None
    cancelled_prefix: str | None = None
    """Order numbers that begin so are returns."""
    free_is_adjustment: bool = False
    """A price of zero without a customer, or of a negative quantity, corrects stock: no sale."""
    services: frozenset[str] = frozenset()
    """SKUs that are sold but lie on no shelf."""
    not_sales: frozenset[str] = frozenset()
    """SKUs whose lines are no sales at all."""
    upper_sku: bool = False
    postal_digits: Mapping[str, int] = field(default_factory=dict[str, int])
    """Digits of postal codes by country: lost leading zeros come back."""

    def missing(self, columns: Iterable[str]) -> list[str]:
        """Return the columns it needs that a file does not have."""
        present = set(columns)
        return [column for column in self.columns.values() if column not in present]


SUPERSTORE: Final = Profile(
    name="superstore",
    columns={
        "order": "Order ID",
        "sold_at": "Order Date",
        "sku": "Product ID",
        "name": "Product Name",
        "category": "Category",
        "subcategory": "Sub-Category",
        "quantity": "Quantity",
        "net": "Sales",
        "discount_rate": "Discount",
        "profit": "Profit",
        "customer": "Customer ID",
        "customer_name": "Customer Name",
        "segment": "Segment",
        "city": "City",
        "state": "State",
        "postal_code": "Postal Code",
        "region": "Region",
        "country": "Country",
    },
    constants={"channel": "ONLINE"},
    time_formats=("%m/%d/%Y", "%Y-%m-%d"),
    currency="USD",
    location=NewLocation(
        "superstore-web",
        "Superstore web shop",
        LocationKind.WEB_SHOP,
        "America/New_York",
        "United States",
    ),
    postal_digits={"United States": 5},
)

ONLINE_RETAIL: Final = Profile(
    name="online-retail",
    columns={
        "order": "InvoiceNo",
        "sold_at": "InvoiceDate",
        "sku": "StockCode",
        "name": "Description",
        "quantity": "Quantity",
        "unit_price": "UnitPrice",
        "customer": "CustomerID",
        "country": "Country",
    },
    constants={"channel": "ONLINE"},
    time_formats=("%Y-%m-%d %H:%M:%S", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M"),
    currency="GBP",
    location=NewLocation(
        "online-retail-web",
        "Online Retail web shop",
        LocationKind.WEB_SHOP,
        "Europe/London",
        "United Kingdom",
    ),
    cancelled_prefix="C",
    free_is_adjustment=True,
    services=frozenset(
        {
            "POST",
            "DOT",
            "C2",
            "M",
            "D",
            "S",
            "GIFT_0001_10",
            "GIFT_0001_20",
            "GIFT_0001_30",
            "GIFT_0001_40",
            "GIFT_0001_50",
        }
    ),
    not_sales=frozenset({"AMAZONFEE", "BANK CHARGES", "CRUK", "B"}),
    upper_sku=True,
)
KNOWN: Final = (SUPERSTORE, ONLINE_RETAIL)


def recognise(columns: Iterable[str]) -> Profile:
    """Return the known layout whose columns are all there.

    Raises:
        UnknownColumns: there is none.
    """
    present = list(columns)
    for profile in KNOWN:
        if not profile.missing(present):
            return profile
    shown = ", ".join(present[:20])
    raise UnknownColumns(
        f"nobody knows these columns: {shown}. Say with --mapping FILE.toml which one is what",
        columns=present[:50],
    )
