"""What a report says, apart from how it looks: sections of sentences, figures and tables. Pure.

Cells stand as clients of `analysis` read them: exact decimals as strings, days as ISO 8601.
"""

import zlib
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from backend.analytics.presets.table import Cell, Column, ColumnKind, Table
from backend.analytics.rules import SalesDimension

MOST_ROWS: Final = 200_000
"""Most rows of one report, all its tables together."""
JsonCell = str | int | None


class Source(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a figure can be seen: the GraphQL query that answers with it, and a page that shows it.

    `path` leads to an object of the answer: `totals`, or `rows` and the id of a row's key.
    `formula` is made of its fields; `before.` are those of the same with the filter `against`,
    `whole.` of its totals. `page` is path and query of an address of the dashboard.
    """

    query: str
    variables: dict[str, Any]
    path: tuple[str, ...]
    formula: str
    page: str
    against: dict[str, Any] | None = None


class Figure(msgspec.Struct, frozen=True, omit_defaults=True):
    """A figure that a sentence cites, or that stands by itself.

    `shown` is how it is written; `value` its exact decimal. `change` is its part of one against the
    period before.
    """

    label: str
    shown: str
    value: str | None
    kind: ColumnKind
    source: Source
    change: str | None = None


class Sentence(msgspec.Struct, frozen=True):
    """A sentence whose every number is one of its figures."""

    text: str
    figures: tuple[Figure, ...]


class Heading(msgspec.Struct, frozen=True, tag="summary"):
    """Sentences under a heading."""

    title: str
    sentences: tuple[Sentence, ...]


class Figures(msgspec.Struct, frozen=True, tag="figures"):
    """Key figures side by side."""

    title: str
    figures: tuple[Figure, ...]


class Chart(msgspec.Struct, frozen=True):
    """How a table is drawn: `value` against `label`, both names of columns; a line runs in time."""

    is_line: bool
    label: str
    value: str


class GridColumn(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column of a table."""

    name: str
    label: str
    kind: ColumnKind
    dimension: SalesDimension | None = None
    label_of: str | None = None


class Grid(msgspec.Struct, frozen=True, tag="grid", omit_defaults=True):
    """A table, and how it is drawn; `page` shows it in the dashboard.

    `is_data`: rows for a spreadsheet; pages to read show the first of them only.
    """

    title: str
    columns: tuple[GridColumn, ...]
    rows: list[list[JsonCell]]
    totals: list[JsonCell] | None = None
    chart: Chart | None = None
    note: str = ""
    page: str = ""
    is_data: bool = False


class Words(msgspec.Struct, frozen=True, tag="words"):
    """Text that a person wrote, in paragraphs."""

    title: str
    paragraphs: tuple[str, ...]
    by: str = ""


Section = Heading | Figures | Grid | Words


class Picture(msgspec.Struct, frozen=True):
    """A logo; `format` is png or svg."""

    format: str
    content: bytes


class Document(msgspec.Struct, frozen=True):
    """All that a report says. Everything recorded up to `as_of` is in it.

    `dashboard` is the origin that the pages of its sources belong to. `totals` are what
    `salesSummary` answers for its filter and days.
    """

    title: str
    organisation: str
    currency: str
    timezone: str
    as_of: datetime
    first: date | None
    last: date | None
    about: str
    reader: str
    dashboard: str
    sections: tuple[Section, ...]
    totals: dict[str, str | int | None]
    is_sample: bool = False
    is_partial: bool = False
    restates: str | None = None
    logo: Picture | None = None
    """The organisation's own, as it was then; None: it had none."""


_ENCODER: Final = msgspec.json.Encoder(decimal_format="string")
_DECODER: Final = msgspec.json.Decoder(Document)


def pack(document: Document) -> bytes:
    """Return a document as it is stored."""
    return zlib.compress(_ENCODER.encode(document), level=3)


def unpack(stored: bytes) -> Document:
    """Return a document that was stored."""
    return _DECODER.decode(zlib.decompress(stored))


def grid_of(title: str, table: Table, **extra: Any) -> Grid:
    """Return the table of an analysis as a section."""
    notes = " ".join(f"{one.message[:1].upper()}{one.message[1:]}." for one in table.notes)
    return Grid(
        title=title,
        columns=tuple(map(_column, table.columns)),
        rows=[cells(row) for row in table.rows],
        totals=None if table.totals is None else cells(table.totals),
        note=notes,
        **extra,
    )


def cells(row: Iterable[Cell]) -> list[JsonCell]:
    """Return the cells of a row as they are stored."""
    return [_cell(one) for one in row]


def number(cell: JsonCell, kind: ColumnKind) -> Decimal | int | None:
    """Return a cell as a number; None where it holds none."""
    if cell is None or kind in (ColumnKind.TEXT, ColumnKind.DATE):
        return None
    return cell if isinstance(cell, int) else Decimal(cell)


def rows_of(sections: Iterable[Section]) -> int:
    """Return how many rows the tables have, all together."""
    return sum(len(one.rows) for one in sections if isinstance(one, Grid))


def _cell(cell: Cell) -> JsonCell:
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return cell.isoformat() if isinstance(cell, date) else cell


def _column(column: Column) -> GridColumn:
    return GridColumn(column.name, column.label, column.kind, column.dimension, column.label_of)
