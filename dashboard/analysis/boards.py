"""Boards: what the backend keeps of them, and panels made of their blocks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from dashboard.analysis.named import Named
from dashboard.analysis.named_drawing import drawing_of
from dashboard.analysis.panels import Drawing, Panel, empty
from dashboard.analysis.periods import span_of
from dashboard.analysis.pivoted import MOST_SHOWN, Layout, Pivoted
from dashboard.analysis.saved import NAMED_PERIODS
from dashboard.analysis.words import with_dates

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from dashboard.analysis.choices import Retailer
    from dashboard.analysis.view import View

_DEFINITION = "definition { rows columns measures period filter sort descending }"
_PIVOT = "pivot { rows columns measures period filter sort descending }"
_BLOCK = f"kind title words analysis choice period filter {_PIVOT}"
_HEAD = "id title ownerName publishedNumber changedAt version isMineToChange roles locations"

BOARDS: Final = f"""
query Boards($ids: [ID!], $number: Int) {{
  all: boards(first: 200) {{ nodes {{ {_HEAD} }} }}
  opened: boards(first: 1, filter: {{ ids: $ids }}) {{
    nodes {{
      {_HEAD} versions
      draft {{ {_BLOCK} }}
      published(number: $number) {{
        number title publishedAt publishedByName blocks {{ {_BLOCK} restatedDays }}
      }}
      comments {{ id text madeAt authorName isMine block number }}
    }}
  }}
  savedPivots(first: 200) {{ nodes {{ id name {_DEFINITION} }} }}
}}
"""
_SAVED = "{ board { id version publishedNumber } }"
SAVE: Final = f"mutation SaveBoard($input: SaveBoardInput!) {{ saveBoard(input: $input) {_SAVED} }}"
PUBLISH: Final = (
    f"mutation PublishBoard($input: PublishBoardInput!) {{ publishBoard(input: $input) {_SAVED} }}"
)
DELETE: Final = (
    "mutation DeleteBoard($input: DeleteBoardInput!) { deleteBoard(input: $input) { id } }"
)
COMMENT: Final = (
    "mutation CommentOnBoard($input: CommentOnBoardInput!)"
    f" {{ commentOnBoard(input: $input) {_SAVED} }}"
)
UNSAY: Final = (
    "mutation DeleteBoardComment($input: DeleteBoardCommentInput!)"
    f" {{ deleteBoardComment(input: $input) {_SAVED} }}"
)

MOST_BLOCKS: Final = 20


def panel_of(number: int, block: Mapping[str, Any], retailer: Retailer, today: date) -> Panel:
    """Return the panel that shows a block of figures."""
    if block["pivot"]:
        return _pivot_panel(number, block, retailer, today)
    where = _where(block["period"], block["filter"], retailer, today)
    name, choice = block["analysis"], block["choice"]

    def draw(view: View, found: Mapping[str, Any], at: Retailer) -> Drawing:
        drawing = drawing_of(found["answer"], name, view, at, choice.get("measure"))
        return replace(drawing, summary=f"{days_of(where)}: {drawing.summary}")

    return Panel(
        f"b{number}",
        block["title"],
        "analyses",
        lambda _: {"answer": Named(name, where, choice)},
        draw,
    )


def _pivot_panel(number: int, block: Mapping[str, Any], retailer: Retailer, today: date) -> Panel:
    kept = block["pivot"]
    layout = Layout(
        tuple(kept["rows"]),
        tuple(kept["columns"]),
        tuple(kept["measures"]),
        kept["sort"],
        not kept["descending"],
    )
    where = _where(kept["period"], kept["filter"], retailer, today)

    def draw(_: View, found: Mapping[str, Any], __: Retailer) -> Drawing:
        crossed = found["answer"]
        if crossed.is_empty:
            return empty()
        rows = f"{days_of(where)}: {len(crossed.rows) - 1} rows."
        return Drawing(rows, table=crossed.table(layout, MOST_SHOWN))

    return Panel(
        f"b{number}", block["title"], "pivot", lambda _: {"answer": Pivoted(layout, where)}, draw
    )


def days_of(where: Mapping[str, Any]) -> str:
    """Return the days of a SalesFilter as they are read: each block of a board has its own."""
    first, last = (where.get(end) or "" for end in ("from", "to"))
    return with_dates(f"{first} – {last}") if first or last else "All days"


def _where(
    period: str, limits: Mapping[str, Any], retailer: Retailer, today: date
) -> dict[str, Any]:
    """Return the filter of a block with the days in that its period means today."""
    if period in {"DAYS", "ALL_TIME"}:
        return dict(limits)
    span = span_of(NAMED_PERIODS[period], today=today, known=retailer.known)
    return {**limits, "from": f"{span.first}", "to": f"{span.last}"}
