"""What the pages that list records share: how they look, and how an action is asked and done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dash import ClientsideFunction, Input, Output, dcc, html

from dashboard import sessions
from dashboard.figures.panel import attributes
from dashboard.figures.record import ask_button, loading
from dashboard.pages import not_found
from dashboard.pages.shell import top_bar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from dash import Dash
    from dash.development.base_component import Component

    from dashboard.people import Person
    from dashboard.sessions import Session

    Row = Mapping[str, Any]
    Answers = Mapping[str, Any]


LONGEST_SAID = 500


class Mistaken(Exception):
    """What is wrong with the answers in a form; `faults` say it of single fields.

    A fault has a `field`, a `code` and a `message`: the script that draws the field shows it there.
    """

    def __init__(self, text: str, faults: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(text)
        self.faults = list(faults)


class Preview(Exception):
    """What an action would do, shown in its dialog, which stays as it is."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a page shows now; `rows` are the records that actions are about, by their key.

    `following` is the cursor of the next page; None: there is none.
    """

    body: list[Component]
    rows: dict[str, Any] = field(default_factory=dict)
    following: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """The dialog of an action."""

    title: str
    body: Sequence[Component]
    confirm: str
    is_dangerous: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is said when an action is done; with a `body` the dialog stays open to show it.

    `leads_to` is an address to go to instead.
    """

    note: str
    body: list[Component] | None = None
    leads_to: str | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person can do on a page, after a dialog."""

    question: Callable[[Session, Row], Awaitable[Question]]
    """Return what is asked, about this record; an empty one for actions on none."""
    run: Callable[[Session, Row, Answers], Awaitable[Outcome]]
    """Do it with the answers of the dialog."""


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A page that lists records."""

    key: str
    title: str
    lead: str
    symbol: str
    is_for: Callable[[Person], bool]
    load: Callable[[Session, Mapping[str, Any], str | None], Awaitable[Listing]]
    """Return the records that fit the filters, from a cursor on."""
    actions: Mapping[str, Action]
    head_actions: tuple[tuple[str, str, str], ...] = ()
    """Name, label and kind of the buttons for actions that are about no record."""
    filters: Callable[[], list[Component]] = list
    linked_filters: Callable[[Mapping[str, str]], list[Component]] | None = None
    """Instead of `filters`, where the address says what they hold."""
    usual: Mapping[str, str] | None = None
    """What filters hold that the address then leaves out; the page keeps all others in it."""
    scripts: Callable[[], list[Component]] = list
    """What the page's own scripts have to know."""
    group: str = "Administration"
    """The heading under which the navigation has it."""
    short: str = ""
    """What the navigation calls it where the title is too long."""

    @property
    def name(self) -> str:
        """Return what the navigation calls it."""
        return self.short or self.title

    @property
    def path(self) -> str:
        """Return the address of the page."""
        return f"/{self.key}"

    def part(self, name: str) -> dict[str, str]:
        """Return the id of a part of this page."""
        return {"part": name, "page": self.key}

    def layout(self, **said: object) -> html.Div:
        """Return the page, its records still loading; another page for those it is not for."""
        if not self.is_for(sessions.current().person):
            return not_found.layout()
        return html.Div(
            [top_bar(title=self.title), html.Div(self._content(said), className="record-page")],
            className="page",
            **attributes(data_page=self.key),
        )

    def _content(self, said: Mapping[str, object]) -> list[Component]:
        texts = {name: value for name, value in said.items() if isinstance(value, str)}
        filters = self.linked_filters(texts) if self.linked_filters else self.filters()
        return [
            html.Div([html.P(self.lead, className="page-lead"), *self._head()], className="lead"),
            self._notes(),
            *([html.Div(filters, className="filters", role="search")] if filters else []),
            *self._parts(),
        ]

    def embedded(self) -> html.Div:
        """Return its records and dialogs alone, to stand within another page."""
        return html.Div([self._notes(), *self._parts()], **attributes(data_page=self.key))

    def _notes(self) -> html.Div:
        return html.Div(id=self.part("notes"), className="notes", **attributes(aria_live="polite"))

    def _parts(self) -> list[Component]:
        return [
            html.Div(loading(), id=self.part("list"), className="record-list"),
            html.Div(
                [
                    html.Button(
                        "Newest", id=self.part("newest"), className="button quiet", hidden=True
                    ),
                    html.Button(
                        "Older", id=self.part("older"), className="button quiet", hidden=True
                    ),
                ],
                className="turn",
            ),
            html.Dialog(id=self.part("dialog"), className="dialog"),
            dcc.Store(id=self.part("rows")),
            dcc.Store(id=self.part("following")),
            dcc.Store(id=self.part("reload"), data=0),
            dcc.Store(id=self.part("asked")),
            dcc.Store(id=self.part("confirmed")),
            dcc.Store(id=self.part("dialog-state")),
            dcc.Store(id=self.part("dialog-shown")),
            dcc.Store(id=self.part("link"), data=self._link()),
            dcc.Store(id=self.part("linked")),
            *self.scripts(),
        ]

    def _link(self) -> dict[str, Any] | None:
        """Return what the script that keeps filters in the address has to know."""
        return None if self.usual is None else {"page": self.key, "defaults": dict(self.usual)}

    def _head(self) -> list[Component]:
        shown = [ask_button(name, label, kind=kind) for name, label, kind in self.head_actions]
        return [html.Div(shown, className="head-buttons")] if shown else []


def said_or_usual(usual: Mapping[str, str], said: Mapping[str, str]) -> dict[str, str]:
    """Return what filters hold: what the address says of them, cut to what a field takes."""
    return {name: said.get(name, value)[:LONGEST_SAID] for name, value in usual.items()}


def feed_stores(key: str, feed: str, *, tickets: str = "", **more: object) -> list[Component]:
    """Return what the script of a page has to know to follow a feed.

    `tickets` names the scope of its socket tickets; without it, that of figures.
    """
    ticket_url = f"/live/ticket?for={tickets}" if tickets else "/live/ticket"
    data = {"page": key, "ticketUrl": ticket_url, "document": feed, **more}
    return [dcc.Store(id=f"{key}-config", data=data), dcc.Store(id=f"{key}-started")]


def start_script(app: Dash, key: str) -> None:
    """Start the script of a page with what `feed_stores` says."""
    app.clientside_callback(
        ClientsideFunction(key, "start"),
        Output(f"{key}-started", "data"),
        Input(f"{key}-config", "data"),
    )


def dialog_of(question: Question, asked: Mapping[str, str]) -> list[Component]:
    """Return the inside of the dialog that asks it."""
    kind = "danger" if question.is_dangerous else "primary"
    return [
        html.H2(question.title, id="dialog-title"),
        html.Div(list(question.body), className="dialog-body"),
        html.Div(className="dialog-notes"),
        html.Div(
            [
                _close_button("Cancel"),
                html.Button(
                    question.confirm,
                    className=f"button {kind} confirm",
                    type="button",
                    **attributes(
                        data_action="confirm", data_ask=asked["action"], data_key=asked["key"]
                    ),
                ),
            ],
            className="dialog-buttons",
        ),
    ]


def dialog_with(outcome: Outcome) -> list[Component]:
    """Return the inside of the dialog that shows what came of an action."""
    return [
        html.H2(outcome.note, id="dialog-title"),
        html.Div(outcome.body, className="dialog-body"),
        html.Div(_close_button("Done", "primary"), className="dialog-buttons"),
    ]


def _close_button(label: str, kind: str = "quiet") -> html.Button:
    return html.Button(
        label,
        className=f"button {kind}",
        type="button",
        **attributes(data_action="close-dialog"),
    )
