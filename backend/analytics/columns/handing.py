"""Having a question added up by the copy where that is the quickest, and handing the sums on."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from backend.analytics import queries
from backend.analytics.columns import asking, copying
from backend.analytics.columns.asking import Asked
from backend.analytics.rollups.admitting import Parameters, admitted, said
from backend.analytics.rollups.filling import SUMS
from backend.analytics.rollups.grains import Column
from backend.analytics.rollups.planning import (
    NATURAL,
    TIMES,
    Handed,
    Plan,
    Segment,
    copy_read,
    filters_of,
    likely_groups,
    rows_read,
)
from backend.analytics.rollups.reading import KEY_JOINS, key_of
from backend.analytics.rollups.standing import Standing
from backend.analytics.rules import Question, SalesDimension
from backend.infra.columns import ColumnsUnavailable, Session
from backend.infra.work import Work
from backend.sales.filters import SalesCriteria

log = logging.getLogger(__name__)

_C = Column
MOST_LACKING: Final = 50_000
"""Facts that a copy may lack: PostgreSQL adds them."""
SECONDS: Final = 20.0
"""The longest that one question may take."""
_SHARED: Final = {
    _C.MIX: "select no as mix from rollup_mixes where org_id = $1",
    _C.AREA: "select no as area from rollup_areas where org_id = $1",
    _C.PLACE: "select no as place from rollup_places where org_id = $1",
    _C.NODE: "select 0 as node union all select k.no from rollup_keys k"
    " join categories c on c.org_id = $1 and c.id = k.id where k.org_id = $1",
}
"""The numbers of columns of which several may stand for one key."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a statement reads of a copy's sums.

    `is_cut`: of a top, groups that cannot be in it are left out, where nothing is to be added.
    `is_by_first`: those of all groups that share the first key, added up.
    """

    sums: tuple[str, ...] = tuple(name for name in SUMS if name != "lines")
    is_cut: bool = False
    is_by_first: bool = False


ALL: Final = Wanted()
"""All sums of all groups."""
ORDERS: Final = Wanted(("orders",))


async def hand(
    work: Work,
    chosen: Plan,
    question: Question,
    criteria: SalesCriteria,
    standing: Standing,
    wanted: Wanted,
) -> Plan:
    """Return the plan with the sums in it where a copy makes them sooner; else as it is.

    Only for who may see everything: a copy has no policies.
    """
    kept = standing.kept
    if work.columns is None or work.principal.is_limited or kept.facts < copying.LEAST:
        return chosen
    if standing.reaches_sums_only(criteria):
        return chosen
    if rows_read(chosen, criteria, kept) <= copy_read(chosen, criteria, kept):
        return chosen
    asked = await _asked(work, chosen, question, criteria, wanted)
    org_id = work.principal.org_id
    try:
        found = await work.columns.read(
            lambda session: _answer(session, org_id, asked, standing), seconds=SECONDS
        )
    except ColumnsUnavailable as exc:
        log.warning("a copy in columns did not answer: %s", exc)
        return chosen
    if found is None:
        return chosen
    whole = Segment(None, criteria.first_day, criteria.last_day)
    return replace(chosen, grain=None, segments=(whole,), behind=0, handed=found)


def _answer(session: Session, org_id: UUID, asked: Asked, standing: Standing) -> Handed | None:
    """Return what the copy has of it; None: it holds other facts, too few, or there is too much."""
    upto = standing.kept.facts
    state = copying.copied(session, org_id)
    if state is None or state.epoch != standing.epoch or state.rewritten != standing.rewritten:
        return None
    facts = min(state.facts, upto)
    if upto - facts > MOST_LACKING:
        return None
    is_whole = facts == upto and not asked.plan.has_tail
    if asked.plan.is_along:
        text, values = asking.along(asked, facts=facts)
    else:
        text, values = asking.statement(asked, facts=facts, is_cut=asked.is_cut and is_whole)
    row = session.execute(text, values).fetchone()
    return None if row is None else asking.handed(asked, row, facts, upto)


async def _asked(
    work: Work, plan: Plan, question: Question, criteria: SalesCriteria, wanted: Wanted
) -> Asked:
    """Return a question in numbers, which PostgreSQL looks up."""
    parameters = Parameters()
    filters = [(NATURAL[one], one, values) for one, values in filters_of(criteria).items()]
    arrays = [
        f"array({admitted(one, column).format(parameters.add(said(one, values)))}) as n{n}"
        for n, (column, one, values) in enumerate(filters)
    ]
    shared = _shared(question)
    for column, dimensions in shared.items():
        same = _same(column, dimensions)
        arrays += [f"array({same.format(name)}) as {name}_{column}" for name in ("no", "one")]
    row = {}
    if arrays:
        text = f"select {', '.join(arrays)}"
        row = (await queries.run(work, text, tuple(parameters.values)))[0]
    return Asked(
        copying.table_of(work.principal.org_id),
        plan,
        question,
        criteria,
        [(column, row[f"n{n}"]) for n, (column, *_) in enumerate(filters)],
        {column: (row[f"no_{column}"], row[f"one_{column}"]) for column in shared},
        wanted.sums,
        likely_groups(question, criteria),
        wanted.is_cut,
        wanted.is_by_first,
    )


def _shared(question: Question) -> dict[Column, list[SalesDimension]]:
    """Return the columns whose numbers are brought together, and the dimensions read from them."""
    found: dict[Column, list[SalesDimension]] = {}
    for one in question.group_by:
        if one not in TIMES and NATURAL[one] in _SHARED:
            found.setdefault(NATURAL[one], []).append(one)
    return found


def _same(column: Column, dimensions: Sequence[SalesDimension]) -> str:
    keys = ", ".join(key_of(one, column) for one in dimensions)
    return f"""
    select {{0}} from (
        select x.{column} as no, min(x.{column}) over (partition by {keys}) as one
          from ({_SHARED[column]}) x {KEY_JOINS[column]}) same
     where no <> one order by no"""
