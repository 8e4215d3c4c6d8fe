"""An answer that fits: where nobody chose otherwise, longer periods, or the largest rows."""

from dataclasses import replace
from typing import Final

from backend.analytics.errors import TooManyGroups
from backend.analytics.presets.choices import Choice, Measure
from backend.analytics.presets.preset import Ask, Preset
from backend.analytics.presets.table import Note, Table
from backend.analytics.rules import MOST_GROUPS

LARGEST: Final = 10_000
"""How many rows are left where not even the longest periods fit."""


async def answer(preset: Preset, ask: Ask, given: Choice) -> Table:
    """Return the answer of an analysis; `given` is what the client chose of it.

    Raises:
        TooManyGroups: more rows than an answer may have, and the client chose the periods.
    """
    note: Note | None = None
    while True:
        try:
            table = await preset.answer(ask)
        except TooManyGroups:
            if given.grain is not None or ask.choice.grain is None or ask.choice.top is not None:
                raise
            ask, note = _shorter(preset, ask)
            continue
        return replace(table, notes=(*table.notes, note)) if note else table


def _shorter(preset: Preset, ask: Ask) -> tuple[Ask, Note]:
    """Return the same question with fewer rows for an answer, and what to say of it."""
    grain = preset.options.coarser(ask.choice.grain)
    if grain is None:
        choice = replace(ask.choice, top=LARGEST, measure=Measure.NET_SALES)
        words = f"the {LARGEST} rows with most net sales; the totals are of all"
        return replace(ask, choice=choice), Note("ROWS_LEFT_OUT", words)
    why = f"shorter periods have more than {MOST_GROUPS} rows"
    note = Note("GRAIN_CHOSEN", f"by {grain.lower()}: {why}", ("choice", "grain"), grain)
    return replace(ask, choice=replace(ask.choice, grain=grain)), note
