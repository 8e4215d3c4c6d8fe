"""Answering an analysis by its name."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from backend.analytics import queries
from backend.analytics.presets import fitting
from backend.analytics.presets.catalogue import PRESETS
from backend.analytics.presets.choices import Choice, Measure
from backend.analytics.presets.names import AnalysisName
from backend.analytics.presets.preset import Ask, Coverage, Preset
from backend.analytics.presets.table import Note, Table
from backend.analytics.presets.traces import notes_on, whole_trace
from backend.analytics.rollups.gathering import KEPT
from backend.analytics.rollups.grains import GRAINS, Span
from backend.analytics.rules import Trace
from backend.core.scopes import Scope
from backend.infra.work import Work
from backend.sales.filters import SalesCriteria

MOST_NAMED: Final = 10
_WHOLE: Final = next(grain.no for grain in GRAINS if not grain.columns)
# Of the days whose sales are gone their sums tell.
_DAYS: Final = f"""
select least(min(business_day), (
           select min(starts_on) from rollup_cells
            where org_id = $1 and grain = {_WHOLE} and span = {Span.DAY.value}
              and starts_on < {KEPT})) as first,
       greatest(max(business_day), (
           select max(starts_on) from rollup_cells
            where org_id = $1 and grain = {_WHOLE} and span = {Span.DAY.value}
              and starts_on < {KEPT})) as last
  from sales where org_id = $1 and business_day >= {KEPT}
"""
_KNOWN: Final = {
    "skus": "select from products where org_id = $1 and sku = v",
    "categories": "select from categories where org_id = $1 and parent_id is null and name = v",
    "subcategories": "select from categories where org_id = $1 and parent_id is not null"
    " and name = v",
    "locations": "select from locations where org_id = $1 and code = v",
    "distributors": "select from distributors where org_id = $1 and code = v",
}
"""Field of a filter → what is there with value v."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """An answer: everything recorded up to `as_of` is in it."""

    preset: Preset
    as_of: datetime
    covers: Coverage
    table: Table
    trace: Trace


async def analyse(
    work: Work, name: AnalysisName, criteria: SalesCriteria, choice: Choice
) -> Analysis:
    """Answer an analysis about the sales that meet the criteria.

    Raises:
        InvalidAnalysis: a parameter it does not take.
        MissingScope: it is about what the principal may not know.
        TooManyGroups: more rows than an answer may have.
        SummaryTooSlow: it takes longer than a statement may.
        SalesNotKept: it needs single sales of days before which none are kept.
    """
    preset = PRESETS[name]
    for scope in sorted(preset.scopes):
        work.principal.require(scope)
    chosen = preset.options.resolve(choice)
    if chosen.measure is Measure.PROFIT:
        work.principal.require(Scope.ANALYTICS_READ)
    covers = await _coverage(work, criteria)
    ask = Ask(work, criteria, chosen, covers, [], [])
    table = await fitting.answer(preset, ask, choice)
    if not table.rows:
        reasons = await _why_empty(work, criteria, covers, table)
        table = replace(table, notes=(*table.notes, *reasons))
    if not work.principal.has(Scope.ANALYTICS_READ):
        table = table.without_secrets()
    trace = whole_trace(ask.traces)
    table = replace(table, notes=(*table.notes, *notes_on(trace)))
    return Analysis(preset, min(ask.moments, default=work.now), covers, table, trace)


async def _coverage(work: Work, criteria: SalesCriteria) -> Coverage:
    """Return the days that both the filter and the recorded sales reach."""
    (row,) = await queries.run_once(work, _DAYS, ())
    if row["first"] is None:
        return Coverage(None, None)
    first = max(row["first"], criteria.first_day or date.min)
    last = min(row["last"], criteria.last_day or date.max)
    if first > last:
        return Coverage(None, None, row["first"])
    today = work.now.astimezone(ZoneInfo(work.timezone)).date()
    return Coverage(first, last, row["first"], is_partial=last >= today)


async def _why_empty(
    work: Work, criteria: SalesCriteria, covers: Coverage, table: Table
) -> tuple[Note, ...]:
    unknown = await _unknown(work, criteria)
    if unknown or not table.is_empty:
        return unknown or (Note("NOTHING_FOUND", "nothing that you may see is like this"),)
    if covers.first is None:
        return (Note("NO_SALES_IN_RANGE", "no sales are recorded for these days"),)
    return (Note("NO_SALES", "nothing that you may see was sold like this"),)


async def _unknown(work: Work, criteria: SalesCriteria) -> tuple[Note, ...]:
    """Return notes on the values of the filter that name nothing this principal may see."""
    asked = {name: sorted(getattr(criteria, name) or ()) for name in _KNOWN}
    text = " union all ".join(
        f"select '{name}' as name, v as value from unnest(${n}::text[]) v"
        f" where not exists ({known})"
        for n, (name, known) in enumerate(_KNOWN.items(), start=2)
    )
    rows = await queries.run(work, f"{text} limit {MOST_NAMED}", tuple(asked.values()))
    return tuple(
        Note(
            "UNKNOWN_VALUE",
            f"{row['name']}: nothing you may see is called {row['value'][:60]!r}",
            ("filter", row["name"]),
            row["value"][:60],
        )
        for row in rows
    )
