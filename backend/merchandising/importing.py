"""What stands on a shelf, and how large it is, from a file: a row a product."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from msgspec import UNSET

from backend.core.errors import ShelfcastError
from backend.core.scopes import Scope
from backend.imports import sheets
from backend.imports.errors import UnreadableFile
from backend.imports.sheets import Sheet
from backend.infra.work import Work
from backend.merchandising import changing, sizes
from backend.merchandising.drafts import (
    MOST_PRODUCTS,
    SizeDraft,
    StandingDraft,
    read_size,
)
from backend.merchandising.errors import InvalidShelf, UnreadableShelf
from backend.merchandising.shelves import FullShelf

_NAMES: Final[Mapping[str, str]] = {
    "sku": "sku",
    "product": "sku",
    "facings": "facings",
    "board": "board",
    "shelf board": "board",
    "least": "least",
    "minimum": "least",
    "most": "most",
    "maximum": "most",
    "block": "block",
    "width": "width",
    "height": "height",
    "depth": "depth",
    "units per facing": "units",
    "stackable": "stackable",
}
"""What columns are called, in small letters, without units and underscores."""
_LENGTHS: Final = ("width", "height", "depth")
_YES: Final = frozenset({"yes", "y", "true", "1", "x"})
_NO: Final = frozenset({"no", "n", "false", "0"})


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """Into which shelf, and how; `is_all`: nothing else stands there any more."""

    shelf: UUID
    version: int | None
    is_all: bool
    decimal_comma: bool
    is_dry_run: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a cell."""

    line: int
    column: str
    value: str
    error: ShelfcastError


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file: its products, those with a size, and the shelf if it changed."""

    found: int
    sized: int
    after: FullShelf | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    standing: StandingDraft
    size: SizeDraft | None


async def import_shelf(work: Work, content: bytes, order: ImportOrder) -> Imported:
    """Settle what a file says; nothing changes where anything is wrong with it, or in a dry run.

    Raises:
        UnreadableShelf: no table, or no column of SKUs.
        UnknownShelf, StaleShelf: the shelf is not there, or not as it was looked at.
        MissingScope: it says how large products are, which is the whole catalogue's.
    """
    sheet = await asyncio.to_thread(_read, content)
    columns = _columns(sheet)
    full = await changing.locked_shelf(work, order.shelf, order.version, ["input"])
    rows: list[_Row] = []
    problems: list[Problem] = []
    for line, cells in sheet.rows:
        try:
            rows.append(_row(line, cells, columns, decimal_comma=order.decimal_comma))
        except ShelfcastError as error:
            problems.append(_problem(line, cells, columns, error))
    try:
        checked = await changing.checked_standings(
            work, full, [row.standing for row in rows], is_all=order.is_all, path=["rows"]
        )
    except ShelfcastError as error:
        problems.append(_of_row(rows, sheet, columns, error))
        checked = []
    sized = [row.size for row in rows if row.size]
    if sized:
        work.principal.require(Scope.CATALOGUE_WRITE)
    if problems or order.is_dry_run:
        return Imported(len(sheet.rows), len(sized), None, tuple(problems))
    await sizes.upsert_sizes(work, sized)
    after = await changing.put_standings(work, full, checked, is_all=order.is_all)
    return Imported(len(rows), len(sized), after, ())


def _read(content: bytes) -> Sheet:
    try:
        sheet = sheets.read_sheet(content)
    except UnreadableFile as exc:
        raise UnreadableShelf(exc.message, field=["input", "content"], **exc.details) from exc
    if len(sheet.rows) > MOST_PRODUCTS:
        raise UnreadableShelf(
            f"at most {MOST_PRODUCTS} products", field=["input", "content"], limit=MOST_PRODUCTS
        )
    return sheet


def _columns(sheet: Sheet) -> dict[str, str]:
    """Return the columns by what they hold."""
    found: dict[str, str] = {}
    for column in sheet.columns:
        bare = column.lower().replace("_", " ").replace("(cm)", "").removesuffix(" cm").strip()
        if bare in _NAMES:
            found.setdefault(_NAMES[bare], column)
    if "sku" not in found:
        raise UnreadableShelf(
            "no column is called SKU",
            field=["input", "content"],
            value=", ".join(sheet.columns)[:200],
        )
    return found


def _row(
    line: int, cells: Mapping[str, str], columns: Mapping[str, str], *, decimal_comma: bool
) -> _Row:
    said = {name: cells[column] for name, column in columns.items() if column in cells}
    if "sku" not in said:
        raise InvalidShelf("a row names a product", field=["sku"])
    whole = {
        name: _whole(said[name], name)
        for name in ("facings", "board", "least", "most", "units")
        if name in said
    }
    units = whole.pop("units", None)
    standing = StandingDraft(said["sku"], **whole, block=said.get("block", UNSET))
    changing.check_standing(standing)
    lengths = [name for name in _LENGTHS if name in said]
    if not lengths:
        return _Row(line, standing, None)
    if len(lengths) < len(_LENGTHS):
        missing = next(name for name in _LENGTHS if name not in said)
        raise InvalidShelf("a size has width, height and depth", field=[missing])
    width, height, depth = (_number(said[name], name, decimal_comma) for name in _LENGTHS)
    size = SizeDraft(said["sku"], width, height, depth, units, _flag(said.get("stackable", "no")))
    read_size(size, [])
    return _Row(line, standing, size)


def _whole(text: str, name: str) -> int:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value != int(value) or abs(value) > 1_000_000:
        raise InvalidShelf("this is no whole number", field=[name], value=text[:40])
    return int(value)


def _number(text: str, name: str, decimal_comma: bool) -> Decimal:
    try:
        return Decimal(text.replace(",", ".") if decimal_comma else text)
    except InvalidOperation:
        raise InvalidShelf("this is no length in cm", field=[name], value=text[:40]) from None


def _flag(text: str) -> bool:
    small = text.lower()
    if small in _YES or small in _NO:
        return small in _YES
    raise InvalidShelf("yes or no", field=["stackable"], value=text[:40])


def _problem(
    line: int, cells: Mapping[str, str], columns: Mapping[str, str], error: ShelfcastError
) -> Problem:
    at = {"widthCm": "width", "heightCm": "height", "depthCm": "depth", "unitsPerFacing": "units"}
    name = (error.field or [""])[-1]
    column = columns.get(at.get(name, name), "")
    return Problem(line, column, cells.get(column, "")[:60], error)


def _of_row(
    rows: list[_Row], sheet: Sheet, columns: Mapping[str, str], error: ShelfcastError
) -> Problem:
    """Return the problem of an error that names its row by number."""
    number = next((int(one) for one in error.field or [] if one.isdigit()), None)
    line = rows[number].line if number is not None else 1
    cells: dict[str, Any] = dict(dict(sheet.rows).get(line, {}))
    return _problem(line, cells, columns, error)
