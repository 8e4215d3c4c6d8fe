"""What an analysis is: its words, what may be chosen, and how its table is made."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from backend.analytics import comparisons, service as analytics
from backend.analytics.presets.choices import Choice, Measure, Options
from backend.analytics.presets.names import AnalysisName
from backend.analytics.presets.table import Column, Table
from backend.analytics.recorded import Stretch, known_days
from backend.analytics.rules import (
    MOST_GROUPS,
    Key,
    Question,
    SalesDimension,
    Summary,
    SummaryOrder,
    Trace,
)
from backend.core.scopes import Scope
from backend.infra.work import Work
from backend.sales.filters import SalesCriteria

Keys = tuple[Key, ...]
Value = Decimal | int | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """The business days an answer is about, inclusive; None where there are no sales at all.

    `recorded_from` is the first day of all recorded sales. `is_partial`: the last day is not over.
    """

    first: date | None
    last: date | None
    recorded_from: date | None = None
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: the unit of work, the sales it is about, what was chosen.

    `moments` and `traces` gather what each summary stands for. No summary has more groups than
    `most`.
    """

    work: Work
    criteria: SalesCriteria
    choice: Choice
    covers: Coverage
    moments: list[datetime]
    traces: list[Trace]
    most: int = MOST_GROUPS

    async def summary(
        self,
        *group_by: SalesDimension,
        order: SummaryOrder = SummaryOrder.KEY,
        descending: bool = False,
        top: int | None = None,
        within: tuple[SalesDimension, ...] = (),
    ) -> Summary:
        """Add up the sales this is about."""
        question = Question(group_by, order, descending, top, within)
        found = await analytics.summarise(self.work, question, self.criteria, most=self.most)
        self.moments.append(found.as_of)
        self.traces.append(found.trace)
        return found

    async def both_ends(
        self, within: SalesDimension, by: SalesDimension, *, order: SummaryOrder, top: int
    ) -> Summary:
        """Add up the sales this is about; keep the largest and the least of each group."""
        question = Question((within, by), order, True, top, (within,), both_ends=True)
        found = await analytics.summarise(self.work, question, self.criteria)
        self.moments.append(found.as_of)
        return found

    async def values(
        self, *group_by: SalesDimension, of: Measure, is_ranked: bool = False
    ) -> Mapping[Keys, Value]:
        """Return one figure of each group, by their keys or the largest first.

        None: nobody knows it.
        """
        order = of.order if is_ranked else SummaryOrder.KEY
        question = Question(group_by, order, descending=is_ranked)
        asked = self.work, question, self.criteria, of.order
        found = await analytics.values(*asked, most=self.most)
        self.moments.append(found.as_of)
        self.traces.append(found.trace)
        return found.groups

    async def whole(self, of: Measure, parts: Iterable[Value]) -> Decimal:
        """Return one figure of all together, where `parts` are those of its groups.

        Orders of several groups may be one order: they are counted on their own.
        """
        if of is Measure.ORDERS:
            return Decimal((await self.orders()).get((), 0))
        return sum(map(known, parts), Decimal())

    async def orders(self, *group_by: SalesDimension) -> dict[Keys, int]:
        """Return in how many orders each group is, by their keys."""
        found = await self.values(*group_by, of=Measure.ORDERS)
        return {keys: int(value or 0) for keys, value in found.items()}

    async def with_unsold(
        self, within: SalesDimension, *, order: SummaryOrder, top: int
    ) -> tuple[Summary, dict[str | None, list[Key]]]:
        """Return the same of products, and those that sell best of what each did not sell."""
        by = SalesDimension.PRODUCT
        question = Question((within, by), order, True, top, (within,), both_ends=True)
        found = await analytics.with_unsold(self.work, question, self.criteria)
        self.moments.append(found[0].as_of)
        return found

    async def recorded(self) -> Sequence[Stretch]:
        """Return the stretches of days in which sales are recorded, whatever the filter admits."""
        return await comparisons.recorded(self.work)

    async def known_days(self) -> Sequence[date]:
        """Return those of the days this is about in which sales are recorded at all."""
        first, last = self.covers.first, self.covers.last
        if first is None or last is None:
            return ()
        return known_days(await self.recorded(), first, last)

    def during(self, first: date | None, last: date | None) -> "Ask":
        """Return the same question about other days."""
        return replace(self, criteria=replace(self.criteria, first_day=first, last_day=last))


def known(value: Value) -> Decimal:
    """Return a figure as it is counted with; nothing where nobody knows it."""
    return Decimal(value or 0)


T = TypeVar("T")
Answering = Callable[[Ask], Awaitable[Table]]
Describing = Callable[[Choice], tuple[Column, ...]]


@dataclass(frozen=True, slots=True)
class Preset:
    """One analysis.

    `columns` tells what its table has for a choice, secret ones too. `scopes` are needed on top of
    sales:read. `formula` and `source` say how its figures are made and who defined them so; the
    question it answers stands with its name. `passes` over the sales are what it is charged for.
    `is_of_periods`: it lists what was sold in each period: longer ones make it shorter.
    `refused_filters`: fields of a filter, as clients spell them, that say nothing of it.
    """

    name: AnalysisName
    title: str
    formula: str
    source: str
    options: Options
    columns: Describing
    answer: Answering
    scopes: frozenset[Scope] = frozenset()
    passes: int = 2
    is_of_periods: bool = False
    refused_filters: tuple[str, ...] = ()


def chosen(value: T | None) -> T:
    """Return what the options of an analysis never leave open."""
    if value is None:
        raise LookupError("the options of this analysis name no default")
    return value
