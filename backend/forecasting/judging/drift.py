"""Tells when a forecast has become worse than it used to be."""

from collections.abc import Sequence
from typing import Final

import numpy as np

DAYS: Final = 7
"""Days whose mean loss is watched: each weekday once."""
_MOST_KNOWN: Final = 56
_LEAST_KNOWN: Final = 28
_WIDTH: Final = 4.0
"""Half the band, in robust standard deviations (1.4826 × median absolute deviation)."""
_LEAST_SPREAD: Final = 0.05
"""Of the usual loss: where it hardly ever varied, less than this is no news."""


def has_left_band(losses: Sequence[float]) -> bool:
    """Tell whether the mean loss of the last week lies above the band of the weeks before.

    `losses` are the daily pinball losses relative to what was sold, the latest last. Before there
    are five weeks of them there is no band.
    """
    known = np.array(losses[-_MOST_KNOWN - DAYS : -DAYS])
    if len(known) < _LEAST_KNOWN:
        return False
    weeks = np.convolve(known, np.full(DAYS, 1 / DAYS), mode="valid")
    usual = np.median(weeks)
    spread = max(1.4826 * np.median(np.abs(weeks - usual)), _LEAST_SPREAD * usual)
    return bool(np.mean(losses[-DAYS:]) > usual + _WIDTH * spread)
