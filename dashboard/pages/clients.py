"""Clients: the programs that act for the organisation, and their credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import html

from dashboard.figures.field import (
    checks_field,
    choice_field,
    field_id,
    lines_field,
    text_field,
)
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
from dashboard.people import ADMIN
from dashboard.record_queries import (
    CLIENTS,
    CREATE_CLIENT,
    REVOKE_CLIENT,
    ROTATE_CLIENT_SECRET,
    UPDATE_CLIENT,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash.development.base_component import Component

    from dashboard.sessions import Session

KEY = "clients"
COLUMNS = ("Client", "Kind", "May", "Last used", "State", "")
MOST_MARKS = 4

KINDS = {
    "CONFIDENTIAL": "Confidential: a server that can keep a secret",
    "PUBLIC": "Public: an app on people's devices; no secret, people sign in with PKCE",
}
SHORT_KINDS = {"CONFIDENTIAL": "Confidential", "PUBLIC": "Public"}
GRACES = {"0": "At once", "3600": "In an hour", "86400": "In a day"}


async def load(session: Session, _: Mapping[str, Any], after: str | None) -> Listing:
    """Return the clients, those that were revoked too."""
    data = await session.execute(CLIENTS, {"after": after})
    zone = data["organisation"]["timezone"]
    clients = data["clients"]["nodes"]
    page = data["clients"]["pageInfo"]
    return Listing(
        [table(COLUMNS, [_row(client, zone) for client in clients], name="Clients")]
        if clients
        else [nothing_here("clients", "No program acts for this organisation yet.")],
        {client["clientId"]: client for client in clients},
        page["endCursor"] if page["hasNextPage"] else None,
    )


def _row(client: Mapping[str, Any], zone: str) -> list[Any]:
    is_revoked = client["revokedAt"] is not None
    has_buttons = not (is_revoked or client["isFirstParty"])
    return [
        two_lines(client["name"], html.Code(client["clientId"])),
        SHORT_KINDS[client["kind"]],
        html.Div(_may(client["scopes"]), title=" ".join(client["scopes"])),
        moment(client["lastUsedAt"], zone),
        _state(client),
        _buttons(client) if has_buttons else buttons(),
    ]


def _state(client: Mapping[str, Any]) -> html.Span:
    if client["revokedAt"] is not None:
        return mark("Revoked", "bad")
    # Ours are kept by who runs the installation: a slip here would lock everybody out.
    return mark("Part of Shelfcast") if client["isFirstParty"] else mark("Active", "good")


def _may(scopes: list[str]) -> html.Div:
    rest = len(scopes) - MOST_MARKS
    shown = [*scopes[:MOST_MARKS], f"+ {rest}"] if rest > 1 else scopes
    return marks(shown, nothing="Nothing")


def _buttons(client: Mapping[str, Any]) -> html.Div:
    key, name = client["clientId"], client["name"]
    change = ask_button("change", "Change", key=key, name=f"Change {name}")
    revoke = ask_button("revoke", "Revoke", key=key, kind="danger", name=f"Revoke {name}")
    if client["kind"] == "PUBLIC":
        return buttons(change, revoke)
    rotate = ask_button("rotate", "New secret", key=key, name=f"New secret of {name}")
    return buttons(change, rotate, revoke)


async def _ask_creation(session: Session, _: Mapping[str, Any]) -> Question:
    kind = choice_field(field_id(KEY, "kind"), "Kind", options=KINDS, value="CONFIDENTIAL")
    return Question("A new client", [kind, *await _fields(session, {})], "Create")


async def _create(session: Session, _: Mapping[str, Any], answers: Mapping[str, Any]) -> Outcome:
    client = {"kind": answers["kind"], **_given(answers)}
    made = (await session.execute(CREATE_CLIENT, {"input": client}))["createClient"]
    return Outcome(f"{made['client']['name']} is created", _credentials(made))


async def _ask_change(session: Session, client: Mapping[str, Any]) -> Question:
    return Question(f"Change {client['name']}", await _fields(session, client), "Save")


async def _change(
    session: Session, client: Mapping[str, Any], answers: Mapping[str, Any]
) -> Outcome:
    change = {"clientId": client["clientId"], **_given(answers)}
    await session.execute(UPDATE_CLIENT, {"input": change})
    return Outcome(f"{answers['name']} is changed. Its tokens follow at once.")


async def _ask_rotation(_: Session, client: Mapping[str, Any]) -> Question:
    text = f"{client['name']} gets a new secret, shown once. When does the old one stop working?"
    grace = choice_field(
        field_id(KEY, "grace"), "Old secret ends", options=GRACES, value="3600", is_compact=True
    )
    return Question(f"A new secret for {client['name']}?", [html.P(text), grace], "Make it")


async def _rotate(
    session: Session, client: Mapping[str, Any], answers: Mapping[str, Any]
) -> Outcome:
    rotation = {"clientId": client["clientId"], "graceSeconds": int(answers["grace"])}
    made = (await session.execute(ROTATE_CLIENT_SECRET, {"input": rotation}))["rotateClientSecret"]
    return Outcome(f"The new secret of {client['name']}", _credentials(made))


async def _ask_revocation(_: Session, client: Mapping[str, Any]) -> Question:
    text = (
        f"All tokens of {client['name']} stop working within a second, its open sockets close."
        " This cannot be taken back."
    )
    return Question(f"Revoke {client['name']}?", [html.P(text)], "Revoke", is_dangerous=True)


async def _revoke(session: Session, client: Mapping[str, Any], _: Mapping[str, Any]) -> Outcome:
    await session.execute(REVOKE_CLIENT, {"input": {"clientId": client["clientId"]}})
    return Outcome(f"{client['name']} is revoked.")


async def _fields(session: Session, client: Mapping[str, Any]) -> list[Component]:
    scopes = await session.known_scopes()
    return [
        text_field(field_id(KEY, "name"), "Name", value=client.get("name", "")),
        checks_field(
            field_id(KEY, "scopes"),
            "May",
            options={scope: scope for scope in scopes},
            value=client.get("scopes", []),
            hint="admin stands for all of them.",
        ),
        lines_field(
            field_id(KEY, "redirectUris"),
            "Redirect URIs",
            value="\n".join(client.get("redirectUris", [])),
            hint="One a line; only for clients at which people sign in.",
        ),
    ]


def _given(answers: Mapping[str, Any]) -> dict[str, Any]:
    if not answers["scopes"]:
        raise Mistaken("Tick what it may do.")
    return {
        "name": answers["name"] or "",
        "scopes": answers["scopes"],
        "redirectUris": (answers["redirectUris"] or "").split(),
    }


def _credentials(made: Mapping[str, Any]) -> list[Component]:
    client_id = shown_once("Client ID", made["client"]["clientId"], warning="")
    if not made["clientSecret"]:
        return [client_id]
    warning = "It is shown this once; nobody can read it again. Keep it like a password."
    return [client_id, shown_once("Client secret", made["clientSecret"], warning=warning)]


PAGE = RecordPage(
    key=KEY,
    title="Clients",
    lead="The programs that act for the organisation: marketplaces, tills, devices, apps.",
    symbol="clients",
    is_for=lambda person: person.may(ADMIN),
    load=load,
    actions={
        "create": Action(_ask_creation, _create),
        "change": Action(_ask_change, _change),
        "rotate": Action(_ask_rotation, _rotate),
        "revoke": Action(_ask_revocation, _revoke),
    },
    head_actions=(("create", "New client", "primary"),),
)
