"""What every analysis answers: a table whose columns say what stands in them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Final

from backend.analytics.rules import SalesDimension

Cell = str | int | Decimal | date | None
Row = tuple[Cell, ...]

_DIGITS: Final = Decimal("0.000001")


class ColumnKind(StrEnum):
    """What stands in a column, and so how it is shown and summed."""

    TEXT = "TEXT"
    """A name, an id or a class."""
    DATE = "DATE"
    """A day, ISO 8601."""
    COUNT = "COUNT"
    """A whole number."""
    UNITS = "UNITS"
    """A quantity of goods; an exact decimal as a string."""
    MONEY = "MONEY"
    """An amount in the column's currency; an exact decimal as a string."""
    PERCENT = "PERCENT"
    """A part of one, not of a hundred: 0.125 is 12.5 %; a decimal as a string."""
    NUMBER = "NUMBER"
    """Any other number; a decimal as a string."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    `dimension`: its cells are ids that a filter takes; `label_of` names the column of the ids whose
    names for people stand here. `is_secret`: only analytics:read may know it.
    """

    name: str
    label: str
    kind: ColumnKind
    dimension: SalesDimension | None = None
    label_of: str | None = None
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Something a reader should know about an answer; `code` is public and never renamed."""

    code: str
    message: str
    field: tuple[str, ...] = ()
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows in the order of the columns; `totals` has a cell per column, None where none is meant.

    Nothing at all was sold where `is_empty`.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    totals: Row | None = None
    notes: tuple[Note, ...] = ()
    is_empty: bool = False

    def without_secrets(self) -> "Table":
        """Return the table without the columns only analytics:read may know."""
        kept = [n for n, column in enumerate(self.columns) if not column.is_secret]
        if len(kept) == len(self.columns):
            return self
        hidden = ", ".join(column.label for column in self.columns if column.is_secret)
        note = Note("COLUMNS_HIDDEN", f"without the scope analytics:read: {hidden}")
        return replace(
            self,
            columns=tuple(self.columns[n] for n in kept),
            rows=tuple(tuple(row[n] for n in kept) for row in self.rows),
            totals=None if self.totals is None else tuple(self.totals[n] for n in kept),
            notes=(*self.notes, note),
        )


def ratio(part: Decimal | int | None, whole: Decimal | int | None) -> Decimal | None:
    """Return part ÷ whole to six decimals; None where one is not known or the whole is nothing."""
    if part is None or not whole:
        return None
    return (Decimal(part) / whole).quantize(_DIGITS, ROUND_HALF_EVEN)


def rounded(value: Decimal | float) -> Decimal:
    """Return a derived figure to six decimals."""
    return Decimal(value).quantize(_DIGITS, ROUND_HALF_EVEN)


def total(values: Sequence[Decimal | None]) -> Decimal | None:
    """Return the sum of what is known; None where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known, Decimal()) if known else None
