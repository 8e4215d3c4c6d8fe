"""Which goals alerts are to speak of: told once, and again only after it was over."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from backend.analytics.goals import measuring, service, statements
from backend.analytics.goals.events import GoalChanged, place_of
from backend.analytics.goals.outlook import Outlooks
from backend.analytics.goals.periods import GoalPeriodKind, period_at
from backend.analytics.goals.progress import Progress
from backend.analytics.goals.rules import (
    MOST_GOALS,
    Goal,
    GoalMeasure,
    GoalRules,
    GoalStanding,
)
from backend.analytics.planned import business_calendar
from backend.infra.work import Work

AFTERWARDS: Final = timedelta(days=7)
"""How long alerts about a goal stand after its period."""
LEAST_ELAPSED: Final = Decimal("0.2")
"""Part of a period's season that must have passed before a goal is called at risk."""
SPOKEN_OF: Final = frozenset({GoalMeasure.NET_SALES, GoalMeasure.UNITS})
"""Not profit: alerts are read by many who may not know cost."""


async def judge(work: Work, outlooks: Outlooks) -> int:
    """Bring what alerts say of goals in line with how they stand; return how many turned.

    Gathers GoalChanged for each. Another who judges at the same time does it instead.
    """
    turn = await work.row(statements.TRY_TURN, str(work.principal.org_id))
    if not turn or not turn["got"]:
        return 0
    calendar = await business_calendar(work)
    at = measuring.moment(work, None)
    ids = frozenset(
        period_at(day, kind, calendar).id
        for kind in GoalPeriodKind
        for day in (at.day, at.day - AFTERWARDS)
    )
    goals = await service.chosen_goals(
        work,
        service.GoalCriteria(periods=ids, measures=SPOKEN_OF),
        calendar,
        most=MOST_GOALS,
    )
    report = await measuring.progress_of_goals(work, goals, at, outlooks)
    turned = [
        _turned(work, one.goal, latched, one, report.rules)
        for one in report.rows
        for latched in [latched_of(one, report.rules)]
        if latched is not one.goal.latched
    ]
    rows = await work.rows(statements.LATCHED_ELSEWHERE, work.principal.org_id, sorted(ids))
    turned += [
        _turned(work, service.goal_of(row, calendar), None, None, report.rules) for row in rows
    ]
    if turned:
        await work.rows(
            statements.LATCH,
            work.principal.org_id,
            [event.goal.id for event in turned],
            [event.latched for event in turned],
        )
        work.gather(turned)
    return len(turned)


def latched_of(one: Progress, rules: GoalRules) -> GoalStanding | None:
    """Return what alerts are to say of a goal, REACHED, AT_RISK or nothing.

    What is at risk stays so until all of the goal is in sight again.
    """
    was = one.goal.latched
    if one.standing is GoalStanding.REACHED:
        return GoalStanding.REACHED
    was_low = was is GoalStanding.AT_RISK
    if one.standing is GoalStanding.MISSED:
        return GoalStanding.AT_RISK
    if one.landing is None or (one.elapsed < LEAST_ELAPSED and not was_low):
        return was if was_low else None
    level = rules.reached_at if was_low else rules.missed_below
    return GoalStanding.AT_RISK if one.landing < one.goal.amount * level else None


def _turned(
    work: Work,
    goal: Goal,
    latched: GoalStanding | None,
    one: Progress | None,
    rules: GoalRules,
) -> GoalChanged:
    value = one and (one.attained if latched is GoalStanding.REACHED else one.landing)
    is_reached = latched is GoalStanding.REACHED
    return GoalChanged(
        place_of(goal, work.principal.org_id),
        goal,
        work.now,
        latched=latched,
        was=goal.latched,
        value=value,
        threshold=goal.amount * (rules.reached_at if is_reached else Decimal(1)),
    )
