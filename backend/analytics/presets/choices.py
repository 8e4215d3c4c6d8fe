"""What a client may choose of an analysis, and which of it each analysis takes. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from backend.analytics.errors import InvalidAnalysis
from backend.analytics.rules import MOST_GROUPS, SalesDimension, SummaryOrder

E = TypeVar("E", bound=StrEnum)


class Measure(StrEnum):
    """By what an analysis ranks or compares."""

    UNITS = "UNITS"
    """Units less those returned."""
    GROSS_SALES = "GROSS_SALES"
    """Sales before discounts."""
    DISCOUNT = "DISCOUNT"
    """Discounts given."""
    NET_SALES = "NET_SALES"
    """Sales after discounts and returns."""
    PROFIT = "PROFIT"
    """Profit where the cost is known; needs analytics:read."""
    ORDERS = "ORDERS"
    """Number of orders."""
    RETURNS = "RETURNS"
    """Value of what came back."""

    @property
    def order(self) -> SummaryOrder:
        """What a summary calls it."""
        return SummaryOrder[self.name]

    @property
    def attribute(self) -> str:
        """Its name among the measures of a group."""
        return self.value.lower()


class Baseline(StrEnum):
    """With what a period is compared."""

    YEAR_AGO = "YEAR_AGO"
    """The same weekdays 52 weeks earlier."""
    PREVIOUS_PERIOD = "PREVIOUS_PERIOD"
    """As many days, just before."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a client chose; None leaves it to the analysis."""

    by: SalesDimension | None = None
    within: SalesDimension | None = None
    grain: SalesDimension | None = None
    measure: Measure | None = None
    baseline: Baseline | None = None
    top: int | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What one analysis lets its clients choose: the first of each is the default.

    Empty: it does not take the parameter. `top` is the default number of rows, 0 for all; None: it
    does not take `top`. `may_omit` names parameters that stay None where nothing was chosen.
    """

    by: tuple[SalesDimension, ...] = ()
    within: tuple[SalesDimension, ...] = ()
    grain: tuple[SalesDimension, ...] = ()
    measure: tuple[Measure, ...] = ()
    baseline: tuple[Baseline, ...] = ()
    top: int | None = None
    may_omit: frozenset[str] = frozenset()

    def resolve(self, choice: Choice) -> Choice:
        """Return the choice with the defaults in.

        Raises:
            InvalidAnalysis: it names what this analysis does not take.
        """
        return Choice(
            by=self._one("by", self.by, choice.by),
            within=self._one("within", self.within, choice.within),
            grain=self._one("grain", self.grain, choice.grain),
            measure=self._one("measure", self.measure, choice.measure),
            baseline=self._one("baseline", self.baseline, choice.baseline),
            top=self._top(choice.top),
        )

    def coarser(self, grain: SalesDimension | None) -> SalesDimension | None:
        """Return the next longer of the periods to choose from; None: there is none."""
        longer = _LENGTHS[_LENGTHS.index(grain) + 1 :] if grain in _LENGTHS else ()
        return next((one for one in longer if one in self.grain), None)

    def _one(self, name: str, allowed: tuple[E, ...], chosen: E | None) -> E | None:
        if chosen is None:
            return None if name in self.may_omit or not allowed else allowed[0]
        if chosen not in allowed:
            known = ", ".join(one.value for one in allowed)
            raise InvalidAnalysis(
                f"{name} is one of {known}" if allowed else f"this analysis takes no {name}",
                field=["choice", name],
                value=chosen.value,
            )
        return chosen

    def _top(self, top: int | None) -> int | None:
        if top is None:
            return self.top or None
        if self.top is None:
            raise InvalidAnalysis("this analysis takes no top", field=["choice", "top"], value=top)
        if not 1 <= top <= MOST_GROUPS:
            raise InvalidAnalysis(f"top is 1 to {MOST_GROUPS}", field=["choice", "top"], value=top)
        return top


_LENGTHS: Final = (
    SalesDimension.DAY,
    SalesDimension.WEEK,
    SalesDimension.MONTH,
    SalesDimension.QUARTER,
    SalesDimension.YEAR,
)
NAMES: Final = ("by", "within", "grain", "measure", "baseline")
"""The parameters with a closed set of values."""
