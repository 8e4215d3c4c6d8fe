"""Goals from a file: one goal a row, or a row a member and a column a period."""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final

from backend.analytics.goals import planning
from backend.analytics.goals.errors import InvalidGoal, UnreadablePlan
from backend.analytics.goals.periods import kind_of
from backend.analytics.goals.planning import GoalDraft, GoalOrigin, GoalRow
from backend.analytics.goals.rules import GoalDimension, GoalMeasure
from backend.analytics.goals.sheets import MOST_LINES, Sheet, read_sheet
from backend.core.errors import ShelfcastError
from backend.infra.work import Work

FIELDS: Final = ("period", "dimension", "member", "measure", "amount")
_NAMES: Final[Mapping[str, frozenset[str]]] = {
    "period": frozenset({"period", "month", "quarter", "year"}),
    "dimension": frozenset({"dimension", "level"}),
    "member": frozenset({"member", "name"}),
    "measure": frozenset({"measure"}),
    "amount": frozenset({"amount", "goal", "target", "plan", "budget"}),
}
"""What columns are called, in small letters, where nothing else is said."""
_DIMENSIONS: Final = {one.value.lower(): one for one in GoalDimension} | {
    "sku": GoalDimension.PRODUCT,
    "store": GoalDimension.LOCATION,
    "salesperson": GoalDimension.SELLER,
}
_COMMA: Final = re.compile(r"-?\d{1,3}(\.\d{3})*,\d+|-?\d+,\d+")


@dataclass(frozen=True, slots=True)
class PlanMapping:
    """Which column is what (field → column), and what no column says."""

    columns: Mapping[str, str] = field(default_factory=dict[str, str])
    dimension: GoalDimension | None = None
    measure: GoalMeasure = GoalMeasure.NET_SALES
    decimal_comma: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a cell."""

    line: int
    column: str
    value: str
    error: ShelfcastError


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file: goals found, set and the same as before, and what is wrong."""

    found: int
    changed: int
    same: int
    problems: tuple[Problem, ...]
    is_kept: bool
    """Whether it was no dry run."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """Where a goal stands in the file, and which columns say what of it."""

    line: int
    columns: Mapping[str, str]
    values: Mapping[str, str]


async def import_goals(
    work: Work,
    content: bytes,
    mapping: PlanMapping,
    *,
    all_or_nothing: bool,
    is_dry_run: bool = False,
) -> Imported:
    """Set the goals of a file, whatever version they have; a dry run changes nothing.

    Raises:
        UnreadablePlan: no table, or columns nobody understands.
    """
    sheet = await asyncio.to_thread(read_sheet, content)
    cells = list(_cells(sheet, mapping))
    if len(cells) > MOST_LINES:
        raise UnreadablePlan(
            f"{len(cells)} goals in one file; at most {MOST_LINES}", field=["input", "content"]
        )
    drafts: list[GoalDraft] = []
    good: list[_Cell] = []
    problems: list[Problem] = []
    for cell in cells:
        try:
            drafts.append(_draft(cell, mapping))
            good.append(cell)
        except ShelfcastError as error:
            problems.append(_problem(cell, error))
    if problems and all_or_nothing:
        rows: list[GoalRow] = []
    else:
        rows = await planning.set_goals(
            work,
            drafts,
            origin=GoalOrigin.IMPORTED,
            all_or_nothing=all_or_nothing,
            is_dry_run=is_dry_run,
        )
    for cell, row in zip(good, rows, strict=bool(rows)):
        if row.error and row.error.code != "BATCH_REJECTED":
            problems.append(_problem(cell, row.error))
    changed = sum(row.is_changed and row.error is None for row in rows)
    same = sum(not row.is_changed and row.error is None for row in rows)
    problems.sort(key=lambda one: one.line)
    return Imported(len(cells), changed, same, tuple(problems), not is_dry_run)


def _cells(sheet: Sheet, mapping: PlanMapping) -> Iterator[_Cell]:
    columns = _named(sheet.columns, mapping)
    periods = [one for one in sheet.columns if kind_of(_period(one))]
    if "amount" in columns and "period" in columns:
        for line, cells in sheet.rows:
            yield _Cell(line, columns, _values(cells, columns))
        return
    if not periods:
        raise UnreadablePlan(
            "no columns for period and amount, and none that is called like a period",
            field=["input", "content"],
            value=", ".join(sheet.columns)[:200],
        )
    for line, cells in sheet.rows:
        said = _values(cells, columns)
        for period in periods:
            if period in cells:
                at = {**columns, "period": period, "amount": period}
                yield _Cell(line, at, said | {"period": _period(period), "amount": cells[period]})


def _named(columns: Sequence[str], mapping: PlanMapping) -> dict[str, str]:
    """Return the columns by what they are: as said, else by their names.

    A column called like a dimension holds its members.
    """
    for name, column in mapping.columns.items():
        if name not in FIELDS or column not in columns:
            raise UnreadablePlan(
                f"{name!r} is none of {', '.join(FIELDS)}, or there is no column {column!r}",
                field=["input", "columns"],
                value=column[:60],
            )
    found = dict(mapping.columns)
    for column in columns:
        small = column.lower()
        for name, words in _NAMES.items():
            if small in words:
                found.setdefault(name, column)
        if small in _DIMENSIONS and "member" not in mapping.columns:
            found["member"] = column
    return found


def _values(cells: Mapping[str, str], columns: Mapping[str, str]) -> dict[str, str]:
    return {name: cells[column] for name, column in columns.items() if column in cells}


def _draft(cell: _Cell, mapping: PlanMapping) -> GoalDraft:
    said = cell.values
    member = said.get("member")
    return GoalDraft(
        period=_period(said.get("period", "")),
        dimension=_dimension(cell, mapping),
        member=None if _dimension(cell, mapping) is GoalDimension.ORGANISATION else member,
        measure=_measure(said.get("measure"), mapping),
        amount=_amount(said.get("amount", ""), decimal_comma=mapping.decimal_comma),
    )


def _dimension(cell: _Cell, mapping: PlanMapping) -> GoalDimension:
    said = cell.values.get("dimension")
    if said is not None:
        if said.lower() not in _DIMENSIONS:
            raise InvalidGoal(
                f"{said[:60]!r} is no part of the business", field=["dimension"], value=said[:60]
            )
        return _DIMENSIONS[said.lower()]
    if "member" not in cell.values:
        return GoalDimension.ORGANISATION
    column = cell.columns["member"].lower()
    chosen = _DIMENSIONS.get(column) or mapping.dimension
    if chosen is None:
        raise InvalidGoal(
            "say which part of the business these are", field=["dimension"], value=column[:60]
        )
    return chosen


def _measure(said: str | None, mapping: PlanMapping) -> GoalMeasure:
    if said is None:
        return mapping.measure
    try:
        return GoalMeasure(said.upper().replace(" ", "_"))
    except ValueError:
        raise InvalidGoal(
            f"{said[:60]!r} is none of {', '.join(GoalMeasure)}",
            field=["measure"],
            value=said[:60],
        ) from None


def _amount(said: str, *, decimal_comma: bool) -> Decimal:
    """Return an amount as people write it: 1,234.50, 1.234,50, € 1 234.50."""
    plain = re.sub(r"[\s\u00a0\u202f'\u2019]|[$€£¥]|\b[A-Z]{3}\b", "", said)
    if decimal_comma or (_COMMA.fullmatch(plain) and "." in plain):
        plain = plain.replace(".", "").replace(",", ".")
    try:
        return Decimal(plain.replace(",", ""))
    except InvalidOperation:
        raise InvalidGoal(
            f"{said[:60]!r} is no amount", field=["amount"], value=said[:60]
        ) from None


def _period(text: str) -> str:
    """Return a period as we write it: Q1 2018, 2018 Q1 and 2018-1 come in files."""
    small = text.strip().upper()
    if found := re.fullmatch(r"Q([1-4])[\s/-]*(FY)?(\d{4})", small):
        return f"{found[2] or ''}{found[3]}-Q{found[1]}"
    if found := re.fullmatch(r"(FY)?(\d{4})[\s/-]*Q([1-4])", small):
        return f"{found[1] or ''}{found[2]}-Q{found[3]}"
    if found := re.fullmatch(r"(\d{4})[/-](\d{1,2})(?:-01)?", small):
        return f"{found[1]}-{int(found[2]):02}"
    return small


def _problem(cell: _Cell, error: ShelfcastError) -> Problem:
    name = (error.field or ["amount"])[-1]
    name = name if name in FIELDS else "amount"
    return Problem(cell.line, cell.columns.get(name, name), cell.values.get(name, "")[:60], error)
