"""Sessions: where people are signed in, and how to end that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import html

from dashboard import sessions
from dashboard.figures.agent import agent_name
from dashboard.figures.field import choice_field, field_id, text_field
from dashboard.figures.record import (
    ask_button,
    buttons,
    mark,
    moment,
    nothing_here,
    table,
    two_lines,
)
from dashboard.pages.records import Action, Listing, Outcome, Question, RecordPage
from dashboard.people import ADMIN
from dashboard.record_queries import CHANGE_PASSWORD, END_ALL_SESSIONS, END_SESSION, SESSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash.development.base_component import Component

    from dashboard.sessions import Session

KEY = "sessions"
COLUMNS = ("Person", "Browser", "Address", "Signed in", "Last seen", "")
SIGNED_OUT = "/signed-out"


def filters() -> list[Component]:
    """Return the choice between one's own and everybody's, to those who have it."""
    if not sessions.current().person.may(ADMIN):
        return []
    at = {"part": "filter", "page": KEY, "name": "whose"}
    options = {"mine": "Mine", "all": "Everybody's"}
    return [choice_field(at, "Show", options=options, value="mine", is_compact=True)]


async def load(session: Session, chosen: Mapping[str, Any], after: str | None) -> Listing:
    """Return the open sessions, the last used first."""
    is_everybody = chosen.get("whose") == "all" and session.person.may(ADMIN)
    wanted = {"isOpen": True, "user": None if is_everybody else session.person.id}
    data = await session.execute(SESSIONS, {"filter": wanted, "after": after})
    zone = data["organisation"]["timezone"]
    open_ones = data["sessions"]["nodes"]
    rows = [_row(one, zone) for one in open_ones]
    page = data["sessions"]["pageInfo"]
    return Listing(
        [table(COLUMNS, rows, name="Sessions")]
        if rows
        else [nothing_here("sessions", "Nobody is signed in.")],
        {one["id"]: one for one in open_ones},
        page["endCursor"] if page["hasNextPage"] else None,
    )


def _row(one: Mapping[str, Any], zone: str) -> list[Any]:
    browser = html.Span(agent_name(one["agent"]), title=one["agent"])
    end = ask_button(
        "end", "End", key=one["id"], kind="danger", name=f"End {agent_name(one['agent'])}"
    )
    return [
        two_lines(one["user"]["name"], one["user"]["email"]),
        html.Span([browser, " ", mark("This one", "good")]) if one["isCurrent"] else browser,
        one["address"],
        moment(one["createdAt"], zone),
        moment(one["lastSeenAt"], zone),
        buttons(end),
    ]


async def _ask_end(_: Session, one: Mapping[str, Any]) -> Question:
    text = (
        "This is the session you are using: you are signed out."
        if one["isCurrent"]
        else f"{one['user']['name']} is signed out there within a second."
    )
    return Question("End this session?", [html.P(text)], "End it", is_dangerous=True)


async def _end(session: Session, one: Mapping[str, Any], _: Mapping[str, Any]) -> Outcome:
    await session.execute(END_SESSION, {"input": {"id": one["id"]}})
    return Outcome("The session has ended.", leads_to=SIGNED_OUT if one["isCurrent"] else None)


async def _ask_end_all(_: Session, __: Mapping[str, Any]) -> Question:
    text = "You are signed out in every browser, this one too."
    return Question("End all your sessions?", [html.P(text)], "End all", is_dangerous=True)


async def _end_all(session: Session, _: Mapping[str, Any], __: Mapping[str, Any]) -> Outcome:
    await session.execute(END_ALL_SESSIONS, {"input": {}})
    return Outcome("All your sessions have ended.", leads_to=SIGNED_OUT)


async def _ask_password(_: Session, __: Mapping[str, Any]) -> Question:
    fields = [
        text_field(field_id(KEY, "current"), "Present password", kind="password"),
        text_field(
            field_id(KEY, "new"),
            "New password",
            kind="password",
            hint="At least 12 characters. All your other sessions end.",
        ),
    ]
    return Question("Change your password", fields, "Change it")


async def _change_password(
    session: Session, _: Mapping[str, Any], answers: Mapping[str, Any]
) -> Outcome:
    passwords = {
        "currentPassword": answers["current"] or "",
        "newPassword": answers["new"] or "",
    }
    await session.execute(CHANGE_PASSWORD, {"input": passwords})
    return Outcome("Your password is changed, and all your other sessions have ended.")


PAGE = RecordPage(
    key=KEY,
    title="Sessions",
    lead="Where you are signed in. End what you do not know, then choose a new password.",
    symbol="sessions",
    is_for=lambda person: bool(person.id) and not person.is_screen,
    load=load,
    actions={
        "end": Action(_ask_end, _end),
        "end-all": Action(_ask_end_all, _end_all),
        "password": Action(_ask_password, _change_password),
    },
    head_actions=(
        ("password", "Change password", "quiet"),
        ("end-all", "End all mine", "danger"),
    ),
    filters=filters,
)
