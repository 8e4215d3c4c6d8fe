"""Pivots: what lies on rows and columns, asked for like summaries, laid out as it is seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import urlencode

from dashboard.analysis.measures import HEADINGS, ORDER_OF
from dashboard.analysis.named import EXACT, NOT_SAID, UNIT_OF_KIND
from dashboard.analysis.panels import Column, Table, plain
from dashboard.analysis.view import BadView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.analysis.panels import Unit
    from dashboard.analysis.view import View

FRAGMENT = """
fragment pivot on Pivot {
  asOf
  measures { measure label kind }
  columns { keys { id label } }
  rows
  notes { message }
}
"""

FIGURES: Final = {
    "NET_SALES": "Net sales",
    "UNITS": "Units",
    "ORDERS": "Orders",
    "GROSS_SALES": "Gross sales",
    "DISCOUNT": "Discount",
    "RETURNS": "Returns",
    "PROFIT": "Profit",
    "MARGIN": "Margin",
    "COST": "Cost",
}
SECRET_FIGURES: Final = frozenset({"PROFIT", "MARGIN", "COST"})
NOTHING: Final = "NONE"
"""What stands in the address for an empty list; left out, it is the default."""
DEFAULTS: Final = {"rows": "CATEGORY,SUBCATEGORY", "columns": "", "figures": "NET_SALES,UNITS"}
MOST_SHOWN: Final = 200
"""Rows of the table on the page; the grid and files have all."""
TOTAL: Final = "Total"


@dataclass(frozen=True, slots=True)
class Layout:
    """What lies where; `sort` None keeps time and names in their order."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    figures: tuple[str, ...]
    sort: str | None = None
    is_ascending: bool = False

    @classmethod
    def of(cls, view: View) -> Layout:
        """Read it from the address.

        Raises:
            BadView: it names what cannot lie there.
        """
        chosen = view.choices
        figures = _listed(chosen, "figures", FIGURES)
        if not figures:
            raise BadView("A pivot shows at least one figure.")
        sort = chosen.get("sort")
        return cls(
            _listed(chosen, "rows", HEADINGS),
            _listed(chosen, "columns", HEADINGS),
            figures,
            sort if sort in figures else None,
            chosen.get("order") == "ASC",
        )

    def as_input(self) -> dict[str, Any]:
        """Return it as part of `PivotInput`."""
        return {
            "rows": list(self.rows),
            "columns": list(self.columns),
            "measures": list(self.figures),
            "sort": self.sort,
            "descending": not self.is_ascending,
        }


@dataclass(frozen=True, slots=True)
class Pivoted:
    """One pivot: its layout, and what it is limited to."""

    layout: Layout
    where: Mapping[str, Any]

    field: ClassVar[str] = "pivot"
    fragment: ClassVar[str] = FRAGMENT
    arguments: ClassVar[Mapping[str, str]] = MappingProxyType({"definition": "PivotInput!"})

    def variables(self) -> dict[str, Any]:
        """Return the arguments of `pivot`."""
        return {
            "definition": {**self.layout.as_input(), "period": "DAYS", "filter": dict(self.where)}
        }

    def read(self, given: Any) -> Crossed:
        """Return its answer."""
        return Crossed.of(given)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in each cell."""

    name: str
    label: str
    kind: str

    @property
    def unit(self) -> Unit:
        """Return how its values are written."""
        return UNIT_OF_KIND[self.kind]


@dataclass(frozen=True, slots=True)
class Crossed:
    """The answer to a pivot: `rows` hold labels from the outermost inwards, and cells by column.

    Fewer labels than there are dimensions: a total. The first row and column are those of all.
    """

    as_of: datetime
    figures: tuple[Figure, ...]
    heads: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]], ...]
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Crossed:
        """Read it from an answer."""
        figures = tuple(
            Figure(one["measure"], one["label"], one["kind"]) for one in given["measures"]
        )
        heads = [
            ([key["id"] for key in one["keys"]], [key["label"] for key in one["keys"]])
            for one in given["columns"]
        ]
        rows = tuple(
            (_labels(ids, labels), tuple(_exact(group, figures) for group in cells))
            for ids, labels, cells in given["rows"]
        )
        return cls(
            datetime.fromisoformat(given["asOf"]),
            figures,
            tuple(_labels(*head) for head in heads),
            rows,
            tuple(note["message"] for note in given["notes"]),
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing was sold."""
        return all(value is None for group in self.rows[0][1] for value in group)

    def table(self, layout: Layout, most: int) -> Table:
        """Return it as rows with a column per dimension, as it is seen."""
        keys = [Column(HEADINGS[name]) for name in layout.rows] or [Column(TOTAL)]
        figures = [
            Column(self._heading(head, figure), figure.unit)
            for head in self.heads
            for figure in self.figures
        ]
        return Table(
            [*keys, *figures],
            [
                [*_keys(labels, len(keys)), *(value for group in cells for value in group)]
                for labels, cells in self.rows[:most]
            ],
            is_excel_table=True,
        )

    def for_page(self, layout: Layout) -> dict[str, Any]:
        """Return it as the grid takes it."""
        return {
            "rows": layout.rows,
            "columns": layout.columns,
            "sort": layout.sort,
            "descending": not layout.is_ascending,
            "figures": [
                {"name": one.name, "label": one.label, "unit": one.unit} for one in self.figures
            ],
            "heads": self.heads,
            "lines": [
                [labels, [[plain(value) for value in group] for group in cells]]
                for labels, cells in self.rows
            ],
        }

    def _heading(self, head: Sequence[str], figure: Figure) -> str:
        if len(self.heads) == 1:
            return figure.label
        return " · ".join((*head, figure.label) if head else (TOTAL, figure.label))


def _keys(labels: Sequence[str], width: int) -> list[str]:
    """Return what stands in the columns of the dimensions; a total says so once."""
    total = [TOTAL] if len(labels) < width or not labels else []
    filled = [*labels, *total]
    return [*filled, *[""] * (width - len(filled))]


def _labels(ids: Sequence[str | None], labels: Sequence[str]) -> tuple[str, ...]:
    return tuple(NOT_SAID if id_ is None else label for id_, label in zip(ids, labels, strict=True))


def _exact(group: Sequence[Any], figures: Sequence[Figure]) -> tuple[Any, ...]:
    return tuple(
        Decimal(value) if one.kind in EXACT and isinstance(value, str) else value
        for value, one in zip(group, figures, strict=True)
    )


def _listed(chosen: Mapping[str, str], name: str, allowed: Mapping[str, str]) -> tuple[str, ...]:
    text = chosen.get(name, DEFAULTS[name])
    if text in {NOTHING, ""}:
        return ()
    values = tuple(dict.fromkeys(text.split(",")))
    for value in values:
        if value not in allowed:
            raise BadView(f"“{value[:40]}” is nothing to choose for “{name}”.")
    return values


def pivot_part(found: Mapping[str, Any], view: View) -> str | None:
    """Return the part of an address that pivots what a panel shows; None: nothing of it can be."""
    cut = next((one.dimensions for one in found.values() if getattr(one, "dimensions", ())), ())
    named = [dimension for dimension in cut if dimension in HEADINGS]
    if not named:
        return None
    first, *others = named[:2]
    figures = dict.fromkeys([ORDER_OF[view.measure], "NET_SALES", "UNITS"])
    parts = {"rows": first, "columns": ",".join(others) or NOTHING, "figures": ",".join(figures)}
    return urlencode(parts)
