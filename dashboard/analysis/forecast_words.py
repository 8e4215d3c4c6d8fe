"""What figures of forecasts are called, and how they are read."""

from __future__ import annotations

from typing import Final

STATUSES: Final = {
    "CHAMPION": ("Forecasts", "good", "check"),
    "CHALLENGER": ("Waits to be judged", "plain", "clock"),
    "RETIRED": ("Forecast before", "plain", "return"),
    "REJECTED": ("Lost", "warning", "alert"),
}
VERDICTS: Final = {
    "PROMOTED": "better than the one before",
    "LOSES_TO_WEEKDAY_MEAN": "loses to the weekday mean",
    "LOSES_TO_CHAMPION": "loses to the one that forecasts",
    "NOTHING_SOLD": "nothing was sold to judge it by",
}
FAMILIES: Final = {
    "NETWORK": "Network",
    "WEEKDAY_MEAN": "Weekday mean",
    "SEASONAL_NAIVE": "Seasonal naive",
    "LIGHTGBM": "LightGBM",
}
ORIGINS: Final = {"TRAINED": "trained on everything", "UPDATED": "learned on"}
MEASURES: Final = {
    "wape": ("WAPE", "what was missed, as a part of what was sold"),
    "bias": ("Bias", "forecast too high (+) or too low (−)"),
    "mase": ("MASE", "missed beside saying last week again, below 1 is better"),
    "rmsse": ("RMSSE", "the same with squares"),
    "pinball": ("Pinball", "how good all quantiles are, less is better"),
    "coverage90": ("Coverage of the 90 % band", "days that lay within it; 90 % is meant"),
}
BASELINES: Final = {"weekday_mean": "Weekday mean", "seasonal_naive": "Seasonal naive"}


def verdict_words(verdict: str | None) -> str:
    """Return what the judge said of a model."""
    if not verdict:
        return ""
    return VERDICTS.get(verdict, verdict.replace("_", " ").lower())


def written(name: str, value: float) -> str:
    """Return a measure as it is read."""
    return f"{value:.2f}" if name in {"mase", "rmsse"} else f"{value * 100:.1f} %"
