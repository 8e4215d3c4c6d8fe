"""Decides between all that could forecast: who should, and why the others should not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from backend.forecasting.judging.accuracy import Accuracy
from backend.forecasting.judging.promotion import Verdict, judge
from backend.forecasting.rules import SIMPLE, ModelFamily

_NEVER: Final = Accuracy(None, None, None, None, None, None)
MEAN: Final = ModelFamily.WEEKDAY_MEAN


@dataclass(frozen=True, slots=True)
class Champion:
    """Who forecasts now; `unseen`: how it did on the last days of the test, None: nobody can tell.

    It is told of a version that had not seen those days.
    """

    family: ModelFamily
    unseen: Accuracy | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Who forecasts from now on, None: who does so already; what was said of the others."""

    winner: ModelFamily | None
    verdicts: Mapping[ModelFamily, Verdict]


def decide(
    judged: Mapping[ModelFamily, Accuracy],
    latest: Mapping[ModelFamily, Accuracy],
    champion: Champion | None,
) -> Decision:
    """Return who wins; all were judged on the same days, `latest` on the last of them alone.

    The best that does not lose to the mean of equal weekdays is compared with the champion. Where
    all lose to the mean, it forecasts, unless the champion is known to be better than it too.
    """
    mean = judged[MEAN]
    verdicts = {name: judge(one, mean, None) for name, one in judged.items() if name is not MEAN}
    fit = [name for name, verdict in verdicts.items() if verdict is Verdict.PROMOTED]
    if not fit:
        return Decision(MEAN if _is_mean_better(latest[MEAN], champion) else None, verdicts)
    # Of equals the first: the network learns on, day by day.
    best = min(fit, key=lambda name: judged[name].pinball or 0.0)
    verdicts |= {name: Verdict.LOSES_TO_CHALLENGER for name in fit if name is not best}
    if champion is not None and champion.family in SIMPLE:
        wins = best is not champion.family
        return Decision(best if wins else None, verdicts)
    known = champion.unseen if champion else None
    verdicts[best] = judge(latest[best], _NEVER, known) if known else Verdict.PROMOTED
    return Decision(best if verdicts[best] is Verdict.PROMOTED else None, verdicts)


def _is_mean_better(mean: Accuracy, champion: Champion | None) -> bool:
    """Tell whether the mean of equal weekdays should forecast in the place of the champion."""
    if champion is None:
        return True
    if champion.family in SIMPLE:
        return champion.family is not MEAN
    known = champion.unseen
    if known is None or known.pinball is None or mean.pinball is None:
        return False
    return mean.pinball < known.pinball
