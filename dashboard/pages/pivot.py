"""Pivot: sales on rows and columns that one drags, kept, shared and saved as files as seen."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from dash import ClientsideFunction, Input, Output, dcc, html
from dash.exceptions import PreventUpdate

from dashboard import sessions
from dashboard.analysis import saved
from dashboard.analysis.measures import FILTER_OF, HEADINGS
from dashboard.analysis.panels import SECRET, Column, Drawing, Panel, Table, empty
from dashboard.analysis.pivoted import (
    DEFAULTS,
    FIGURES,
    MOST_SHOWN,
    NOTHING,
    SECRET_FIGURES,
    Layout,
    Pivoted,
)
from dashboard.analysis.saved import SHARING, SavedPivots
from dashboard.analysis.view import BadView, parse
from dashboard.figures.panel import attributes, icon
from dashboard.pages.analysis_page import SHELF, AnalysisPage
from dashboard.pages.callbacks import PASSING, explained, leave_if_over
from dashboard.people import ROLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash import Dash

    from dashboard.analysis.choices import Retailer
    from dashboard.analysis.view import View

READS: Final = "reports:read"
WRITES: Final = "reports:write"
PLACES_OF: Final = {"rows": 4, "columns": 2, "figures": 3}
"""How many selects stand for each list where nothing is dragged."""

NO_READERS: Final = frozenset({"CLERK", "SCREEN", "DEVICE", "PARTNER"})
"""Roles that read no reports."""

NONE_KEPT: Final = (
    "None kept yet: “Keep this pivot” gives what you see a name, for yourself or for others."
)

_log = logging.getLogger(__name__)


def _cuts(view: View) -> dict[str, Pivoted]:
    return {"answer": Pivoted(Layout.of(view), view.sales_filter())}


def _draw(view: View, found: Mapping[str, Any], retailer: Retailer) -> Drawing:
    crossed = found["answer"]
    if crossed.is_empty:
        return empty()
    layout = Layout.of(view)
    table = crossed.table(layout, view.most(MOST_SHOWN))
    more = len(crossed.rows) - len(table.rows)
    notes = [f"{note[:1].upper()}{note[1:]}." for note in crossed.notes]
    if more > 0:
        notes.append(f"The table shows {MOST_SHOWN} rows; the grid and files have {more} more.")
    if "ORDERS" in layout.figures:
        notes.append(
            "An order with goods in several cells counts in each of them and once in their total."
        )
    return Drawing(
        f"{_counted(len(crossed.rows) - 1, 'row')},"
        f" {_counted(len(crossed.heads) * len(layout.figures), 'column')} of figures.",
        table=table,
        note=" ".join(notes),
        pivot={
            **crossed.for_page(layout),
            "dimensions": HEADINGS,
            "measures": FIGURES,
            "filterOf": FILTER_OF,
            "currency": retailer.currency,
            "options": retailer.options,
        },
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _saved_cuts(_: View) -> dict[str, SavedPivots]:
    return {"pivots": SavedPivots()}


def _draw_saved(_: View, found: Mapping[str, Any], __: Retailer) -> Drawing:
    pivots = found["pivots"]
    rows = [
        [
            one["name"],
            _named(one["definition"]["rows"]),
            _named(one["definition"]["columns"]),
            SHARING[one["sharing"]],
            one["ownerName"] or "",
            one["changedAt"][:10],
        ]
        for one in pivots
    ]
    names = ("Pivot", "Rows", "Columns", "For", "By")
    if not pivots:
        return empty(NONE_KEPT)
    return Drawing(
        f"{len(pivots)} kept; a press on one opens it above.",
        table=Table(
            [*map(Column, names), Column("Changed", "date")],
            rows,
            [saved.opening_of(one) for one in pivots],
        ),
        pivot={"saved": [{key: one[key] for key in KEPT} for one in pivots]},
    )


def _named(dimensions: Sequence[str]) -> str:
    return ", ".join(str(HEADINGS.get(name, name)) for name in dimensions)


KEPT: Final = ("id", "name", "sharing", "roles", "version", "isMineToChange")


def _body() -> html.Div:
    """Return the grid, and around it how it is laid out without dragging and how it is kept."""
    person = sessions.current().person
    figures = {
        name: label
        for name, label in FIGURES.items()
        if name not in SECRET_FIGURES or person.may(SECRET)
    }
    config = {
        "places": PLACES_OF,
        "dimensions": HEADINGS,
        "figures": figures,
        "defaults": DEFAULTS,
        "nothing": NOTHING,
        "sharing": SHARING,
        "roles": {role: label for role, label in ROLES.items() if role not in NO_READERS},
    }
    return html.Div(
        [
            html.Div(
                [
                    html.Div(id="pivot-layout", className="pivot-layout view-fields"),
                    *([_keeping()] if person.may(WRITES) else []),
                ],
                className="pivot-bar",
            ),
            html.Div(
                id="pivot-grid",
                className="pivot-grid",
                role="region",
                **attributes(aria_label="Pivot, to drag", data_state="waiting"),
            ),
            dcc.Store(id="pivot-config", data=config),
            dcc.Store(id="pivot-started"),
            dcc.Store(id="pivot-asked"),
            dcc.Store(id="pivot-kept"),
            dcc.Store(id="pivot-shown"),
        ]
    )


def _keeping() -> html.Details:
    """Return where a pivot is named and shared; the scripts fill in what is chosen."""
    return html.Details(
        [
            html.Summary([icon("copy"), "Keep this pivot"], className="button quiet"),
            html.Div(id="pivot-keep", className="pivot-keep"),
        ],
        className="pivot-keeping",
    )


def add_callbacks(app: Dash) -> None:
    """Register what the page does with kept pivots."""

    @app.callback(
        Output("pivot-kept", "data"), Input("pivot-asked", "data"), prevent_initial_call=True
    )
    async def keep(asked: dict[str, Any] | None) -> dict[str, Any]:
        if not asked:
            raise PreventUpdate
        try:
            return await _kept(asked)
        except BadView as exc:
            return {"at": asked["at"], "error": str(exc)}
        except PASSING as exc:
            leave_if_over(exc)
            _log.warning("a pivot cannot be kept: %s", exc)
            return {"at": asked["at"], "error": explained(exc)}

    for name, output, source in (
        ("start", "pivot-started", Input("pivot-config", "data")),
        ("kept", "pivot-shown", Input("pivot-kept", "data")),
    ):
        app.clientside_callback(ClientsideFunction("pivot", name), Output(output, "data"), source)


async def _kept(asked: Mapping[str, Any]) -> dict[str, Any]:
    session, now = sessions.current(), datetime.now(UTC)
    if asked.get("delete"):
        await session.execute(saved.DELETE, {"input": {"id": asked["id"]}})
        return {"at": asked["at"], "deleted": asked["id"]}
    retailer = await SHELF.retailer(session, now)
    view = parse(asked["search"], today=retailer.today(now), known=retailer.recorded)
    given = {
        "name": asked["name"],
        "definition": saved.definition_of(view),
        "sharing": asked["sharing"],
        "roles": asked["roles"] if asked["sharing"] == "ROLES" else [],
        "id": asked.get("id"),
        "version": asked.get("version"),
    }
    data = await session.execute(saved.SAVE, {"input": given})
    return {"at": asked["at"], "saved": data["savePivot"]["pivot"]}


PAGE = AnalysisPage(
    key="pivot",
    title="Pivot",
    lead="Drag what you want to see onto rows and columns; a press on a heading sorts.",
    symbol="table",
    panels=(
        Panel("pivot", "Pivot", "table", _cuts, _draw, "full", "pivot"),
        Panel(
            "saved",
            "Kept pivots",
            "copy",
            _saved_cuts,
            _draw_saved,
            "full",
            "table",
            needs=frozenset({READS}),
        ),
    ),
    has_comparison=False,
    has_kept=True,
    bodies={"pivot": _body},
)
