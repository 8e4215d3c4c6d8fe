"""Shelves: what stands there, what should, and what that brings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from dash import dcc, html

from dashboard.client import Refused
from dashboard.figures.field import select_field
from dashboard.figures.panel import attributes, icon
from dashboard.figures.record import ask_button, moment, note, nothing_here
from dashboard.figures.shelf import SOURCES, figures, plan_table
from dashboard.figures.shelf_boards import board_lists, changes_said
from dashboard.pages import shelf_actions, shelf_editing
from dashboard.pages.callbacks import explained
from dashboard.pages.records import Listing, RecordPage, feed_stores, start_script
from dashboard.pages.shelf_actions import KEY
from dashboard.shelf_queries import SHELF_FEED, SHELF_LIST, SHELF_PAGE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash import Dash
    from dash.development.base_component import Component

    from dashboard.people import Person
    from dashboard.sessions import Session

METHODS: Final = {
    "AUTO": "By profit",
    "GREEDY": "By profit, greedy",
    "EXACT": "By profit, exact",
    "PROPORTIONAL": "In proportion",
}
NOW: Final = "NOW"
SETTLES: Final = ("forecast:write", "stock:write")
"""Either of them settles shelves."""


def is_for(person: Person) -> bool:
    """Tell whether somebody plans shelves, or sees plans."""
    return person.may("forecast:read")


def filters(said: Mapping[str, str]) -> list[Component]:
    """Return the fields that choose the shelf and the method, holding what the address says."""
    method = said.get("method", "AUTO")
    return [
        select_field(
            {"part": "filter", "page": KEY, "name": "method"},
            "Facings",
            options=METHODS,
            value=method if method in METHODS else "AUTO",
        ),
        dcc.Input(
            id={"part": "filter", "page": KEY, "name": "shelf"},
            value=said.get("shelf", "")[:40],
            type="hidden",
        ),
    ]


async def load(session: Session, chosen: Mapping[str, Any], _: str | None) -> Listing:
    """Return the plan of the chosen shelf, or of the first there is."""
    listed = await session.execute(SHELF_LIST, {})
    nodes = listed["shelves"]["nodes"]
    may_write = any(session.person.may(scope) for scope in SETTLES)
    if not nodes:
        words = "No shelf is known yet: make one." if may_write else "No shelf is known yet."
        new = [html.Div(_new_button(), className="nothing-more")] if may_write else []
        return Listing([nothing_here("package", words), *new])
    known = {one["id"]: one for one in nodes}
    wanted = str(chosen.get("shelf") or "")
    shelf = known.get(wanted, nodes[0])
    method = chosen.get("method") or "AUTO"
    row = {"id": shelf["id"], "name": f"{shelf['name']}, {shelf['location']['name']}"}
    head = _picker(nodes, shelf["id"], may_write=may_write)
    variables = {"shelf": shelf["id"], "method": method}
    try:
        found = await session.execute(SHELF_PAGE, variables, is_long=True)
    except Refused as exc:
        if exc.code not in {"EMPTY_SHELF", "TOO_LARGE_TO_SOLVE", "SOLVER_BUSY"}:
            raise
        return Listing([head, note(explained(exc), "bad")], {"plan": row})
    plan = found["shelfPlan"]
    if plan is None:
        return Listing([head, note("This shelf is not there any more.", "bad")])
    organisation = listed["organisation"]
    query = urlencode(variables)
    body = [
        head,
        _standing(plan, organisation, may_write=may_write),
        *(note(one["message"], "bad") for one in plan["problems"]),
        figures(plan),
        _planogram(plan, query, method),
        _table(plan, organisation, query),
    ]
    return Listing(body, {"plan": row | _planned(plan, method)})


def _picker(nodes: list[dict[str, Any]], wanted: str, *, may_write: bool) -> Component:
    options = {one["id"]: f"{one['name']}, {one['location']['name']}" for one in nodes}
    said = json.dumps({"name": "shelf", "value": wanted, "options": options})
    picker = html.Div(
        html.Label(
            [
                html.Span("Shelf", className="field-label"),
                html.Span(**attributes(data_select=said)),
            ]
        ),
        className="field shelf-picker",
    )
    buttons = [
        ask_button("edit", "Edit", key="plan"),
        ask_button("import", "Import", key="plan"),
        _new_button(),
        ask_button("delete", "Delete", key="plan", kind="danger"),
    ]
    return html.Div(
        [picker, html.Div(buttons if may_write else [], className="head-buttons")],
        className="shelf-head is-low",
    )


def _new_button() -> Component:
    return ask_button("new", "New shelf")


def _planned(plan: Mapping[str, Any], method: str) -> dict[str, Any]:
    products = plan["products"]
    return {
        "version": plan["shelf"]["version"],
        "method": method,
        "products": len(products),
        "changed": sum(
            (one["facings"], one["board"]) != (one["facingsNow"], one["boardNow"])
            for one in products
        ),
        "problem": " ".join(one["message"] for one in plan["problems"]),
    }


def _standing(
    plan: Mapping[str, Any], organisation: Mapping[str, Any], *, may_write: bool
) -> Component:
    shelf = plan["shelf"]
    days = shelf["refillDays"]
    refill = "every day" if days == 1 else f"every {days} days"
    buttons = [ask_button("apply", "Set facings as planned", key="plan", kind="primary")]
    return html.Div(
        [
            html.Span(
                [
                    f"Refilled {refill}; {SOURCES[plan['demandFrom']]}, with sales up to ",
                    moment(plan["demandThrough"], organisation["timezone"]),
                ],
                className="cell-note",
                id="shelf-as-of",
                role="status",
            ),
            html.Div(buttons if may_write else [], className="head-buttons"),
        ],
        className="fleet-standing",
    )


def _planogram(plan: Mapping[str, Any], query: str, method: str) -> Component:
    """Return what stands there beside what is planned; on phones one of them, and a list."""
    saves = [
        _save(kind, name, "planogram", query) for kind, name in (("svg", "SVG"), ("png", "PNG"))
    ]
    return html.Section(
        [
            html.Div([html.H2("Planogram"), html.Div(saves, className="head-buttons")],
                     className="shelf-head"),
            html.P(changes_said(plan["products"]), className="cell-note"),
            html.Div(
                [_pane("before", NOW, plan, query), _pane("after", method, plan, query)],
                className="planograms",
            ),
            board_lists(plan),
        ],
        className="shelf-part",
    )  # fmt: skip


def _pane(name: str, value: str, plan: Mapping[str, Any], query: str) -> Component:
    label = "Before" if name == "before" else "After"
    said = {"name": name, "value": value, "options": {NOW: "As it stands now", **METHODS}}
    shelf = plan["shelf"]
    return html.Div(
        [
            html.Label(
                [html.Span(label, className="field-label"),
                 html.Span(**attributes(data_pane=json.dumps(said)))],
                className="pane-choice",
            ),
            html.Div(
                className="planogram",
                tabIndex=0,
                role="region",
                **attributes(
                    aria_label=f"{label}: planogram of {shelf['name']}",
                    data_planogram=query,
                    data_version=f"{shelf['version']} {plan['demandThrough']}",
                ),
            ),
        ],
        className=f"planogram-pane is-{name}",
    )  # fmt: skip


def _table(plan: Mapping[str, Any], organisation: Mapping[str, Any], query: str) -> Component:
    saves = [
        _save(kind, name, "table", query) for kind, name in (("csv", "CSV"), ("xlsx", "Excel"))
    ]
    return html.Section(
        [
            html.Div([html.H2("Products"), html.Div(saves, className="head-buttons")],
                     className="shelf-head"),
            html.Div(
                className="goal-table",
                tabIndex=0,
                role="region",
                **attributes(
                    aria_label="Products",
                    data_shelf_table=json.dumps(plan_table(plan).for_page()),
                    data_currency=organisation["currency"],
                    data_timezone=organisation["timezone"],
                ),
            ),
        ],
        className="shelf-part",
    )  # fmt: skip


def _save(kind: str, name: str, what: str, query: str) -> Component:
    return html.Button(
        [icon("download"), html.Span(name)],
        className="button quiet",
        type="button",
        **attributes(
            data_action="save-shelf",
            data_format=kind,
            data_query=query,
            aria_label=f"{what.capitalize()} as {name}",
        ),
    )


def _scripts() -> list[Component]:
    return feed_stores(KEY, SHELF_FEED, tickets="shelf")


def add_callbacks(app: Dash) -> None:
    """Let the scripts of the page draw planograms and follow what changes."""
    start_script(app, KEY)


PAGE = RecordPage(
    key=KEY,
    title="Shelf",
    lead="What stands on a shelf, what should, drawn to scale, and what that brings.",
    symbol="package",
    is_for=is_for,
    load=load,
    actions={**shelf_actions.ACTIONS, **shelf_editing.ACTIONS},
    linked_filters=filters,
    scripts=_scripts,
    group="Analysis",
)
