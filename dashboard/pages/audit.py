"""Audit: who did what, to what, when and from where."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from dash import html

from dashboard.figures.field import choice_field, text_field
from dashboard.figures.panel import attributes
from dashboard.figures.record import moment, moment_text, nothing_here, table, two_lines
from dashboard.pages.records import Listing, RecordPage, said_or_usual
from dashboard.record_queries import AUDIT_LOG

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash.development.base_component import Component

    from dashboard.sessions import Session

KEY = "audit"
COLUMNS = ("When", "Who", "What", "To", "From", "Details")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SHOWN_OF_ID = 8
"""Identifiers differ at their end."""
LISTED = 3
PERIODS = {"1": "24 hours", "7": "7 days", "30": "30 days", "": "All"}

USUAL = {"actor": "", "action": "", "subject": "", "days": "7"}


def _field_id(name: str) -> dict[str, str]:
    return {"part": "filter", "page": KEY, "name": name}


def filters(said: Mapping[str, str]) -> list[Component]:
    """Return the fields that narrow the log down; pressing a value in it fills one."""
    held = said_or_usual(USUAL, said)
    days = held["days"] if held["days"] in PERIODS else USUAL["days"]
    return [
        text_field(_field_id("actor"), "Who", value=held["actor"]),
        text_field(_field_id("action"), "What", value=held["action"]),
        text_field(_field_id("subject"), "To", value=held["subject"]),
        choice_field(_field_id("days"), "When", options=PERIODS, value=days, is_compact=True),
    ]


async def load(session: Session, chosen: Mapping[str, Any], after: str | None) -> Listing:
    """Return the entries that fit, the newest first."""
    data = await session.execute(AUDIT_LOG, {"filter": _filter(chosen), "after": after})
    zone, entries = data["organisation"]["timezone"], data["auditLog"]["nodes"]
    page = data["auditLog"]["pageInfo"]
    return Listing(
        [table(COLUMNS, [_row(entry, zone) for entry in entries], name="Audit log")]
        if entries
        else [nothing_here("audit", "Nothing of that kind happened in this time.")],
        {},
        page["endCursor"] if page["hasNextPage"] else None,
    )


def _filter(chosen: Mapping[str, Any]) -> dict[str, Any]:
    days = chosen.get("days")
    since = datetime.now(UTC) - timedelta(days=int(days)) if days else None
    return {
        "actors": _words(chosen.get("actor")),
        "actions": _words((chosen.get("action") or "").upper()),
        "subjects": _words(chosen.get("subject")),
        "since": since.isoformat() if since else None,
    }


def _words(text: str | None) -> list[str] | None:
    """Return what stands between spaces and commas; None when nothing does."""
    return (text or "").replace(",", " ").split() or None


def _row(entry: Mapping[str, Any], zone: str) -> list[Any]:
    details = {name: value for name, value in entry["details"].items() if value is not None}
    return [
        moment(entry["at"], zone),
        two_lines(
            entry["actorName"] or entry["actorKind"].title(), _narrow("actor", entry["actorId"])
        ),
        _narrow("action", entry["action"]),
        _narrow("subject", entry["subject"]) if entry["subject"] else "–",
        entry["address"] or "–",
        _details(details, zone) if details else html.Span("–", className="cell-note"),
    ]


def _details(details: Mapping[str, Any], zone: str) -> html.Div:
    """Return what an entry says besides; long lists are folded up behind their beginning."""
    texts = [
        f"{name.replace('_', ' ')}: {_shown(value, zone)}"
        for name, value in details.items()
        if not _is_long(value)
    ]
    folds = [_fold(name, value) for name, value in details.items() if _is_long(value)]
    return html.Div([*([", ".join(texts)] if texts else []), *folds], className="cell-note")


def _is_long(value: object) -> bool:
    return isinstance(value, list) and len(value) > LISTED


def _fold(name: str, values: Sequence[object]) -> html.Details:
    first = ", ".join(map(str, values[:LISTED]))
    summary = f"{name.replace('_', ' ')}: {first} and {len(values) - LISTED} more"
    return html.Details(
        [html.Summary(summary), html.P(", ".join(map(str, values[LISTED:])))], className="fold"
    )


def _narrow(name: str, value: str) -> html.Button:
    """Return a value that, pressed, leaves only the entries that share it."""
    return html.Button(
        f"…{value[-SHOWN_OF_ID:]}" if _ID.fullmatch(value) else value,
        className="narrow-button",
        type="button",
        title=value,
        **attributes(
            data_action="narrow",
            data_filter=name,
            data_value=value,
            aria_label=f"Only entries with {value}",
        ),
    )


def _shown(value: object, zone: str) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict) and value.keys() == {"old", "new"}:
        return f"{_shown(value['old'], zone)} → {_shown(value['new'], zone)}"
    if isinstance(value, str) and _ID.fullmatch(value):
        return f"…{value[-SHOWN_OF_ID:]}"
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return moment_text(value, zone)
    return str(value)


PAGE = RecordPage(
    key=KEY,
    title="Audit",
    lead="Who did what, when and from where. Entries seal one another: none can be changed unseen.",
    symbol="audit",
    is_for=lambda person: person.may("audit:read"),
    load=load,
    actions={},
    linked_filters=filters,
    usual=USUAL,
)
