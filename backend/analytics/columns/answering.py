"""What a copy of the facts answers, in one transaction of it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from backend.analytics.columns import asking, copies
from backend.analytics.columns.asked import Asked, Said
from backend.analytics.rollups.planning import FISCAL, Handed
from backend.analytics.rollups.standing import Standing
from backend.infra.columns import Session

MOST_LACKING: Final = 50_000
"""Facts that a copy may lack: PostgreSQL adds them."""
_PERCENTS: Final = (5, 20, 100)
"""Groups are counted among so small a part of the facts first: there may be too many already."""


def answer(session: Session, org_id: UUID, asked: Asked, standing: Standing) -> Handed | None:
    """Return what the copy has of it; None: it holds other facts, too few, or there is too much."""
    upto = standing.kept.facts
    state = copies.copied(session, org_id)
    if state is None or state.epoch != standing.epoch or state.rewritten != standing.rewritten:
        return None
    asked = replace(asked, traits=copies.traits(session, org_id))
    facts = min(state.facts, upto)
    if upto - facts > MOST_LACKING:
        return None
    is_whole = facts == upto and not asked.plan.has_tail
    if asked.plan.is_along:
        orders = asking.found(asked, facts)
        _keep(session, "found", orders, orders.text)
        return _handed(session, asked, asking.along(asked, facts, "found"), facts, upto)
    too_many = _too_many(session, asked, facts)
    if too_many is not None:
        return Handed(too_many, {}, facts, upto)
    kept = asking.kept(asked.question) if is_whole else None
    if kept is not None and asked.wanted.with_unsold:
        return _both_ends(session, asked, facts, kept)
    rows = _rows(session, asked, facts, is_whole=is_whole)
    if is_whole and asked.wanted.as_groups:
        return _groups(session, asked, rows, facts)
    return _handed(session, asked, rows, facts, upto)


def _rows(session: Session, asked: Asked, facts: int, *, is_whole: bool) -> Said:
    wanted = asked.wanted
    kept = asking.kept(asked.question) if wanted.is_cut and is_whole else None
    if kept is None:
        rows = asking.groups(asked, facts, wanted.sums)
        return asking.by_first(asked, rows) if _is_by_first(asked, is_whole=is_whole) else rows
    if not asking.is_much_left_out(asked):
        rows = asking.groups(asked, facts, wanted.sums)
        return replace(rows, text=f"select * from ({rows.text}) qualify {kept}")
    few = asking.groups(asked, facts, asking.order_sums(asked.question.order))
    _keep(session, "kept", few, f"select * from ({few.text}) qualify {kept}")
    return asking.groups(asked, facts, wanted.sums, "kept")


def _is_by_first(asked: Asked, *, is_whole: bool) -> bool:
    # Squares of sums are not those of their parts, and periods of business years come in parts.
    are_groups = is_whole and not FISCAL & frozenset(asked.question.group_by)
    return asked.wanted.is_by_first and (are_groups or not asked.wanted.with_squares)


def _both_ends(session: Session, asked: Asked, facts: int, kept: str) -> Handed | None:
    """Return the first and last of each group, and which products it did not sell."""
    is_much = asking.is_much_left_out(asked)
    sums = asking.order_sums(asked.question.order) if is_much else asked.wanted.sums
    sold, rows = asking.groups(asked, facts, sums), f"select * from sold qualify {kept}"
    _keep(session, "sold", sold, sold.text)
    ends = Said(rows, {}, sold.names)
    if is_much:
        session.execute(f"create temp table kept as {rows}")
        ends = asking.groups(asked, facts, asked.wanted.sums, "kept")
    found = _handed(session, asked, ends, facts, facts)
    missing = _handed(session, asked, asking.lacking(asked, "sold"), facts, facts)
    return found and missing and replace(found, lacking=missing)


def _keep(session: Session, table: str, rows: Said, text: str) -> None:
    # A table, so that DuckDB knows how few they are when it plans what is done with them. It ends
    # with the session.
    session.execute(f"create temp table {table} as {text}", dict(rows.values))


def _too_many(session: Session, asked: Asked, facts: int) -> int | None:
    """Return a number of groups that are more than wanted; None: they are not."""
    most = asked.wanted.most
    if most is None or asked.likely <= most:
        return None
    for percent in _PERCENTS:
        counted = _first_row(session, asking.count(asked, facts, percent))[0]
        if counted > most:
            return counted
    return None


def _handed(session: Session, asked: Asked, rows: Said, facts: int, upto: int) -> Handed | None:
    """Return rows as PostgreSQL reads them; None: they are too many."""
    count, *texts = _first_row(session, replace(rows, text=asking.arrays(asked, rows)))
    if count > asking.MOST_HANDED:
        return None
    columns = {name: text or "{}" for name, text in zip(rows.names, texts, strict=True)}
    return Handed(count, columns, facts, upto)


def _groups(session: Session, asked: Asked, rows: Said, facts: int) -> Handed | None:
    """Return the values of rows; None: they are too many."""
    found = session.execute(asking.listed(asked, rows), dict(rows.values)).fetchnumpy()
    count = len(found[rows.names[0]])
    if count > asking.MOST_HANDED:
        return None
    columns = {
        name: (column.astype("datetime64[D]") if column.dtype.kind == "M" else column).tolist()
        for name, column in found.items()
    }
    return Handed(count, {}, facts, facts, groups=columns)


def _first_row(session: Session, said: Said) -> Sequence[Any]:
    return session.execute(said.text, dict(said.values)).fetchone() or ()
