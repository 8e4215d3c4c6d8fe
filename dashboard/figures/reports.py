"""Reports on their way, and what they say: data in, components out."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from dash import html

from dashboard.figures.agents import sign
from dashboard.figures.panel import attributes, icon
from dashboard.figures.record import mark, moment, two_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash.development.base_component import Component

STATES = {
    "QUEUED": ("Queued", "plain", "clock"),
    "RUNNING": ("Running", "plain", "refresh"),
    "SENT": ("Sent", "good", "check"),
    "KEPT": ("Ready", "good", "check"),
    "FAILED": ("Failed", "bad", "alert-octagon"),
}
REASONS = {
    "SCHEDULED": "by schedule",
    "ASKED_FOR": "asked for",
    "SAMPLE": "sample",
    "RESTATED": "sent anew",
}
FREQUENCIES = {
    "DAILY": "Daily",
    "WEEKLY": "Weekly",
    "MONTHLY": "Monthly",
    "QUARTERLY": "Quarterly",
    "FISCAL_MONTHLY": "Fiscal month",
    "FISCAL_QUARTERLY": "Fiscal quarter",
}
WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
CHANNELS = {"EMAIL": "by mail", "WEBHOOK": "to a webhook", "DOWNLOAD": "to download"}
OPEN = frozenset({"QUEUED", "RUNNING"})
MOST_NAMED = 3


def state_of(run: Mapping[str, Any], zone: str) -> html.Div:
    """Return how far a report is: its state, what is the matter, how much is done."""
    signs = [sign(*STATES[run["state"]])]
    if run["isLate"]:
        signs.append(mark("Late", "warning"))
    if run["restatedAt"]:
        signs.append(mark("Restated", "warning"))
    inside: list[Component] = [html.Div(signs, className="marks")]
    if run["state"] == "RUNNING":
        inside += [_progress(run["progress"]), _small(f"{run['doing']}, {run['progress']} %")]
    if run["failureMessage"]:
        inside.append(_small(_failed(run)))
    if run["state"] == "QUEUED" and run["failureCode"]:
        inside.append(html.Span(["Again at ", moment(run["nextAttemptAt"], zone)],
                                className="cell-note"))  # fmt: skip
    if run["restatedTotals"]:
        inside.append(_small(restated_text(run)))
    return html.Div(inside, className="run-state")


def restated_text(run: Mapping[str, Any]) -> str:
    """Return what late sales did to a report's net sales."""
    was, now = run["totals"]["netSales"], run["restatedTotals"]["netSales"]
    return f"Net sales were {float(was):,.2f}, are {float(now):,.2f}"


def what_of(run: Mapping[str, Any]) -> html.Div:
    """Return what a report is called and which days it is about."""
    return two_lines(run["name"], f"{days(run['from'], run['to'])} · {REASONS[run['reason']]}")


def when_of(run: Mapping[str, Any], zone: str) -> html.Div:
    """Return when a report was there, else when it was ordered; and to whom it goes."""
    reader = run["readerName"] or "nobody who is still here"
    at = moment(run["finishedAt"] or run["queuedAt"], zone)
    return two_lines([at], f"{CHANNELS[run['channel']]} · {reader}")


def files_of(run: Mapping[str, Any]) -> html.Div:
    """Return links to the files of a report."""
    links = [
        html.A(
            [icon("download"), html.Span(file["format"])],
            href=file["url"],
            className="button quiet",
            title=f"{file['format']}, {size(file['size'])}",
        )
        for file in run["files"]
        if file["url"]
    ]
    return html.Div(links or _small("–"), className="run-files")


def rhythm_of(schedule: Mapping[str, Any]) -> str:
    """Return when a schedule's report comes, in words."""
    often, at, day = FREQUENCIES[schedule["frequency"]], schedule["at"], schedule["day"]
    if schedule["frequency"] == "DAILY":
        return f"{often} at {at}"
    if schedule["frequency"] == "WEEKLY":
        return f"{often}, {WEEKDAYS[day - 1]} at {at}"
    return f"{often}, day {day} after it, at {at}"


def readers_of(schedule: Mapping[str, Any]) -> str:
    """Return who gets a schedule's report."""
    names = [
        one["name"] or one["email"] or one["url"] or "somebody who left"
        for one in schedule["recipients"]
    ]
    if len(names) > MOST_NAMED:
        return f"{', '.join(names[: MOST_NAMED - 1])} and {len(names) - MOST_NAMED + 1} more"
    return ", ".join(names)


def next_of(schedule: Mapping[str, Any], zone: str) -> Component:
    """Return when a schedule is due next."""
    if schedule["isPaused"]:
        return sign("Paused", "warning", "pause")
    moments = [one["nextDueAt"] for one in schedule["recipients"] if one["nextDueAt"]]
    return moment(min(moments, key=datetime.fromisoformat) if moments else None, zone)


def summary_of(sections: Sequence[Mapping[str, Any]]) -> list[Component]:
    """Return what a report says in words, each sentence with links to its figures."""
    found: list[Component] = []
    for section in sections:
        said = [_sentence(one) for one in section["sentences"]]
        found.append(html.Section([html.H3(section["title"]), *said], className="report-said"))
    return found


def days(first: str | None, last: str | None) -> str:
    """Return the days a report is about."""
    if not first or not last:
        return "all days"
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    if start == end:
        return f"{start.day} {start:%b %Y}"
    same = start.year == end.year
    return f"{start.day} {start:%b}{'' if same else f' {start.year}'} to {end.day} {end:%b %Y}"


def size(count: int) -> str:
    """Return how large a file is."""
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{max(count // 1000, 1)} KB"


def _sentence(sentence: Mapping[str, Any]) -> Component:
    figures = [
        html.A(f"{one['label']}: {one['shown']}", href=one["source"]["page"])
        for one in sentence["figures"]
    ]
    listed = html.Ul([html.Li(one) for one in figures])
    cited = html.Details(
        [html.Summary(f"{len(figures)} figure{'s' if len(figures) > 1 else ''}"), listed]
    )
    return html.Div([html.P(sentence["text"]), *([cited] if figures else [])])


def _progress(percent: int) -> Component:
    return html.Progress(value=str(percent), max="100", **attributes(aria_label="Progress"))


def _failed(run: Mapping[str, Any]) -> str:
    text: str = run["failureMessage"]
    return f"{text[:1].upper()}{text[1:]} ({run['failureCode']})"


def _small(text: str) -> html.Span:
    return html.Span(text, className="cell-note")
