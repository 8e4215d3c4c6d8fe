"""Relay connections with keyset cursors.

Stable under writes, as fast on page 1,000 as on page 1.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from tortoise.expressions import Q
from tortoise.models import Model
from tortoise.queryset import QuerySet

from backend.core.cursors import list_cursor, parse_list_cursor
from backend.core.errors import Invalid, TooMuch
from backend.infra.api.declared import comes_along
from backend.infra.api.described import object_type
from backend.infra.api.scalars import Cursor
from backend.infra.work import Work

T = TypeVar("T")
MOST_ROWS: Final = 500


@comes_along
@object_type
class PageInfo:
    """Where a page lies in its list."""

    has_next_page: bool
    """Whether rows follow."""
    has_previous_page: bool
    """Whether the page began after a cursor."""
    start_cursor: Cursor | None
    """Cursor of the first row."""
    end_cursor: Cursor | None
    """Cursor of the last row: pass it as `after` for the next page."""


@comes_along
@object_type
class Edge(Generic[T]):
    """A row and its place in the list."""

    cursor: Cursor
    """Its place."""
    node: T
    """The row."""


@comes_along
@object_type
class Connection(Generic[T]):
    """A page of a list."""

    edges: list[Edge[T]]
    """The rows with their places."""
    nodes: list[T]
    """The rows alone."""
    page_info: PageInfo
    """Where the page lies."""


@dataclass(frozen=True, slots=True)
class Ordering:
    """How a list is sorted: `name` stands in its cursors.

    `columns` end with a unique one and hold no nulls.

    A column is a Tortoise path (`product__sku`); `of` reads the same values from a fetched row, in
    order.
    """

    name: str
    columns: tuple[str, ...]
    types: tuple[type, ...]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows of one page, each with its cursor, and whether more follow."""

    rows: list[tuple[str, T]]
    has_next: bool
    has_previous: bool


async def fetch_page(
    work: Work, query: QuerySet[Any], ordering: Ordering, first: int, after: str | None
) -> Page[Any]:
    """Return up to `first` rows of `query` after the cursor.

    Raises:
        TooMuch: more than 500 rows asked for.
        InvalidCursor: `after` is not a cursor of this ordering.
    """
    check_first(first)
    if after is not None:
        query = query.filter(_behind(ordering, _values(ordering, after)))
    sign = "-" if ordering.descending else ""
    query = query.order_by(*(sign + column for column in ordering.columns)).limit(first + 1)
    related = {column.rpartition("__")[0] for column in ordering.columns if "__" in column}
    if related:
        query = query.select_related(*related)
    found = await query.using_db(work.tx)
    rows = [(_cursor_of(ordering, row), row) for row in found[:first]]
    return Page(rows, len(found) > first, after is not None)


def connect(page: Page[Any], node: Callable[[Any], T]) -> Connection[T]:
    """Return a page as a connection, each row turned into its GraphQL type by `node`."""
    edges = [Edge(cursor=Cursor(cursor), node=node(row)) for cursor, row in page.rows]
    return Connection(
        edges=edges,
        nodes=[edge.node for edge in edges],
        page_info=PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
    )


def check_first(first: int) -> None:
    """Refuse a page size that is negative or too large.

    Raises:
        Invalid: negative.
        TooMuch: more than 500.
    """
    if first < 0:
        raise Invalid("first must not be negative", field=["first"], value=first)
    if first > MOST_ROWS:
        raise TooMuch(f"first must not exceed {MOST_ROWS}", field=["first"], value=first)


def _behind(ordering: Ordering, values: Sequence[Any]) -> Q:
    """Return the condition `columns > values`, lexicographically."""
    operator = "lt" if ordering.descending else "gt"
    condition = Q()
    for index, column in enumerate(ordering.columns):
        equal = dict(zip(ordering.columns[:index], values, strict=False))
        step = Q(**equal, **{f"{column}__{operator}": values[index]})
        condition = step if index == 0 else condition | step
    return condition


def _cursor_of(ordering: Ordering, row: Model) -> str:
    values: list[str | None] = []
    for column in ordering.columns:
        value: Any = row
        for part in column.split("__"):
            value = getattr(value, part)
        values.append(value.isoformat() if isinstance(value, datetime | date) else str(value))
    return list_cursor(_signature(ordering), values)


def _values(ordering: Ordering, after: str) -> list[Any]:
    texts = parse_list_cursor(after, _signature(ordering))
    try:
        return [_read(text, kind) for text, kind in zip(texts, ordering.types, strict=True)]
    except (ValueError, ArithmeticError) as exc:
        raise Invalid(
            "this is not a cursor of this list", field=["after"], value=after[:60]
        ) from exc


def _read(text: str | None, kind: type) -> Any:
    if text is None:
        raise ValueError("a cursor holds no nulls")
    if kind is datetime:
        return datetime.fromisoformat(text).astimezone(UTC)
    if kind is date:
        return date.fromisoformat(text)
    if kind in (UUID, Decimal, int):
        return kind(text)
    return text


def _signature(ordering: Ordering) -> str:
    return f"{ordering.name}{'-' if ordering.descending else '+'}"


Loader = Callable[[Work, list[Any]], Awaitable[list[Any]]]
