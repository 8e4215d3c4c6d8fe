"""A key figure: its value, the comparison with a week before, and a small picture."""

from __future__ import annotations

from dash import html

from dashboard.figures.panel import attributes, icon, watermark


def key_figure(key: str, *, title: str, symbol: str) -> html.Section:
    """Return the card of key figure `key`, loading until the scripts bring data."""
    heading = f"panel-{key}-title"
    return html.Section(
        [
            html.Div(
                [icon(symbol), html.H2(title, id=heading), watermark(key)],
                className="panel-head",
            ),
            html.Div(
                [
                    html.Div(
                        [
                            html.P(html.Span(className="bone"), className="figure-value"),
                            html.P(
                                [
                                    html.Span(className="delta"),
                                    html.Span(className="before"),
                                    html.Span(className="before-day"),
                                ],
                                className="figure-comparison",
                                title="The same weekday a week before, up to the same time of day",
                            ),
                        ],
                        className="figure-text",
                    ),
                    html.Div(className="figure-picture", **attributes(aria_hidden="true")),
                ],
                className="figure-body",
            ),
            html.P(id=f"cover-{key}", className="figure-fault"),
        ],
        id=f"panel-{key}",
        className="panel panel-figure",
        **attributes(data_state="loading", data_panel=key, aria_labelledby=heading),
    )
