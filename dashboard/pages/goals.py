"""Goals: what is planned, how far it is, and where little is missing."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from dash import ALL, ClientsideFunction, Input, Output, State, dcc, html

from dashboard import sessions
from dashboard.analysis.panels import SECRET
from dashboard.figures.agents import ago
from dashboard.figures.field import select_field, text_field
from dashboard.figures.goal_meter import meter, sums_of
from dashboard.figures.goal_tables import opportunity_table, plan_table, progress_table, proposed
from dashboard.figures.panel import attributes, icon
from dashboard.figures.record import ask_button, moment, note, nothing_here
from dashboard.goal_queries import GOALS_FEED, GOALS_PAGE
from dashboard.pages import goal_actions
from dashboard.pages.analysis_page import sees_figures
from dashboard.pages.goal_actions import DIMENSIONS, KEY, KINDS, Plan, periods_of
from dashboard.pages.goal_proposals import TAKE, planned
from dashboard.pages.records import Listing, Mistaken, RecordPage, feed_stores, start_script

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash import Dash
    from dash.development.base_component import Component

    from dashboard.analysis.panels import Table
    from dashboard.sessions import Session

MEASURES = {"NET_SALES": "Net sales", "UNITS": "Units", "PROFIT": "Profit"}
BASES = {"GOAL": "Of the goal", "TO_DATE": "Of the plan to date"}
WRITES = "goals:write"


LONGEST = 40


def defaults() -> dict[str, str]:
    """Return what the filters hold where the address says nothing."""
    return {
        "kind": "QUARTER",
        "dimension": "ORGANISATION",
        "measure": "NET_SALES",
        "year": str(datetime.now(UTC).year),
        "on": "",
        "basis": "GOAL",
        "lower": "60",
        "upper": "80",
    }


def filters(said: Mapping[str, str]) -> list[Component]:
    """Return the fields that choose among the goals, holding what the address says."""
    held = defaults() | {name: text[:LONGEST] for name, text in said.items()}

    def select(name: str, label: str, options: Mapping[str, str]) -> Component:
        value = held[name] if held[name] in options else defaults()[name]
        return select_field(_filter_id(name), label, options=options, value=value)

    def text(name: str, label: str) -> Component:
        return text_field(_filter_id(name), label, value=held[name])

    return [
        select("kind", "Periods", KINDS),
        text("year", "Year"),
        select("dimension", "For", {key: plural for key, (_, plural) in DIMENSIONS.items()}),
        select(
            "measure",
            "Figure",
            {key: one for key, one in MEASURES.items() if key != "PROFIT" or _may_profit()},
        ),
        text("on", "As of day"),
        select("basis", "Opportunity", BASES),
        text("lower", "At least, %"),
        text("upper", "At most, %"),
    ]


async def load(session: Session, chosen: Mapping[str, Any], _: str | None) -> Listing:
    """Return the meters, all goals, and the opportunities among them."""
    try:
        plan, variables = asked(chosen)
    except Mistaken as exc:
        return Listing([note(str(exc), "bad")])
    data = await session.execute(GOALS_PAGE, variables)
    report = data["goalProgress"]
    may_write = session.person.may(WRITES)
    head = _standing(report, data["organisation"], plan, may_write=may_write)
    plans = proposed(report["rows"])
    rows = {"": plan.as_row(), "rules": report["rules"], "plans": planned(plan, plans)}
    if not report["rows"]:
        return Listing([head, _nothing(plan, may_write=may_write)], rows)
    unit = "units" if plan.measure == "UNITS" else report["currency"]
    meters = [meter(each, unit) for each in sums_of(report["rows"], report["rules"])]
    one, _plural = DIMENSIONS[plan.dimension]
    body = [
        head,
        html.Div(meters, className="goal-meters"),
        _section(
            "Opportunities",
            _told(chosen, len(data["opportunities"]["rows"])),
            opportunity_table(data["opportunities"]["rows"], one, unit),
            data["organisation"],
            _saves("Opportunities", "opportunities", variables),
        ),
        _section(
            "All goals",
            "A press on a heading sorts.",
            progress_table(report["rows"], one, unit),
            data["organisation"],
            _saves("All goals", "progress", variables),
        ),
        *(
            [
                _section(
                    "The next plan",
                    "Proposed of the forecast where there is one, else of last year with growth.",
                    plan_table(plans, one, unit),
                    data["organisation"],
                    [
                        *([ask_button("take", "Plan this", key="plans")] if may_write else []),
                        *_saves("The next plan", "plans", variables),
                    ],
                )
            ]
            if plans
            else []
        ),
    ]
    return Listing(body, rows)


def asked(chosen: Mapping[str, Any]) -> tuple[Plan, dict[str, Any]]:
    """Return the plan that the fields choose, and the variables of its query.

    Raises:
        Mistaken: a year, a day or a bound that is none.
    """
    kind, dimension = chosen.get("kind") or "QUARTER", chosen.get("dimension") or "ORGANISATION"
    year = (chosen.get("year") or "").strip().upper().removeprefix("FY")
    if not year.isdigit() or not 1901 <= int(year) <= 2198:
        raise Mistaken("A year is four digits, as in 2026.")
    plan = Plan(kind, dimension, chosen.get("measure") or "NET_SALES", year)
    on = (chosen.get("on") or "").strip()
    try:
        day = str(date.fromisoformat(on)) if on else None
    except ValueError:
        raise Mistaken("A day is written as in 2026-03-31.") from None
    return plan, {
        "filter": {
            "periods": periods_of(kind, year),
            "dimensions": [dimension],
            "measures": [plan.measure],
        },
        "on": day,
        "lower": str(_bound(chosen.get("lower"), "60")),
        "upper": str(_bound(chosen.get("upper"), "80")),
        "basis": chosen.get("basis") or "GOAL",
    }


def _bound(text: Any, default: str) -> Decimal:
    try:
        found = Decimal((text or default).strip().rstrip("%").replace(",", ".")) / 100
    except InvalidOperation:
        raise Mistaken("A bound is a number of percent, as in 60.") from None
    if not found.is_finite():
        raise Mistaken("A bound is a number of percent, as in 60.")
    return found


def _may_profit() -> bool:
    return sessions.current().person.may(SECRET)


def _filter_id(name: Any) -> dict[str, Any]:
    return {"part": "filter", "page": KEY, "name": name}


def _told(chosen: Mapping[str, Any], found: int) -> str:
    lower, upper = chosen.get("lower") or "60", chosen.get("upper") or "80"
    basis = BASES[chosen.get("basis") or "GOAL"].lower()
    lead = f"Attained between {lower}% and {upper}% {basis}, both included: "
    return lead + (f"{found} found, the most money first." if found else "none.")


def _standing(
    report: Mapping[str, Any], organisation: Mapping[str, Any], plan: Plan, *, may_write: bool
) -> Component:
    """Return what the figures stand for, how fresh they are, and what may be done."""
    as_of = report["asOf"]
    until = "" if report["isPartial"] else f", sales up to the end of {report['on']}"
    actions = [
        ask_button("enter", "Enter", kind="primary"),
        ask_button("import", "Import"),
        ask_button("copy", "Copy a year"),
        ask_button("levels", "Levels", key="rules"),
    ]
    return html.Div(
        [
            html.Span(
                [
                    html.Span("Stale", className="stale-tag"),
                    f"{plan.title}, as of ",
                    moment(as_of, organisation["timezone"]),
                    until,
                    ", ",
                    ago(as_of),
                ],
                id="goals-as-of",
                className="cell-note",
                **attributes(data_as_of=organisation["serverTime"], role="status"),
            ),
            html.Div(actions if may_write else [], className="head-buttons"),
        ],
        className="fleet-standing",
    )


def _nothing(plan: Plan, *, may_write: bool) -> Component:
    text = f"Nothing is planned for {plan.title}."
    if may_write:
        text += " Enter it, import a file, or make it of last year's sales."
    return nothing_here("target", text)


def _section(
    title: str,
    text: str,
    table: Table,
    organisation: Mapping[str, Any],
    actions: Sequence[Component],
) -> Component:
    return html.Section(
        [
            html.Div([html.H2(title), html.P(text, className="cell-note")], className="goal-head"),
            html.Div(list(actions) if table.rows else [], className="head-buttons"),
            html.Div(
                className="goal-table",
                tabIndex=0,
                role="region",
                **attributes(
                    aria_label=title,
                    data_goal_table=json.dumps(table.for_page()) if table.rows else "",
                    data_currency=organisation["currency"],
                    data_timezone=organisation["timezone"],
                ),
            ),
        ],
        className="goal-part",
    )


def _saves(title: str, what: str, query: Mapping[str, Any]) -> list[Component]:
    return [
        html.Button(
            [icon("download"), html.Span(name)],
            className="button quiet",
            type="button",
            **attributes(
                data_action="save-goals",
                data_format=kind,
                data_what=what,
                data_query=urlencode({"query": json.dumps(dict(query))}),
                aria_label=f"{title} as {name}",
            ),
        )
        for kind, name in (("csv", "CSV"), ("xlsx", "Excel"))
    ]


def _scripts() -> list[Component]:
    return [
        *feed_stores(KEY, GOALS_FEED, defaults=defaults()),
        dcc.Store(id="goals-linked"),
    ]


def add_callbacks(app: Dash) -> None:
    """Let the scripts of the page follow sales and goals, and keep its filters in the address."""
    start_script(app, KEY)
    app.clientside_callback(
        ClientsideFunction("goals", "link"),
        Output("goals-linked", "data"),
        Input(_filter_id(ALL), "value"),
        State("goals-config", "data"),
    )


PAGE = RecordPage(
    key=KEY,
    title="Goals & opportunity",
    lead="What is planned, how far it is, where it will land, and where little is missing.",
    symbol="target",
    is_for=sees_figures,
    load=load,
    actions={**goal_actions.ACTIONS, "take": TAKE},
    linked_filters=filters,
    scripts=_scripts,
    group="Analysis",
    short="Goals",
)
