"""What a sale is, and how its sums are made. Pure."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import msgspec

from backend.catalogue.rules import Price, ProductRef
from backend.core.drafts import Draft, Moment
from backend.core.numbers import ZERO, InvalidAmount, money, quantity, rounded
from backend.core.principal import Principal
from backend.locations.rules import LocationRef
from backend.sales.errors import InvalidCurrency, InvalidSale, MissingPrice, SaleOutOfReach

MOST_LINES: Final = 500
MOST_TEXT: Final = 200
LEAST_UNITS: Final = Decimal("0.0001")
ONE: Final = Decimal(1)
LEAST_RATE: Final = Decimal("0.000001")
MOST_RATE: Final = Decimal(1_000_000)
RATE_SCALE: Final = Decimal("0.0000000001")


class Channel(StrEnum):
    """Where the customer bought."""

    ONLINE = "ONLINE"
    """In our own web shop."""
    IN_STORE = "IN_STORE"
    """At a till."""
    MARKETPLACE = "MARKETPLACE"
    """On somebody else's platform."""


class SaleType(StrEnum):
    """Whose goods were sold."""

    DIRECT = "DIRECT"
    """By us, from our stock."""
    TRACE = "TRACE"
    """By a distributor who reports it; moves none of our stock."""


class SaleKind(StrEnum):
    """Which way the goods went."""

    SALE = "SALE"
    """To the customer."""
    RETURN = "RETURN"
    """Back from the customer."""


class SaleSource(StrEnum):
    """How we learnt of it."""

    POS = "POS"
    """Recorded by a till, a shop or a partner."""
    READS = "READS"
    """A checkout read was the sale."""
    IMPORT = "IMPORT"
    """From a file."""


class Place(Draft, frozen=True, kw_only=True):
    """Where goods were shipped to."""

    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    region: str | None = None
    country: str | None = None


class LineDraft(Draft, frozen=True, kw_only=True):
    """A line as sent: sku or gtin; price and cost None are the catalogue's of that day.

    Amounts are of the whole line.
    """

    sku: str | None = None
    gtin: str | None = None
    quantity: Decimal
    unit_price: Decimal | None = None
    discount: Decimal | None = None
    tax: Decimal | None = None
    unit_cost: Decimal | None = None


class SaleDraft(Draft, frozen=True, kw_only=True):
    """A sale as sent."""

    idempotency_key: str
    location: str
    channel: Channel
    sold_at: Moment
    sale_type: SaleType = SaleType.DIRECT
    distributor: str | None = None
    sold_by: str | None = None
    customer: str | None = None
    ship_to: Place | None = None
    currency: str | None = None
    exchange_rate: Decimal | None = None
    lines: list[LineDraft]


class ReturnDraft(Draft, frozen=True, kw_only=True):
    """A return as sent; `sale` is the key of the sale it belongs to, None without a receipt."""

    idempotency_key: str
    sale: str | None = None
    location: str
    channel: Channel | None = None
    returned_at: Moment
    restock: bool = True
    customer: str | None = None
    currency: str | None = None
    exchange_rate: Decimal | None = None
    lines: list[LineDraft]


class Line(msgspec.Struct, frozen=True):
    """A line with its sums.

    `unit_price`, `discount`, `tax`, `unit_cost` are in the sale's currency, the sums in the
    organisation's.

    `quantity` is positive for returns too: the kind of the sale says which way it went.
    """

    line_no: int
    product: ProductRef
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    tax: Decimal
    unit_cost: Decimal | None
    gross: Decimal
    discounted: Decimal
    net: Decimal
    cost: Decimal | None

    def fact(self) -> "LineFact":
        """Return what events store of it."""
        return LineFact(
            self.line_no,
            self.quantity,
            self.unit_price,
            self.discount,
            self.tax,
            self.gross,
            self.net,
            self.cost,
            self.product.fact(),
        )


class Sale(msgspec.Struct, frozen=True):
    """A sale or return, complete."""

    id: UUID
    kind: SaleKind
    idempotency_key: str
    source: SaleSource
    location: LocationRef
    channel: Channel
    sale_type: SaleType
    sold_at: datetime
    business_day: date
    recorded_at: datetime
    distributor: str | None
    distributor_id: UUID | None
    sold_by: str | None
    customer_id: UUID | None
    segment: str | None
    ship_to: Place | None
    currency: str
    exchange_rate: Decimal
    return_of: UUID | None
    lines: tuple[Line, ...]

    def fact(self) -> "SaleFact":
        """Return what events store of it: ids only for persons."""
        head = SaleHeadFact(
            id=self.id,
            kind=self.kind,
            idempotency_key=self.idempotency_key,
            source=self.source,
            channel=self.channel,
            sale_type=self.sale_type,
            sold_at=self.sold_at,
            recorded_at=self.recorded_at,
            business_day=self.business_day,
            distributor=self.distributor,
            distributor_id=self.distributor_id,
            sold_by=self.sold_by,
            customer_id=self.customer_id,
            segment=self.segment,
            ship_to=self.ship_to,
            currency=self.currency,
            exchange_rate=self.exchange_rate,
            return_of=self.return_of,
            units=sum([line.quantity for line in self.lines], ZERO),
            gross_sales=sum([line.gross for line in self.lines], ZERO),
            discount=sum([line.discounted for line in self.lines], ZERO),
            net_sales=sum([line.net for line in self.lines], ZERO),
            tax=sum([line.tax for line in self.lines], ZERO),
            cost=total_cost(self.lines),
        )
        lines = [line.fact() for line in self.lines]
        return SaleFact(self.id, self.sold_at, head, self.location.fact(), lines)


class LineFact(msgspec.Struct, frozen=True, rename="camel"):
    """What events store of a line."""

    line_no: int
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    tax: Decimal
    gross_sales: Decimal
    net_sales: Decimal
    cost: Decimal | None
    product: dict[str, Any]


class SaleHeadFact(msgspec.Struct, frozen=True, rename="camel"):
    """What events store of a sale as a whole; sums are in the organisation's currency."""

    id: UUID
    kind: SaleKind
    idempotency_key: str
    source: SaleSource
    channel: Channel
    sale_type: SaleType
    sold_at: datetime
    recorded_at: datetime
    business_day: date
    distributor: str | None
    distributor_id: UUID | None
    sold_by: str | None
    customer_id: UUID | None
    segment: str | None
    ship_to: Place | None
    currency: str
    exchange_rate: Decimal
    return_of: UUID | None
    units: Decimal
    gross_sales: Decimal
    discount: Decimal
    net_sales: Decimal
    tax: Decimal
    cost: Decimal | None


class SaleFact(msgspec.Struct, frozen=True, rename="camel"):
    """What the log stores of a sale or return."""

    key: UUID
    occurred_at: datetime
    sale: SaleHeadFact
    location: dict[str, Any]
    lines: list[LineFact]


def total_cost(lines: Sequence[Line]) -> Decimal | None:
    """Return the cost of all lines, None where one is unknown."""
    costs = [line.cost for line in lines if line.cost is not None]
    return sum(costs, ZERO) if len(costs) == len(lines) else None


def check_lines(lines: Sequence[LineDraft], path: list[str]) -> None:
    """Refuse a sale whose lines make no sense by themselves.

    Raises:
        InvalidSale: none, too many, or a line that names no product or two.
        InvalidQuantity, InvalidAmount: a figure that cannot be.
    """
    if not 1 <= len(lines) <= MOST_LINES:
        raise InvalidSale(f"a sale has 1 to {MOST_LINES} lines", field=[*path, "lines"])
    for index, line in enumerate(lines):
        at = [*path, "lines", str(index)]
        if (line.sku is None) == (line.gtin is None):
            raise InvalidSale("a line names its product by sku or by gtin", field=at)
        quantity(line.quantity, [*at, "quantity"], least=LEAST_UNITS)
        for name, amount in (
            ("unitPrice", line.unit_price),
            ("discount", line.discount),
            ("tax", line.tax),
            ("unitCost", line.unit_cost),
        ):
            if amount is not None:
                money(amount, [*at, name])


def check_text(value: str | None, field: list[str]) -> None:
    """Refuse a text that is too long or holds a NUL character, which PostgreSQL cannot store.

    Raises:
        InvalidSale: it is.
    """
    if value is not None and (len(value) > MOST_TEXT or "\x00" in value):
        raise InvalidSale(f"at most {MOST_TEXT} characters", field=field, value=value[:60])


def check_reach(
    principal: Principal,
    channel: Channel,
    distributor_id: UUID | None,
    customer: str | None,
    path: list[str],
) -> None:
    """Refuse what a partner may not record; others may record anything.

    Raises:
        SaleOutOfReach: another distributor's or channel's sale, or one that names a customer.
    """
    if principal.partner is not None and distributor_id != principal.partner:
        raise SaleOutOfReach(
            "you record your own sales: name yourself as the distributor",
            field=[*path, "distributor"],
        )
    if principal.channel is not None and channel.value != principal.channel:
        raise SaleOutOfReach(
            f"you record sales of the channel {principal.channel}",
            field=[*path, "channel"],
            value=channel.value,
        )
    if principal.is_partner and customer is not None:
        raise SaleOutOfReach("a partner names no customers", field=[*path, "customer"])


def rate(
    currency: str | None, exchange_rate: Decimal | None, own: str, path: list[str]
) -> tuple[str, Decimal]:
    """Return the sale's currency and what one unit of it is worth in the organisation's (`own`).

    Raises:
        InvalidCurrency: not ISO 4217 letters, or a foreign currency without a positive rate.
    """
    currency = currency or own
    if len(currency) != 3 or not currency.isascii() or not currency.isupper():
        raise InvalidCurrency(
            f"{currency[:20]!r} is not an ISO 4217 code",
            field=[*path, "currency"],
            value=currency[:20],
        )
    if exchange_rate is None:
        if currency != own:
            raise InvalidCurrency(
                f"send the rate from {currency} to {own}", field=[*path, "exchangeRate"]
            )
        return currency, ONE
    is_positive = exchange_rate.is_finite() and LEAST_RATE <= exchange_rate < MOST_RATE
    if not is_positive or (currency == own and exchange_rate != ONE):
        raise InvalidCurrency(
            f"a rate lies between {LEAST_RATE} and {MOST_RATE}; that of {own} is 1",
            field=[*path, "exchangeRate"],
            value=str(exchange_rate)[:40],
        )
    return currency, exchange_rate.quantize(RATE_SCALE)


def complete_line(  # noqa: PLR0913 - the parts a line is made of
    line_no: int,
    draft: LineDraft,
    product: ProductRef,
    units: Decimal,
    price: Price | None,
    exchange_rate: Decimal,
    path: list[str],
) -> Line:
    """Return a line with its sums, each rounded once to four decimals.

    `units` is what one of the named code counts for; the unit price is for one unit of the product.
    The catalogue's price and cost are in the organisation's currency.

    Raises:
        MissingPrice: neither the line nor the catalogue has one.
        InvalidAmount: the discount exceeds the line, or a sum is out of bounds.
    """
    count = quantity(draft.quantity * units, [*path, "quantity"], least=LEAST_UNITS)
    if draft.unit_price is not None:
        unit_price = draft.unit_price / units if units != ONE else draft.unit_price
    elif price is not None:
        unit_price = price.price / exchange_rate
    else:
        raise MissingPrice(
            f"{product.sku} has no price in the catalogue: send unitPrice",
            field=[*path, "unitPrice"],
        )
    unit_cost = draft.unit_cost
    if unit_cost is None and price is not None and price.cost is not None:
        unit_cost = price.cost / exchange_rate
    discount = draft.discount or ZERO
    gross = unit_price * count
    if discount > rounded(gross):
        raise InvalidAmount(
            f"a discount of {discount:f} exceeds the line's {rounded(gross):f}",
            field=[*path, "discount"],
            value=str(discount),
        )
    return Line(
        line_no=line_no,
        product=product,
        quantity=count,
        unit_price=money(rounded(unit_price), [*path, "unitPrice"]),
        discount=discount,
        tax=draft.tax or ZERO,
        unit_cost=None if unit_cost is None else money(rounded(unit_cost), [*path, "unitCost"]),
        gross=money(rounded(gross * exchange_rate), [*path, "unitPrice"]),
        discounted=rounded(discount * exchange_rate),
        net=rounded(gross * exchange_rate) - rounded(discount * exchange_rate),
        cost=None
        if unit_cost is None
        else money(rounded(unit_cost * count * exchange_rate), [*path, "unitCost"]),
    )
