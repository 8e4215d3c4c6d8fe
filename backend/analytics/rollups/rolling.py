"""Making facts of sales: history month by month, then whatever the log says."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from backend.analytics.rollups import filling, folding, gathering
from backend.core.months import next_month
from backend.infra.work import Work

MOST_ENTRIES: Final = 1_000
MOST_BYTES: Final = 24_000_000
MOST_SALES: Final = 40_000
"""Sales of history rolled in one step, unless a single month has more."""
MANY: Final = 2_000
"""Lines from which on it pays to let PostgreSQL look at them before it plans."""
# The numbers of names are new in the transaction that needs them: PostgreSQL believes them few. And
# it believes that few lines have a place: the joins are made in the order they are written.
_HASH_ALL: Final = """
select set_config('enable_nestloop', 'off', true), set_config('enable_mergejoin', 'off', true),
       set_config('join_collapse_limit', '1', true)
"""


@dataclass(frozen=True, slots=True)
class Rolled:
    """What one step did: how many lines, and whether something is left to do."""

    lines: int
    is_done: bool


NOTHING: Final = Rolled(0, True)


async def roll(work: Work, horizon: int) -> Rolled:
    """Make facts of some of what is not rolled yet: months of history, else entries of the log.

    `horizon` was read before `work` began. Position and sums change in this one transaction: what
    is rolled is rolled once. A second worker finds the position locked and does nothing.
    """
    org_id = work.principal.org_id
    await work.rows(folding.SETTINGS)
    if await work.row(gathering.CURSOR, org_id) is None:
        await work.rows(gathering.BEGIN, org_id, horizon)
    cursor = await work.row(gathering.LOCK_CURSOR, org_id)
    if cursor is None or cursor["is_off"]:
        return NOTHING
    if cursor["built_before"] is not None:
        return await _roll_history(work, cursor["built_before"], cursor["seq"])
    logged = await _roll_log(work, cursor["seq"], horizon)
    return logged if logged.lines else await _roll_moved(work, logged, cursor["seq"])


async def mark(work: Work) -> bool:
    """Mark what distributors sold in one month of facts; tell whether there was one to mark.

    Facts that were rolled before they had the mark.
    """
    org_id = work.principal.org_id
    await work.rows(folding.SETTINGS)
    cursor = await work.row(gathering.LOCK_CURSOR, org_id)
    if cursor is None or cursor["is_off"] or cursor["unmarked_from"] is None:
        return False
    row = await work.row(gathering.UNMARKED, org_id)
    if row is None:
        await work.rows(gathering.MARKED, org_id, None)
        return True
    month: date = row["month"]
    await work.rows(folding.NESTED, "off")
    await work.rows(filling.MARK, org_id, month, next_month(month))
    await work.rows(gathering.MARKED, org_id, next_month(month))
    return True


async def settle(work: Work) -> bool:
    """Lay the facts of one month that is over in order; tell whether there was one.

    Sales come in by the minute, and their facts lie as they came: a store's all over the month.
    """
    org_id = work.principal.org_id
    await work.rows(folding.SETTINGS)
    cursor = await work.row(gathering.LOCK_CURSOR, org_id)
    if cursor is None or cursor["is_off"] or cursor["built_before"] is not None:
        return False
    row = await work.row(gathering.UNSETTLED, org_id)
    if row is None:
        return False
    month: date = row["month"]
    await work.rows(filling.SETTLE, org_id, month, next_month(month))
    await work.rows(gathering.SETTLED, org_id, next_month(month))
    return True


async def turn_off(work: Work) -> None:
    """Give the roll-ups of this organisation up: its figures do not fit them."""
    await work.rows(gathering.TURN_OFF, work.principal.org_id)


async def _roll_history(work: Work, month: date, seq: int) -> Rolled:
    org_id = work.principal.org_id
    bound = await work.row(gathering.UNTIL, org_id, month, MOST_SALES)
    until: date = bound["until"] if bound else next_month(month)
    lines = await _gather_months(work, month, until, seq)
    if lines:
        await _add(work, filling.INSERT, lines)
        await work.rows(filling.NUMBERED, org_id)
    row = await work.row(gathering.BUILT, org_id, until)
    if row is None or row["built_before"] is None:
        await work.rows(gathering.ANALYSE_ALL)
    return Rolled(lines, is_done=False)


async def _gather_months(work: Work, first: date, until: date, seq: int) -> int:
    """Gather the lines from `first` to before `until`, without what the log tells behind `seq`."""
    await work.rows(gathering.TEMPORARY)
    # A sale's id and its day say the same: PostgreSQL believes that hardly a line has both, and
    # would look through all products for each of them.
    await work.rows(folding.NESTED, "off")
    await work.rows(gathering.GATHER_MONTHS, work.principal.org_id, first, until, seq)
    await work.rows(folding.NESTED, "on")
    return await _gathered(work)


async def _roll_moved(work: Work, otherwise: Rolled, seq: int) -> Rolled:
    """Roll a month anew in which something was sold that moved since.

    Sums that depend on it are not read while it stands in `rollup_moves`.
    """
    org_id = work.principal.org_id
    moved = await work.row(gathering.MOVED, org_id)
    if moved is None:
        return otherwise
    month: date | None = moved["month"]
    redone: date | None = moved["redone"]
    if redone is not None and (month is None or month.year != redone.year):
        await folding.fold_year(work, redone)
    if month is None:
        await work.rows(gathering.LEFT_BEHIND, org_id, moved["ids"], moved["moved_at"])
        await work.rows(gathering.LEFT_BEHIND, org_id, moved["ids"], moved["moved_at"])
        await work.rows(gathering.ALL_REDONE, org_id, moved["ids"], moved["moved_at"])
        return Rolled(0, is_done=False)
    lines = await _gather_months(work, month, next_month(month), seq)
    if lines:
        await _add(work, filling.MOVE, lines, month)
        await work.rows(gathering.REWRITTEN, org_id, month)
        await folding.fold_month(work, month)
    await work.rows(gathering.REDONE, org_id, month)
    return Rolled(lines, is_done=False)


async def _roll_log(work: Work, seq: int, horizon: int) -> Rolled:
    org_id = work.principal.org_id
    found = await work.row(gathering.UPTO, org_id, seq, horizon, MOST_ENTRIES, MOST_BYTES)
    if found is None or found["seq"] is None:
        return NOTHING
    lines = 0
    if found["has_sales"]:
        await work.rows(gathering.TEMPORARY)
        page = (org_id, seq, found["seq"])
        named = await work.row(gathering.LOGGED_DAYS, *page)
        days = (named and named["days"]) or []
        await work.rows(gathering.GATHER_LOGGED, *page, days)
        lines = await _gathered(work)
    if lines:
        await _add(work, filling.INSERT, lines)
        await work.rows(filling.NUMBERED, org_id)
    await work.rows(gathering.ADVANCE, org_id, found["seq"])
    return Rolled(lines, is_done=lines == 0 and found["seq"] >= horizon)


async def _gathered(work: Work) -> int:
    counted: dict[str, Any] = await work.row("select count(*) as lines from rolling") or {}
    return counted["lines"]


async def _add(work: Work, statement: str, lines: int, *values: object) -> None:
    """Number what the gathered lines name, then make facts of them."""
    if lines >= MANY:
        await work.rows(gathering.ANALYSE)
        await work.rows(_HASH_ALL)
    org_id = work.principal.org_id
    for numbering in gathering.NUMBER:
        await work.rows(numbering, org_id)
    await work.rows(gathering.TEMPORARY_NAMES)
    await work.rows(gathering.NAMES, org_id)
    if lines >= MANY:
        # Each has one number: believed to be many, their joins would be prepared for billions.
        await work.rows(gathering.ANALYSE_NAMES)
    await work.rows(gathering.DAYS, org_id)
    await work.rows(statement, org_id, *values)
