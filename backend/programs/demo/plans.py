"""What the demo retailer plans: this and the last quarter by region and category, and the whole."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from backend.analytics.calendars import BusinessCalendar
from backend.analytics.goals.periods import GoalPeriodKind, Period, period_at
from backend.analytics.goals.planning import GoalDraft
from backend.analytics.goals.rules import GoalDimension, GoalMeasure
from backend.programs.demo.history import Order
from backend.programs.demo.places import STORES

RECENT: Final = timedelta(days=91)
"""What sold on these days tells how much a period may bring."""
AMBITION: Final = (0.92, 0.97, 1.0, 1.03, 1.06, 1.12)
"""Plans that are far exceeded, just reached, just missed and far missed."""
_WHOLE: Final = (GoalPeriodKind.MONTH, GoalPeriodKind.QUARTER, GoalPeriodKind.YEAR)
_REGIONS: Final = {store.code: store.region for store in STORES}
Member = tuple[GoalDimension, str | None]


@dataclass(frozen=True, slots=True)
class _Sold:
    """Net sales of a part of the business on a day."""

    day: date
    member: Member
    amount: Decimal


def plans(orders: Sequence[Order], today: date, seed: int) -> list[GoalDraft]:
    """Return the goals of net sales, the same for the same orders, day and seed."""
    rng = Random(f"demo plans {seed}")
    this = period_at(today, GoalPeriodKind.QUARTER, BusinessCalendar())
    last = period_at(this.first - timedelta(days=1), this.kind, BusinessCalendar())
    recent = Period("", this.kind, today - RECENT, today - timedelta(days=1))
    sold = list(_sold(orders, min(last.first, recent.first)))
    whole = (GoalDimension.ORGANISATION, None)
    parts = sorted({one.member for one in sold if one.member != whole}, key=str)
    rates = {member: one / RECENT.days for member, one in _sums(sold, recent).items()}
    before = _sums(sold, last)
    wanted = [(period_at(today, kind, BusinessCalendar()), whole) for kind in _WHOLE]
    wanted += [(period, member) for period in (last, this) for member in [whole, *parts]]
    drafts: list[GoalDraft] = []
    for period, member in dict.fromkeys(wanted):
        known = before if period is last else {}
        base = known.get(member, rates.get(member, Decimal()) * len(period.days))
        amount = _round(base * Decimal(str(rng.choice(AMBITION))))
        if amount > 0:
            drafts.append(GoalDraft(period.id, *member, GoalMeasure.NET_SALES, amount, version=0))
    return drafts


def _sold(orders: Iterable[Order], since: date) -> Iterator[_Sold]:
    for order in orders:
        day = order.sold_at.date()
        if day < since:
            continue
        region = order.ship_to.region if order.ship_to else _REGIONS[order.place]
        for line in order.lines:
            amount = line.unit_price * line.units - line.discount
            amount = -amount if order.is_return else amount
            category = line.good.group.category
            yield _Sold(day, (GoalDimension.ORGANISATION, None), amount)
            yield _Sold(day, (GoalDimension.REGION, region), amount)
            yield _Sold(day, (GoalDimension.CATEGORY, category), amount)


def _sums(sold: Iterable[_Sold], period: Period) -> dict[Member, Decimal]:
    found: dict[Member, Decimal] = defaultdict(Decimal)
    for one in sold:
        if period.first <= one.day <= period.last:
            found[one.member] += one.amount
    return found


def _round(amount: Decimal) -> Decimal:
    """Return an amount as people plan: three digits, the rest zeros."""
    return Decimal(int(Decimal(f"{amount:.2e}")))
