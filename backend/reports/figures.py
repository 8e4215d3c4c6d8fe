"""Citing a figure: how it is written, and the query and page that show it. Pure."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from backend.analytics.presets.figures import FIGURES
from backend.analytics.presets.table import ColumnKind, ratio
from backend.analytics.rules import Group, Measures, SalesDimension
from backend.reports import addresses
from backend.reports.criteria import filter_json
from backend.reports.documents import Figure, Source
from backend.reports.words import days, shown, signed
from backend.sales.filters import SalesCriteria

_D = SalesDimension
_ADDRESS: Final = {
    _D.CATEGORY: "categories",
    _D.REGION: "regions",
    _D.LOCATION: "locations",
    _D.PRODUCT: "skus",
}
"""Dimension → the field of the criteria that narrows a page to one of its groups."""
_FORMULAS: Final = {
    "orderValue": "(grossSales - discount) / orders",
    "margin": "profit / (netSales - netSalesWithoutCost)",
    "discountRate": "discount / grossSales",
    "returnRate": "returns / (grossSales - discount)",
}
"""Figures that are no field of a summary."""
_GAP: Final = "netSales - before.netSales"


@dataclass(frozen=True, slots=True)
class Span:
    """Days, inclusive."""

    first: date
    last: date

    @property
    def said(self) -> str:
        """How they are called."""
        return days(self.first, self.last)


@dataclass(frozen=True, slots=True)
class Quote:
    """Makes figures of one report: these days, those before, the page they are shown on."""

    criteria: SalesCriteria
    now: Span
    before: Span
    page: str
    currency: str

    def total(self, name: str, one: Measures, was: Measures | None = None) -> Figure:
        """Return a figure of all sales of these days, with its change where there is one."""
        found = self._total(name, one, self.now)
        value, before = _value(name, one), None if was is None else _value(name, was)
        if value is None or before is None or before <= 0:
            return found
        change = Decimal(value - before)
        if found.kind is not ColumnKind.PERCENT:
            change = ratio(change, before) or Decimal()
        return _with_change(found, change)

    def total_before(self, name: str, one: Measures) -> Figure:
        """Return a figure of all sales of the days before."""
        return self._total(name, one, self.before)

    def difference(self, name: str, now: Measures, was: Measures) -> Figure:
        """Return by how much a figure differs, without its sign."""
        gap = abs(Decimal(_value(name, now) or 0) - Decimal(_value(name, was) or 0))
        formula = f"abs({name} - before.{name})"
        return self._derived(f"{_label(name)}, difference", gap, _kind(name), formula)

    def change(self, name: str, now: Measures, was: Measures) -> Figure | None:
        """Return by which part a figure differs, without its sign; None from nothing."""
        before = _value(name, was)
        if before is None or before <= 0:
            return None
        rate = ratio((_value(name, now) or Decimal()) - before, before) or Decimal()
        formula = f"abs({name} - before.{name}) / before.{name}"
        label = f"{_label(name)}, change"
        return self._derived(label, abs(rate), ColumnKind.PERCENT, formula)

    def of_group(self, by: SalesDimension, group: Group, name: str) -> Figure:
        """Return a figure of one group in these days."""
        label = f"{group.keys[0].label}, {_label(name).lower()}"
        return self._figure(label, _value(name, group.measures), name, self._of(by, group, name))

    def moved(self, by: SalesDimension, group: Group, gap: Decimal) -> Figure:
        """Return by how much the net sales of a group changed, with the sign."""
        label = f"{group.keys[0].label}, change of net sales"
        source = self._of(by, group, _GAP, self.before)
        said = signed(gap, ColumnKind.MONEY, self.currency)
        return Figure(label, said, f"{gap:f}", ColumnKind.MONEY, source)

    def contribution(
        self, by: SalesDimension, group: Group, gap: Decimal, whole: Decimal
    ) -> Figure | None:
        """Return a group's change as a part of all net sales before; None where those were none."""
        part = ratio(gap, whole) if whole > 0 else None
        if part is None:
            return None
        label = f"{group.keys[0].label}, contribution"
        source = self._of(by, group, f"({_GAP}) / whole.netSales", self.before)
        said = signed(part, ColumnKind.PERCENT, self.currency)
        return Figure(label, said, f"{part:f}", ColumnKind.PERCENT, source)

    def _total(self, name: str, one: Measures, span: Span) -> Figure:
        formula = _FORMULAS.get(name, name)
        source = self._source(span, None, ("totals",), formula, self.criteria)
        return self._figure(f"{_label(name)}, {span.said}", _value(name, one), name, source)

    def _derived(self, label: str, value: Decimal, kind: ColumnKind, formula: str) -> Figure:
        source = self._source(self.now, None, ("totals",), formula, self.criteria, self.before)
        return Figure(label, shown(value, kind, self.currency), f"{value:f}", kind, source)

    def _figure(self, label: str, value: Decimal | int | None, name: str, source: Source) -> Figure:
        kind, exact = _kind(name), None
        if value is not None:
            exact = f"{value:f}" if isinstance(value, Decimal) else str(value)
        return Figure(label, shown(value, kind, self.currency), exact, kind, source)

    def _of(
        self, by: SalesDimension, group: Group, formula: str, against: Span | None = None
    ) -> Source:
        """Return the source of a figure of one group, and the page narrowed to it."""
        field, one = _ADDRESS.get(by), group.keys[0].id or ""
        seen = replace(self.criteria, **{field: frozenset({one})}) if field else self.criteria
        return self._source(self.now, by, ("rows", one), formula, seen, against)

    def _source(
        self,
        span: Span,
        by: SalesDimension | None,
        path: tuple[str, ...],
        formula: str,
        seen: SalesCriteria,
        against: Span | None = None,
    ) -> Source:
        """Return the query; `against` are the days with which its answer is compared."""
        return Source(
            query="salesSummary",
            variables={"groupBy": [by.value] if by else [], "filter": self._filter(span)},
            path=path,
            formula=formula,
            page=addresses.page(self.page, _during(seen, span)),
            against=None if against is None else self._filter(against),
        )

    def _filter(self, span: Span) -> dict[str, Any]:
        return filter_json(_during(self.criteria, span))


def _during(criteria: SalesCriteria, span: Span) -> SalesCriteria:
    return replace(criteria, first_day=span.first, last_day=span.last)


def _value(name: str, one: Measures) -> Decimal | int | None:
    found = FIGURES[name].of(one, one)
    return found if isinstance(found, Decimal | int) else None


def _label(name: str) -> str:
    return FIGURES[name].column.label


def _kind(name: str) -> ColumnKind:
    return FIGURES[name].column.kind


def _with_change(figure: Figure, change: Decimal) -> Figure:
    return Figure(
        figure.label, figure.shown, figure.value, figure.kind, figure.source, f"{change:f}"
    )
