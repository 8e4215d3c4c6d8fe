"""Batches that make or change things by their code: each row succeeds or fails by itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from backend.core.errors import Conflict, ShelfcastError
from backend.core.texts import printable
from backend.infra.batches import BatchRejected

D = TypeVar("D")
V = TypeVar("V")
T = TypeVar("T")


class DuplicateRow(Conflict):
    """The same thing stands twice in one call."""

    code = "DUPLICATE_ROW"


@dataclass(slots=True)
class UpsertRow(Generic[V]):
    """One row on its way: `value` is what was read of it, None once `error` says why not."""

    code: str
    path: list[str]
    value: V | None = None
    error: ShelfcastError | None = None

    def refuse(self, check: Callable[[V, list[str]], T]) -> T | None:
        """Run `check` on a good row; what it raises becomes the row's error."""
        if self.value is None or self.error is not None:
            return None
        try:
            return check(self.value, self.path)
        except ShelfcastError as error:
            self.error = error
            return None


def read_upserts(
    drafts: Sequence[D],
    name: str,
    code_of: Callable[[D], str],
    read: Callable[[D, list[str]], V],
) -> list[UpsertRow[V]]:
    """Read drafts into values; what `read(draft, path)` raises becomes the row's error.

    `name` is the input's list. The second of two rows with one code is refused.
    """
    rows: list[UpsertRow[V]] = []
    seen: set[str] = set()
    for index, draft in enumerate(drafts):
        row: UpsertRow[V] = UpsertRow(code_of(draft), ["input", name, str(index)])
        rows.append(row)
        try:
            row.value = read(draft, row.path)
        except ShelfcastError as error:
            row.error = error
        if row.code in seen and row.error is None:
            row.error = DuplicateRow(
                "it stands in this call before", field=row.path, value=printable(row.code)
            )
        seen.add(row.code)
    return rows


def good_rows(rows: Sequence[UpsertRow[V]], *, all_or_nothing: bool) -> list[UpsertRow[V]]:
    """Return the rows that may take effect; with `all_or_nothing` none unless all may."""
    if all_or_nothing and any(row.error for row in rows):
        for row in rows:
            row.error = row.error or BatchRejected(
                "another row was rejected, and the batch was to take effect as a whole",
                field=row.path,
            )
    return [row for row in rows if row.error is None]
