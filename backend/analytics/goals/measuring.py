"""How far goals are: a few summaries for any number of goals, the rest is arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from backend.analytics.goals import service
from backend.analytics.goals.errors import InvalidGoal
from backend.analytics.goals.outlook import Outlooks, Rest, rests
from backend.analytics.goals.periods import GoalPeriodKind, period_at
from backend.analytics.goals.progress import Moment, Progress, progress_of
from backend.analytics.goals.proposal import Proposal, ProposalBasis, propose
from backend.analytics.goals.rules import Goal, GoalRules
from backend.analytics.goals.season import Season, SeasonBasis
from backend.analytics.goals.sums import Sums, gather_sums
from backend.analytics.planned import business_calendar
from backend.core.numbers import rounded
from backend.infra.work import Work

_DAY_SECONDS: Final = Decimal(86_400)


@dataclass(frozen=True, slots=True)
class Report:
    """The progress of goals as of `as_of`, up to the business day `at`."""

    as_of: datetime
    at: Moment
    rules: GoalRules
    rows: tuple[Progress, ...]


async def progress(
    work: Work, criteria: service.GoalCriteria, on: date | None, outlooks: Outlooks
) -> Report:
    """Return how far the goals are that meet the criteria; unless these say when: current ones.

    `on` is the last business day that counts, whole; None: up to now, and then forecasts count.

    Raises:
        TooManyGoals: more than one answer shows.
        InvalidGoal: `on` lies ahead.
    """
    calendar = await business_calendar(work)
    at = moment(work, on)
    if not criteria.says_when:
        ids = frozenset(period_at(at.day, kind, calendar).id for kind in GoalPeriodKind)
        criteria = service.GoalCriteria(
            ids, criteria.kinds, criteria.dimensions, criteria.members, criteria.measures
        )
    goals = await service.chosen_goals(work, criteria, calendar)
    return await progress_of_goals(work, goals, at, None if on else outlooks)


async def progress_of_goals(
    work: Work, goals: Sequence[Goal], at: Moment, outlooks: Outlooks | None
) -> Report:
    """Return how far these goals are; without outlooks as if nothing were forecast."""
    rules = await service.goal_rules(work)
    sums = await gather_sums(work, goals, at)
    known = await rests(work, sums, goals, at, outlooks) if outlooks else {}
    rows = tuple(_progress(sums, goal, at, rules, known.get(goal.id)) for goal in goals)
    return Report(work.now, at, rules, rows)


def _progress(sums: Sums, goal: Goal, at: Moment, rules: GoalRules, rest: Rest | None) -> Progress:
    foreseen = None
    if rest is not None and (weight := sums.weight_until(goal, at, rest.through)) > 0:
        foreseen = rest.amount / weight
    pattern = sums.pattern(goal, at, foreseen)
    found = progress_of(goal, sums.sold(goal), pattern, at, rules)
    following = sums.following(goal)
    before, coming = sums.year_before(goal, following, at), sums.weight(goal, following, at)
    part = coming / sum(pattern.weights)
    proposal = propose(following, found.landing, before, part)
    # A level without the times of the year says nothing of another one.
    if foreseen is not None and pattern.basis in (SeasonBasis.OWN, SeasonBasis.ORGANISATION):
        proposal = Proposal(following, rounded(foreseen * coming), ProposalBasis.FORECAST)
    return replace(found, proposal=proposal)


async def season_for(work: Work, goal: Goal) -> Season:
    """Return how a goal is spread over its days."""
    at = moment(work, None)
    return (await gather_sums(work, [goal], at)).season(goal, at)


def moment(work: Work, on: date | None) -> Moment:
    """Return until when sales count; by the organisation's clock.

    Raises:
        InvalidGoal: `on` lies ahead.
    """
    here = work.now.astimezone(ZoneInfo(work.timezone))
    if on is None:
        seconds = here.hour * 3600 + here.minute * 60 + here.second
        return Moment(here.date(), Decimal(seconds) / _DAY_SECONDS)
    if on > here.date():
        raise InvalidGoal(f"today is {here.date()}", field=["on"], value=str(on))
    if on < date(1900, 1, 2):
        raise InvalidGoal("goals begin in 1900", field=["on"], value=str(on))
    return Moment(on)
