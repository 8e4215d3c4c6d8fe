"""What a pivot asks for, and who it is shared with. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final

import msgspec

from backend.analytics.rules import SECRET_ORDERS, SalesDimension, SummaryOrder
from backend.core.roles import Role
from backend.reports.pivots.errors import InvalidPivot
from backend.reports.pivots.periods import Period, days_of
from backend.sales.filters import SalesCriteria

MOST_ROWS: Final = 4
MOST_COLUMNS: Final = 2


class PivotMeasure(StrEnum):
    """What stands in the cells of a pivot."""

    UNITS = "UNITS"
    """Units less those returned."""
    GROSS_SALES = "GROSS_SALES"
    """Sales before discounts."""
    DISCOUNT = "DISCOUNT"
    """Discounts given."""
    NET_SALES = "NET_SALES"
    """Sales after discounts and returns."""
    COST = "COST"
    """What the goods cost, where known; needs analytics:read."""
    PROFIT = "PROFIT"
    """Net sales - cost, where known; needs analytics:read."""
    MARGIN = "MARGIN"
    """Profit as a part of the net sales whose cost is known; needs analytics:read."""
    ORDERS = "ORDERS"
    """Different orders; one with goods in several cells counts once in their total."""
    RETURNS = "RETURNS"
    """Value of what came back."""

    @property
    def label(self) -> str:
        """Its name for people."""
        return self.value.replace("_", " ").capitalize()

    @property
    def is_secret(self) -> bool:
        """Whether only analytics:read may know it."""
        return self is PivotMeasure.MARGIN or SummaryOrder[self.name] in SECRET_ORDERS


class Sharing(StrEnum):
    """Who finds something that somebody saved."""

    PRIVATE = "PRIVATE"
    """Who saved it."""
    ROLES = "ROLES"
    """People of some roles too."""
    ORGANISATION = "ORGANISATION"
    """Everybody who may read reports."""


@dataclass(frozen=True, slots=True)
class PivotDefinition:
    """What lies on rows and columns, which figures, of which sales.

    The days of `criteria` count where the period is `DAYS`. `sort` None keeps time and names in
    their order; else the rows of each group are sorted by that measure.

    Raises:
        InvalidPivot: its parts contradict each other, or there are too many.
    """

    rows: tuple[SalesDimension, ...]
    columns: tuple[SalesDimension, ...] = ()
    measures: tuple[PivotMeasure, ...] = (PivotMeasure.NET_SALES,)
    period: Period = Period.LAST_12_MONTHS
    criteria: SalesCriteria = field(default_factory=SalesCriteria)
    sort: PivotMeasure | None = None
    descending: bool = True

    def __post_init__(self) -> None:
        _check_list("rows", self.rows, most=MOST_ROWS)
        _check_list("columns", self.columns, most=MOST_COLUMNS)
        _check_list("measures", self.measures, least=1, most=len(PivotMeasure))
        if both := set(self.rows) & set(self.columns):
            raise _invalid("a dimension lies on rows or on columns", "columns", min(both))
        if self.sort is not None and self.sort not in self.measures:
            raise _invalid("sort by one of the measures", "sort", self.sort)

    def sales(self, today: date) -> SalesCriteria:
        """Return which sales it is about on that day."""
        if self.period is Period.DAYS:
            return self.criteria
        days = days_of(self.period, today)
        return replace(self.criteria, first_day=days.first, last_day=days.last)

    def fixed(self, today: date) -> "PivotDefinition":
        """Return the same about the days that it means on that day, for good."""
        return replace(self, period=Period.DAYS, criteria=self.sales(today))

    def without_secrets(self) -> "PivotDefinition":
        """Return the same without what only analytics:read may know.

        Raises:
            InvalidPivot: nothing would be left.
        """
        measures = tuple(one for one in self.measures if not one.is_secret)
        sort = self.sort if self.sort in measures else None
        return replace(self, measures=measures, sort=sort)

    def to_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        kept: dict[str, Any] = msgspec.to_builtins(self)
        return kept

    @classmethod
    def of_json(cls, kept: object) -> "PivotDefinition":
        """Read what `to_json` wrote."""
        return msgspec.convert(kept, cls)


@dataclass(frozen=True, slots=True)
class Audience:
    """With whom something is shared; `roles` only where roles are.

    Raises:
        InvalidPivot: shared with roles, but with none.
    """

    sharing: Sharing = Sharing.PRIVATE
    roles: frozenset[Role] = frozenset()

    def __post_init__(self) -> None:
        if (self.sharing is Sharing.ROLES) != bool(self.roles):
            raise InvalidPivot(
                "name the roles it is shared with, and only then", field=["input", "roles"]
            )


def _check_list(name: str, values: Sequence[StrEnum], *, most: int, least: int = 0) -> None:
    if not least <= len(values) <= most:
        raise InvalidPivot(
            f"{name}: {least} to {most}", field=["definition", name], value=len(values), limit=most
        )
    if len(set(values)) < len(values):
        raise InvalidPivot(f"{name}: each once", field=["definition", name])


def _invalid(message: str, name: str, value: StrEnum) -> InvalidPivot:
    return InvalidPivot(message, field=["definition", name], value=value.value)
