"""What a page asks for, all in one GraphQL document: summaries, and their answers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from dashboard.analysis.periods import PARTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.analysis.view import View

FIGURES = (
    *("units", "gross_sales", "discount", "net_sales", "net_sales_without_cost", "returns"),
    *("cost", "profit", "orders"),
)
VALUES = ("units", "net_sales", "orders", "profit")
"""Those that measures name."""


def _fragment(name: str, keys: str, figures: tuple[str, ...], marks: str = "") -> str:
    columns = " ".join([keys, *(one.upper() for one in figures), marks]).strip()
    fields = " ".join(_field(one) for one in figures)
    return f"""
fragment {name} on SalesSummary {{
  asOf
  cells(columns: [{columns}])
  totals {{ {fields} }}
}}
"""


def _field(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.title() for word in others)


FRAGMENT = _fragment("salesSummary", "ID LABEL", FIGURES, "IS_RESTATED")
VALUES_FRAGMENT = _fragment("salesValues", "ID", VALUES)

ARGUMENTS = MappingProxyType(
    {
        "groupBy": "[SalesDimension!]!",
        "filter": "SalesFilter",
        "sort": "SummarySort",
        "top": "Int",
        "topWithin": "[SalesDimension!]",
        "likeForLike": "LikeForLike",
        "restatedSince": "DateTime",
    }
)


class Ask(Protocol):
    """A root field of the document: its name, its arguments, and how its answer is read."""

    field: ClassVar[str]
    """The name of the root field."""
    fragment: ClassVar[str]
    """What is wanted of it."""
    arguments: ClassVar[Mapping[str, str]]
    """Their types by their names."""

    def variables(self) -> dict[str, Any]:
        """Return the values of the arguments."""
        ...

    def read(self, given: Any) -> Any:
        """Return the answer; it has `as_of` where it stands for a moment."""
        ...


@dataclass(frozen=True, slots=True)
class Cut:
    """One summary: its dimensions, what it is limited to, and how many rows of it are wanted."""

    by: tuple[str, ...]
    where: Mapping[str, Any]
    top: int | None = None
    within: tuple[str, ...] = ()
    order: str | None = None
    is_ascending: bool = False
    alike: Mapping[str, str] | None = None
    """The other period all through which a location has to have sold for its sales to count."""
    is_marked: bool = False
    """Whether rows say that they changed since the day that the view names."""
    restated_since: str | None = None

    field: ClassVar[str] = "salesSummary"
    fragment: ClassVar[str] = FRAGMENT
    arguments: ClassVar[Mapping[str, str]] = ARGUMENTS

    figures: ClassVar[tuple[str, ...]] = FIGURES
    """Which figures its rows have."""

    def read(self, given: Any) -> Summary:
        """Return its answer."""
        return Summary(
            datetime.fromisoformat(given["asOf"]),
            tuple(self._row(cells) for cells in given["cells"]),
            _totals(given["totals"], self.figures),
            self.by,
        )

    def _row(self, cells: list[Any]) -> Row:
        """Read a row: ids, labels, figures, and whether it changed."""
        count = len(self.by)
        ids, labels, rest = cells[:count], cells[count : 2 * count], cells[2 * count :]
        return Row(tuple(ids), tuple(labels), Figures(*map(_figure, rest[:-1])), bool(rest[-1]))

    def variables(self) -> dict[str, Any]:
        """Return the arguments of `salesSummary`."""
        order = {"by": self.order, "direction": "ASC" if self.is_ascending else "DESC"}
        return {
            "groupBy": list(self.by),
            "filter": dict(self.where),
            "sort": order if self.order else None,
            "top": self.top,
            "topWithin": list(self.within) or None,
            "likeForLike": dict(self.alike) if self.alike else None,
            "restatedSince": self.restated_since,
        }

    def with_rows_of(self, other: Cut) -> Cut | None:
        """Return the longer of two lists of the same rows; None: they are not."""
        if self == other:
            return self
        tops = self.top, other.top
        # All rows may be too many: whoever wants few does not wait for these.
        if None in tops or self.within or replace(self, top=other.top) != other:
            return None
        return max(self, other, key=lambda one: one.top or 0)

    def own(self, answer: Summary) -> Summary:
        """Return the rows that it asked for of an answer that may have more."""
        if self.top is None or self.within:
            return answer
        return replace(answer, rows=answer.rows[: self.top])

    def seen_by(self, view: View) -> Cut:
        """Return it by the periods and for the locations that a view is about."""
        own = view.sales_filter()
        is_own = (self.where["from"], self.where["to"]) == (own["from"], own["to"])
        other = view.compared_with if is_own else view.span
        alike = (
            {"from": other.first.isoformat(), "to": other.last.isoformat()}
            if view.is_alike and other
            else None
        )
        named = {part: f"FISCAL_{part}" for part in PARTS} if view.years else {}
        return replace(
            self,
            by=tuple(named.get(one, one) for one in self.by),
            within=tuple(named.get(one, one) for one in self.within),
            alike=alike,
            restated_since=view.restated_since if self.is_marked else None,
        )


class ValueCut(Cut):
    """A summary of thousands of groups: no labels, and only the figures that measures name."""

    __slots__ = ()
    fragment: ClassVar[str] = VALUES_FRAGMENT
    figures: ClassVar[tuple[str, ...]] = VALUES

    def _row(self, cells: list[Any]) -> Row:
        count = len(self.by)
        units, net_sales, orders, profit = map(_figure, cells[count:])
        figures = Figures(units=units, net_sales=net_sales, orders=orders, profit=profit)
        return Row(tuple(cells[:count]), ("",) * count, figures)


def _totals(given: Mapping[str, Any], figures: tuple[str, ...]) -> Figures:
    return Figures(**{name: _figure(given[_field(name)]) for name in figures})


def _figure(cell: str | int | None) -> Any:
    """Return what a cell holds: amounts come as strings, whole numbers as such."""
    return Decimal(cell) if isinstance(cell, str) else cell


@dataclass(frozen=True, slots=True)
class Figures:
    """Exact figures; cost and profit are None where nobody knows them, or this person may not."""

    units: Decimal = Decimal(0)
    gross_sales: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    net_sales: Decimal = Decimal(0)
    net_sales_without_cost: Decimal = Decimal(0)
    returns: Decimal = Decimal(0)
    cost: Decimal | None = None
    profit: Decimal | None = None
    orders: int = 0

    def of_measure(self, measure: str) -> Decimal | int | None:
        """Return the figure of this name, as addresses name it."""
        return {
            "netSales": self.net_sales,
            "units": self.units,
            "orders": self.orders,
            "profit": self.profit,
        }[measure]

    @property
    def average_order(self) -> Decimal | None:
        """Return net sales per order; None where there are no orders."""
        return self.net_sales / self.orders if self.orders else None

    @property
    def discount_rate(self) -> Decimal | None:
        """Return discounts as a part of gross sales."""
        return self.discount / self.gross_sales if self.gross_sales else None

    @property
    def margin(self) -> Decimal | None:
        """Return profit as a part of those net sales whose cost is known."""
        known = self.net_sales - self.net_sales_without_cost
        return self.profit / known if self.profit is not None and known else None

    @property
    def return_rate(self) -> Decimal | None:
        """Return returns as a part of what was sold after discounts."""
        sold = self.gross_sales - self.discount
        return self.returns / sold if sold else None


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one group; an id is None where the sales do not say."""

    ids: tuple[str | None, ...]
    labels: tuple[str, ...]
    figures: Figures
    is_restated: bool = False
    """A day of it had ended when the view's mark was set, and changed after it."""

    @property
    def id(self) -> str | None:
        """Return where it lies on the first dimension."""
        return self.ids[0]

    @property
    def label(self) -> str:
        """Return how its place on the first dimension is read."""
        return self.label_at(0)

    def label_at(self, at: int) -> str:
        """Return how its place on another dimension is read."""
        return self.labels[at] if self.ids[at] is not None else "Not said"


@dataclass(frozen=True, slots=True)
class Summary:
    """The answer to a cut."""

    as_of: datetime
    rows: tuple[Row, ...] = ()
    totals: Figures = field(default_factory=Figures)
    dimensions: tuple[str, ...] = ()
    """What its rows are grouped by."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was sold and nothing came back."""
        return not self.rows and self.totals == Figures()

    def by_id(self) -> dict[str | None, Figures]:
        """Return the figures by the id on the first dimension."""
        return {row.id: row.figures for row in self.rows}


def document(asks: Mapping[str, Ask]) -> str:
    """Return the operation that asks for each under its alias, all in one snapshot."""
    declared = [
        f"${alias}_{name}: {kind}"
        for alias, ask in asks.items()
        for name, kind in ask.arguments.items()
    ]
    head = f"({', '.join(declared)})" if declared else ""
    fields = "\n".join(_root_field(alias, ask) for alias, ask in asks.items())
    fragments = "".join(dict.fromkeys(ask.fragment for ask in asks.values()))
    return f"query Analysis{head} {{\n{fields}\n}}\n{fragments}"


def _root_field(alias: str, ask: Ask) -> str:
    given = ", ".join(f"{name}: ${alias}_{name}" for name in ask.arguments)
    return f"  {alias}: {ask.field}{f'({given})' if given else ''} {{ ...{_name(ask.fragment)} }}"


def _name(fragment: str) -> str:
    return fragment.split(maxsplit=2)[1]


def variables(asks: Mapping[str, Ask]) -> dict[str, Any]:
    """Return the variables of the document that asks for these."""
    return {
        f"{alias}_{name}": value
        for alias, ask in asks.items()
        for name, value in ask.variables().items()
    }
