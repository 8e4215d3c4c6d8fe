"""Users: who may sign in, as what, and how far they see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import html

from dashboard.figures.field import checks_field, choice_field, field_id, text_field
from dashboard.figures.record import (
    ask_button,
    buttons,
    mark,
    marks,
    moment,
    nothing_here,
    shown_once,
    table,
    two_lines,
)
from dashboard.pages.records import Action, Listing, Mistaken, Outcome, Question, RecordPage
from dashboard.people import ADMIN, ROLES
from dashboard.record_queries import (
    DISABLE_USER,
    ENABLE_USER,
    INVITE_USER,
    PLACES,
    RESET_PASSWORD,
    UPDATE_USER,
    USERS,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash.development.base_component import Component

    from dashboard.sessions import Session

KEY = "users"
COLUMNS = ("Person", "Role", "Sees", "Last sign-in", "State", "")

ROLE_TEXTS = {
    "OWNER": "Owner: everything, closing the organisation too",
    "ADMIN": "Administrator: everything",
    "MANAGER": "Manager: reads all of the business; sells, counts, plans",
    "ANALYST": "Analyst: reads all but who customers are; forecasts, reports",
    "CLERK": "Clerk: sells, counts, receives; no figures of the business",
    "AUDITOR": "Auditor: reads everything, who did what too; changes nothing",
    "SCREEN": "Wall screen: shows the wall and nothing else",
    "PARTNER": "Partner: only their own sales and goods",
}
"""The roles of people; devices are clients."""

STATES = {"INVITED": "warning", "ACTIVE": "good", "DISABLED": "bad"}
CHANNELS = {"": "All", "ONLINE": "Online", "IN_STORE": "In store", "MARKETPLACE": "Marketplace"}


async def load(session: Session, _: Mapping[str, Any], after: str | None) -> Listing:
    """Return the users by name."""
    data = await session.execute(USERS, {"after": after})
    zone, own = data["organisation"]["timezone"], session.person.id
    users = data["users"]["nodes"]
    rows = [_row(user, zone, is_own=user["id"] == own) for user in users]
    page = data["users"]["pageInfo"]
    return Listing(
        [table(COLUMNS, rows, name="Users")]
        if rows
        else [nothing_here("users", "Nobody else is here yet.")],
        {user["id"]: user for user in users},
        page["endCursor"] if page["hasNextPage"] else None,
    )


def _row(user: dict[str, Any], zone: str, *, is_own: bool) -> list[Any]:
    return [
        two_lines(user["name"] + (" (you)" if is_own else ""), user["email"]),
        ROLES[user["role"]],
        marks(reach_of(user), nothing="Everything"),
        moment(user["lastSignInAt"], zone),
        _state(user),
        _buttons(user, is_own=is_own),
    ]


def reach_of(limited: Mapping[str, Any]) -> list[str]:
    """Return what limits somebody's sight, as read; nothing limits who has an empty list."""
    distributor = [limited["distributor"]] if limited["distributor"] else []
    channel = [CHANNELS[limited["channel"]]] if limited["channel"] else []
    return [*(limited["locations"] or []), *distributor, *channel]


def _state(user: Mapping[str, Any]) -> html.Span:
    return mark(user["state"].title(), STATES[user["state"]])


def _buttons(user: Mapping[str, Any], *, is_own: bool) -> html.Div:
    key, name = user["id"], user["name"]
    change = ask_button("change", "Change", key=key, name=f"Change {name}")
    if user["state"] == "DISABLED":
        return buttons(change, ask_button("enable", "Enable", key=key, name=f"Enable {name}"))
    link = ask_button("reset", "New link", key=key, name=f"New link for {name}")
    if is_own:
        return buttons(change, link)
    disable = ask_button("disable", "Disable", key=key, kind="danger", name=f"Disable {name}")
    return buttons(change, link, disable)


async def _ask_invitation(session: Session, _: Mapping[str, Any]) -> Question:
    fields = [
        text_field(field_id(KEY, "name"), "Name"),
        text_field(field_id(KEY, "email"), "E-mail", kind="email"),
        *await _rights_fields(session, None),
    ]
    return Question("Invite somebody", fields, "Invite")


async def _invite(session: Session, _: Mapping[str, Any], answers: Mapping[str, Any]) -> Outcome:
    user = {"name": answers["name"] or "", "email": answers["email"] or "", **_rights(answers)}
    made = (await session.execute(INVITE_USER, {"input": user}))["inviteUser"]
    return _link_outcome(f"{made['user']['name']} is invited", made)


async def _ask_change(session: Session, user: Mapping[str, Any]) -> Question:
    fields = [
        text_field(field_id(KEY, "name"), "Name", value=user["name"]),
        *await _rights_fields(session, user),
    ]
    return Question(f"Change {user['name']}", fields, "Save")


async def _change(session: Session, user: Mapping[str, Any], answers: Mapping[str, Any]) -> Outcome:
    change = {"id": user["id"], "name": answers["name"] or "", **_rights(answers)}
    await session.execute(UPDATE_USER, {"input": change})
    return Outcome(f"{answers['name']} is changed. What they have open follows at once.")


async def _ask_disable(_: Session, user: Mapping[str, Any]) -> Question:
    text = f"{user['name']} is signed out everywhere within a second and cannot sign in again."
    return Question(f"Disable {user['name']}?", [html.P(text)], "Disable", is_dangerous=True)


async def _disable(session: Session, user: Mapping[str, Any], _: Mapping[str, Any]) -> Outcome:
    await session.execute(DISABLE_USER, {"input": {"id": user["id"]}})
    return Outcome(f"{user['name']} is disabled and signed out everywhere.")


async def _ask_enable(_: Session, user: Mapping[str, Any]) -> Question:
    text = f"{user['name']} may sign in again with the password they had."
    return Question(f"Enable {user['name']}?", [html.P(text)], "Enable")


async def _enable(session: Session, user: Mapping[str, Any], _: Mapping[str, Any]) -> Outcome:
    await session.execute(ENABLE_USER, {"input": {"id": user["id"]}})
    return Outcome(f"{user['name']} may sign in again.")


async def _ask_reset(_: Session, user: Mapping[str, Any]) -> Question:
    text = f"With the link {user['name']} chooses a new password. An earlier link stops working."
    return Question(f"A new link for {user['name']}?", [html.P(text)], "Make the link")


async def _reset(session: Session, user: Mapping[str, Any], _: Mapping[str, Any]) -> Outcome:
    made = (await session.execute(RESET_PASSWORD, {"input": {"id": user["id"]}}))["resetPassword"]
    return _link_outcome(f"A link for {user['name']}", made)


def _link_outcome(title: str, made: Mapping[str, Any]) -> Outcome:
    if made["link"] is None:
        return Outcome(f"{title}: the link went to {made['user']['email']}.")
    warning = (
        "It is shown this once. Give it to this person only: whoever opens it first chooses the"
        " password."
    )
    return Outcome(title, [shown_once("Link", made["link"], warning=warning)])


async def _rights_fields(session: Session, user: Mapping[str, Any] | None) -> list[Component]:
    """Return the fields of role and limits; a choice of none limits nothing."""
    places = await session.execute(PLACES)
    known = user or {}
    return [
        choice_field(
            field_id(KEY, "role"),
            "Role",
            options=ROLE_TEXTS,
            value=known.get("role", "MANAGER"),
        ),
        checks_field(
            field_id(KEY, "locations"),
            "Only these locations",
            options={place["code"]: place["name"] for place in places["locations"]["nodes"]},
            value=known.get("locations") or [],
            hint="None ticked: all, those to come too.",
        ),
        choice_field(
            field_id(KEY, "distributor"),
            "Partners only: distributor",
            options={"": "None"}
            | {one["code"]: one["name"] for one in places["distributors"]["nodes"]},
            value=known.get("distributor") or "",
            is_compact=True,
        ),
        choice_field(
            field_id(KEY, "channel"),
            "Partners only: channel",
            options=CHANNELS,
            value=known.get("channel") or "",
            is_compact=True,
        ),
    ]


def _rights(answers: Mapping[str, Any]) -> dict[str, Any]:
    if not answers["role"]:
        raise Mistaken("Choose a role.")
    return {
        "role": answers["role"],
        "locations": answers["locations"] or None,
        "distributor": answers["distributor"] or None,
        "channel": answers["channel"] or None,
    }


PAGE = RecordPage(
    key=KEY,
    title="Users",
    lead="Who may sign in, as what, and how far they see. Every change holds within a second.",
    symbol="users",
    is_for=lambda person: person.may(ADMIN),
    load=load,
    actions={
        "invite": Action(_ask_invitation, _invite),
        "change": Action(_ask_change, _change),
        "disable": Action(_ask_disable, _disable),
        "enable": Action(_ask_enable, _enable),
        "reset": Action(_ask_reset, _reset),
    },
    head_actions=(("invite", "Invite", "primary"),),
)
