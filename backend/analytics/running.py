"""Running the statement of a plan: when it is its turn, and with the memory it needs."""

from typing import Any, Final

from backend.analytics import admission, queries
from backend.analytics.rollups import standing as rollups
from backend.analytics.rollups.grains import Column
from backend.analytics.rollups.planning import Plan, lines_read, rows_read
from backend.analytics.rollups.standing import Standing
from backend.infra.work import Work
from backend.sales.filters import SalesCriteria

_MANY: Final = 20_000
"""Rows read from which on groups may need more memory than a connection usually gets."""
_SOME: Final = 4_000
"""The same of names, where each row read may have one of its own."""
_OF_MANY: Final = frozenset({Column.PRODUCT, Column.CUSTOMER, Column.PLACE})
_ROOM: Final = """
select set_config('work_mem', '64MB', true),
       set_config('plan_cache_mode', 'force_custom_plan', true)
"""
# What sums are by is named by tens of thousands of small joins, of which PostgreSQL expects few.
_NESTED: Final = "select set_config('enable_nestloop', $1, true)"
# The other lines of an order are looked up: PostgreSQL would read all facts for those of a quarter.
_ONE_BY_ONE: Final = """
select set_config('enable_hashjoin', $1, true), set_config('enable_mergejoin', $1, true),
       set_config('enable_memoize', $1, true)
"""
# Policies hide how few lines a distributor has: PostgreSQL would read all products for each.
_WHOLE_TABLES: Final = "select set_config('enable_seqscan', $1, true)"


async def run(
    work: Work,
    text: str,
    values: tuple[object, ...],
    chosen: Plan | None,
    criteria: SalesCriteria,
    standing: Standing,
) -> list[dict[str, Any]]:
    """Run a statement when it is its turn; `chosen` is None where it reads lines.

    Raises:
        SummaryTooSlow: it takes longer than one statement may.
        SummariesBusy: it is large, and enough large ones are being answered.
    """
    kept = standing.kept
    read = lines_read(criteria, kept) if chosen is None else rows_read(chosen, criteria, kept)
    is_late = chosen is not None and chosen.has_many_behind
    is_joined_at_once = is_late or (chosen is not None and _names_many(chosen, read))
    if read > _MANY or is_late:
        await work.rows(_ROOM)
    if read > admission.HEAVY and await rollups.lines(work) > admission.HEAVY:
        await admission.take_turn(work)
    if work.principal.partner is not None and chosen is None:
        return await _run_without(work, _WHOLE_TABLES, text, values)
    if chosen is not None and chosen.is_along and chosen.handed is None and not is_late:
        return await _run_without(work, _ONE_BY_ONE, text, values)
    if is_joined_at_once:
        return await _run_without(work, _NESTED, text, values)
    return await queries.run(work, text, values)


def _names_many(chosen: Plan, read: float) -> bool:
    """Tell whether so many groups may be named that tables are joined at once."""
    least = _SOME if chosen.columns & _OF_MANY else _MANY
    return read > least and not chosen.has_tail


async def _run_without(
    work: Work, setting: str, text: str, values: tuple[object, ...]
) -> list[dict[str, Any]]:
    """Run a statement while PostgreSQL may not do something it would do badly."""
    await work.rows(setting, "off")
    rows = await queries.run(work, text, values)
    await work.rows(setting, "on")
    return rows
