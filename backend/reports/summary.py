"""A summary in words: what changed, why, and what to look at.

No sentence says a number that is not one of its figures, and every figure names the query that
answers with it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from backend.analytics import comparisons, service
from backend.analytics.planned import business_calendar
from backend.analytics.presets.figures import discount_rate, margin, return_rate
from backend.analytics.presets.table import ColumnKind
from backend.analytics.recorded import Stretch, knowledge
from backend.analytics.rules import Group, Measures, Question, SalesDimension, Summary, SummaryOrder
from backend.core.scopes import Scope
from backend.reports.contents.kind import Ask
from backend.reports.documents import Figures, Heading, Section, Sentence
from backend.reports.figures import Quote, Span

_D = SalesDimension
_K = ColumnKind
WHY: Final = (_D.CATEGORY, _D.REGION, _D.LOCATION, _D.PRODUCT)
"""By what the change is taken apart, each where it has two groups at least."""
MOST_NAMED: Final = 3
NOTABLE_POINTS: Final = Decimal("0.01")
"""Change of a rate that is worth a sentence."""
_NOUNS: Final = {
    _D.CATEGORY: "category",
    _D.REGION: "region",
    _D.LOCATION: "location",
    _D.PRODUCT: "product",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What the sentences are about: these days beside those before, and how each figure is cited.

    `before` None: there is nothing to compare with, or not all of those days are known.
    """

    ask: Ask
    now: Summary
    before: Summary | None
    quote: Quote
    recorded: Sequence[Stretch]

    @property
    def knows_before(self) -> bool:
        """Whether the days before are wholly known; else what is missing would be growth."""
        return self.knows(self.quote.before)

    def knows(self, span: Span) -> bool:
        """Tell whether these days are wholly known."""
        return knowledge(self.recorded, span.first, span.last).is_whole

    @property
    def sees_costs(self) -> bool:
        """Whether the reader may know costs and profits."""
        return self.ask.work.principal.has(Scope.ANALYTICS_READ)


async def sentences(ask: Ask, page: str) -> list[Section]:
    """Return the sections that stand before the tables: key figures, what changed, why, what next.

    The criteria of `ask` have both days, or nothing was sold.
    """
    first, last = ask.content.criteria.first_day, ask.content.criteria.last_day
    if first is None or last is None:
        return [Heading("Summary", (Sentence("Nothing was sold yet.", ()),))]
    told = await _told(ask, page, first, last)
    changed = [_level(told), *await _year_ago(told, first, last), *_orders(told)]
    why = [one for by in WHY for one in await _drivers(told, by)]
    why += [*_margin(told), *_discounts(told)]
    look = [*await _losses(told), *_returns(told), *await _falls(told)]
    if not look:
        look = [Sentence("Nothing stands out beyond what is said above.", ())]
    headed = (("What changed", changed), ("Why", why), ("What to look at", look))
    return [
        _key_figures(told),
        *(Heading(title, tuple(said)) for title, said in headed if said),
    ]


async def _told(ask: Ask, page: str, first: date, last: date) -> Told:
    calendar = await business_calendar(ask.work)
    before = calendar.previous(first, last)
    now = await service.summarise(ask.work, Question(()), ask.content.criteria)
    then = await _during(ask, before)
    quote = Quote(
        criteria=ask.content.criteria,
        now=Span(first, last),
        before=Span(*before),
        page=page,
        currency=ask.work.currency,
    )
    recorded = await comparisons.recorded(ask.work)
    told = Told(ask, now, then, quote, recorded)
    has_sales = then.totals.orders or then.totals.returns
    return told if has_sales and told.knows_before else replace(told, before=None)


async def _during(
    ask: Ask, span: tuple[date, date], *by: SalesDimension, top: int | None = None
) -> Summary:
    criteria = replace(ask.content.criteria, first_day=span[0], last_day=span[1])
    return await service.summarise(ask.work, Question(by, top=top), criteria)


def _key_figures(told: Told) -> Figures:
    names = ["netSales", "orders", "units", "orderValue"]
    names += ["profit", "margin"] if told.sees_costs else ["returnRate"]
    was = told.before.totals if told.before else None
    shown = [told.quote.total(name, told.now.totals, was) for name in names]
    return Figures("Key figures", tuple(shown))


def _level(told: Told) -> Sentence:
    quote, now = told.quote, told.now.totals
    net = quote.total("netSales", now)
    if told.before is None and not now.orders and not now.returns:
        return Sentence(f"Nothing was sold in these days: {quote.now.said}.", ())
    if told.before is None:
        text = f"Net sales from {quote.now.said} were {net.shown}; {_why_alone(told)}."
        return Sentence(text, (net,))
    was = told.before.totals
    then, gap = quote.total_before("netSales", was), quote.difference("netSales", now, was)
    if now.net_sales == was.net_sales:
        return Sentence(f"Net sales were {net.shown}, as in {quote.before.said}.", (net,))
    said = "more" if now.net_sales > was.net_sales else "less"
    cited, rate = [net, gap], quote.change("netSales", now, was)
    of = ""
    if rate is not None:
        cited.append(rate)
        of = f" ({rate.shown})"
    text = (
        f"Net sales were {net.shown}, {gap.shown}{of} {said} than the {then.shown}"
        f" of {quote.before.said}."
    )
    return Sentence(text, (*cited, then))


def _why_alone(told: Told) -> str:
    """Say why these days are compared with none before them."""
    before = told.quote.before
    if not any(one.days_within(before.first, before.last) for one in told.recorded):
        return "there is nothing before it"
    if told.knows_before:
        return "nothing like this was sold before it"
    return f"{before.said} is not wholly known, so it is not compared"


async def _year_ago(told: Told, first: date, last: date) -> list[Sentence]:
    calendar = await business_calendar(told.ask.work)
    span = calendar.a_year_ago(first, last)
    if span == (told.quote.before.first, told.quote.before.last):
        return []
    found = await _during(told.ask, span)
    if found.totals.net_sales <= 0:
        return []
    quote = replace(told.quote, before=Span(*span))
    if not told.knows(quote.before):
        text = f"They are not compared with {quote.before.said}, which is not wholly known."
        return [Sentence(text, ())]
    rate = quote.change("netSales", told.now.totals, found.totals)
    was = quote.total_before("netSales", found.totals)
    if rate is None:
        return []
    grew = "up" if told.now.totals.net_sales >= found.totals.net_sales else "down"
    text = f"Against the {was.shown} of {quote.before.said} they are {grew} by {rate.shown}."
    return [Sentence(text, (was, rate))]


def _orders(told: Told) -> list[Sentence]:
    if told.before is None or not told.now.totals.orders or not told.before.totals.orders:
        return []
    quote, now, was = told.quote, told.now.totals, told.before.totals
    orders, orders_before = quote.total("orders", now), quote.total_before("orders", was)
    value, value_before = quote.total("orderValue", now), quote.total_before("orderValue", was)
    text = (
        f"There were {orders.shown} orders after {orders_before.shown}, worth {value.shown} each"
        f" on average after {value_before.shown}."
    )
    return [Sentence(text, (orders, orders_before, value, value_before))]


async def _drivers(told: Told, by: SalesDimension) -> list[Sentence]:
    """Say which groups made the change, by their contribution to it."""
    if told.before is None:
        return []
    moved = await _moved(told, by)
    whole = told.now.totals.net_sales - told.before.totals.net_sales
    if len(moved) < 2 or not whole:
        return []
    sign = 1 if whole > 0 else -1
    with_it = [one for one in moved if one[1] * sign > 0][:MOST_NAMED]
    against = [one for one in moved if one[1] * sign < 0][:MOST_NAMED]
    if not with_it:
        return []
    base = told.before.totals.net_sales
    figures = [told.quote.moved(by, group, gap) for group, gap in (*with_it, *against)]
    parts = [told.quote.contribution(by, group, gap, base) for group, gap in with_it]
    named = zip(with_it, figures, parts, strict=False)
    made = _listed([
        f"{group.keys[0].label} ({figure.shown}, {part.shown} of all before)"
        if part is not None
        else f"{group.keys[0].label} ({figure.shown})"
        for (group, _), figure, part in named
    ])  # fmt: skip
    text = f"By {_NOUNS[by]}, most of the {'rise' if sign > 0 else 'fall'} came from {made}"
    if against:
        pairs = zip(against, figures[len(with_it) :], strict=True)
        other = _listed([f"{group.keys[0].label} ({figure.shown})" for (group, _), figure in pairs])
        text += f"; against it went {other}"
    cited = (*figures, *(one for one in parts if one is not None))
    return [Sentence(f"{text}.", cited)]


async def _moved(told: Told, by: SalesDimension) -> list[tuple[Group, Decimal]]:
    """Return the groups and by how much the net sales of each changed, the most first."""
    quote = told.quote
    now = await _during(told.ask, (quote.now.first, quote.now.last), by)
    before = await _during(told.ask, (quote.before.first, quote.before.last), by)
    was = {group.keys: group.measures.net_sales for group in before.groups}
    groups = {group.keys: group for group in (*before.groups, *now.groups)}
    is_now = {group.keys: group.measures.net_sales for group in now.groups}
    nothing = Decimal()
    moved = [
        (group, is_now.get(keys, nothing) - was.get(keys, nothing))
        for keys, group in groups.items()
        if keys[0].id is not None
    ]
    return sorted(moved, key=lambda one: -abs(one[1]))


def _margin(told: Told) -> list[Sentence]:
    if not told.sees_costs or told.now.totals.profit is None:
        return []
    quote, now = told.quote, told.now.totals
    profit, rate = quote.total("profit", now), quote.total("margin", now)
    was = told.before.totals if told.before else None
    if margin(now) is None:
        return []
    text = f"Profit was {profit.shown}, {rate.shown} of net sales"
    if was is None or margin(was) is None:
        return [Sentence(f"{text}.", (profit, rate))]
    rate_before, profit_before = (
        quote.total_before("margin", was),
        quote.total_before("profit", was),
    )
    text += f", after {profit_before.shown} and {rate_before.shown}."
    return [Sentence(text, (profit, rate, profit_before, rate_before))]


def _discounts(told: Told) -> list[Sentence]:
    return _rate(
        told, "discountRate", discount_rate, "Discounts took {0} of gross sales after {1}."
    )


def _returns(told: Told) -> list[Sentence]:
    text = "Returns rose to {0} of what was sold, from {1}."
    return _rate(told, "returnRate", return_rate, text, only_up=True)


def _rate(
    told: Told,
    name: str,
    of: Callable[[Measures], Decimal | None],
    text: str,
    *,
    only_up: bool = False,
) -> list[Sentence]:
    """Say how a rate changed, where it did so notably."""
    if told.before is None:
        return []
    now, was = of(told.now.totals), of(told.before.totals)
    if now is None or was is None:
        return []
    change = now - was
    if (change if only_up else abs(change)) < NOTABLE_POINTS:
        return []
    figures = (
        told.quote.total(name, told.now.totals),
        told.quote.total_before(name, told.before.totals),
    )
    return [Sentence(text.format(*(one.shown for one in figures)), figures)]


async def _losses(told: Told) -> list[Sentence]:
    """Name the products that cost more than they bring."""
    if not told.sees_costs:
        return []
    question = Question((_D.PRODUCT,), SummaryOrder.PROFIT, descending=False, top=MOST_NAMED)
    found = await service.summarise(told.ask.work, question, told.ask.content.criteria)
    losing = [one for one in found.groups if (one.measures.profit or 0) < 0]
    if not losing:
        return []
    figures = [told.quote.of_group(_D.PRODUCT, one, "profit") for one in losing]
    named = _listed([
        f"{one.keys[0].label} ({figure.shown})" for one, figure in zip(losing, figures, strict=True)
    ])  # fmt: skip
    return [Sentence(f"These lose the most money: {named}.", tuple(figures))]


async def _falls(told: Told) -> list[Sentence]:
    """Name the products that fell most, where they did not fall with everything else."""
    if told.before is None or told.now.totals.net_sales < told.before.totals.net_sales:
        return []
    moved = [one for one in await _moved(told, _D.PRODUCT) if one[1] < 0][:MOST_NAMED]
    if not moved:
        return []
    figures = [told.quote.moved(_D.PRODUCT, group, gap) for group, gap in moved]
    named = _listed([
        f"{group.keys[0].label} ({figure.shown})"
        for (group, _), figure in zip(moved, figures, strict=True)
    ])  # fmt: skip
    return [Sentence(f"While sales rose, these sold less: {named}.", tuple(figures))]


def _listed(parts: Sequence[str]) -> str:
    """Return parts as people list them: a, b and c."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
