"""Alerts about forecasting: a run was given up, and what is shown grows old."""

from collections.abc import Sequence
from typing import Final

from backend.alerts.rules import AlertKind, Concern
from backend.alerts.service import open_concerns, settle
from backend.forecasting.events import ForecastRunChanged
from backend.forecasting.rules import RunKind, RunStatus
from backend.infra.work import Work

UPDATE: Final = "update of forecasts"
TRAINING: Final = "training of forecasts"


async def react(work: Work, events: Sequence[ForecastRunChanged]) -> None:
    """Open an alert about what failed; it is over when the same succeeds.

    A training ends with an update, so that its success is that of both.
    """
    done = {one.run_kind for one in events if one.status is RunStatus.SUCCEEDED}
    if done:
        over = {UPDATE} if done == {RunKind.UPDATE} else {UPDATE, TRAINING}
        await settle(work, [AlertKind.FORECAST_FAILED], sorted(over))
    failed = {one.run_kind for one in events if one.status is RunStatus.FAILED}
    subjects = {UPDATE if kind is RunKind.UPDATE else TRAINING for kind in failed}
    await open_concerns(
        work, [Concern(AlertKind.FORECAST_FAILED, subject) for subject in sorted(subjects)]
    )
