"""Watching how the forecast fares: training anew, or going back, when it gets worse."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from backend.forecasting import statements as known
from backend.forecasting.jobs import statements
from backend.forecasting.jobs.training import crown_weekday_mean
from backend.forecasting.judging.drift import has_left_band
from backend.forecasting.rules import ModelFamily, RunKind, RunReason
from backend.forecasting.service import standing
from backend.forecasting.service.orders import request
from backend.forecasting.service.standing import ModelRow, model_of
from backend.infra.work import Work

WATCHED: Final = 70
"""Days that are looked at."""
LEAST_DAYS: Final = 7
"""Days that a model must have forecast until it can be sent back."""
JUDGED: Final = 14
"""Days, at most, over which it is compared."""
_PAUSE: Final = timedelta(hours=20)
"""After a training was asked for, drift asks for none."""


@dataclass(frozen=True, slots=True)
class Live:
    """The pinball losses of the same days, of the champion and of others; None: not known."""

    champion: float
    weekday_mean: float
    predecessor: float | None

    @property
    def is_beaten_by_predecessor(self) -> bool:
        """Tell whether the model before would have been better, and better than the mean."""
        before = self.predecessor
        return before is not None and before < self.champion and before <= self.weekday_mean

    @property
    def is_beaten_by_mean(self) -> bool:
        """Tell whether the mean of equal weekdays would have been better."""
        return self.weekday_mean < self.champion


async def look(work: Work, champion: ModelRow) -> None:
    """Go back to another model, or ask for a training, where the days that ended call for it."""
    if champion.family is ModelFamily.WEEKDAY_MEAN:
        return
    since = champion.last_seen - timedelta(days=WATCHED)
    days = await work.rows(statements.DAYS, work.principal.org_id, since)
    live = live_of([one for one in days if one["root_id"] == champion.root_id])
    if live is not None and (live.is_beaten_by_predecessor or live.is_beaten_by_mean):
        await _go_back(work, champion, live)
        return
    losses = [one["pinball"] / one["sold"] for one in days if one["sold"] > 0]
    if has_left_band(losses):
        recent = (work.principal.org_id, work.now - _PAUSE)
        asked = await work.row(statements.RECENT_TRAINING, *recent)
        if not (asked and asked["any"]):
            await request(work, RunKind.RETRAIN, RunReason.DRIFT)


def live_of(days: Sequence[dict[str, Any]]) -> Live | None:
    """Return how a model did on the last days it forecast; None: too few."""
    days = [one for one in days if one["scored"] > 0][-JUDGED:]
    if len(days) < LEAST_DAYS:
        return None
    before = [one["predecessor_pinball"] for one in days]
    # Compared on the same days only: all of them, or not at all.
    known_before = all(one is not None for one in before)
    return Live(
        champion=sum(one["pinball"] for one in days),
        weekday_mean=sum(one["weekday_mean_pinball"] for one in days),
        predecessor=sum(before) if known_before else None,
    )


async def _go_back(work: Work, champion: ModelRow, live: Live) -> None:
    """Let the model before forecast where it is the better one, else the mean of equal weekdays."""
    row = await work.row(known.PREDECESSOR, work.principal.org_id)
    if live.is_beaten_by_predecessor and row is not None:
        chosen = model_of(row)
        totals = await work.row(known.TOTALS_OF, work.principal.org_id, chosen.root_id)
        await standing.enthrone(work, chosen, None if totals is None else model_of(totals))
    else:
        chosen = await crown_weekday_mean(
            work, champion, champion.baselines.get("weekday_mean", {})
        )
    work.note(
        "FORECAST_MODEL_SENT_BACK", champion.id, version=champion.version, to=str(chosen.id),
        pinball=live.champion, weekday_mean=live.weekday_mean, predecessor=live.predecessor,
    )  # fmt: skip
    await request(work, RunKind.UPDATE, RunReason.PROMOTED)
