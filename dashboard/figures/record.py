"""Pieces of the pages that list records: tables, marks, times, and what is shown only once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dash import html

from dashboard.figures.panel import attributes, icon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    Content = str | Component | list[Component | str]


def table(columns: Sequence[str], rows: Sequence[Sequence[Content]], *, name: str) -> html.Table:
    """Return records under headings; on narrow screens each cell carries its heading itself.

    Pressing a heading sorts the rows that are shown; a column without one is not sorted by.
    """
    head = html.Thead(html.Tr([_heading(column) for column in columns]))
    body = html.Tbody(
        [
            html.Tr(
                [
                    html.Td(html.Div(cell), **attributes(data_label=column))
                    for column, cell in zip(columns, row, strict=True)
                ],
                **attributes(data_place=str(place)),
            )
            for place, row in enumerate(rows)
        ]
    )
    return html.Table([head, body], className="records", **attributes(aria_label=name))


def _heading(column: str) -> html.Th:
    if not column:
        return html.Th(column, scope="col")
    button = html.Button(
        column,
        className="sort-button",
        type="button",
        **attributes(data_action="sort-records"),
    )
    return html.Th(button, scope="col", **attributes(aria_sort="none"))


def two_lines(first: Content, second: Content) -> html.Div:
    """Return what names a record, and what tells it from others of that name."""
    return html.Div(
        [html.Strong(first), html.Span(second, className="cell-note")], className="two-lines"
    )


def mark(text: str, kind: str = "plain") -> html.Span:
    """Return a word in a coloured frame; `kind` is plain, good, warning or bad."""
    return html.Span(text, className=f"mark mark-{kind}")


def marks(texts: Sequence[str], *, nothing: str) -> html.Div:
    """Return several plain marks, or what their absence means."""
    inside = [mark(text) for text in texts] or [html.Span(nothing, className="cell-note")]
    return html.Div(inside, className="marks")


def moment(instant: str | None, zone: str, *, never: str = "Never") -> Component:
    """Return an instant in the organisation's time zone, to the minute; in UTC to who points at it.

    It names the zone: who reads it may be in another one.
    """
    if instant is None:
        return html.Span(never, className="cell-note")
    at = datetime.fromisoformat(instant).astimezone(UTC)
    text, _, name = moment_text(instant, zone).rpartition(" ")
    return html.Time(
        [f"{text} ", html.Span(name, className="zone")],
        dateTime=instant,
        title=f"{at:%Y-%m-%d %H:%M:%S} UTC",
    )


def moment_text(instant: str, zone: str) -> str:
    """Return an instant in a time zone, to the minute and with the zone's name."""
    local = datetime.fromisoformat(instant).astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%b %Y, %H:%M} {zone_name(local)}"


def zone_name(local: datetime) -> str:
    """Return the zone of a local time as it is called then, EST; UTC−3 where it has no letters."""
    name = local.tzname() or ""
    return name if name.isalpha() else offset_name(local)


def offset_name(local: datetime) -> str:
    """Return how far a local time is from UTC, as UTC+5:30."""
    minutes = round((local.utcoffset() or timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "") if minutes else "UTC"


def ask_button(
    action: str,
    label: str,
    *,
    key: str = "",
    symbol: str | None = None,
    kind: str = "quiet",
    name: str | None = None,
) -> html.Button:
    """Return a button that opens the dialog of an action on the record `key`.

    `kind` is primary, quiet or danger; `name` says more than the label where labels repeat.
    """
    inside = [icon(symbol), html.Span(label)] if symbol else [html.Span(label)]
    spoken = attributes(aria_label=name) if name else {}
    return html.Button(
        inside,
        className=f"button {kind}",
        type="button",
        **attributes(data_action="ask", data_ask=action, data_key=key),
        **spoken,
    )


def buttons(*inside: Component) -> html.Div:
    """Return buttons side by side."""
    return html.Div(list(inside), className="row-buttons")


def shown_once(label: str, value: str, *, warning: str) -> html.Div:
    """Return a secret with a button that copies it."""
    return html.Div(
        [
            html.Span(label, className="field-label"),
            html.Div(
                [
                    html.Code(value, className="secret-value", tabIndex=0),
                    html.Button(
                        [icon("copy"), html.Span("Copy")],
                        className="button quiet",
                        type="button",
                        **attributes(data_action="copy"),
                    ),
                ],
                className="secret",
            ),
            html.P(warning, className="field-hint"),
        ],
        className="field",
    )


def note(text: str, kind: str = "good") -> html.P:
    """Return a sentence about what was done, or why not."""
    return html.P(
        [icon("check" if kind == "good" else "alert"), html.Span(text)],
        className=f"note note-{kind}",
        role="status" if kind == "good" else "alert",
    )


def nothing_here(symbol: str, text: str, *, again: str | None = None) -> html.Div:
    """Return what stands in place of a list without records; `again` is where to try once more."""
    way_on = [html.A("Try again", href=again, className="button quiet")] if again else []
    return html.Div([icon(symbol), html.P(text), *way_on], className="nothing-here")


def loading() -> html.Div:
    """Return what stands in place of a list that has not come yet."""
    return html.Div(
        [html.I() for _ in range(5)], className="list-skeleton", **attributes(aria_busy="true")
    )
