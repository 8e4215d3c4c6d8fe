"""Organisation: what it is called, how it counts time and money, its export and its end."""

from __future__ import annotations

from calendar import month_name
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

from dash import html

from dashboard.figures.field import choice_field, field_id, file_field, text_field
from dashboard.figures.panel import attributes
from dashboard.figures.record import ask_button, buttons, offset_name, zone_name
from dashboard.pages.records import Action, Listing, Mistaken, Outcome, Question, RecordPage
from dashboard.people import ADMIN
from dashboard.record_queries import (
    CHANGE_LOGO,
    CLOSE_ORGANISATION,
    ORGANISATION_SETTINGS,
    UPDATE_ORGANISATION,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.sessions import Session

KEY = "organisation"
MOST_LOGO_KB = 200

CALENDARS = {
    "CALENDAR": "Calendar years and months",
    "FISCAL": "Calendar months, in a year that begins with the first month below",
    "RETAIL_445": "Quarters of 4, 4 and 5 weeks",
    "RETAIL_454": "Quarters of 4, 5 and 4 weeks",
    "RETAIL_544": "Quarters of 5, 4 and 4 weeks",
}
MONTHS = {str(number): name for number, name in enumerate(month_name) if number}


async def load(session: Session, _: Mapping[str, Any], __: str | None) -> Listing:
    """Return the settings, and what can be done with all of it."""
    organisation = (await session.execute(ORGANISATION_SETTINGS))["organisation"]
    is_owner = session.person.role == "OWNER"
    body = [
        _facts(organisation),
        _section(
            "Settings",
            "Names and time zones change at once; what was reported before keeps its own days.",
            ask_button("change", "Change", name="Change the settings"),
        ),
        _logo(organisation),
    ]
    if is_owner:
        body.append(
            _section(
                "Export everything",
                "A ZIP of one file per table, all of one moment. Secrets are left out.",
                _export_button(),
            )
        )
        body.append(
            _section(
                "Close the organisation",
                "Everybody is signed out, all clients stop, nothing can be recorded any more.",
                ask_button("close", "Close", kind="danger", name="Close the organisation"),
            )
        )
    # The logo is in the page once: of what dialogs know it is no part.
    return Listing(body, {"": {**organisation, "logo": organisation["logo"] is not None}})


def _logo(organisation: Mapping[str, Any]) -> html.Div:
    logo = organisation["logo"]
    has = logo is not None
    shown = html.Img(src=logo, alt=f"Logo of {organisation['name']}", className="logo-shown")
    text = (
        "It stands on reports, as PDF and as pages." if has else "Reports carry Shelfcast's mark."
    )
    inside = [html.H2("Logo"), html.P(text), *([shown] if has else [])]
    asks = [ask_button("logo", "Change" if has else "Choose", name="Change the logo")]
    if has:
        asks.append(ask_button("no-logo", "Remove", name="Remove the logo"))
    return html.Div([html.Div(inside), buttons(*asks)], className="section")


def _facts(organisation: Mapping[str, Any]) -> html.Dl:
    facts = {
        "Name": organisation["name"],
        "Code": organisation["code"],
        "Currency": organisation["currency"],
        "Time zone": _zone_text(organisation["timezone"]),
        "Fiscal calendar": CALENDARS[organisation["fiscalCalendar"]],
        "Fiscal year begins in": MONTHS[str(organisation["fiscalYearStart"])],
    }
    return html.Dl(
        [html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts.items()],
        className="facts",
    )


def _zone_text(zone: str) -> str:
    now = datetime.now(ZoneInfo(zone))
    names = dict.fromkeys([zone_name(now), offset_name(now)])
    return f"{zone.replace('_', ' ')} (now {', '.join(names)})"


def _export_button() -> html.Button:
    return html.Button(
        html.Span("Export"),
        className="button quiet",
        type="button",
        **attributes(data_action="export", aria_label="Export everything"),
    )


def _section(title: str, text: str, button: html.Button) -> html.Div:
    return html.Div([html.Div([html.H2(title), html.P(text)]), button], className="section")


async def _ask_change(_: Session, organisation: Mapping[str, Any]) -> Question:
    fields = [
        text_field(field_id(KEY, "name"), "Name", value=organisation["name"]),
        text_field(
            field_id(KEY, "currency"),
            "Currency",
            value=organisation["currency"],
            hint="Three letters of ISO 4217. It stays what it is once there are sales.",
        ),
        text_field(
            field_id(KEY, "timezone"),
            "Time zone",
            value=organisation["timezone"],
            suggestions=sorted(zone for zone in available_timezones() if "/" in zone),
            hint="As in America/New_York.",
        ),
        choice_field(
            field_id(KEY, "fiscalCalendar"),
            "Fiscal calendar",
            options=CALENDARS,
            value=organisation["fiscalCalendar"],
        ),
        choice_field(
            field_id(KEY, "fiscalYearStart"),
            "Fiscal year begins in",
            options=MONTHS,
            value=str(organisation["fiscalYearStart"]),
            is_compact=True,
        ),
    ]
    return Question("Settings of the organisation", fields, "Save")


async def _change(session: Session, _: Mapping[str, Any], answers: Mapping[str, Any]) -> Outcome:
    change = {
        "name": answers["name"] or "",
        "currency": (answers["currency"] or "").upper(),
        "timezone": answers["timezone"] or "",
        "fiscalCalendar": answers["fiscalCalendar"],
        "fiscalYearStart": int(answers["fiscalYearStart"]),
    }
    await session.execute(UPDATE_ORGANISATION, {"input": change})
    return Outcome("The settings are saved.")


async def _ask_logo(_: Session, __: Mapping[str, Any]) -> Question:
    said = "A PNG or SVG of at most 200 kB. Of an SVG only what draws is kept: no script, no link."
    field = file_field(field_id(KEY, "logo"), "File", accept=".png,.svg", most_kb=MOST_LOGO_KB)
    return Question("Logo of the organisation", [html.P(said), field], "Save")


async def _change_logo(
    session: Session, _: Mapping[str, Any], answers: Mapping[str, Any]
) -> Outcome:
    if not answers["logo"]:
        raise Mistaken("Choose a file first.")
    await session.execute(CHANGE_LOGO, {"input": {"content": answers["logo"]}})
    return Outcome("The logo is saved.")


async def _ask_no_logo(_: Session, __: Mapping[str, Any]) -> Question:
    text = "Reports made from now on carry Shelfcast's mark."
    return Question("Remove the logo?", [html.P(text)], "Remove it")


async def _remove_logo(session: Session, _: Mapping[str, Any], __: Mapping[str, Any]) -> Outcome:
    await session.execute(CHANGE_LOGO, {"input": {"content": None}})
    return Outcome("The logo is removed.")


async def _ask_closing(_: Session, organisation: Mapping[str, Any]) -> Question:
    text = (
        f"{organisation['name']} ends: everybody is signed out, all clients stop, and nobody signs"
        " in again. Export everything before. This cannot be taken back here."
    )
    confirm = text_field(
        field_id(KEY, "confirm"), f"Type {organisation['code']} to confirm", hint="Its code."
    )
    return Question(
        "Close the organisation?", [html.P(text), confirm], "Close it for good", is_dangerous=True
    )


async def _close(
    session: Session, organisation: Mapping[str, Any], answers: Mapping[str, Any]
) -> Outcome:
    if (answers["confirm"] or "").strip() != organisation["code"]:
        raise Mistaken(f"Nothing was closed: type {organisation['code']} to confirm.")
    await session.execute(CLOSE_ORGANISATION, {"input": {"code": organisation["code"]}})
    return Outcome("The organisation is closed.", leads_to="/signed-out")


PAGE = RecordPage(
    key=KEY,
    title="Organisation",
    lead="What it is called, how it counts time and money, and what becomes of its data.",
    symbol="organisation",
    is_for=lambda person: person.may(ADMIN),
    load=load,
    actions={
        "change": Action(_ask_change, _change),
        "logo": Action(_ask_logo, _change_logo),
        "no-logo": Action(_ask_no_logo, _remove_logo),
        "close": Action(_ask_closing, _close),
    },
)
