"""Which sales: the filter shared by the list of sales, their subscription and every summary."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final

import strawberry

from backend.core.errors import Invalid, TooMuch
from backend.core.principal import Principal
from backend.infra.api.described import enum_type, input_type
from backend.sales.rules import Channel, SaleType

MOST_VALUES: Final = 1000

enum_type(Channel)
enum_type(SaleType)


class InvalidRange(Invalid):
    """A range that ends before it begins."""

    code = "INVALID_RANGE"


@dataclass(frozen=True, slots=True)
class SalesCriteria:
    """Which sales; None does not limit, an empty set admits nothing.

    `first_day` and `last_day` are business days, inclusive. Places are the ship-to of a sale that
    has one, else the location's.
    """

    first_day: date | None = None
    last_day: date | None = None
    categories: frozenset[str] | None = None
    subcategories: frozenset[str] | None = None
    skus: frozenset[str] | None = None
    locations: frozenset[str] | None = None
    countries: frozenset[str] | None = None
    regions: frozenset[str] | None = None
    states: frozenset[str] | None = None
    postal_codes: frozenset[str] | None = None
    distributors: frozenset[str] | None = None
    sale_types: frozenset[str] | None = None
    channels: frozenset[str] | None = None
    segments: frozenset[str] | None = None
    customers: frozenset[str] | None = None

    def __post_init__(self) -> None:
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise InvalidRange(
                f"the range ends on {self.last_day}, before it begins on {self.first_day}",
                field=["filter", "to"],
            )
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, frozenset) and len(value) > MOST_VALUES:
                raise TooMuch(
                    f"at most {MOST_VALUES} values to choose from", field=["filter", one.name]
                )


@input_type
class SalesFilter:
    """Which sales; what is left out does not limit.

    Places are where a sale was shipped to, else the location's.
    """

    from_: date | None = strawberry.field(
        name="from", default=None, description="First business day, inclusive."
    )
    to: date | None = None
    """Last business day, inclusive."""
    categories: list[str] | None = None
    """Only products of these categories."""
    subcategories: list[str] | None = None
    """Only products of these subcategories."""
    skus: list[str] | None = None
    """Only these products."""
    locations: list[str] | None = None
    """Only at the locations with these codes."""
    countries: list[str] | None = None
    """Only to these countries."""
    regions: list[str] | None = None
    """Only to these sales regions."""
    states: list[str] | None = None
    """Only to these states."""
    postal_codes: list[str] | None = None
    """Only to these postal codes."""
    distributors: list[str] | None = None
    """Only sold by, else supplied by, the distributors with these codes."""
    sale_types: list[SaleType] | None = None
    """Only direct or only trace sales."""
    channels: list[Channel] | None = None
    """Only from these channels."""
    segments: list[str] | None = None
    """Only to customers of these segments."""
    customers: list[strawberry.ID] | None = None
    """Only to these customers, by id."""

    def criteria(self) -> SalesCriteria:
        """Return the filter as the services take it.

        Raises:
            InvalidRange: it ends before it begins.
            TooMuch: too many values in one list.
        """
        lists = {
            one.name: _set(getattr(self, one.name))
            for one in fields(SalesCriteria)
            if one.name not in ("first_day", "last_day")
        }
        return SalesCriteria(first_day=self.from_, last_day=self.to, **lists)


# The place of a sale: the ship-to's column where any is given, else the location's.
_SHIPPED: Final = (
    "coalesce(s.ship_country, s.ship_state, s.ship_postal_code, s.ship_region, s.ship_city)"
    " is not null"
)


def place(column: str) -> str:
    """Return the SQL of one column of a sale's place; needs the joins of `s` and `loc`."""
    return f"(case when {_SHIPPED} then s.ship_{column} else loc.{column} end)"


LINES: Final = (
    "join sale_lines l"
    " on l.org_id = s.org_id and l.business_day = s.business_day and l.sale_id = s.id"
)
"""The lines of sales `s`. They lie in tables by month: where `s` is limited to days, limit `l` too,
or all months are looked at."""
DISTRIBUTOR: Final = "coalesce(s.distributor_id, p.distributor_id)"
JOINS: Final = {
    "loc": "join locations loc on loc.org_id = s.org_id and loc.id = s.location_id",
    "p": "join products p on p.org_id = l.org_id and p.id = l.product_id",
}
"""Joins by alias, on top of sales `s` and their lines `l`."""

# Field of the criteria → alias it needs, condition on its values as one parameter.
_ON_SALE: Final = {
    "first_day": (None, "s.business_day >= {0}::date"),
    "last_day": (None, "s.business_day <= {0}::date"),
    "locations": (
        None,
        "s.location_id in (select id from locations where org_id = $1 and code = any({0}::text[]))",
    ),
    "countries": ("loc", f"{place('country')} = any({{0}}::text[])"),
    "regions": ("loc", f"{place('region')} = any({{0}}::text[])"),
    "states": ("loc", f"{place('state')} = any({{0}}::text[])"),
    "postal_codes": ("loc", f"{place('postal_code')} = any({{0}}::text[])"),
    "sale_types": (None, "s.sale_type = any({0}::text[])"),
    "channels": (None, "s.channel = any({0}::text[])"),
    "segments": (None, "s.segment = any({0}::text[])"),
    "customers": (None, "s.customer_id::text = any({0}::text[])"),
}
_ON_LINE: Final = {
    "skus": (
        None,
        "l.product_id in (select id from products where org_id = $1 and sku = any({0}::text[]))",
    ),
    "categories": (
        "p",
        "p.category_id in (select id from categories"
        " where org_id = $1 and parent_id is null and name = any({0}::text[]))",
    ),
    "subcategories": (
        "p",
        "p.subcategory_id in (select id from categories"
        " where org_id = $1 and parent_id is not null and name = any({0}::text[]))",
    ),
    "distributors": (
        "p",
        f"{DISTRIBUTOR} in (select id from distributors"
        " where org_id = $1 and code = any({0}::text[]))",
    ),
}


@dataclass(frozen=True, slots=True)
class Conditions:
    """SQL over sales `s` and lines `l`: what must hold of both, its joins, its parameters.

    `on_days` says of lines what `on_sale` says of the days: it chooses nothing, but names months.
    """

    on_sale: tuple[str, ...]
    on_line: tuple[str, ...]
    on_days: tuple[str, ...]
    sale_joins: frozenset[str]
    line_joins: frozenset[str]
    values: tuple[object, ...]


def conditions(criteria: SalesCriteria, principal: Principal, *, first: int = 2) -> Conditions:
    """Return the conditions of criteria, and of the locations or distributor the principal may see.

    The organisation's id is $1; the parameters count from `first`. Every value is a parameter, none
    stands in the text.
    """
    values: list[object] = []
    parts: dict[str, tuple[list[str], set[str]]] = {"sale": ([], set()), "line": ([], set())}

    def add(part: str, alias: str | None, template: str, value: object) -> None:
        values.append(value)
        parts[part][0].append(template.format(f"${first + len(values) - 1}"))
        if alias:
            parts[part][1].add(alias)

    for part, table in (("sale", _ON_SALE), ("line", _ON_LINE)):
        for name, (alias, template) in table.items():
            value = getattr(criteria, name)
            if value is not None:
                add(part, alias, template, sorted(value) if isinstance(value, frozenset) else value)
    if principal.locations is not None:
        add("sale", None, "s.location_id = any({0}::uuid[])", sorted(principal.locations))
    if principal.partner is not None:
        # The policy says so too, but in words that no index understands.
        add("sale", None, "s.distributor_id = {0}::uuid", principal.partner)
    (on_sale, sale_joins), (on_line, line_joins) = parts["sale"], parts["line"]
    days = [one for one in on_sale if one.startswith("s.business_day ")]
    return Conditions(
        on_sale=tuple(on_sale),
        on_line=tuple(on_line),
        on_days=tuple("l" + one.removeprefix("s") for one in days),
        sale_joins=frozenset(sale_joins),
        line_joins=frozenset(line_joins),
        values=tuple(values),
    )


def _set(values: Sequence[Any] | None) -> frozenset[str] | None:
    if values is None:
        return None
    # PostgreSQL's text cannot hold NUL: such a value is unknown, not an error.
    texts = (one.value if isinstance(one, SaleType | Channel) else str(one) for one in values)
    return frozenset(text for text in texts if "\x00" not in text)
