"""How agents are let in and put out, from the page of devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import html

from dashboard.figures.field import field_id, text_field
from dashboard.figures.record import moment, shown_once
from dashboard.fleet_queries import (
    CREATE_ENROLMENT_CODE,
    DEVICE_PLACES,
    REVOKE_AGENT,
    WITHDRAW_ENROLMENT_CODE,
)
from dashboard.pages.records import Action, Mistaken, Outcome, Question
from dashboard.record_queries import ORGANISATION_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.sessions import Session

KEY = "devices"


async def _ask_enrolment(session: Session, _: Mapping[str, Any]) -> Question:
    places = (await session.execute(DEVICE_PLACES))["locations"]["nodes"]
    text = (
        "The agent gets access with a code that is good once, for a quarter of an hour: whoever"
        " is at its machine types it there. It makes a key of its own, which never leaves it."
    )
    return Question(
        "Let an agent in",
        [
            html.P(text),
            text_field(
                field_id(KEY, "location"),
                "Location",
                hint="Its code: there the agent hands in reads, and nowhere else.",
                suggestions=[place["code"] for place in places],
            ),
            text_field(
                field_id(KEY, "devices"),
                "Only these devices",
                hint="Codes, separated by spaces; empty for all of the location.",
            ),
            text_field(field_id(KEY, "name"), "Name", hint="Empty: what its machine calls itself."),
        ],
        "Make a code",
    )


async def _enrol(session: Session, _: Mapping[str, Any], answers: Mapping[str, Any]) -> Outcome:
    location = (answers["location"] or "").strip()
    if not location:
        raise Mistaken("Say at which location.")
    wanted = {
        "location": location,
        "devices": (answers["devices"] or "").replace(",", " ").split() or None,
        "name": (answers["name"] or "").strip() or None,
    }
    made = await session.execute(CREATE_ENROLMENT_CODE, {"input": wanted})
    code = made["createEnrolmentCode"]
    zone = (await session.execute(ORGANISATION_SETTINGS))["organisation"]["timezone"]
    command = f"shelfcast edge pair {code['code']} --server {code['url']} --config edge.toml"
    return Outcome(
        f"A code for {location}",
        [
            shown_once(
                "Code", code["code"], warning="It is shown this once; case and dashes do not count."
            ),
            shown_once("On the agent's machine", command, warning=""),
            html.P(["Good once, until ", moment(code["expiresAt"], zone), "."]),
        ],
    )


async def _ask_withdrawal(_: Session, code: Mapping[str, Any]) -> Question:
    place = code["location"]["name"]
    return Question("Take the code back?", [html.P(f"Nobody gets in at {place} with it.")], "Do it")


async def _withdraw(session: Session, code: Mapping[str, Any], _: Mapping[str, Any]) -> Outcome:
    await session.execute(WITHDRAW_ENROLMENT_CODE, {"input": {"id": code["id"]}})
    return Outcome("The code is worth nothing any more.")


async def _ask_revocation(_: Session, agent: Mapping[str, Any]) -> Question:
    text = (
        f"The access of {agent['name']} ends within a second. What it holds stays on its own disk,"
        " but never arrives here. To let it in again takes a new code."
    )
    return Question(f"Revoke {agent['name']}?", [html.P(text)], "Revoke", is_dangerous=True)


async def _revoke(session: Session, agent: Mapping[str, Any], _: Mapping[str, Any]) -> Outcome:
    await session.execute(REVOKE_AGENT, {"input": {"id": agent["id"]}})
    return Outcome(f"{agent['name']} is revoked.")


ACTIONS = {
    "enrol": Action(_ask_enrolment, _enrol),
    "withdraw": Action(_ask_withdrawal, _withdraw),
    "revoke": Action(_ask_revocation, _revoke),
}
