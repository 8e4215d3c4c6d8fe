"""What stands on the boards of a shelf, from left to right, in words: for phones."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dash import html

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Found = Mapping[str, Any]


def board_lists(plan: Found) -> html.Div:
    """Return a list of each board as planned, and what stands there no more."""
    products = plan["products"]
    lists = [_board(one, products) for one in plan["boards"]]
    out = [one for one in products if one["board"] is None]
    if out:
        lists.append(_list("No room for", [_line(one) for one in out]))
    return html.Div(lists, className="board-lists")


def _board(board: Found, products: Sequence[Found]) -> html.Section:
    lines = [_line(one) for one in products if one["board"] == board["number"]]
    used, wide = Decimal(board["usedCm"]), Decimal(board["widthCm"])
    title = f"Board {board['number']}: {used.normalize():f} of {wide.normalize():f} cm"
    return _list(title, lines or [html.Li("Nothing", className="cell-note")])


def _list(title: str, lines: list[html.Li]) -> html.Section:
    return html.Section([html.H3(title), html.Ol(lines)])


def _line(one: Found) -> html.Li:
    change = change_of(one)
    facings = f"{one['facings']} {'facing' if one['facings'] == 1 else 'facings'}"
    width = Decimal(one["widthCm"]).normalize()
    told = facings if one["board"] is None else f"{facings}, {width:f} cm"
    marks = [html.Span(change, className="mark mark-warning")] if change else []
    return html.Li(
        [
            html.Span(
                [html.Strong(one["product"]["name"]), html.Span(told, className="cell-note")],
                className="two-lines",
            ),
            *marks,
        ]
    )


def change_of(one: Found) -> str:
    """Return how a product stands now where it is to stand otherwise; nothing where it is not."""
    if one["board"] is None:
        return "✕ goes" if one["boardNow"] and one["facingsNow"] else ""
    if one["boardNow"] is None or not one["facingsNow"]:
        return "+ new"
    said = []
    if one["facings"] != one["facingsNow"]:
        sign = "▲" if one["facings"] > one["facingsNow"] else "▼"
        said.append(f"{sign} from {one['facingsNow']}")
    if one["board"] != one["boardNow"]:
        said.append(f"⇄ from board {one['boardNow']}")
    return ", ".join(said)


def changes_said(products: Sequence[Found]) -> str:
    """Return how many products change, and how."""
    signs = [change_of(one) for one in products]
    words = {"▲": "get more facings", "▼": "get fewer", "⇄": "move to another board",
             "+": "are new", "✕": "go"}  # fmt: skip
    counts = {said: sum(sign in change for change in signs) for sign, said in words.items()}
    told = [f"{count} {said}" for said, count in counts.items() if count]
    changed = sum(1 for one in signs if one)
    if not changed:
        return "Nothing changes: it stands as planned."
    return f"{changed} of {len(products)} products change: {', '.join(told)}."
