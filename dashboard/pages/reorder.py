"""Reorder: what to order where and why, what to move, which prices to cut."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from dash import ALL, ClientsideFunction, Input, Output, State, dcc, html

from dashboard.figures.agents import ago
from dashboard.figures.field import field_id, text_field
from dashboard.figures.panel import attributes, icon
from dashboard.figures.record import moment, note, nothing_here
from dashboard.figures.reorder import (
    markdown_rows,
    money,
    order_rows,
    plain,
    transfer_rows,
    urgency_counts,
)
from dashboard.pages import reorder_trial
from dashboard.pages.records import (
    Action,
    Listing,
    Mistaken,
    Outcome,
    Question,
    RecordPage,
    feed_stores,
    start_script,
)
from dashboard.pages.reorder_filters import KEY, TABS, asked, defaults, filter_id, filters
from dashboard.reorder_choices import Choices
from dashboard.reorder_queries import (
    MARKDOWNS_PAGE,
    REORDER_FEED,
    REORDER_PAGE,
    SET_SUPPLY_TERMS,
    TRANSFERS_PAGE,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash import Dash
    from dash.development.base_component import Component

    from dashboard.people import Person
    from dashboard.sessions import Session

READS: Final = ("forecast:read", "stock:read")
SETTLES: Final = ("forecast:write", "stock:write")
"""Either of them settles terms."""
SHOWN: Final = 100
CHOICES: Final = Choices()
DOCUMENTS: Final = {
    "orders": REORDER_PAGE,
    "transfers": TRANSFERS_PAGE,
    "markdowns": MARKDOWNS_PAGE,
}
FIELDS: Final = {
    "orders": "reorderSuggestions",
    "transfers": "stockTransfers",
    "markdowns": "markdownSuggestions",
}
NOTHING_TO_MOVE: Final = (
    "Nothing is to be moved: no surplus would sell elsewhere before orders arrive there."
)
TERMS: Final = {
    "leadTimeDays": ("Lead time in days", "From an order until the goods can be sold, 1 to 91."),
    "reviewDays": ("Review period in days", "From one order to the next, 1 to 28."),
    "serviceLevel": ("Service level in %", "How often that is to pass without a stockout."),
    "packSize": ("Pack in units", "Units that come together."),
    "minimum": ("Minimum in units", "Fewest units of an order."),
    "coverDays": ("Days to cover", "What lasts longer is surplus, 1 to 365."),
}


def is_for(person: Person) -> bool:
    """Tell whether somebody may see what to order."""
    return all(person.may(scope) for scope in READS)


async def load(session: Session, chosen: Mapping[str, Any], after: str | None) -> Listing:
    """Return what the chosen tab shows."""
    tab = chosen.get("tab") or "orders"
    if tab == "trial":
        return Listing([_trial(await CHOICES.of(session))])
    try:
        variables = asked(tab, chosen, after, SHOWN)
    except Mistaken as exc:
        return Listing([note(str(exc), "bad")])
    data = await session.execute(DOCUMENTS[tab], variables, is_long=True)
    report = data[FIELDS[tab]]
    picks = await CHOICES.of(session)
    head = _standing(report, data["organisation"], tab, variables, picks)
    if tab == "orders":
        may_write = any(session.person.may(scope) for scope in SETTLES)
        return _orders(report, head, may_write=may_write)
    rows, currency = report["rows"], report["currency"]
    if tab == "transfers":
        words = _of_transfers(report)
        shown = transfer_rows(rows, currency) if rows else None
    else:
        words = _of_markdowns(report)
        shown = markdown_rows(rows, currency) if rows else None
    nothing = NOTHING_TO_MOVE if tab == "transfers" else "Nothing will be left over."
    said = [html.P(words, className="reorder-words")] if words else []
    return Listing([head, *said, shown or nothing_here("check", nothing)])


def _trial(picks: Mapping[str, Any]) -> Component:
    """Return what stands above a trial; what it brings is not the list's, and stays."""
    return html.Div(reorder_trial.lead(), **attributes(data_picks=json.dumps(picks)))


def _orders(report: Mapping[str, Any], head: Component, *, may_write: bool) -> Listing:
    totals, rows = report["totals"], report["nodes"]
    words = [
        f"{totals['toOrder']:,} of {totals['positions']:,} products at locations to order:"
        f" {plain(totals['units'])} units"
    ]
    if totals["cost"] is not None:
        words.append(f" at a cost of {money(totals['cost'])} {report['currency']}")
        if totals["uncosted"]:
            words.append(f", {totals['uncosted']:,} of unknown cost not counted")
    words.append(f". {_foreseen(totals['forecast'], totals['positions'])}")
    shown = order_rows(rows, report["currency"], may_write=may_write) if rows else None
    empty = nothing_here("check", "Nothing is to be ordered: there is enough of everything.")
    info = report["pageInfo"]
    return Listing(
        [
            head,
            html.P("".join(words), className="reorder-words"),
            urgency_counts(totals["byUrgency"]),
            shown or empty,
        ],
        {
            f"{row['product']['sku']}\n{row['location']['code']}": {
                "sku": row["product"]["sku"],
                "location": row["location"]["code"],
                "name": row["product"]["name"],
                "place": row["location"]["name"],
            }
            for row in rows
        },
        info["endCursor"] if info["hasNextPage"] else None,
    )


def _foreseen(known: int, positions: int) -> str:
    if not known:
        return "Nothing is forecast yet: demand is as in the past eight weeks."
    if known == positions:
        return "All their demand is forecast."
    return f"Demand of {known:,} is forecast, that of the others is as in their past."


def _of_transfers(report: Mapping[str, Any]) -> str:
    if not report["found"]:
        return ""
    return (
        f"{report['found']:,} transfers are expected to sell {plain(report['sold'])} more units "
        f"for {money(report['value'])} {report['currency']} before orders would arrive; this "
        f"surplus can bring {money(report['bound'])} {report['currency']} at most."
    )


def _of_markdowns(report: Mapping[str, Any]) -> str:
    told = report["elasticity"]
    begin = f"{report['found']:,} products at locations will not be sold in time. "
    if told is None:
        return begin + "Prices never differed enough in the past year to say what discounts do."
    error = told["error"]
    within = f"{error:.1f}" if error >= 0.05 else f"{error:.2g}"
    effect = f"A price one percent higher sold {-told['value']:.1f} ± {within} % less"
    basis = f"{effect} in the past year, at {told['series']:,} products on {told['days']:,} days."
    unsure = "" if told["isSure"] else " That may be chance: no discounts are suggested."
    return begin + basis + unsure


def _standing(
    report: Mapping[str, Any],
    organisation: Mapping[str, Any],
    tab: str,
    variables: Mapping[str, Any],
    picks: Mapping[str, Any],
) -> Component:
    """Return how fresh the figures are, and how to save them."""
    zone = organisation["timezone"]
    said: list[Any] = [_stale_tag(), "Stock as of ", moment(report["asOf"], zone), ", "]
    said.append(ago(report["asOf"]))
    if tab == "orders" and report["trainedThrough"]:
        said += ["; forecasts know sales up to ", moment(report["trainedThrough"], zone)]
    kept = {name: value for name, value in variables.items() if name not in {"first", "after"}}
    saves = [
        html.Button(
            [icon("download"), html.Span(name)],
            className="button quiet",
            type="button",
            **attributes(
                data_action="save-reorder",
                data_format=kind,
                data_what=tab,
                data_query=urlencode({"query": json.dumps(kept)}),
                aria_label=f"{TABS[tab]} as {name}",
            ),
        )
        for kind, name in (("csv", "CSV"), ("xlsx", "Excel"))
    ]
    return html.Div(
        [
            html.Span(
                said,
                id="reorder-as-of",
                className="cell-note",
                **attributes(data_as_of=organisation["serverTime"], role="status"),
            ),
            html.Div(saves, className="head-buttons"),
        ],
        className="fleet-standing",
        **attributes(data_picks=json.dumps(picks)),
    )


def _stale_tag() -> Component:
    return html.Span("Stale", className="stale-tag")


async def _ask_terms(_: Session, row: Mapping[str, Any]) -> Question:
    fields = [
        text_field(field_id(KEY, name), label, hint=hint) for name, (label, hint) in TERMS.items()
    ]
    lead = html.P("What is left empty holds as for its distributor, its location, or all.")
    return Question(f"Terms of {row['name']} at {row['place']}", [lead, *fields], "Settle")


async def _settle(session: Session, row: Mapping[str, Any], answers: Mapping[str, Any]) -> Outcome:
    terms: dict[str, Any] = {"sku": row["sku"], "location": row["location"]}
    for name, (label, _) in TERMS.items():
        text = (answers.get(name) or "").strip().rstrip("%").strip().replace(",", ".")
        if text:
            terms[name] = _figure(name, label, text)
    data = await session.execute(SET_SUPPLY_TERMS, {"input": {"terms": [terms]}})
    (result,) = data["setSupplyTerms"]["results"]
    if result["userErrors"]:
        raise Mistaken(result["userErrors"][0]["message"])
    return Outcome(f"The terms of {row['name']} at {row['place']} are settled.")


def _figure(name: str, label: str, text: str) -> int | str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Mistaken(f"{label} is a number.") from None
    if not number.is_finite():
        raise Mistaken(f"{label} is a number.")
    if name == "serviceLevel":
        return str(number / 100)
    if name.endswith("Days"):
        if number != number.to_integral() or abs(number) > 10_000:
            raise Mistaken(f"{label} is a whole number.")
        return int(number)
    return str(number)


def _scripts() -> list[Component]:
    return [
        *feed_stores(KEY, REORDER_FEED, defaults=defaults()),
        dcc.Store(id="reorder-linked"),
        reorder_trial.section(),
    ]


def add_callbacks(app: Dash) -> None:
    """Let the scripts of the page follow stock and sales, and keep its filters in the address."""
    start_script(app, KEY)
    reorder_trial.add_callbacks(app)
    app.clientside_callback(
        ClientsideFunction(KEY, "link"),
        Output("reorder-linked", "data"),
        Input(filter_id(ALL), "value"),
        State("reorder-config", "data"),
    )


PAGE = RecordPage(
    key=KEY,
    title="Reorder",
    lead="What to order where and why, what to move, which prices to cut, and what that is worth.",
    symbol="package",
    is_for=is_for,
    load=load,
    actions={"settle": Action(_ask_terms, _settle)},
    linked_filters=filters,
    scripts=_scripts,
    group="Analysis",
)
