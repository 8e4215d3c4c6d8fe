"""Files as tables of text: CSV, compressed CSV, Excel and parquet, whatever their encoding."""

import codecs
import csv
import gzip
import io
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import polars as pl
from fastexcel import FastExcelError

from backend.imports.errors import UnreadableFile
from backend.imports.numbers import text

CHUNK: Final = 1 << 20
EXTRA: Final = "\x00extra"
LINE: Final = "\x00line"
_ZIP: Final = b"PK\x03\x04"
"""How a workbook of Excel begins."""
MOST_UNPACKED: Final = 2_000_000_000
"""Bytes that a workbook unpacks to, at most: a few kilobytes could fill any memory."""
_DIGITS: Final = 15
"""Of a number, as many as Excel shows: 0.1 + 0.2 is 0.3."""
_UNREADABLE: Final = (
    OSError, EOFError, gzip.BadGzipFile, zipfile.BadZipFile, UnicodeError,
    pl.exceptions.PolarsError, FastExcelError,
)  # fmt: skip
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Source:
    """A readable table: every column a text, nulls where nothing stands."""

    columns: tuple[str, ...]
    encoding: str
    path: Path
    separator: str | None
    """None: parquet."""

    def batches(self, rows: int) -> Iterator[pl.DataFrame]:
        """Yield the table in order, at least one batch; each row knows the line it begins on.

        Raises:
            UnreadableFile: it is no table all the way.
        """
        line = 1 if self.separator is None else _header(self.path, self.separator)[1] + 1
        is_empty = True
        with readable():
            for batch in self._scan().collect_batches(chunk_size=rows, maintain_order=True):
                numbered, line = _numbered(batch, line)
                is_empty = False
                yield numbered
        if is_empty:
            yield _numbered(self._scan().head(0).collect(), line)[0]

    def distinct(self, column: str) -> list[str]:
        """Return the values of a column, trimmed and sorted."""
        values = self._scan().select(text(column).alias("value")).unique()
        with readable():
            found = values.collect(engine="streaming")
        return sorted(found["value"].drop_nulls())

    def texts(self, columns: list[str]) -> pl.LazyFrame:
        """Return one column: the values of these, trimmed, with a space between."""
        return self._scan().select(pl.concat_str(*map(text, columns), separator=" ").alias("text"))

    def _scan(self) -> pl.LazyFrame:
        if self.separator is None:
            schema = pl.scan_parquet(self.path).collect_schema()
            texts = [_text(name, kind) for name, kind in schema.items()]
            return pl.scan_parquet(self.path).select(*texts, pl.lit(None, pl.String).alias(EXTRA))
        return pl.scan_csv(
            self.path,
            separator=self.separator,
            has_header=False,
            skip_lines=_header(self.path, self.separator)[1],
            schema=dict.fromkeys([*self.columns, EXTRA], pl.String()),
            truncate_ragged_lines=True,
            missing_columns="insert",
            null_values=[""],
        )


@contextmanager
def readable() -> Iterator[None]:
    """Say what polars finds wrong in the middle of a file, without the file in it.

    Raises:
        UnreadableFile: a field in quotes that does not end, or anything else.
    """
    try:
        yield
    except pl.exceptions.PolarsError as exc:
        is_open = "not properly escaped" in str(exc)
        said = "a field in quotes does not end" if is_open else str(exc).partition("\n")[0][:200]
        raise UnreadableFile(f"the file is no table: {said}", field=["file"]) from exc


def open_source(path: Path, folder: Path, *, most_unpacked: int = MOST_UNPACKED) -> Source:
    """Open a file; what polars cannot read directly is first written to `folder` as UTF-8.

    `most_unpacked` are the bytes a workbook may unpack to.

    Raises:
        UnreadableFile: not there, empty, or not a table.
    """
    try:
        with path.open("rb") as raw:
            start = raw.read(4)
        if start == b"PAR1":
            columns = tuple(pl.scan_parquet(path).collect_schema().names())
            return Source(columns, "parquet", path, None)
        if start == _ZIP:
            return _workbook(path, folder, most_unpacked)
        compressed = start[:2] == b"\x1f\x8b"
        encoding, clean = _encoding(path, compressed=compressed)
        plain = path
        if compressed or not clean or encoding != "utf-8":
            plain = folder / "utf-8.csv"
            _transcode(path, plain, encoding, compressed=compressed)
        separator = _separator(plain)
        columns, _ = _header(plain, separator)
    except _UNREADABLE as exc:
        raise UnreadableFile(f"{path.name}: {exc}", field=["file"]) from exc
    if not any(columns):
        raise UnreadableFile(f"{path.name} is empty", field=["file"])
    return Source(columns, "utf-8" if encoding == "utf-8-sig" else encoding, plain, separator)


def _workbook(path: Path, folder: Path, most_unpacked: int) -> Source:
    """Open the first sheet of a workbook, put down as parquet: its cells have types, too."""
    copy = folder / "workbook.xlsx"
    _unpack(path, copy, most_unpacked)
    # Empty rows count: each row is told by the line it stands on.
    sheet = pl.read_excel(copy, engine="calamine", raise_if_empty=False, drop_empty_rows=False)
    if not sheet.columns:
        raise UnreadableFile(f"{path.name} is empty", field=["file"])
    plain = folder / "sheet.parquet"
    sheet.write_parquet(plain)
    return Source(tuple(sheet.columns), "xlsx", plain, None)


def _unpack(path: Path, copy: Path, most: int) -> None:
    """Copy a workbook, unpacked: the sizes that stand in it may lie to the library behind."""
    left = most
    with zipfile.ZipFile(path) as book, zipfile.ZipFile(copy, "w") as unpacked:
        for part in book.infolist():
            left -= part.file_size
            if left < 0:
                raise UnreadableFile(
                    f"{path.name} unpacks to more than {most} bytes", field=["file"]
                )
            with book.open(part) as source, unpacked.open(part.filename, "w") as target:
                shutil.copyfileobj(source, target, CHUNK)


def _open(path: Path, *, compressed: bool) -> BinaryIO:
    return gzip.open(path, "rb") if compressed else path.open("rb")  # pyright: ignore[reportReturnType]


def _encoding(path: Path, *, compressed: bool) -> tuple[str, bool]:
    """Return the encoding, and whether the file is free of NUL, which PostgreSQL cannot keep.

    By its mark, else UTF-8 if the whole file is, else what Windows writes in Western Europe.
    """
    with _open(path, compressed=compressed) as stream:
        chunk = stream.read(CHUNK)
        for mark, name in _BOMS:
            if chunk.startswith(mark):
                return name, False
        for name, zeros in (("utf-16-le", chunk[1:200:2]), ("utf-16-be", chunk[:200:2])):
            if len(zeros) > 1 and zeros.count(0) > len(zeros) * 0.8:
                return name, False
        decoders = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8", "cp1252")}
        clean = True
        while decoders and chunk:
            clean = clean and b"\0" not in chunk
            following = stream.read(CHUNK)
            for name in list(decoders):
                try:
                    decoders[name].decode(chunk, final=not following)
                except UnicodeDecodeError:
                    del decoders[name]
            chunk = following
    return next(iter(decoders), "latin-1"), clean


def _transcode(path: Path, target: Path, encoding: str, *, compressed: bool) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    with _open(path, compressed=compressed) as stream, target.open("wb") as output:
        while chunk := stream.read(CHUNK):
            output.write(decoder.decode(chunk).replace("\0", "").encode())
        output.write(decoder.decode(b"", final=True).encode())


def _separator(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as stream:
        line = stream.readline(100_000)
    return max(",;\t|", key=line.count)


def _header(path: Path, separator: str) -> tuple[tuple[str, ...], int]:
    """Return the names of the columns and how many lines of the file they take."""
    with path.open(encoding="utf-8", newline="") as stream:
        head = io.StringIO(stream.read(200_000), newline="")
    reader = csv.reader(head, delimiter=separator)
    names = [name.strip() for name in next(reader, [])]
    seen: dict[str, int] = {}
    for n, name in enumerate(names):
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1 or not name:
            names[n] = f"{name or 'column'} ({n + 1})"
    return tuple(names), reader.line_num


def _numbered(batch: pl.DataFrame, first: int) -> tuple[pl.DataFrame, int]:
    """Number the rows by the line they begin on: fields in quotes may hold line breaks."""
    breaks = batch.select(
        pl.sum_horizontal(
            pl.all().str.count_matches("\n", literal=True).fill_null(0).cast(pl.Int64)
        ).alias("breaks")
    )["breaks"]
    lines = (breaks + 1).cum_sum() - (breaks + 1) + first
    following = first + len(batch) + int(breaks.sum() or 0)
    return batch.with_columns(lines.alias(LINE)), following


def _text(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(kind, pl.Datetime):
        return column.dt.to_string("%Y-%m-%d %H:%M:%S")
    if kind.is_float():
        return column.round_sig_figs(_DIGITS).cast(pl.String).str.strip_suffix(".0")
    return column.cast(pl.String)
