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
READ: Final = 7_500
"""Rows beyond which periods that nobody chose are longer ones."""


async def answer(preset: Preset, ask: Ask, given: Choice) -> Table:
    """Return the answer of an analysis; `given` is what the client chose of it.

    Raises:
        TooManyGroups: more rows than an answer may have, and the client chose the periods.
    """
    note: Note | None = None
    while True:
        try:
            table = await preset.answer(replace(ask, most=_most(preset, ask, given)))
        except TooManyGroups:
            if given.grain is not None or ask.choice.grain is None or ask.choice.top is not None:
                raise
            ask, note = _shorter(preset, ask)
            continue
        return replace(table, notes=(*table.notes, note)) if note else table


def _most(preset: Preset, ask: Ask, given: Choice) -> int:
    """Return how many rows are as many as anybody reads who did not choose the periods."""
    is_open = given.grain is None and preset.options.coarser(ask.choice.grain) is not None
    return READ if preset.is_of_periods and is_open else MOST_GROUPS


def _shorter(preset: Preset, ask: Ask) -> tuple[Ask, Note]:
    """Return the same question with fewer rows for an answer, and what to say of it."""
    grain = preset.options.coarser(ask.choice.grain)
    if grain is None:
        choice = replace(ask.choice, top=LARGEST, measure=Measure.NET_SALES)
        words = f"the {LARGEST} rows with most net sales; the totals are of all"
        return replace(ask, choice=choice), Note("ROWS_LEFT_OUT", words)
    why = f"shorter periods have more than {_most(preset, ask, Choice())} rows"
    note = Note("GRAIN_CHOSEN", f"by {grain.lower()}: {why}", ("choice", "grain"), grain)
    return replace(ask, choice=replace(ask.choice, grain=grain)), note
