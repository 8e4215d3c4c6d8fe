"""Folding facts into cells, grain by grain; choosing which grains there are."""

from datetime import date
from typing import Final

from backend.analytics.rollups import filling, gathering
from backend.analytics.rollups.choosing import choose
from backend.analytics.rollups.grains import BY_NO, GRAINS, Column, Span
from backend.infra.work import Work

MOST_FACTS: Final = 2_500_000
"""Facts folded into one grain in one step."""
SAMPLE: Final = 200_000
"""The last facts, by which grains are chosen."""
GROWTH: Final = 4
"""Grains are chosen anew when there are so many times the facts there were."""
# The roll-ups' statements are few and large: what helps a short one does not help them.
SETTINGS: Final = """
select set_config('statement_timeout', '15min', true), set_config('work_mem', '256MB', true),
       set_config('jit', 'off', true), set_config('synchronous_commit', 'off', true),
       set_config('default_statistics_target', '10', true)
"""
NESTED: Final = "select set_config('enable_nestloop', $1, true)"


async def fold(work: Work, least: int, most: int) -> bool:
    """Fold some of the facts that grains do not hold yet; tell whether something is left to do.

    Only grains that lack `least` facts or more, until `most` are folded, each grain's counted. What
    a grain lacks is read from facts meanwhile.
    """
    org_id = work.principal.org_id
    await work.rows(SETTINGS)
    cursor = await work.row(gathering.LOCK_CURSOR, org_id)
    if cursor is None or cursor["is_off"] or cursor["built_before"] is not None:
        return False
    facts: int = cursor["facts"]
    if facts >= GROWTH * cursor["chosen_for"] and facts > 0:
        # Taken for empty, facts are looked up by whichever index: all of them, for each.
        await work.rows(gathering.ANALYSE_ALL)
        await _choose(work, facts)
    folded = 0
    for no, finest, upto in await _due(work, facts - least):
        if folded >= most:
            return True
        until = min(facts, upto + MOST_FACTS)
        await work.rows(filling.fold(BY_NO[no], finest), org_id, upto, until)
        await work.rows(filling.FOLDED, org_id, no, until)
        folded += until - upto
    if folded >= SAMPLE:
        await work.rows(gathering.ANALYSE_ALL)
    return folded > 0


async def keep_lasting(work: Work) -> None:
    """See to it that sums by every single column are kept per month at least.

    They are what is left of months that are let go, however few lines they had.
    """
    org_id = work.principal.org_id
    if await work.row(f"{gathering.CURSOR} for update", org_id) is None:
        return
    kept = {no: finest for no, finest, _ in await _kept(work)}
    single = [grain.no for grain in GRAINS if len(grain.columns) <= 1]
    lacking = [no for no in single if kept.get(no, Span.YEAR) is Span.YEAR]
    for statement in gathering.DROP_GRAINS:
        await work.rows(statement, org_id, lacking)
    months = [Span.MONTH.value] * len(lacking)
    await work.rows(gathering.ADD_GRAINS, org_id, lacking, months, None)


async def fold_month(work: Work, month: date) -> None:
    """Make the cells of a month anew whose columns may have moved."""
    await work.rows(filling.UNFOLD_MONTH, work.principal.org_id, month, filling.MOVED_GRAINS)
    for no, finest, _ in await _kept(work):
        if no in filling.MOVED_GRAINS and finest is not Span.YEAR:
            await work.rows(filling.fold_month(BY_NO[no], finest), work.principal.org_id, month)


async def fold_year(work: Work, day: date) -> None:
    """Make the cells of a year anew whose columns may have moved, its months being done."""
    await work.rows(filling.UNFOLD_YEAR, work.principal.org_id, day, filling.MOVED_GRAINS)
    for no, finest, _ in await _kept(work):
        if no in filling.MOVED_GRAINS:
            await work.rows(filling.fold_year(BY_NO[no], finest), work.principal.org_id, day)


async def _due(work: Work, behind: int) -> list[tuple[int, Span, int]]:
    """Return the grains that are folded to `behind` or less, those that lack most first."""
    due = [one for one in await _kept(work) if one[2] <= behind]
    return sorted(due, key=lambda one: one[2])


async def _kept(work: Work) -> list[tuple[int, Span, int]]:
    """Return number, finest span and number of the last folded fact of each grain."""
    rows = await work.rows(gathering.CHOSEN, work.principal.org_id)
    return [(row["grain"], Span(row["finest"]), row["folded"]) for row in rows]


async def _choose(work: Work, facts: int) -> None:
    """Choose the grains by the last facts; those that stay keep their cells.

    Where months are let go all stay: they hold what nothing else does. Others begin with what is
    kept.
    """
    org_id = work.principal.org_id
    sample = await work.row(gathering.SAMPLE, org_id, facts - SAMPLE) or {}
    values = {column: sample[column.value] for column in Column}
    chosen = choose(values, sample["lines_a_day"])
    kept = {no: finest for no, finest, _ in await _kept(work)}
    gone = [no for no, finest in kept.items() if chosen.get(no) is not finest]
    added = {no: finest for no, finest in chosen.items() if kept.get(no) is not finest}
    let_go = await work.row(gathering.LET_GO, org_id)
    if let_go is not None:
        gone, added = [], {no: finest for no, finest in added.items() if no not in kept}
    for statement in gathering.DROP_GRAINS:
        await work.rows(statement, org_id, gone)
    finest = [one.value for one in added.values()]
    since = let_go and let_go["before"]
    await work.rows(gathering.ADD_GRAINS, org_id, list(added), finest, since)
    await work.rows(gathering.CHOOSE, org_id, sample["lines_a_day"])
