"""A panel of analysis: what it asks for, and what it makes of the answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dashboard.analysis.choices import Retailer
    from dashboard.analysis.cuts import Ask
    from dashboard.analysis.view import View
    from dashboard.people import Person

    Found = Mapping[str, Any]

Size = Literal["full", "two-thirds", "half", "third"]
Kind = Literal["chart", "table", "figures", "map", "pivot"]
Unit = Literal[
    "text", "code", "pseudonym", "money", "count", "quantity", "percent", "number", "date", "spark"
]
"""How values are written; a `spark` is a list of figures, drawn as a small line."""

SECRET = "analytics:read"
WHY_NOT = "This needs the right “{}”; ask who invited you for it."
WHY_HIDDEN = (
    "Cost and profit are for people who may read analytics; ask who invited you for that right."
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `unit` says how its values are written."""

    label: str
    unit: Unit = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; `drills` holds for each row what a press on it adds to the address."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    drills: Sequence[str | None] = ()
    is_excel_table: bool = False
    """Whether its file is a table that Excel filters and sorts; headings differ from each other."""

    def for_page(self) -> dict[str, Any]:
        """Return it as the scripts of the page take it: exact figures become plain numbers."""
        return {
            "columns": [{"label": column.label, "unit": column.unit} for column in self.columns],
            "rows": [[plain(value) for value in row] for row in self.rows],
            "drills": list(self.drills),
        }


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One number with what it was before; `is_cost`: a rise is no good news.

    `gap` says why the two cannot be compared; then no change is worked out.
    """

    label: str
    unit: Unit
    value: Any
    before: Any = None
    is_cost: bool = False
    gap: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """A choice of one panel, kept in the address under its name."""

    name: str
    label: str
    value: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a panel shows. Without a figure, the table is all there is.

    `summary` says in a sentence what the figure shows; `note` is what readers have to know.
    """

    summary: str
    figure: dict[str, Any] | None = None
    table: Table | None = None
    key_figures: Sequence[KeyFigure] = ()
    map: dict[str, Any] | None = None
    controls: Sequence[Control] = ()
    note: str = ""
    title: str | None = None
    """What the panel is called now, where that depends on what is shown."""
    is_empty: bool = False
    pivot: Mapping[str, Any] | None = None
    """What the grid of the pivot page takes."""
    own: Mapping[str, Any] | None = None
    """What the panel's own script takes, where its body is one that a script fills."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel of a page of analysis."""

    key: str
    title: str
    symbol: str
    cuts: Callable[[View], Mapping[str, Ask]]
    draw: Callable[[View, Found, Retailer], Drawing]
    size: Size = "half"
    kind: Kind = "chart"
    needs: frozenset[str] = field(default_factory=frozenset)
    """Scopes without which it is a sentence that says so."""
    needs_for: Callable[[View, Retailer], frozenset[str]] | None = None
    """The same where it depends on what is shown."""

    def missing(self, person: Person, view: View, retailer: Retailer) -> list[str]:
        """Return the scopes that somebody would need to see it."""
        needs = self.needs_for(view, retailer) if self.needs_for else self.needs
        return sorted(scope for scope in needs if not person.may(scope))


@dataclass(frozen=True, slots=True)
class Frame:
    """What tells a panel from others that are made the same way.

    `measure` holds where a panel is about one measure, whatever is chosen.
    """

    key: str
    title: str
    symbol: str = "chart"
    size: Size = "half"
    measure: str | None = None

    def panel(
        self,
        cuts: Callable[[View], Mapping[str, Ask]],
        draw: Callable[[View, Found, Retailer], Drawing],
        kind: Kind = "chart",
        *,
        needs: frozenset[str] = frozenset(),
    ) -> Panel:
        """Return the panel in this frame; what is about profit needs the right to see it."""
        all_needs = needs | ({SECRET} if self.measure == "profit" else frozenset())
        return Panel(self.key, self.title, self.symbol, cuts, draw, self.size, kind, all_needs)

    def measure_of(self, view: View) -> str:
        """Return the measure that counts."""
        return self.measure or view.measure


def plain(value: Any) -> Any:
    """Return a value as JSON has it; numbers on a page need not be exact to the last digit."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value if value is None or isinstance(value, str | int | bool) else float(value)


def empty(summary: str = "Nothing was sold.") -> Drawing:
    """Return what a panel draws of no sales at all."""
    return Drawing(summary, is_empty=True)
