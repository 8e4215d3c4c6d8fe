"""All analyses by name."""

from typing import Final

from backend.analytics.presets import (
    baskets,
    classes,
    cuts,
    growth,
    losses,
    mixes,
    movers,
    rankings,
    seasons,
    stock,
)
from backend.analytics.presets.names import AnalysisName
from backend.analytics.presets.preset import Preset

_FAMILIES: Final = (cuts, rankings, mixes, growth, seasons, movers, baskets, classes, stock, losses)
PRESETS: Final[dict[AnalysisName, Preset]] = {
    preset.name: preset for family in _FAMILIES for preset in family.PRESETS
}
