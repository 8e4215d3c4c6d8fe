"""How reports are ordered, scheduled and looked at, from the page of reports."""

from __future__ import annotations

import base64
from datetime import date
from typing import TYPE_CHECKING, Any

from dash import html

from dashboard.client import BackendUnreachable, Refused
from dashboard.figures.field import (
    checks_field,
    choice_field,
    field_id,
    lines_field,
    text_field,
)
from dashboard.figures.record import shown_once
from dashboard.figures.reports import FREQUENCIES, days, summary_of
from dashboard.pages.records import Action, Mistaken, Outcome, Question
from dashboard.report_queries import (
    CATALOGUE,
    CREATE_SCHEDULE,
    DELETE_SCHEDULE,
    PREVIEW,
    RESEND_REPORT,
    RETRY_REPORT,
    RUN_REPORT,
    RUN_SCHEDULE,
    SEND_SAMPLE,
    UPDATE_SCHEDULE,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash.development.base_component import Component

    from dashboard.sessions import Session

KEY = "reports"
FORMATS = {"PDF": "PDF", "HTML": "Web page", "XLSX": "Excel", "CSV": "CSV", "PNG": "Picture"}
KINDS = {"PAGE": "Page", "ANALYSIS": "Analysis", "SALE_LINES": "Data", "PIVOT": "Pivot",
         "BOARD": "Board"}  # fmt: skip
SECRET = "Shown this once: the receiver checks signatures with it."
RESENDS = {"no": "Leave it", "yes": "Send it anew, once a day at most"}
PAUSED = {"no": "Comes", "yes": "Paused"}


def title_of(content: Mapping[str, Any]) -> str:
    """Return what a content is, as far as it tells itself."""
    name = content["name"].replace("_", " ").capitalize()
    return f"{KINDS[content['kind']]} · {name}" if name else KINDS[content["kind"]]


async def _ask_schedule(session: Session, row: Mapping[str, Any]) -> Question:
    found = await session.execute(CATALOGUE)
    zone = found["organisation"]["timezone"]
    mails = [one["email"] for one in row.get("recipients", ()) if one["email"]]
    hooks = [one["url"] for one in row.get("recipients", ()) if one["url"]]
    zones = {one["timezone"] for one in row.get("recipients", ())}
    is_new = not row
    return Question(
        "A new schedule" if is_new else f"Change {row['name']}",
        [
            text_field(field_id(KEY, "name"), "Name", value=row.get("name", "")),
            *_content_fields(found["reportCatalogue"], row.get("content")),
            choice_field(
                field_id(KEY, "frequency"),
                "How often, and so about which days",
                options=FREQUENCIES,
                value=row.get("frequency", "WEEKLY"),
                is_compact=True,
            ),
            text_field(field_id(KEY, "at"), "At", value=row.get("at", "07:00"), kind="time"),
            text_field(
                field_id(KEY, "day"),
                "Day",
                value=str(row.get("day", 1)),
                hint="Of the week, 1 is Monday; of a month or quarter, counted after its end.",
            ),
            _formats_field(row.get("formats", ["PDF"])),
            lines_field(
                field_id(KEY, "mails"),
                "By mail to",
                value="\n".join(mails or [session.person.email] if is_new or mails else []),
                hint="E-mail addresses of people who may sign in here: each sees what they may.",
            ),
            lines_field(
                field_id(KEY, "hooks"),
                "Webhooks",
                value="\n".join(hooks),
                hint="https addresses; a secret to check signatures with is shown once.",
            ),
            text_field(
                field_id(KEY, "zone"),
                "Time zone",
                value=next(iter(zones), zone) if len(zones) < 2 else zone,
                hint="Whose mornings, months and quarters count.",
            ),
            choice_field(
                field_id(KEY, "resends"),
                "When late sales change it",
                options=RESENDS,
                value="yes" if row.get("resendsRestated") else "no",
                is_compact=True,
            ),
            choice_field(
                field_id(KEY, "paused"),
                "Now",
                options=PAUSED,
                value="yes" if row.get("isPaused") else "no",
                is_compact=True,
            ),
        ],
        "Keep",
    )


def _content_fields(
    entries: Sequence[Mapping[str, Any]], content: Mapping[str, Any] | None
) -> list[Component]:
    named = {_key(one): one for one in entries}
    chosen = _key(content) if content else "PAGE:overview"
    titles = [_title(one) for one in entries]
    value = _title(named[chosen]) if chosen in named else titles[0]
    return [
        text_field(
            field_id(KEY, "content"),
            "What",
            value=value,
            suggestions=titles,
            hint="A page with its summary, an analysis, or the lines of sales: begin to type.",
        ),
        text_field(
            field_id(KEY, "limits"),
            "Only",
            value=_limits_text(content["filter"] if content else {}),
            hint="Such as categories: Furniture, Technology; states: Texas. Empty for all.",
        ),
    ]


def _formats_field(chosen: Sequence[str]) -> Component:
    at = field_id(KEY, "formats")
    return checks_field(at, "As", options=FORMATS, value=list(chosen))


async def _keep_schedule(
    session: Session, row: Mapping[str, Any], answers: Mapping[str, Any]
) -> Outcome:
    content = await _content(session, answers, row.get("content"))
    zone = (answers["zone"] or "").strip() or None
    mails, hooks = _lines(answers["mails"]), _lines(answers["hooks"])
    wanted: dict[str, Any] = {
        "name": answers["name"] or "",
        "content": content,
        "frequency": answers["frequency"],
        "at": answers["at"] or "",
        "day": _number(answers["day"]),
        "formats": answers["formats"] or [],
        "recipients": [
            *({"channel": "EMAIL", "email": one, "timezone": zone} for one in mails),
            *({"channel": "WEBHOOK", "url": one, "timezone": zone} for one in hooks),
        ],
        "resendsRestated": answers["resends"] == "yes",
        "isPaused": answers["paused"] == "yes",
    }
    if row:
        document, wanted["id"] = UPDATE_SCHEDULE, row["id"]
    else:
        document = CREATE_SCHEDULE
    (kept,) = (await session.execute(document, {"input": wanted})).values()
    name = kept["schedule"]["name"]
    if not kept["webhookSecrets"]:
        return Outcome(f"{name} is kept.")
    return Outcome(
        f"{name} is kept.",
        [
            shown_once(one["url"], one["secret"], warning=SECRET)
            for one in kept["webhookSecrets"]
        ],
    )  # fmt: skip


async def _ask_now(session: Session, _: Mapping[str, Any]) -> Question:
    found = await session.execute(CATALOGUE)
    return Question(
        "Make a report now",
        [
            *_content_fields(found["reportCatalogue"], None),
            text_field(field_id(KEY, "first"), "From", kind="date"),
            text_field(field_id(KEY, "last"), "To", kind="date"),
            _formats_field(["PDF", "PNG"]),
            choice_field(
                field_id(KEY, "channel"),
                "It comes",
                options={"DOWNLOAD": "to download", "EMAIL": "by mail to me"},
                value="DOWNLOAD",
                is_compact=True,
            ),
        ],
        "Make it",
    )


async def _make_now(session: Session, _: Mapping[str, Any], answers: Mapping[str, Any]) -> Outcome:
    content = await _content(session, answers, None)
    for name, key in (("first", "from"), ("last", "to")):
        if answers[name]:
            content["filter"][key] = _day(answers[name])
    wanted = {
        "content": content,
        "formats": answers["formats"] or [],
        "channel": answers["channel"],
    }
    run = (await session.execute(RUN_REPORT, {"input": wanted}))["runReport"]["run"]
    return Outcome(f"{run['name']} is on its way.")


async def _content(
    session: Session, answers: Mapping[str, Any], before: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the content that the answers name; the choices of what it was before stay with it."""
    entries = (await session.execute(CATALOGUE))["reportCatalogue"]
    titles = {_title(one): one for one in entries}
    wanted = (answers["content"] or "").strip()
    if wanted not in titles:
        raise Mistaken(f"“{wanted[:60]}” is nothing that can be reported: choose from the list.")
    entry = titles[wanted]
    found = {"kind": entry["kind"], "name": entry["name"], "filter": _limits(answers["limits"])}
    if before is not None and _key(before) == _key(entry) and before["choice"]:
        found["choice"] = before["choice"]
    return found


async def _ask_preview(session: Session, run: Mapping[str, Any]) -> Question:
    found = await session.execute(PREVIEW, {"ids": [run["id"]]})
    (node,) = found["reportRuns"]["nodes"] or [{"summary": [], "files": []}]
    picture = next((one["url"] for one in node["files"] if one["format"] == "PNG"), None)
    body = [*summary_of(node["summary"]), *await _picture(session, picture)]
    return Question(
        f"{run['name']}, {days(run['from'], run['to'])}",
        body or [html.P("It says nothing in words: open one of its files.")],
        f"Open the {run['files'][0]['format']}",
    )


async def _picture(session: Session, url: str | None) -> list[Component]:
    if url is None:
        return []
    try:
        content = await session.fetch(url)
    except (BackendUnreachable, Refused):
        return [html.P("The picture cannot be had now.", className="field-hint")]
    encoded = base64.b64encode(content).decode()
    picture = html.Img(src=f"data:image/png;base64,{encoded}", alt="The report as a picture")
    return [html.Div(picture, className="report-picture")]


async def _open(_: Session, run: Mapping[str, Any], __: Mapping[str, Any]) -> Outcome:
    url = run["files"][0]["url"]
    if url is None:
        raise Mistaken("It was made for somebody else's eyes.")
    return Outcome(f"{run['name']} is opened.", leads_to=url)


def _simple(document: str, title: str, text: str, done: str, *, danger: bool = False) -> Action:
    """Return the action that does one thing with a schedule or a report."""

    async def ask(_: Session, row: Mapping[str, Any]) -> Question:
        asked = title.format(row["name"])
        return Question(f"{asked}?", [html.P(text)], title.split(" {")[0], is_dangerous=danger)

    async def run(session: Session, row: Mapping[str, Any], _: Mapping[str, Any]) -> Outcome:
        await session.execute(document, {"input": {"id": row["id"]}})
        return Outcome(done.format(row["name"]))

    return Action(ask, run)


def _key(content: Mapping[str, Any]) -> str:
    return f"{content['kind']}:{content['name']}"


def _title(entry: Mapping[str, Any]) -> str:
    return f"{KINDS.get(entry['kind'], entry['kind'])} · {entry['title']}"


def _lines(text: str | None) -> list[str]:
    return [one.strip() for one in (text or "").replace(",", "\n").splitlines() if one.strip()]


def _limits(text: str | None) -> dict[str, Any]:
    """Return the filter that a line means: fields and their values, separated by semicolons."""
    found: dict[str, Any] = {}
    for part in filter(str.strip, (text or "").split(";")):
        name, colon, values = part.partition(":")
        if not colon or not values.strip():
            raise Mistaken(f"“{part.strip()[:60]}” is no limit: write states: Texas, Ohio.")
        found[name.strip()] = [one.strip() for one in values.split(",") if one.strip()]
    return found


def _limits_text(chosen: Mapping[str, Any]) -> str:
    lists = {name: values for name, values in chosen.items() if isinstance(values, list)}
    return "; ".join(f"{name}: {', '.join(values)}" for name, values in lists.items())


def _number(text: str | None) -> int:
    if not (text or "").strip().isdigit():
        raise Mistaken("A day is a number: 1 is the first.")
    return int(text or "")


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as exc:
        raise Mistaken(f"“{text[:40]}” is no day: write 2026-03-05.") from exc


ACTIONS = {
    "schedule": Action(_ask_schedule, _keep_schedule),
    "edit": Action(_ask_schedule, _keep_schedule),
    "now": Action(_ask_now, _make_now),
    "preview": Action(_ask_preview, _open),
    "sample": _simple(
        SEND_SAMPLE,
        "Send {0} to you alone",
        "It is about the last whole period and marked as a sample.",
        "A sample of {0} is on its way to you.",
    ),
    "send": _simple(
        RUN_SCHEDULE,
        "Send {0} to everybody now",
        "Every recipient gets it, about the last whole period.",
        "{0} is on its way to everybody.",
    ),
    "delete": _simple(
        DELETE_SCHEDULE,
        "Delete {0}",
        "It does not come any more. What was sent stays.",
        "{0} does not come any more.",
        danger=True,
    ),
    "retry": _simple(
        RETRY_REPORT,
        "Try {0} again",
        "It begins where it was.",
        "{0} is tried again.",
    ),
    "resend": _simple(
        RESEND_REPORT,
        "Send {0} anew",
        "It is made of the sales as they are now and says that it takes the other's place.",
        "{0} is on its way anew.",
    ),
}
