"""Having a question added up by the copy where that is the quickest, and handing the sums on."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from backend.analytics import queries
from backend.analytics.candidates import candidates
from backend.analytics.columns import answering, copies, copying
from backend.analytics.columns.asked import Asked, Wanted
from backend.analytics.rollups.admitting import Parameters, admitted, limits, said
from backend.analytics.rollups.covering import Segment
from backend.analytics.rollups.grains import Column
from backend.analytics.rollups.keys import KEY_JOINS, key_of
from backend.analytics.rollups.planning import (
    NATURAL,
    TIMES,
    Handed,
    Plan,
    copy_read,
    filters_of,
    likely_groups,
    rows_read,
)
from backend.analytics.rollups.standing import Standing
from backend.analytics.rules import Question, SalesDimension
from backend.infra.columns import ColumnsUnavailable
from backend.infra.work import Work
from backend.sales.filters import SalesCriteria

log = logging.getLogger(__name__)

_C = Column
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
_PRODUCTS: Final = """
    array_agg(coalesce(k.no, -p.n) order by p.n) as products,
    array_agg(p.is_offered order by p.n) as offered
  from (select id, is_offered, row_number() over (order by sku) as n from ({0}) p) p
  left join rollup_keys k on k.org_id = $1 and k.id = p.id"""


async def hand(
    work: Work,
    chosen: Plan,
    question: Question,
    criteria: SalesCriteria,
    standing: Standing,
    wanted: Wanted,
) -> Plan:
    """Return the plan with the sums in it where a copy makes them sooner; else as it is.

    A copy has no policies: limits to locations and a channel are looked up and read like filters.
    What a distributor sold is for PostgreSQL alone.
    """
    kept = standing.kept
    is_partner = work.principal.partner is not None
    if work.columns is None or not work.columns.is_open or is_partner:
        return chosen
    if kept.facts < copying.LEAST or standing.reaches_sums_only(criteria):
        return chosen
    # Too many are seen at once; PostgreSQL makes all groups to count them.
    is_counted = wanted.most is not None and likely_groups(question, criteria) > wanted.most
    read_there = copy_read(chosen, criteria, kept) / (4 if is_counted else 1)
    if rows_read(chosen, criteria, kept) <= read_there:
        return chosen
    asked = await _asked(work, chosen, question, criteria, wanted)
    if wanted.as_groups and not wanted.is_cut:
        same = "copy", question.group_by, criteria, wanted
        found = await work.once(same, lambda: _read(work, asked, standing))
    else:
        found = await _read(work, asked, standing)
    if found is None:
        return chosen
    whole = Segment(None, criteria.first_day, criteria.last_day)
    return replace(chosen, grain=None, segments=(whole,), behind=0, handed=found)


async def _read(work: Work, asked: Asked, standing: Standing) -> Handed | None:
    """Return what the copy has of it; None: nothing, or it does not answer."""
    org_id = work.principal.org_id
    assert work.columns is not None, "who asks the copy has looked whether there is one"
    try:
        return await work.columns.read(
            lambda session: answering.answer(session, org_id, asked, standing), seconds=SECONDS
        )
    except ColumnsUnavailable as exc:
        log.warning("a copy in columns did not answer: %s", exc)
        return None


async def _asked(
    work: Work, plan: Plan, question: Question, criteria: SalesCriteria, wanted: Wanted
) -> Asked:
    """Return a question in numbers, which PostgreSQL looks up."""
    parameters = Parameters()
    filters = [
        *limits(work.principal),
        *(
            (NATURAL[one], admitted(one, NATURAL[one]), said(one, values))
            for one, values in filters_of(criteria).items()
        ),
    ]
    arrays = [
        f"array({numbers.format(parameters.add(values))}) as n{n}"
        for n, (_, numbers, values) in enumerate(filters)
    ]
    shared = _shared(question)
    for column, dimensions in shared.items():
        same = _same(column, dimensions)
        arrays += [f"array({same.format(name)}) as {name}_{column}" for name in ("no", "one")]
    if wanted.with_unsold:
        arrays.append(_PRODUCTS.format(candidates(criteria, parameters)))
    row: Mapping[str, Any] = {}
    if arrays:
        text = f"select {', '.join(arrays)}"
        (row,) = await queries.run_once(work, text, parameters.values)
    return Asked(
        copies.table_of(work.principal.org_id),
        plan,
        question,
        criteria,
        [(column, row[f"n{n}"]) for n, (column, *_) in enumerate(filters)],
        {column: (row[f"no_{column}"], row[f"one_{column}"]) for column in shared},
        wanted,
        dict(zip(row.get("products") or (), row.get("offered") or (), strict=True)),
        likely_groups(question, criteria),
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
