"""What figures of forecasts are called, and how they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    "LOSES_TO_CHALLENGER": "loses to another that was judged with it",
    "TOO_LITTLE_HISTORY": "too few days to judge it by",
    "NOTHING_SOLD": "nothing was sold to judge it by",
}
FAMILIES: Final = {
    "NETWORK": "Network",
    "WEEKDAY_MEAN": "Weekday mean",
    "SEASONAL_NAIVE": "Seasonal naive",
    "LIGHTGBM": "LightGBM",
}
ORIGINS: Final = {"TRAINED": "trained on everything", "UPDATED": "learned on"}
COVERAGE_GOAL: Final = 0.9
"""Which share of days is to lie within the 90 % band."""
MEASURES: Final = {
    "wape": (
        "WAPE",
        "what was missed, as a part of what was sold; about 100 % is usual where"
        " products sell a few units a week",
    ),
    "bias": ("Bias", "forecast too high (+) or too low (−)"),
    "mase": ("MASE", "missed beside saying last week again, below 1 is better"),
    "rmsse": ("RMSSE", "the same with squares"),
    "pinball": ("Pinball", "how good all quantiles are, less is better"),
    "coverage90": ("Coverage of the 90 % band", "days that lay within it; the goal is 90 %"),
}
BASELINES: Final = {"weekday_mean": "Weekday mean", "seasonal_naive": "Seasonal naive"}


def verdict_words(verdict: str | None) -> str:
    """Return what the judge said of a model."""
    if not verdict:
        return ""
    return VERDICTS.get(verdict, verdict.replace("_", " ").lower())


def better(mine: float | None, other: float | None, than: str) -> str:
    """Return by how much less is missed than by another forecast, in words."""
    if mine is None or not other:
        return ""
    share = round((1 - mine / other) * 100)
    if share == 0:
        return f"as good as {than}"
    return f"{abs(share)} % {'better' if share > 0 else 'worse'} than {than}"


def judged(metrics: Mapping[str, Any], baselines: Mapping[str, Any]) -> str:
    """Return in a sentence how good a model is: beside simple guesses, and how sure its bands."""
    mean = baselines.get("weekday_mean", {})
    compared = better(metrics.get("wape"), mean.get("wape"), "the mean of equal weekdays")
    mase, coverage = metrics.get("mase"), metrics.get("coverage90")
    said = [
        compared,
        f"MASE {mase:.2f} (1 is as good as last week again)" if mase is not None else "",
        f"{written('coverage90', coverage)} of days lay within the 90 % band"
        if coverage is not None
        else "",
    ]
    text = "; ".join(filter(None, said))
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def written(name: str, value: float) -> str:
    """Return a measure as it is read."""
    return f"{value:.2f}" if name in {"mase", "rmsse"} else f"{value * 100:.1f} %".replace("-", "−")
