"""Reports: what comes by itself, what came, and what there is to order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import html

from dashboard.figures import reports as drawn
from dashboard.figures.field import choice_field
from dashboard.figures.panel import attributes
from dashboard.figures.record import ask_button, buttons, nothing_here, table, two_lines
from dashboard.pages import report_orders
from dashboard.pages.records import Listing, RecordPage, feed_stores, said_or_usual, start_script
from dashboard.report_queries import REPORTS, REPORTS_FEED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash import Dash
    from dash.development.base_component import Component

    from dashboard.sessions import Session

KEY = report_orders.KEY
WRITES = "reports:write"
SHOW: dict[str, tuple[str, dict[str, Any]]] = {
    "all": ("All", {}),
    "open": ("On the way", {"states": ["QUEUED", "RUNNING"]}),
    "failed": ("Failed", {"states": ["FAILED"]}),
    "late": ("Late", {"isLate": True}),
    "restated": ("Restated", {"isRestated": True}),
}
USUAL = {"show": "all"}
RUN_COLUMNS = ("Report", "State", "When and to whom", "Files", "")
SCHEDULE_COLUMNS = ("Schedule", "Comes", "To", "Next", "")


def filters(said: Mapping[str, str]) -> list[Component]:
    """Return the fields that choose among what came."""
    show = said_or_usual(USUAL, said)["show"]
    return [
        choice_field(
            {"part": "filter", "page": KEY, "name": "show"},
            "Show",
            options={key: label for key, (label, _) in SHOW.items()},
            value=show if show in SHOW else USUAL["show"],
            is_compact=True,
        )
    ]


async def load(session: Session, chosen: Mapping[str, Any], after: str | None) -> Listing:
    """Return schedules and what came, the newest first."""
    show = SHOW[chosen.get("show") or "all"][1]
    data = await session.execute(REPORTS, {"filter": show, "after": after})
    zone, may_write = data["organisation"]["timezone"], session.person.may(WRITES)
    schedules, runs = data["reportSchedules"]["nodes"], data["reportRuns"]["nodes"]
    page = data["reportRuns"]["pageInfo"]
    body = [
        *([] if after else _schedules(schedules, zone, may_write=may_write)),
        _history(runs, zone, is_filtered=bool(show), may_write=may_write),
    ]
    rows = {one["id"]: one for one in (*schedules, *runs)}
    return Listing(body, rows, page["endCursor"] if page["hasNextPage"] else None)


def _schedules(
    schedules: Sequence[Mapping[str, Any]], zone: str, *, may_write: bool
) -> list[Component]:
    if not schedules:
        said = "Nothing comes by itself yet."
        said += " Press “New schedule” and the first one is there on Monday." if may_write else ""
        return [nothing_here("clock", said)]
    rows = [
        [
            two_lines(one["name"], report_orders.title_of(one["content"])),
            two_lines(drawn.rhythm_of(one), ", ".join(one["formats"])),
            html.Span(drawn.readers_of(one)),
            drawn.next_of(one, zone),
            buttons(*(_schedule_buttons(one) if may_write else [])),
        ]
        for one in schedules
    ]
    inside = table(SCHEDULE_COLUMNS, rows, name="Schedules")
    return [html.Section([html.H2("Schedules"), inside], className="fleet-part")]


def _schedule_buttons(schedule: Mapping[str, Any]) -> list[Component]:
    key, name = schedule["id"], schedule["name"]
    return [
        ask_button("sample", "Sample to me", key=key, name=f"Sample of {name} to me"),
        ask_button("send", "Send now", key=key, name=f"Send {name} now"),
        ask_button("edit", "Edit", key=key, name=f"Edit {name}"),
        ask_button("delete", "Delete", key=key, kind="danger", name=f"Delete {name}"),
    ]


def _history(
    runs: Sequence[Mapping[str, Any]], zone: str, *, is_filtered: bool, may_write: bool
) -> Component:
    said = "No report fits. Choose differently above." if is_filtered else "Nothing came yet."
    rows = [
        [
            drawn.what_of(one),
            drawn.state_of(one, zone),
            drawn.when_of(one, zone),
            drawn.files_of(one),
            buttons(*_run_buttons(one, may_write=may_write)),
        ]
        for one in runs
    ]
    inside = table(RUN_COLUMNS, rows, name="History") if rows else nothing_here("receipt", said)
    waiting = sum(one["state"] in drawn.OPEN for one in runs)
    return html.Section(
        [html.H2("History"), inside],
        className="fleet-part",
        **attributes(data_waiting=str(waiting)),
    )


def _run_buttons(run: Mapping[str, Any], *, may_write: bool) -> list[Component]:
    key, name, found = run["id"], run["name"], list[Any]()
    if run["files"]:
        found.append(ask_button("preview", "Preview", key=key, name=f"Preview {name}"))
    if may_write and run["state"] == "FAILED":
        found.append(ask_button("retry", "Try again", key=key, name=f"Try {name} again"))
    if may_write and run["restatedAt"]:
        found.append(ask_button("resend", "Send anew", key=key, name=f"Send {name} anew"))
    return found


def _scripts() -> list[Component]:
    return feed_stores(KEY, REPORTS_FEED, tickets=KEY)


def add_callbacks(app: Dash) -> None:
    """Let the script of the page follow what is on its way."""
    start_script(app, KEY)


PAGE = RecordPage(
    key=KEY,
    title="Reports",
    lead="What comes by itself, what came and how, and everything that can be had as a file.",
    symbol="receipt",
    is_for=lambda person: person.may("reports:read") and not person.is_screen,
    load=load,
    actions=report_orders.ACTIONS,
    head_actions=(("schedule", "New schedule", "primary"), ("now", "Make one now", "quiet")),
    linked_filters=filters,
    usual=USUAL,
    scripts=_scripts,
    group="Analysis",
)
