"""The agents of the shops, their devices, and roll-outs: data in, components out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dash import html

from dashboard.figures.panel import attributes, icon
from dashboard.figures.record import mark, moment, moment_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash.development.base_component import Component

STATES = {
    "REPORTING": ("Reporting", "good", "check"),
    "STOPPED": ("Stopped", "plain", "stop"),
    "SILENT": ("Silent", "bad", "alert-octagon"),
    "ENROLLED": ("Not heard of yet", "plain", "clock"),
    "REVOKED": ("Revoked", "plain", "lock"),
}
TROUBLES = {
    "LOSES_READS": ("Loses reads", "bad"),
    "HOLDS_READS": ("Holds reads back", "warning"),
    "CLOCK_WRONG": ("Clock wrong", "warning"),
    "DEVICE_QUARANTINED": ("A device sends garbage", "warning"),
}
PORTS = {
    "CONNECTED": ("Connected", "good", "check"),
    "DISCONNECTED": ("Not connected", "warning", "alert"),
    "QUARANTINED": ("Closed: sends garbage", "bad", "alert-octagon"),
}
CONFIGURATIONS = {
    "CONFIRMED": "",
    "TRIAL": "on trial",
    "REJECTED": "rejected",
    "ROLLED_BACK": "rolled back",
}
ROLLOUTS = {
    "RUNNING": ("Running", "plain", "play"),
    "PAUSED": ("Paused", "warning", "pause"),
    "COMPLETED": ("Completed", "good", "check"),
    "CANCELLED": ("Cancelled", "plain", "stop"),
    "ROLLED_BACK": ("Rolled back", "bad", "take-back"),
}
MEMBERS = {
    "WAITING": ("waits", "plain"),
    "SENT": ("tries it", "plain"),
    "CONFIRMED": ("confirmed", "good"),
    "FAILED": ("failed", "bad"),
    "SKIPPED": ("left out", "plain"),
    "TAKEN_BACK": ("went back", "warning"),
}
DEVICE_COLUMNS = ("Device", "State", "Protocol", "Reads", "Garbage", "Last read")
MOST_PLACES = 3
MOST_OPEN = 6
"""More ports than these are folded away."""


def agent_card(agent: Mapping[str, Any], zone: str, actions: Sequence[Component]) -> html.Article:
    """Return an agent with its figures and, below, its devices."""
    heading = f"agent-{agent['id']}"
    troubles = [mark(*TROUBLES[one]) for one in agent["troubles"]]
    return html.Article(
        [
            html.Header(
                [
                    html.Div(
                        [
                            html.H2(agent["name"], id=heading),
                            html.Span(places(agent["locations"]), className="cell-note"),
                        ],
                        className="agent-name",
                    ),
                    html.Div(
                        [sign(*STATES[agent["state"]]), *troubles], className="marks agent-state"
                    ),
                    html.Div(list(actions), className="row-buttons"),
                ],
                className="agent-head",
            ),
            html.Dl(
                [html.Div([html.Dt(name), html.Dd(value)]) for name, value in _facts(agent, zone)],
                className="agent-facts",
            ),
            *_errors(agent),
            _devices(agent, zone),
        ],
        className="agent-card",
        **attributes(aria_labelledby=heading, data_state=agent["state"].lower()),
    )


def sign(text: str, kind: str, symbol: str) -> html.Span:
    """Return a state as a word with an icon: colour alone says nothing to some."""
    return html.Span([icon(symbol), html.Span(text)], className=f"mark sign mark-{kind}")


def places(found: Sequence[Mapping[str, Any]]) -> str:
    """Return where an agent is: the names, or the first of many."""
    names = [place["name"] for place in found]
    if len(names) > MOST_PLACES:
        return f"{', '.join(names[: MOST_PLACES - 1])} and {len(names) - MOST_PLACES + 1} more"
    return ", ".join(names) or "Nowhere yet"


def ago(instant: str | None, *, never: str = "Never") -> Component:
    """Return how long ago something was; the scripts of the page keep it right."""
    if instant is None:
        return html.Span(never, className="cell-note")
    return html.Time("…", dateTime=instant, className="ago", **attributes(data_since=instant))


def count(number: int) -> str:
    """Return a count with its thousands apart."""
    return f"{number:,}"


def skew_text(milliseconds: int | None) -> str:
    """Return how far off a clock is, in words."""
    if milliseconds is None:
        return "Not known"
    size = abs(milliseconds)
    if size < 1_000:
        return f"{size} ms {'ahead' if milliseconds > 0 else 'behind'}" if size else "Right"
    amount = f"{size / 1_000:.1f} s" if size < 120_000 else f"{size / 60_000:.0f} min"
    return f"{amount} {'ahead' if milliseconds > 0 else 'behind'}"


def configuration_text(agent: Mapping[str, Any]) -> str:
    """Return which configuration an agent runs with, and what it is to run with."""
    told, wanted = agent["configuration"], agent["wantedVersion"]
    version = (told or {}).get("version") or 0
    text = f"Version {version}" if version else "Its own file"
    remark = CONFIGURATIONS[told["state"]] if told else "not told"
    if remark:
        text = f"{text}, {remark}"
    if wanted and wanted != version:
        text = f"{text}; version {wanted} is on its way"
    return text


def _facts(agent: Mapping[str, Any], zone: str) -> list[tuple[str, Any]]:
    outbox = agent["outbox"]
    depth = outbox["depth"]
    waiting: list[Any] = [f"{count(depth)} read" if depth == 1 else f"{count(depth)} reads"]
    if outbox["oldestAt"] and depth:
        waiting += [html.Span([", oldest ", ago(outbox["oldestAt"])], className="cell-note")]
    lost = f"{count(outbox['refused'])} refused, {count(outbox['dropped'])} dropped"
    heard: list[Any] = [ago(agent["heardAt"])]
    if agent["heardAt"]:
        heard += [
            html.Br(),
            html.Span(["at ", moment(agent["heardAt"], zone)], className="cell-note"),
        ]
    return [
        ("Last heard", heard),
        ("Waiting", waiting),
        ("Lost", lost),
        ("Set aside there", count(outbox["parked"])),
        ("Clock", skew_text(agent["clockSkewMs"])),
        ("Configuration", configuration_text(agent)),
        ("Software", agent["softwareVersion"] or "–"),
        ("Machine", agent["hostname"] or "–"),
    ]


def _errors(agent: Mapping[str, Any]) -> list[Component]:
    told = agent["configuration"] or {}
    said = [("Last error", agent["lastError"]), ("Configuration", told.get("error"))]
    return [
        html.P([icon("alert"), html.Span(f"{name}: {text}")], className="agent-error")
        for name, text in said
        if text
    ]


def _devices(agent: Mapping[str, Any], zone: str) -> Component:
    if not agent["devices"]:
        return html.P("It has not told of any device.", className="cell-note agent-empty")
    rows = [
        [
            cell(device["code"], note=device["port"]),
            cell(PORTS[device["state"]][0], sign=PORTS[device["state"]], note=device["lastError"]),
            cell(device["protocol"]),
            cell(count(device["reads"])),
            cell(count(device["garbage"])),
            moment_cell(device["lastReadAt"], zone),
        ]
        for device in agent["devices"]
    ]
    lacking = sum(device["state"] != "CONNECTED" for device in agent["devices"])
    devices = grid(DEVICE_COLUMNS, rows, name=f"Devices of {agent['name']}")
    if len(rows) <= MOST_OPEN:
        return html.Div(devices, className="agent-devices")
    summary = f"{len(rows)} ports, {lacking} not connected" if lacking else f"{len(rows)} ports"
    return html.Details(
        [html.Summary(summary), devices],
        className="agent-devices",
        **attributes(data_fold=agent["id"]),
    )


Cell = dict[str, "str | None"]


def cell(text: str, *, note: str | None = None, sign: tuple[str, str, str] | None = None) -> Cell:
    """Return what stands in a cell of a grid: a text, under it a note; or a state with its icon."""
    kind, symbol = sign[1:] if sign else (None, None)
    return {"text": text, "note": note, "kind": kind, "symbol": symbol}


def moment_cell(instant: str | None, zone: str) -> Cell:
    """Return an instant in the organisation's time zone."""
    return cell("Never" if instant is None else moment_text(instant, zone))


def grid(columns: Sequence[str], rows: Sequence[Sequence[Cell]], *, name: str) -> html.Div:
    """Return a table that the scripts of the page draw.

    Dash takes seconds to draw some hundred nested components anew, and this page comes anew often.
    """
    content = {"name": name, "columns": list(columns), "rows": [list(row) for row in rows]}
    return html.Div(className="drawn-table", **attributes(data_table=json.dumps(content)))


def rollout_card(
    rollout: Mapping[str, Any], zone: str, actions: Sequence[Component]
) -> html.Article:
    """Return how far a configuration is on its way, agent by agent."""
    agents = rollout["agents"]
    done = sum(one["state"] == "CONFIRMED" for one in agents)
    by = f" by {rollout['startedByName']}" if rollout["startedByName"] else ""
    heading = f"rollout-{rollout['id']}"
    reason = [html.P([icon("alert"), html.Span(rollout["reason"])], className="agent-error")]
    return html.Article(
        [
            html.Header(
                [
                    html.Div(
                        [
                            html.H3(f"Configuration {rollout['configurationVersion']}", id=heading),
                            html.Span(
                                ["started ", moment(rollout["startedAt"], zone), by],
                                className="cell-note",
                            ),
                        ],
                        className="agent-name",
                    ),
                    html.Div([sign(*ROLLOUTS[rollout["state"]])], className="marks agent-state"),
                    html.Div(list(actions), className="row-buttons"),
                ],
                className="agent-head",
            ),
            html.Div(
                [
                    html.Progress(
                        value=str(done), max=str(len(agents)), **attributes(aria_label="Confirmed")
                    ),
                    html.Span(
                        f"{done} of {len(agents)} confirmed · wave {max(rollout['wave'], 0) + 1}"
                        f" of {rollout['waves']}"
                    ),
                ],
                className="rollout-progress",
            ),
            *(reason if rollout["reason"] else []),
            html.Ul(list(map(_member, agents)), className="rollout-agents"),
        ],
        className="agent-card",
        **attributes(aria_labelledby=heading),
    )


def _member(member: Mapping[str, Any]) -> html.Li:
    words, kind = MEMBERS[member["state"]]
    return html.Li([html.Span(member["name"]), mark(words, kind)], title=member["error"] or "")
