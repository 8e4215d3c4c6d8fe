"""A question's way to its rows: what may be asked, of which days, and how roll-ups answer it."""

from dataclasses import replace
from typing import Any, Final

from backend.analytics import queries, running, statements
from backend.analytics.calendars import BusinessCalendar, YearEnd
from backend.analytics.columns import handing
from backend.analytics.columns.asked import Wanted
from backend.analytics.rollups import admitting, standing as rollups
from backend.analytics.rollups.planning import FISCAL, Plan, filters_of, plan
from backend.analytics.rollups.standing import Standing
from backend.analytics.rules import SECRET_ORDERS, Question, SummaryOrder
from backend.core.scopes import Scope
from backend.infra.work import Work
from backend.sales import retention
from backend.sales.filters import SalesCriteria

ALL: Final = Wanted()
_CALENDAR: Final = """
select fiscal_calendar, fiscal_year_start, fiscal_year_end from organisations where id = $1
"""


async def begun(
    work: Work, question: Question, criteria: SalesCriteria, of: SummaryOrder | None = None
) -> tuple[Question, SalesCriteria, Standing]:
    """Return a question as it is answered, its criteria too, and how far roll-ups are.

    Raises:
        MissingScope: sorted by cost or profit, or of these, by one who may not know them.
    """
    if {question.order, of} & SECRET_ORDERS:
        work.principal.require(Scope.ANALYTICS_READ)
    if FISCAL & frozenset(question.group_by):
        question = replace(question, calendar=await business_calendar(work))
    standing = await rollups.standing(work)
    return question, within_kept(work, standing, criteria), standing


async def business_calendar(work: Work) -> BusinessCalendar:
    """Return how the organisation divides its years."""
    (row,) = await queries.run_once(work, _CALENDAR, ())
    return BusinessCalendar(
        row["fiscal_calendar"], row["fiscal_year_start"], YearEnd(row["fiscal_year_end"])
    )


def _planned(question: Question, criteria: SalesCriteria, standing: Standing) -> Plan | None:
    """Return how roll-ups answer; None where they do not serve, and the lines are there.

    Raises:
        SalesNotKept: the lines are not there either.
    """
    chosen = None
    if standing.serves(question, criteria):
        is_additive = standing.adds_up(question, criteria)
        chosen = plan(question, criteria, standing.kept, is_additive=is_additive)
    if chosen is None:
        check_kept(standing, criteria)
        return None
    return replace(chosen, days_behind=standing.days_behind, tail=standing.tail)


async def looked_up(
    work: Work,
    question: Question,
    criteria: SalesCriteria,
    standing: Standing,
    wanted: Wanted = ALL,
) -> Plan | None:
    """Return how roll-ups answer: with the sums of a copy, or the numbers to look for in facts.

    Raises:
        SalesNotKept: neither sums nor lines are there.
    """
    chosen = _planned(question, criteria, standing)
    is_filtered = filters_of(criteria) or work.principal.is_limited
    if chosen is not None:
        chosen = await handing.hand(work, chosen, question, criteria, standing, wanted)
    if chosen is None or chosen.handed is not None or not chosen.reads_facts or not is_filtered:
        return chosen
    return await with_numbers(work, chosen, question, criteria)


async def with_numbers(
    work: Work, chosen: Plan, question: Question, criteria: SalesCriteria
) -> Plan:
    """Return the plan with the numbers that each filter admits."""
    text, values = admitting.lookup(question, criteria, work.principal)
    (row,) = await queries.run_once(work, text, values)
    return replace(chosen, numbers=tuple(row.values()))


async def answered(
    work: Work,
    chosen: Plan | None,
    question: Question,
    criteria: SalesCriteria,
    standing: Standing,
    *,
    has_totals: bool = True,
) -> list[dict[str, Any]]:
    """Return the rows of a plan (None: of the lines).

    Without `has_totals` those of roll-ups come without the total.
    """
    if chosen is None:
        text, values = statements.summary(question, criteria, work.principal)
    else:
        text, values = statements.rolled_summary(
            chosen, question, criteria, work.principal, has_totals=has_totals
        )
    return await running.run(work, text, values, chosen, criteria, standing)


def within_kept(work: Work, standing: Standing, criteria: SalesCriteria) -> SalesCriteria:
    """Return the criteria without what changes nothing.

    A distributor means all that is kept where no day is said.
    """
    criteria = standing.without_idle(criteria)
    if work.principal.partner is not None and criteria.first_day is None:
        return replace(criteria, first_day=standing.kept.kept_from)
    return criteria


def check_kept(standing: Standing, criteria: SalesCriteria) -> None:
    """Refuse what only single sales could tell where they are gone.

    Raises:
        SalesNotKept: the days begin before those whose sales are kept.
    """
    kept_from = standing.kept.kept_from
    if kept_from is not None and standing.reaches_sums_only(criteria):
        raise retention.not_kept(kept_from, criteria.first_day, "no sum answers this")
