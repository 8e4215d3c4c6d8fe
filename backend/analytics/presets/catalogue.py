"""All analyses by name."""

from typing import Final

from backend.analytics.presets import cuts, rankings
from backend.analytics.presets.names import AnalysisName
from backend.analytics.presets.preset import Preset

PRESETS: Final[dict[AnalysisName, Preset]] = {
    one.name: one for one in (*cuts.PRESETS, *rankings.PRESETS)
}
