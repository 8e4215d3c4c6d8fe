"""Devices: the agents in the shops, what they could not place, and how they are to run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import html

from dashboard.figures.agents import (
    agent_card,
    ago,
    cell,
    count,
    grid,
    moment_cell,
    rollout_card,
    sign,
)
from dashboard.figures.field import choice_field, text_field
from dashboard.figures.panel import attributes
from dashboard.figures.record import (
    ask_button,
    buttons,
    moment,
    nothing_here,
    table,
    two_lines,
)
from dashboard.fleet_queries import DEVICES, DEVICES_FEED
from dashboard.pages import enrolment, rollouts
from dashboard.pages.records import Listing, RecordPage, feed_stores, said_or_usual, start_script

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash import Dash
    from dash.development.base_component import Component

    from dashboard.sessions import Session

KEY = "devices"
WRITES = "devices:write"
SHOW: dict[str, tuple[str, dict[str, Any]]] = {
    "now": ("In service", {"states": ["REPORTING", "STOPPED", "SILENT", "ENROLLED"]}),
    "silent": ("Silent", {"states": ["SILENT"]}),
    "trouble": (
        "In trouble",
        {"troubles": ["LOSES_READS", "HOLDS_READS", "CLOCK_WRONG", "DEVICE_QUARANTINED"]},
    ),
    "revoked": ("Revoked", {"states": ["REVOKED"]}),
}
USUAL = {"show": "now", "text": "", "locations": ""}
PARKED_COLUMNS = ("Code", "Why nobody knows it", "Reads", "Device", "Last read", "What to do")
CODE_COLUMNS = ("Code for", "State", "Good until", "")
CODES = {
    "OPEN": ("Open", "good", "check"),
    "EXPIRED": ("Expired", "plain", "clock"),
    "WITHDRAWN": ("Taken back", "plain", "stop"),
}


def filters(said: Mapping[str, str]) -> list[Component]:
    """Return the fields that choose among the agents."""
    held = said_or_usual(USUAL, said)
    return [
        choice_field(
            _filter_id("show"),
            "Show",
            options={key: label for key, (label, _) in SHOW.items()},
            value=held["show"] if held["show"] in SHOW else USUAL["show"],
            is_compact=True,
        ),
        text_field(_filter_id("text"), "Name or machine", value=held["text"]),
        text_field(_filter_id("locations"), "Codes of locations", value=held["locations"]),
    ]


async def load(session: Session, chosen: Mapping[str, Any], after: str | None) -> Listing:
    """Return the agents that fit the filters, with everything else about devices."""
    data = await session.execute(DEVICES, {"filter": criteria(chosen), "after": after})
    zone = data["organisation"]["timezone"]
    may_write = session.person.may(WRITES)
    agents, page = data["agents"]["nodes"], data["agents"]["pageInfo"]
    rolling, codes = data["agentRollouts"]["nodes"], data["enrolmentCodes"]["nodes"]
    waiting = [code for code in codes if code["state"] != "USED"]
    body = [
        _standing(data["organisation"]["serverTime"], zone, agents, may_write=may_write),
        *_rollouts(rolling, zone, may_write=may_write),
        *_agents(agents, zone, is_filtered=bool(criteria(chosen, base={})), may_write=may_write),
        *_codes(waiting, zone, may_write=may_write),
        *_parked(data["parkedCodes"], zone),
    ]
    rows = {one["id"]: one for one in (*agents, *rolling, *waiting)}
    return Listing(body, rows, page["endCursor"] if page["hasNextPage"] else None)


def criteria(chosen: Mapping[str, Any], base: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the filter that the fields stand for; `base` in place of what is shown first."""
    show = chosen.get("show") or "now"
    wanted = dict(SHOW[show][1] if base is None or show != "now" else base)
    if text := (chosen.get("text") or "").strip():
        wanted["text"] = text
    if places := (chosen.get("locations") or "").replace(",", " ").split():
        wanted["locations"] = places
    return wanted


def _filter_id(name: str) -> dict[str, str]:
    return {"part": "filter", "page": KEY, "name": name}


def _standing(
    as_of: str, zone: str, agents: Sequence[Mapping[str, Any]], *, may_write: bool
) -> Component:
    """Return how the agents shown are, how fresh that is, and what may be done with all."""
    states = [agent["state"] for agent in agents]
    figures = (
        (states.count("REPORTING"), "reporting", "good", "check"),
        (states.count("SILENT"), "silent", "bad", "alert-octagon"),
        (sum(bool(one["troubles"]) for one in agents), "in trouble", "warning", "alert"),
    )
    words = [
        sign(f"{number} {name}", kind if number else "plain", symbol)
        for number, name, kind, symbol in figures
    ]
    actions = [
        ask_button("enrol", "Let an agent in", kind="primary"),
        ask_button("configure", "New configuration"),
    ]
    return html.Div(
        [
            html.Div([*words, _as_of(as_of, zone)], className="marks"),
            html.Div(actions if may_write else [], className="head-buttons"),
        ],
        className="fleet-standing",
    )


def _as_of(as_of: str, zone: str) -> Component:
    return html.Span(
        [
            html.Span("Stale", className="stale-tag"),
            "as of ",
            moment(as_of, zone),
            ", ",
            ago(as_of),
        ],
        id="devices-as-of",
        className="cell-note",
        **attributes(data_as_of=as_of, role="status"),
    )


def _rollouts(found: Sequence[Mapping[str, Any]], zone: str, *, may_write: bool) -> list[Component]:
    if not found:
        return []
    cards = [
        rollout_card(one, zone, rollouts.buttons_of(one) if may_write else []) for one in found
    ]
    shown = list(zip(cards, found, strict=True))
    running = [card for card, one in shown if one["state"] in rollouts.OPEN]
    over = [card for card, one in shown if one["state"] not in rollouts.OPEN]
    fold = html.Details(
        [html.Summary("Configurations rolled out before"), *over],
        className="fleet-part",
        **attributes(data_fold="before"),
    )
    return [*running, *([fold] if over else [])]


def _agents(
    agents: Sequence[Mapping[str, Any]], zone: str, *, is_filtered: bool, may_write: bool
) -> list[Component]:
    if not agents and is_filtered:
        return [nothing_here("devices", "No agent fits. Choose differently above.")]
    if not agents:
        text = "No agent has come yet. Let one in: it is told a code on its machine, once."
        return [nothing_here("devices", text)]
    return [agent_card(one, zone, _agent_buttons(one) if may_write else []) for one in agents]


def _agent_buttons(agent: Mapping[str, Any]) -> list[Component]:
    if agent["state"] == "REVOKED":
        return []
    key, name = agent["id"], agent["name"]
    return [
        ask_button("configure", "Configure", key=key, name=f"Configure {name}"),
        ask_button("revoke", "Revoke", key=key, kind="danger", name=f"Revoke {name}"),
    ]


def _codes(codes: Sequence[Mapping[str, Any]], zone: str, *, may_write: bool) -> list[Component]:
    if not codes:
        return []
    rows = [
        [
            two_lines(code["name"] or "An agent", code["location"]["name"]),
            sign(*CODES[code["state"]]),
            moment(code["expiresAt"], zone),
            buttons(ask_button("withdraw", "Take back", key=code["id"]))
            if may_write and code["state"] == "OPEN"
            else buttons(),
        ]
        for code in codes
    ]
    return [_part("Codes that let agents in", table(CODE_COLUMNS, rows, name="Codes"))]


def _parked(found: Mapping[str, Any], zone: str) -> list[Component]:
    nodes = found["nodes"]
    if not nodes:
        return []
    rows = [
        [
            cell(one["code"]),
            cell(one["reason"]),
            cell(count(one["reads"])),
            cell(one["device"]),
            moment_cell(one["lastSeenAt"], zone),
            cell(remedy(one)),
        ]
        for one in nodes
    ]
    more = html.P("There are more; the most often read are shown.", className="cell-note")
    return [
        _part(
            "Codes nobody knows",
            grid(PARKED_COLUMNS, rows, name="Codes nobody knows"),
            *([more] if found["pageInfo"]["hasNextPage"] else []),
        )
    ]


def remedy(code: Mapping[str, Any]) -> str:
    """Return what a person can do about a code that nobody knows."""
    if code["gtin"]:
        return f"Give the product the GTIN {code['gtin']}: its reads then take effect."
    return "Scan the label again; if it stays so, it is no label of a product."


def _part(title: str, *inside: Component) -> Component:
    return html.Section([html.H2(title), *inside], className="fleet-part")


def _scripts() -> list[Component]:
    return feed_stores(KEY, DEVICES_FEED, tickets=KEY)


def add_callbacks(app: Dash) -> None:
    """Let the scripts of the page follow its agents."""
    start_script(app, KEY)


PAGE = RecordPage(
    key=KEY,
    title="Devices",
    lead="The agents beside scanners and readers: whether they live, what they hold, how they run.",
    symbol="devices",
    is_for=lambda person: person.may("devices:read") and not person.is_screen,
    load=load,
    actions={**enrolment.ACTIONS, **rollouts.ACTIONS},
    linked_filters=filters,
    usual=USUAL,
    scripts=_scripts,
)
