"""The frame of a live panel: title, watermark, and the states every panel can be in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import html

if TYPE_CHECKING:
    from dash.development.base_component import Component


def attributes(**values: str) -> dict[str, Any]:
    """Spell `data_*` and `aria_*` names the way HTML does; Dash takes them by keyword only."""
    return {name.replace("_", "-"): value for name, value in values.items()}


def icon(name: str) -> html.Span:
    """Return a decorative icon in the colour of the text around it."""
    return html.Span(className=f"icon icon-{name}", **attributes(aria_hidden="true"))


def panel(
    key: str,
    *,
    title: str,
    symbol: str,
    body: list[Component],
    aside: list[Component] | None = None,
) -> html.Section:
    """Return panel `key`, loading until the scripts of the page bring data.

    The scripts write its state to `data-state` (loading, live, empty, stale or error) and what it
    stands for to `data-as-of`, `data-cursor`, `data-version` and `data-applied-at`.
    """
    heading = f"panel-{key}-title"
    return html.Section(
        [
            html.Div(
                [
                    icon(symbol),
                    html.H2(title, id=heading),
                    html.Div(aside or [], className="panel-aside"),
                    watermark(key),
                ],
                className="panel-head",
            ),
            html.Div([*body, cover(key, symbol)], className="panel-body"),
        ],
        id=f"panel-{key}",
        className=f"panel panel-{key}",
        **attributes(data_state="loading", data_panel=key, aria_labelledby=heading),
    )


def watermark(key: str) -> html.Div:
    """Return the place of the time that the data of a panel stand for."""
    return html.Div(
        [
            html.Span("Stale", className="stale-tag"),
            html.Span(className="watermark-note"),
            html.Time(className="watermark-time"),
            html.Span(className="watermark-age"),
        ],
        id=f"watermark-{key}",
        className="watermark",
    )


def cover(key: str, symbol: str) -> html.Div:
    """Return what stands in a panel that is loading, empty or failing."""
    return html.Div(
        [
            html.Div([html.I() for _ in range(6)], className="skeleton"),
            html.P(id=f"cover-{key}", className=f"cover-text icon-{symbol}"),
        ],
        className="cover",
    )
