"""Decides which model forecasts: the champion stays until a challenger is better."""

from enum import StrEnum

from backend.forecasting.judging.accuracy import Accuracy


class Verdict(StrEnum):
    """What becomes of a challenger."""

    PROMOTED = "PROMOTED"
    """It is better, and forecasts from now on."""
    LOSES_TO_WEEKDAY_MEAN = "LOSES_TO_WEEKDAY_MEAN"
    """The mean of equal weekdays is better: nobody needs it."""
    LOSES_TO_CHAMPION = "LOSES_TO_CHAMPION"
    """The model that forecasts now is better."""
    LOSES_TO_CHALLENGER = "LOSES_TO_CHALLENGER"
    """Another one that was trained or judged with it is better."""
    NOTHING_SOLD = "NOTHING_SOLD"
    """There was nothing to be judged by."""
    TOO_LITTLE_HISTORY = "TOO_LITTLE_HISTORY"
    """Too few days to hold any back: the mean of equal weekdays forecasts until there are more."""


def judge(challenger: Accuracy, weekday_mean: Accuracy, champion: Accuracy | None) -> Verdict:
    """Return what becomes of a challenger; all were judged on the same periods.

    It may not lose to the weekday mean, neither by WAPE nor by pinball loss, whatever the champion
    does; against the champion (None: there is none) pinball decides, which rewards quantiles that
    are sharp and true, and a tie keeps the champion.
    """
    if challenger.pinball is None or challenger.wape is None:
        return Verdict.NOTHING_SOLD
    if _is_worse(challenger.pinball, weekday_mean.pinball):
        return Verdict.LOSES_TO_WEEKDAY_MEAN
    if _is_worse(challenger.wape, weekday_mean.wape):
        return Verdict.LOSES_TO_WEEKDAY_MEAN
    if champion is not None and champion.pinball is not None:
        return (
            Verdict.PROMOTED if challenger.pinball < champion.pinball else Verdict.LOSES_TO_CHAMPION
        )
    return Verdict.PROMOTED


def _is_worse(one: float, other: float | None) -> bool:
    return other is not None and one > other
