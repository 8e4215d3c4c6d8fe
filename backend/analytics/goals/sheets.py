"""Plans as tables of text: CSV in any usual encoding, and the first sheet of an Excel file."""

import re
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from io import BytesIO
from pathlib import Path
from typing import IO, Final
from xml.etree import ElementTree

from backend.analytics.goals.errors import UnreadablePlan
from backend.core.numbers import rounded
from backend.imports.errors import UnreadableFile
from backend.imports.reading import EXTRA, LINE, open_source

MOST_BYTES: Final = 2_000_000
"""Of a file as it is sent."""
MOST_INSIDE: Final = 30_000_000
"""Of what an Excel file unpacks to, part by part."""
MOST_LINES: Final = 10_000
MOST_COLUMNS: Final = 200
_SHEET: Final = "xl/worksheets/sheet1.xml"
_TEXTS: Final = "xl/sharedStrings.xml"
_CELL: Final = re.compile(r"([A-Z]{1,3})\d+")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: the names of its columns, and its rows with the line each stands on."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]


def read_sheet(content: bytes) -> Sheet:
    """Return the table a file holds, its cells trimmed, empty ones left out.

    Raises:
        UnreadablePlan: too large, empty or no table.
    """
    if len(content) > MOST_BYTES:
        raise UnreadablePlan(
            f"a file of goals has at most {MOST_BYTES // 1_000_000} MB",
            field=["input", "content"],
            limit=MOST_BYTES,
        )
    sheet = _excel(content) if content[:4] == b"PK\x03\x04" else _separated(content)
    if not sheet.columns or not sheet.rows:
        raise UnreadablePlan("the file has no rows", field=["input", "content"])
    if len(sheet.rows) > MOST_LINES or len(sheet.columns) > MOST_COLUMNS:
        raise UnreadablePlan(
            f"at most {MOST_LINES} lines and {MOST_COLUMNS} columns", field=["input", "content"]
        )
    return sheet


def _separated(content: bytes) -> Sheet:
    with tempfile.TemporaryDirectory(prefix="shelfcast-goals-") as name:
        folder = Path(name)
        path = folder / "goals.csv"
        path.write_bytes(content)
        try:
            source = open_source(path, folder)
            rows: list[tuple[int, dict[str, str]]] = []
            for batch in source.batches(MOST_LINES + 1):
                for row in batch.head(MOST_LINES + 1 - len(rows)).iter_rows(named=True):
                    cells = _cells({k: v for k, v in row.items() if k not in (LINE, EXTRA)})
                    if cells:
                        rows.append((row[LINE], cells))
        except UnreadableFile as exc:
            raise UnreadablePlan(exc.message, field=["input", "content"]) from exc
    return Sheet(source.columns, tuple(rows))


def _cells(row: dict[str, str | None]) -> dict[str, str]:
    trimmed = {name: (value or "").strip() for name, value in row.items()}
    return {name: value for name, value in trimmed.items() if value}


def _excel(content: bytes) -> Sheet:
    try:
        with zipfile.ZipFile(BytesIO(content)) as book:
            names = set(book.namelist())
            texts = _shared_texts(book) if _TEXTS in names else []
            lines = list(_lines(book, texts))
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, EOFError, ValueError) as exc:
        raise UnreadablePlan(f"this is no Excel file: {exc}", field=["input", "content"]) from exc
    if not lines:
        return Sheet((), ())
    (_, head), *rows = lines
    found = [(line, _cells({head[at]: cells[at] for at in cells if at in head}))
             for line, cells in rows]  # fmt: skip
    return Sheet(tuple(head.values()), tuple((line, cells) for line, cells in found if cells))


def _part(book: zipfile.ZipFile, name: str) -> IO[bytes]:
    """Open a part of the file; refuse one that unpacks to too much."""
    if book.getinfo(name).file_size > MOST_INSIDE:
        raise ValueError(f"{name} is too large")
    with book.open(name) as stream:
        # The size stands in the file and may lie.
        unpacked = stream.read(MOST_INSIDE + 1)
    if len(unpacked) > MOST_INSIDE or b"<!DOCTYPE" in unpacked[:1000]:
        raise ValueError(f"{name} is too large, or defines entities")
    return BytesIO(unpacked)


def _shared_texts(book: zipfile.ZipFile) -> list[str]:
    tree = ElementTree.parse(_part(book, _TEXTS))
    return ["".join(text.text or "" for text in one.iter() if _tag(text) == "t")
            for one in tree.getroot() if _tag(one) == "si"]  # fmt: skip


def _lines(book: zipfile.ZipFile, texts: list[str]) -> Iterator[tuple[int, dict[int, str]]]:
    """Yield the lines of the first sheet that hold anything: number, and cells by column."""
    tree = ElementTree.parse(_part(book, _SHEET))
    for number, row in enumerate((one for one in tree.iter() if _tag(one) == "row"), start=1):
        line = int(row.get("r") or number)
        found: dict[int, str] = {}
        for at, cell in enumerate(one for one in row if _tag(one) == "c"):
            text = _value(cell, texts).strip()
            if text:
                found[_column(cell.get("r"), at)] = text
        if found:
            yield line, found
        if number > MOST_LINES + 1:
            return


def _value(cell: ElementTree.Element, texts: list[str]) -> str:
    kind = cell.get("t")
    if kind == "inlineStr":
        return "".join(one.text or "" for one in cell.iter() if _tag(one) == "t")
    value = next((one.text or "" for one in cell if _tag(one) == "v"), "")
    if kind == "s" and value:
        return texts[int(value)] if int(value) < len(texts) else ""
    return value if kind or not value else _number(value)


def _number(value: str) -> str:
    """Return a number as people write it: Excel keeps 0.1 + 0.2 with all its digits."""
    try:
        number = Decimal(value)
        return f"{rounded(number):f}".rstrip("0").rstrip(".") if number % 1 else f"{number:.0f}"
    except InvalidOperation:
        return value


def _column(reference: str | None, at: int) -> int:
    found = _CELL.fullmatch(reference or "")
    if found is None:
        return at
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _tag(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]
