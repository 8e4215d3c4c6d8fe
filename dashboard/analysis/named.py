"""Analyses that the backend knows by name: asked for like summaries, drawn by what is in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from dashboard.analysis.measures import FILTER_OF
from dashboard.analysis.panels import Column, Table
from dashboard.analysis.periods import MOST_OF_GRAIN, step_span
from dashboard.analysis.view import narrowed, narrowed_to
from dashboard.analysis.words import with_dates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.analysis.panels import Unit
    from dashboard.analysis.view import View

FRAGMENT = """
fragment analysis on Analysis {
  title
  asOf
  isPartial
  columns { name label kind dimension labelOf }
  rows
  notes { code message }
}
"""

UNIT_OF_KIND: Mapping[str, Unit] = MappingProxyType(
    {
        "DATE": "date",
        "COUNT": "count",
        "UNITS": "quantity",
        "MONEY": "money",
        "PERCENT": "percent",
        "NUMBER": "number",
    }
)
EXACT = frozenset({"UNITS", "MONEY", "PERCENT", "NUMBER"})
TIMES = frozenset({*MOST_OF_GRAIN, "QUARTER", "YEAR"})
NOT_SAID = "Not said"


@dataclass(frozen=True, slots=True)
class Named:
    """One analysis with what is chosen of it."""

    name: str
    where: Mapping[str, Any]
    choice: Mapping[str, Any] = field(default_factory=dict)

    field: ClassVar[str] = "analysis"
    fragment: ClassVar[str] = FRAGMENT
    arguments: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"name": "AnalysisName!", "filter": "SalesFilter", "choice": "AnalysisChoice"}
    )

    def variables(self) -> dict[str, Any]:
        """Return the arguments of `analysis`."""
        return {"name": self.name, "filter": dict(self.where), "choice": dict(self.choice) or None}

    def read(self, given: Any) -> Answer:
        """Return its answer."""
        return Answer.of(given)


@dataclass(frozen=True, slots=True)
class NamedColumn:
    """A column of an analysis; `label_of` names the column whose ids it puts into words."""

    name: str
    label: str
    kind: str
    dimension: str | None = None
    label_of: str | None = None

    @property
    def unit(self) -> Unit:
        """Return how its values are written."""
        return UNIT_OF_KIND.get(self.kind, "text")

    @property
    def is_figure(self) -> bool:
        """Whether its values can be drawn."""
        return self.kind in {"COUNT", *EXACT}


@dataclass(frozen=True, slots=True)
class Answer:
    """The table that answers an analysis; exact figures are Decimals."""

    title: str
    as_of: datetime
    columns: tuple[NamedColumn, ...]
    rows: tuple[tuple[Any, ...], ...]
    notes: tuple[str, ...] = ()
    is_partial: bool = False
    keys: tuple[int, ...] = field(init=False, compare=False)
    """The places of the columns that say what a row is about."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", _keys_of(self.columns))

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Answer:
        """Read it from an answer."""
        columns = tuple(
            NamedColumn(one["name"], one["label"], one["kind"], one["dimension"], one["labelOf"])
            for one in given["columns"]
        )
        rows = tuple(
            tuple(_cell(value, column) for value, column in zip(row, columns, strict=True))
            for row in given["rows"]
        )
        return cls(
            given["title"],
            datetime.fromisoformat(given["asOf"]),
            columns,
            rows,
            _messages(given["notes"]),
            given["isPartial"],
        )

    def place(self, name: str) -> int | None:
        """Return where a column stands; None: the answer has none of this name."""
        return next((at for at, one in enumerate(self.columns) if one.name == name), None)

    def values(self, name: str) -> list[Any]:
        """Return a column from top to bottom; empty where there is none of this name."""
        at = self.place(name)
        return [] if at is None else [row[at] for row in self.rows]

    @property
    def dimensions(self) -> tuple[str, ...]:
        """What its rows are about, as far as a filter could say it."""
        return tuple(dict.fromkeys(one.dimension for one in self.columns if one.dimension))

    def words(self, row: Sequence[Any], at: int) -> str:
        """Return how a key of a row is read."""
        name = self.columns[at].name
        label = next((i for i, one in enumerate(self.columns) if one.label_of == name), at)
        value = row[label] if row[at] is not None else None
        return NOT_SAID if value is None else str(value)

    @property
    def remarks(self) -> str:
        """Return the notes as sentences."""
        return " ".join(
            f"{note[:1].upper()}{note[1:].rstrip('.')}." for note in map(with_dates, self.notes)
        )

    def own_ways(self, view: View) -> str:
        """Say what of a view an analysis goes without."""
        by_time = view.years and any(one.dimension in TIMES for one in self.columns)
        without = [
            *(["calendar periods"] if by_time else []),
            *(["all locations"] if view.is_alike else []),
        ]
        return f"This analysis is about {' and '.join(without)}." if without else ""

    def drill(self, row: Sequence[Any]) -> str | None:
        """Return what a press on a row adds to the address: all that it is about."""
        parts = []
        for at in self.keys:
            dimension, value = self.columns[at].dimension, row[at]
            if value is None or dimension is None:
                continue
            if dimension in TIMES:
                parts.append(narrowed_to(step_span(str(value), dimension)))
            elif dimension in FILTER_OF:
                parts.append(narrowed(**{FILTER_OF[dimension]: str(value)}))
        return "&".join(parts) or None

    def table(self, most: int) -> Table:
        """Return the rows as people read them: names for ids, but for products both."""
        labelled = {one.label_of for one in self.columns} - {None}
        shown = [
            at
            for at, one in enumerate(self.columns)
            if one.name not in labelled or one.dimension == "PRODUCT"
        ]
        # A product's code stands after its name, which follows it in the answer.
        shown.sort(key=lambda at: at + 1.5 if self._is_code(at) else at)
        rows = self.rows[:most]
        return Table(
            [Column(self._heading(at), self._unit(at)) for at in shown],
            [[self._shown(row, at) for at in shown] for row in rows],
            [self.drill(row) for row in rows],
        )

    def _is_code(self, at: int) -> bool:
        return self.columns[at].dimension == "PRODUCT"

    def _unit(self, at: int) -> Unit:
        return "code" if self._is_code(at) else self.columns[at].unit

    def _heading(self, at: int) -> str:
        column = self.columns[at]
        if column.dimension == "PRODUCT":
            return "SKU"
        if column.label_of is None:
            return column.label
        named = self.place(column.label_of)
        return column.label if named is None else self.columns[named].label

    def _shown(self, row: Sequence[Any], at: int) -> Any:
        is_key = at in self.keys and self.columns[at].dimension != "PRODUCT"
        return NOT_SAID if is_key and row[at] is None else row[at]


def _keys_of(columns: Sequence[NamedColumn]) -> tuple[int, ...]:
    named = {column.label_of for column in columns} - {None}
    found = [
        at
        for at, column in enumerate(columns)
        if column.label_of is None and (column.dimension or column.name in named)
    ]
    texts = [at for at, column in enumerate(columns) if column.kind == "TEXT" and at not in found]
    return tuple(sorted({*found, *(texts[:1] if columns[:1] and texts[:1] == [0] else [])}))


def _messages(notes: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    """Return what notes say; that nothing was found only where none says why."""
    told = [note["message"] for note in notes if note["code"] != "NOTHING_FOUND"]
    return tuple(told or (note["message"] for note in notes))


def _cell(value: Any, column: NamedColumn) -> Any:
    return Decimal(value) if column.kind in EXACT and isinstance(value, str) else value
