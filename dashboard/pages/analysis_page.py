"""What the pages of analysis share: the bar of the view, the panels, and how they are answered."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from dash import ALL, ClientsideFunction, Input, Output, dcc, html

from dashboard import sessions
from dashboard.analysis.answer import answer
from dashboard.analysis.choices import Shelf
from dashboard.analysis.panels import SECRET
from dashboard.analysis.periods import (
    COMPARISONS,
    DEFAULT_COMPARISON,
    DEFAULT_PERIOD,
    PERIODS,
)
from dashboard.analysis.view import MEASURES, STORES
from dashboard.figures.analysis_panel import analysis_panel
from dashboard.figures.panel import attributes, icon
from dashboard.pages import not_found
from dashboard.pages.shell import top_bar
from dashboard.queries import KEPT_FEED, SALES_FEED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from dash import Dash
    from dash.development.base_component import Component

    from dashboard.analysis.panels import Panel
    from dashboard.people import Person
    from dashboard.sessions import Session

READS_KEPT: Final = "reports:read"
SHELF: Final = Shelf(time.monotonic)


def sees_figures(person: Person) -> bool:
    """Tell whether somebody sees figures of the business; clerks sell and count."""
    return person.may("sales:read") and person.role not in {"CLERK", "SCREEN"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page asks for: panels by their keys, for the query of its address."""

    panels: Collection[str]
    search: str
    with_choices: bool = False


@dataclass(frozen=True, slots=True)
class AnalysisPage:
    """A page of panels that share the view in its address."""

    key: str
    title: str
    lead: str
    symbol: str
    panels: tuple[Panel, ...]
    has_measure: bool = False
    has_comparison: bool = True
    has_files: bool = True
    """Whether the rows of its panels can be saved."""
    has_kept: bool = False
    """Whether it shows what others keep, to those who may read reports: live, too."""
    short: str = ""
    """What the navigation calls it where the title is too long."""
    bodies: Mapping[str, Callable[[], Component]] = field(default_factory=dict)
    """What stands in panels that are no charts, by their key."""
    default_period: str = DEFAULT_PERIOD
    filters: tuple[str, ...] = ()
    """Names of the filters its panels follow; none: all of them."""
    feed: str = SALES_FEED
    """What makes it ask again."""
    tickets: str = ""
    """Names the scope of its socket tickets; without it, that of figures."""

    @property
    def name(self) -> str:
        """Return what the navigation calls it."""
        return self.short or self.title

    @property
    def path(self) -> str:
        """Return the address of the page."""
        return f"/{self.key}"

    def search_of(self, search: str) -> str:
        """Return the query of an address with the page's own period where it names none."""
        return f"?period={self.default_period}&{search.removeprefix('?')}"

    def is_for(self, person: Person) -> bool:
        """Tell whether somebody may open it."""
        return sees_figures(person)

    def layout(self, **_: object) -> html.Div:
        """Return the page without figures; its scripts ask for what the address says."""
        if not self.is_for(sessions.current().person):
            return not_found.layout()
        return html.Div(
            [
                top_bar(title=self.title, aside=[_badge()]),
                html.Div(self._content(), id="analysis", className="analysis-page"),
                dcc.Store(id="analysis-config", data=self.config(sessions.current().person)),
                dcc.Store(id="analysis-started"),
                dcc.Store(id="analysis-clicked"),
            ],
            className="page",
        )

    async def answer(self, session: Session, asked: Asked) -> dict[str, Any]:
        """Return the panels that are wanted.

        Raises:
            BadView: the address asks for what does not exist.
            BackendUnreachable, SignedOut, Refused: as `Session.execute` does.
        """
        wanted = [panel for panel in self.panels if panel.key in asked.panels]
        return await answer(
            wanted,
            session,
            self.search_of(asked.search),
            shelf=SHELF,
            with_choices=asked.with_choices,
        )

    def config(self, person: Person) -> dict[str, Any]:
        """Return what the scripts of the page have to know."""
        follows_kept = self.has_kept and person.may(READS_KEPT)
        tickets = "kept" if follows_kept else self.tickets
        measures = {
            name: label
            for name, label in MEASURES.items()
            if name != "profit" or person.may(SECRET)
        }
        return {
            "page": self.key,
            "path": self.path,
            "periods": PERIODS,
            "comparisons": COMPARISONS,
            "stores": STORES,
            "measures": measures,
            "hasMeasure": self.has_measure,
            "hasComparison": self.has_comparison,
            "defaults": {
                "period": self.default_period,
                "compare": DEFAULT_COMPARISON,
                "calendar": "calendar",
                "stores": "all",
                "measure": "netSales",
            },
            "document": KEPT_FEED if follows_kept else self.feed,
            "ticketUrl": f"/live/ticket?for={tickets}" if tickets else "/live/ticket",
            "filters": list(self.filters),
        }

    def _content(self) -> list[Component]:
        return [
            html.Div([html.P(self.lead, className="page-lead"), _actions()], className="lead"),
            html.Div(id="view-bar", className="view-bar", role="search"),
            _standing(),
            html.P(id="analysis-note", className="note note-bad", role="alert", hidden=True),
            _nothing_sold(),
            html.Div(
                [
                    analysis_panel(
                        panel,
                        self.key,
                        self.bodies[panel.key]() if panel.key in self.bodies else None,
                        has_files=self.has_files,
                    )
                    for panel in self.panels
                ],
                className="analysis-grid",
            ),
        ]


def add_callbacks(app: Dash) -> None:
    """Register the callbacks, each once for all pages."""
    for name, output, source in (
        ("start", "analysis-started", Input("analysis-config", "data")),
        (
            "clicked",
            "analysis-clicked",
            Input({"part": "graph", "page": ALL, "panel": ALL}, "clickData"),
        ),
    ):
        app.clientside_callback(
            ClientsideFunction("analysis", name),
            Output(output, "data"),
            source,
            prevent_initial_call=name != "start",
        )


def _badge() -> html.Div:
    return html.Div(
        [html.Span(className="badge-dot"), html.Span("Connecting", id="live-text")],
        id="live-badge",
        className="live-badge",
        role="status",
        **attributes(data_state="connecting"),
    )


def _actions() -> html.Div:
    return html.Div(
        [
            _action("copy-link", "link", "Copy link"),
            _action("print", "printer", "Print"),
        ],
        className="head-buttons",
    )


def _action(action: str, symbol: str, label: str) -> html.Button:
    return html.Button(
        [icon(symbol), html.Span(label)],
        className="button quiet",
        type="button",
        **attributes(data_action=action),
    )


def _standing() -> html.Div:
    """Return what the figures stand for: days, currency, time zone, and how old they are."""
    return html.Div(
        [
            html.Strong(id="view-days"),
            html.Span(id="view-units"),
            html.Span([html.Time(id="view-as-of"), " ", html.Span(id="view-age")]),
        ],
        className="standing",
    )


def _nothing_sold() -> html.Div:
    """Return what is said where nothing on the page has figures, and what to do."""
    return html.Div(
        [
            icon("receipt"),
            html.P("Nothing was sold in this period with these filters."),
            html.Div(
                [
                    _action("all-stores", "building-store", "All stores"),
                    _action("all-time", "clock", "Show all time"),
                    _action("unfilter", "filter", "Without filters"),
                ],
                className="head-buttons",
            ),
        ],
        id="analysis-empty",
        className="nothing-here",
        hidden=True,
    )
