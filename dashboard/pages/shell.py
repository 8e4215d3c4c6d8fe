"""What surrounds every page: the navigation, and the bar at the top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash
from dash import dcc, html

from dashboard.figures.panel import attributes, icon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component


def layout(pages: Sequence[dict[str, Any]]) -> html.Div:
    """Return the frame around the pages; with one page only there is nowhere to navigate to."""
    rail = [navigation(pages)] if len(pages) > 1 else []
    return html.Div(
        [
            html.A("Skip to content", href="#content", className="skip-link"),
            *rail,
            html.Main(dash.page_container, id="content", tabIndex=-1),
        ],
        id="shell",
        className="shell with-rail" if rail else "shell",
    )


def navigation(pages: Sequence[dict[str, Any]]) -> html.Nav:
    """Return a link to each page that exists, in its registered order."""
    links = [
        dcc.Link(
            [icon(page["icon"]), html.Span(page["name"])], href=page["path"], className="rail-link"
        )
        for page in pages
    ]
    return html.Nav(links, className="rail", **attributes(aria_label="Pages"))


def top_bar(*, title: str, aside: list[Component]) -> html.Header:
    """Return the bar of a page: whose figures these are, and what holds for all of them."""
    return html.Header(
        [
            html.Div(
                [
                    html.Span(icon("building-store"), className="brand-mark"),
                    html.Div(
                        [
                            html.H1("Shelfcast", id="organisation-name"),
                            html.P(title, id="organisation-note"),
                        ],
                        className="brand-text",
                    ),
                    html.Strong(
                        ["Demo", html.Span(" · made-up data")],
                        id="demo-badge",
                        className="demo-badge",
                        hidden=True,
                    ),
                ],
                className="brand",
            ),
            html.Div([*aside, _theme_button(), _fullscreen_button()], className="bar-aside"),
        ],
        className="top-bar",
    )


def _theme_button() -> html.Button:
    return html.Button(
        [icon("sun"), icon("moon")],
        id="theme-button",
        className="icon-button theme-button",
        title="Light or dark",
        **attributes(aria_label="Switch between light and dark", data_action="theme"),
    )


def _fullscreen_button() -> html.Button:
    return html.Button(
        [icon("maximize"), icon("minimize")],
        id="fullscreen-button",
        className="icon-button fullscreen-button",
        title="Full screen",
        **attributes(aria_label="Full screen", aria_pressed="false", data_action="fullscreen"),
    )
