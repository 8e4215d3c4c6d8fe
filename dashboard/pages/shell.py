"""What surrounds every page: the navigation, and the bar at the top."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import dash
from dash import ClientsideFunction, Input, Output, dcc, html

from dashboard import sessions
from dashboard.figures.panel import attributes, icon
from dashboard.people import ROLES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dash import Dash
    from dash.development.base_component import Component

    from dashboard.people import Person


@dataclass(frozen=True, slots=True)
class Place:
    """Where the navigation leads, and who sees it there."""

    path: str
    name: str
    symbol: str
    is_for: Callable[[Person], bool]
    group: str = ""
    """The heading under which it stands; the first of a group stands where the group does."""
    is_document: bool = False
    """Whether it is loaded anew: its document has a policy of its own."""


def layout(places: Sequence[Place]) -> html.Div:
    """Return the frame around the pages; who may see one page only has nowhere to navigate to."""
    person = sessions.current().person
    shown = [] if person.is_screen else [place for place in places if place.is_for(person)]
    rail = [navigation(shown)] if len(shown) > 1 else []
    return html.Div(
        [
            html.A("Skip to content", href="#content", className="skip-link"),
            *rail,
            html.Main(dash.page_container, id="content", tabIndex=-1),
            dcc.Store(id="sign-in-again"),
            dcc.Store(id="place"),
        ],
        id="shell",
        className="shell with-rail" if rail else "shell",
    )


def add_callbacks(app: Dash) -> None:
    """Mark the current place, and go to sign in when a page says that it must."""
    app.clientside_callback(
        ClientsideFunction("session", "markPlace"),
        Output("place", "data"),
        Input("_pages_location", "pathname"),
    )
    app.clientside_callback(
        ClientsideFunction("session", "signInAgain"),
        Output("sign-in-again", "modified_timestamp"),
        Input("sign-in-again", "data"),
        prevent_initial_call=True,
    )


def navigation(places: Sequence[Place]) -> html.Nav:
    """Return a link to each place, under the heading of its group, in the given order.

    On a phone all of it lies behind one button.
    """
    groups = list(dict.fromkeys(place.group for place in places))
    toggle = html.Button(
        [icon("menu"), html.Span("Menu")],
        className="rail-toggle",
        type="button",
        **attributes(data_action="menu", aria_expanded="false", aria_controls="rail-groups"),
    )
    listed = [
        html.Div(
            [
                *([html.H2(group)] if group else []),
                *(_rail_link(place) for place in places if place.group == group),
            ],
            className="rail-group",
        )
        for group in groups
    ]
    return html.Nav(
        [toggle, html.Div(listed, id="rail-groups", className="rail-groups")],
        className="rail",
        **attributes(aria_label="Pages"),
    )


def _rail_link(place: Place) -> dcc.Link:
    return dcc.Link(
        [icon(place.symbol), html.Span(place.name)],
        href=place.path,
        refresh=place.is_document,
        className="rail-link",
    )


def top_bar(*, title: str, note: str | None = None, aside: Sequence[Component] = ()) -> html.Header:
    """Return the bar of a page: what it is, what holds for all of it, and who is signed in.

    The wall's scripts write the organisation's name over its title.
    """
    person = sessions.current().person
    return html.Header(
        [
            html.Div(
                [
                    html.Span(icon("building-store"), className="brand-mark"),
                    html.Div(
                        [
                            html.H1(title, id="organisation-name"),
                            html.P(note or person.organisation, id="organisation-note"),
                        ],
                        className="brand-text",
                    ),
                    html.Strong(
                        ["Demo", html.Span(" · made-up data")],
                        id="demo-badge",
                        className="demo-badge",
                        hidden=not person.is_demo,
                    ),
                ],
                className="brand",
            ),
            html.Div(
                [*aside, _theme_button(), _fullscreen_button(), account_menu(person)],
                className="bar-aside",
            ),
        ],
        className="top-bar",
    )


def account_menu(person: Person) -> html.Details:
    """Return who is signed in, and the ways out."""
    ways_out = [
        ("Sign out", "/logout"),
        ("Sign out everywhere", "/logout?everywhere=1"),
    ]
    return html.Details(
        [
            html.Summary(
                html.Span(initials(person.name), className="avatar"),
                title=person.name,
                **attributes(aria_label=f"Account of {person.name}"),
            ),
            html.Div(
                [
                    html.Strong(person.name, id="account-name"),
                    html.Span(person.email, className="account-mail"),
                    html.Span(ROLES.get(person.role, person.role), className="mark mark-plain"),
                    html.Hr(),
                    *[
                        html.Button(
                            label,
                            className="account-action",
                            type="button",
                            **attributes(data_action="sign-out", data_path=path),
                        )
                        for label, path in ways_out
                    ],
                    html.P(
                        "That did not work: the backend cannot be reached. Try again.",
                        id="account-note",
                        className="note note-bad",
                        role="alert",
                        hidden=True,
                    ),
                ],
                className="account-panel",
            ),
        ],
        className="account",
    )


def initials(name: str) -> str:
    """Return the first letters of the first and the last part of a name."""
    parts = name.split()
    return "".join(part[0] for part in (parts if len(parts) < 3 else [parts[0], parts[-1]])).upper()


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
