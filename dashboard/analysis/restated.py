"""Steps of time that late sales and returns changed: how they are marked and said in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dashboard.analysis.measures import HEADINGS
from dashboard.analysis.panels import Column, Control, Table
from dashboard.analysis.periods import day_name, step_span
from dashboard.analysis.view import DEFAULT_SINCE, SINCE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from dashboard.analysis.cuts import Row
    from dashboard.analysis.view import View

RESTATED = "restated"


@dataclass(frozen=True, slots=True)
class Marks:
    """The ids of the steps that are marked, and a sentence; nothing where nothing changed."""

    steps: frozenset[str] = frozenset()
    note: str = ""

    def of(self, steps: Sequence[str]) -> list[bool]:
        """Return for each step whether it is marked."""
        return [step in self.steps for step in steps]

    def in_table(self, table: Table, steps: Sequence[str]) -> Table:
        """Return a table of these steps with a column that says which were restated."""
        if not self.steps:
            return table
        marks = [RESTATED if is_marked else "" for is_marked in self.of(steps)]
        return replace(
            table,
            columns=[*table.columns, Column("Changed")],
            rows=[[*row, mark] for row, mark in zip(table.rows, marks, strict=True)],
        )


def marks_of(rows: Sequence[Row], view: View, grain: str) -> Marks:
    """Return which steps changed since the day that the view names.

    `rows` are by the grain first. Where all that could change did, as after an import, marks would
    tell nothing apart: then the sentence says it.
    """
    since = view.since
    changed = frozenset(row.id for row in rows if row.is_restated and row.id is not None)
    if since is None or not changed:
        return Marks()
    part = f"{HEADINGS[grain].lower()}{'s' if len(changed) > 1 else ''}"
    over = {row.id for row in rows if row.id and _begins(row.id, view, grain) < since}
    if len(changed) > 1 and over <= changed:
        text = f"All {part} shown were recorded or changed since {day_name(since)}."
        return Marks(note=text)
    text = f"Late sales or returns changed {len(changed)} {part} since {day_name(since)}"
    return Marks(changed, f"{text}: marked “{RESTATED}”.")


def since_control(view: View) -> Control:
    """Return the choice of the moment since which changes are marked."""
    chosen = view.since_name or DEFAULT_SINCE
    own = {} if chosen in SINCE else {chosen: chosen}
    return Control("since", "Marked if changed since", chosen, {**own, **SINCE})


def _begins(step: str, view: View, grain: str) -> date:
    if step.startswith("FY") and view.years:
        return view.years.step_span(step).first
    return step_span(step, grain).first
