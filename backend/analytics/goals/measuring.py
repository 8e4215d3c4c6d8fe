"""How far goals are: a few summaries for any number of goals, the rest is arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from backend.analytics import service as analytics
from backend.analytics.goals import service
from backend.analytics.goals.errors import InvalidGoal
from backend.analytics.goals.periods import GoalPeriodKind, period_at
from backend.analytics.goals.progress import Moment, Progress, progress_of
from backend.analytics.goals.proposal import propose
from backend.analytics.goals.rules import Goal, GoalRules
from backend.analytics.goals.season import Season
from backend.analytics.goals.sums import Sums, gather_sums
from backend.infra.work import Work

_DAY_SECONDS: Final = Decimal(86_400)


@dataclass(frozen=True, slots=True)
class Report:
    """The progress of goals as of `as_of`, up to the business day `at`."""

    as_of: datetime
    at: Moment
    rules: GoalRules
    rows: tuple[Progress, ...]


async def progress(work: Work, criteria: service.GoalCriteria, on: date | None = None) -> Report:
    """Return how far the goals are that meet the criteria; unless these say when: current ones.

    `on` is the last business day that counts, whole; None: up to now.

    Raises:
        TooManyGoals: more than one answer shows.
        InvalidGoal: `on` lies ahead.
    """
    calendar = await analytics.business_calendar(work)
    at = moment(work, on)
    if not criteria.says_when:
        ids = frozenset(period_at(at.day, kind, calendar).id for kind in GoalPeriodKind)
        criteria = service.GoalCriteria(
            ids, criteria.kinds, criteria.dimensions, criteria.members, criteria.measures
        )
    goals = await service.chosen_goals(work, criteria, calendar)
    return await progress_of_goals(work, goals, at)


async def progress_of_goals(work: Work, goals: Sequence[Goal], at: Moment) -> Report:
    """Return how far these goals are."""
    rules = await service.goal_rules(work)
    sums = await gather_sums(work, goals, at)
    return Report(work.now, at, rules, tuple(_progress(sums, goal, at, rules) for goal in goals))


def _progress(sums: Sums, goal: Goal, at: Moment, rules: GoalRules) -> Progress:
    found = progress_of(goal, sums.sold(goal), sums.pattern(goal, at), at, rules)
    following = sums.following(goal)
    weight = sums.weight(goal, following, at)
    proposal = propose(following, found.landing, sums.year_before(goal, following, at), weight)
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
