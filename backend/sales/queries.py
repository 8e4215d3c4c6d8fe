"""Reading recorded sales: pages of a list, and single ones by id."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from backend.catalogue import service as catalogue
from backend.catalogue.rules import ProductRef
from backend.core.cursors import InvalidCursor, list_cursor, parse_list_cursor
from backend.infra.api.relay import Page, check_first
from backend.infra.work import Work
from backend.locations import service as locations
from backend.locations.rules import LocationRef
from backend.sales import retention
from backend.sales.filters import JOINS, SalesCriteria, conditions
from backend.sales.rules import Channel, Line, Place, Sale, SaleKind, SaleSource, SaleType


class SaleOrder(StrEnum):
    """By what sales are sorted."""

    SOLD_AT = "SOLD_AT"
    """By when they happened."""
    RECORDED_AT = "RECORDED_AT"
    """By when we learnt of them."""
    NET_SALES = "NET_SALES"
    """By their value after discounts."""


_COLUMNS: Final = {
    SaleOrder.SOLD_AT: ("s.sold_at", "timestamptz"),
    SaleOrder.RECORDED_AT: ("s.recorded_at", "timestamptz"),
    SaleOrder.NET_SALES: ("sums.net", "numeric"),
}
_SUMS: Final = """
cross join lateral (select coalesce(sum(n.net), 0) as net from sale_lines n
                     where n.org_id = s.org_id and n.business_day = s.business_day
                       and n.sale_id = s.id) sums"""
_SALES: Final = """
select s.id, s.kind, s.idempotency_key, s.source, s.location_id, s.channel, s.sale_type, s.sold_at,
       s.recorded_at, s.business_day, d.code as distributor, s.distributor_id, s.sold_by,
       s.customer_id, s.segment, s.ship_city, s.ship_state, s.ship_postal_code, s.ship_region,
       s.ship_country, s.currency::text, s.exchange_rate, s.return_of
  from sales s left join distributors d on d.org_id = s.org_id and d.id = s.distributor_id
 where s.org_id = $1 and s.id = any($2::uuid[])
"""
_LINES: Final = """
select sale_id, line_no, product_id, quantity, unit_price, discount, tax, unit_cost, gross,
       discounted, net, cost
  from sale_lines
 where org_id = $1 and sale_id = any($2::uuid[]) and business_day = any($3::date[])
 order by sale_id, line_no
"""


async def sales(
    work: Work,
    criteria: SalesCriteria,
    order: SaleOrder = SaleOrder.SOLD_AT,
    *,
    descending: bool = True,
    first: int = 50,
    after: str | None = None,
) -> Page[Sale]:
    """Return a page of the sales and returns with a line the criteria admit, with all their lines.

    Raises:
        TooMuch: `first` is too large.
        SalesNotKept: all days asked about lie before those whose sales are kept.
        InvalidCursor: `after` is not a cursor of this list.
    """
    check_first(first)
    name = f"sales-{order}{'-' if descending else '+'}"
    behind = None if after is None else _position(after, name, order)
    criteria = await _kept(work, criteria)
    text, values = _page(work, criteria, order, descending, first, behind)
    found = await work.rows(text, work.principal.org_id, *values)
    shown = found[:first]
    complete = await sales_by_id(work, [row["id"] for row in shown])
    rows = [
        (list_cursor(name, [_text(row["sort"]), str(row["id"])]), sale)
        for row, sale in zip(shown, complete, strict=True)
        if sale is not None
    ]
    return Page(rows, len(found) > first, after is not None)


async def _kept(work: Work, criteria: SalesCriteria) -> SalesCriteria:
    """Return the criteria for the days whose sales are kept."""
    kept_from = await retention.kept_from(work)
    if kept_from is None:
        return criteria
    if criteria.last_day is not None and criteria.last_day < kept_from:
        raise retention.not_kept(kept_from, criteria.first_day, "there are sums only")
    return replace(criteria, first_day=max(criteria.first_day or kept_from, kept_from))


async def sales_by_id(work: Work, ids: Sequence[UUID]) -> list[Sale | None]:
    """Return sales and returns by id, in order; None where there is none, or it may not be seen."""
    if not ids:
        return []
    rows = await work.rows(_SALES, work.principal.org_id, list(ids))
    rows = [row for row in rows if work.principal.sees(row["location_id"])]
    if not rows:
        return [None] * len(ids)
    lines: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    days = list({row["business_day"] for row in rows})
    for line in await work.rows(_LINES, work.principal.org_id, [row["id"] for row in rows], days):
        lines[line["sale_id"]].append(line)
    products = await catalogue.products_by_id(
        work, {line["product_id"] for group in lines.values() for line in group}
    )
    places = await locations.locations_by_id(work, {row["location_id"] for row in rows})
    found = {
        row["id"]: _sale(
            row,
            places[row["location_id"]],
            tuple(_line(line, products[line["product_id"]]) for line in lines[row["id"]]),
        )
        for row in rows
    }
    return [found.get(id_) for id_ in ids]


def _page(
    work: Work,
    criteria: SalesCriteria,
    order: SaleOrder,
    descending: bool,
    first: int,
    behind: tuple[Any, UUID] | None,
) -> tuple[str, list[object]]:
    among = conditions(criteria, work.principal)
    values: list[object] = [*among.values]
    column, kind = _COLUMNS[order]
    where = ["s.org_id = $1", *among.on_sale]
    if among.on_line:
        joins = " ".join(JOINS[alias] for alias in sorted(among.line_joins))
        where.append(
            f"exists (select from sale_lines l {joins} where l.org_id = s.org_id"
            " and l.business_day = s.business_day and l.sale_id = s.id"
            f" and {' and '.join((*among.on_days, *among.on_line))})"
        )
    if behind is not None:
        values += behind
        place = f"(${len(values)}::{kind}, ${len(values) + 1}::uuid)"
        where.append(f"({column}, s.id) {'<' if descending else '>'} {place}")
    values.append(first + 1)
    direction = "desc" if descending else "asc"
    joins = " ".join(JOINS[alias] for alias in sorted(among.sale_joins))
    text = f"""
select s.id, {column} as sort from sales s {joins} {_SUMS if order is SaleOrder.NET_SALES else ""}
 where {" and ".join(where)}
 order by {column} {direction}, s.id {direction} limit ${len(values) + 1}
"""
    return text, values


def _position(after: str, name: str, order: SaleOrder) -> tuple[Any, UUID]:
    try:
        sort, id_ = (text or "" for text in parse_list_cursor(after, name))
        if order is SaleOrder.NET_SALES:
            return Decimal(sort), UUID(id_)
        return datetime.fromisoformat(sort).astimezone(UTC), UUID(id_)
    except (ValueError, InvalidOperation) as exc:
        raise InvalidCursor(
            "this is not a cursor of this list", field=["after"], value=after[:60]
        ) from exc


def _text(value: datetime | Decimal) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _sale(row: dict[str, Any], location: LocationRef, lines: tuple[Line, ...]) -> Sale:
    ship_to = Place(
        city=row["ship_city"],
        state=row["ship_state"],
        postal_code=row["ship_postal_code"],
        region=row["ship_region"],
        country=row["ship_country"],
    )
    return Sale(
        id=row["id"],
        kind=SaleKind(row["kind"]),
        idempotency_key=row["idempotency_key"],
        source=SaleSource(row["source"]),
        location=location,
        channel=Channel(row["channel"]),
        sale_type=SaleType(row["sale_type"]),
        sold_at=row["sold_at"],
        business_day=row["business_day"],
        recorded_at=row["recorded_at"],
        distributor=row["distributor"],
        distributor_id=row["distributor_id"],
        sold_by=row["sold_by"],
        customer_id=row["customer_id"],
        segment=row["segment"],
        ship_to=ship_to if ship_to != Place() else None,
        currency=row["currency"],
        exchange_rate=row["exchange_rate"],
        return_of=row["return_of"],
        lines=lines,
    )


def _line(row: dict[str, Any], product: ProductRef) -> Line:
    sums = {name: value for name, value in row.items() if name not in ("sale_id", "product_id")}
    return Line(product=product, **sums)
