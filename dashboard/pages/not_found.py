"""The page for addresses that lead nowhere."""

from __future__ import annotations

from dash import dcc, html


def layout() -> html.Div:
    """Return the page."""
    return html.Div(
        [
            html.H1("There is no such page"),
            html.P("The address may be mistyped, or the page may have moved."),
            dcc.Link("Back to the wall", href="/"),
        ],
        className="not-found",
    )
