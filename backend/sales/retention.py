"""From which day on sales are kept: what is dated before is refused, and goes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from backend.core.times import TooOld
from backend.infra.work import Work
from backend.sales.errors import SalesNotKept
from backend.sales.filters import SalesCriteria

ALWAYS_KEPT: Final = timedelta(days=62)
"""Sales younger than this are kept, whatever is set (the function `keep_sales_from`)."""
_SURELY: Final = timedelta(days=30)
"""Nobody needs to ask about what happened within it."""
_HOLD: Final = "select hold_sales_kept() as kept_from"
_KEPT: Final = "select before as kept_from from sales_let_go where org_id = $1"


async def hold(work: Work, moments: Iterable[datetime]) -> date | None:
    """Return the first day of which sales may be recorded, the same until this work ends.

    None: any may. Of what happened lately nothing is asked, and nothing waited for.
    """
    surely = work.now - _SURELY
    if all(moment.tzinfo is None or moment > surely for moment in moments):
        return None
    return await recordable_from(work)


async def recordable_from(work: Work) -> date | None:
    """Return the first day of which sales may be recorded, whatever they are dated; None: any."""
    row = await work.row(_HOLD)
    return row["kept_from"] if row else None


def check_kept(day: date, kept_from: date | None, field: Sequence[str]) -> None:
    """Refuse a business day of which no sales are kept.

    Raises:
        TooOld: it lies before `kept_from`.
    """
    if kept_from is not None and day < kept_from:
        raise TooOld(
            f"{day} lies before {kept_from}, from which on sales are kept",
            field=field,
            value=day.isoformat(),
            keptFrom=kept_from.isoformat(),
        )


async def within_kept(work: Work, criteria: SalesCriteria) -> SalesCriteria:
    """Return the criteria for single sales: without a first day, all that are kept.

    Raises:
        SalesNotKept: they begin before.
    """
    kept = await kept_from(work)
    if kept is None or (criteria.first_day is not None and criteria.first_day >= kept):
        return criteria
    if criteria.first_day is not None:
        raise not_kept(kept, criteria.first_day, "there are sums only")
    return replace(criteria, first_day=kept)


def not_kept(kept_from: date, asked: date | None, why: str) -> SalesNotKept:
    """Return the refusal of a question about days before `kept_from`, which names that day."""
    return SalesNotKept(
        f"sales are kept from {kept_from} on; of days before, {why}",
        field=["filter", "from"],
        value=None if asked is None else asked.isoformat(),
        keptFrom=kept_from.isoformat(),
    )


async def kept_from(work: Work) -> date | None:
    """Return the first business day of which the organisation's sales are kept; None: all are."""
    row = await work.row(_KEPT, work.principal.org_id)
    return row["kept_from"] if row else None
