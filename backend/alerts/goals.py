"""Alerts about goals: a level is reached, or will be missed."""

from collections.abc import Sequence
from typing import Final

from backend.alerts.rules import AlertKind, Concern
from backend.alerts.service import open_concerns, settle
from backend.analytics.goals.events import GoalChanged
from backend.analytics.goals.rules import GoalStanding
from backend.infra.work import Work
from backend.locations import service as locations

KIND_OF: Final = {
    GoalStanding.REACHED: AlertKind.GOAL_REACHED,
    GoalStanding.AT_RISK: AlertKind.GOAL_AT_RISK,
}


async def react(work: Work, events: Sequence[GoalChanged]) -> None:
    """Bring the alerts about goals in line with what was said of them last."""
    turned = [event for event in events if event.latched is not event.was or event.is_deleted]
    for kind in KIND_OF.values():
        over = [one.goal.key.name for one in turned if _kind(one) is not kind]
        await settle(work, [kind], over)
    ids = {one.goal.location_id for one in turned if one.goal.location_id}
    places = await locations.locations_by_id(work, ids)
    await open_concerns(
        work,
        [
            Concern(
                kind,
                one.goal.key.name,
                location=places.get(one.goal.location_id) if one.goal.location_id else None,
                value=one.value,
                threshold=one.threshold,
            )
            for one in turned
            for kind in [_kind(one)]
            if kind is not None
        ],
    )


def _kind(event: GoalChanged) -> AlertKind | None:
    return None if event.is_deleted or event.latched is None else KIND_OF[event.latched]
