"""Fields of forms: a label, a native control, and a hint."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dash import dcc, html

from dashboard.figures.panel import attributes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


FILTER_PAUSE_S = 0.4

FieldId = dict[str, str]


def field_id(page: str, name: str) -> FieldId:
    """Return the id by which an answer is found when its form is sent."""
    return {"part": "field", "page": page, "name": name}


def text_field(
    at: FieldId,
    label: str,
    *,
    value: str = "",
    kind: Any = "text",
    hint: str | None = None,
    suggestions: Sequence[str] | None = None,
) -> html.Div:
    """Return a field of one line; `suggestions` may be chosen from."""
    list_id = f"{at['page']}-{at['name']}-suggestions"
    offered = (
        [html.Datalist([html.Option(value=one) for one in suggestions], id=list_id)]
        if suggestions
        else []
    )
    control = dcc.Input(
        id=at,
        value=value,
        type=kind,
        autoComplete="off",
        spellCheck=False,
        # A filter is asked for when its writer pauses; a form when it is sent.
        debounce=FILTER_PAUSE_S if at["part"] == "filter" else False,
        className="text-input",
        list=list_id if suggestions else None,
    )
    return html.Div(
        [html.Label([html.Span(label, className="field-label"), control]), *offered, *_hint(hint)],
        className="field",
    )


def lines_field(at: FieldId, label: str, *, value: str = "", hint: str | None = None) -> html.Div:
    """Return a field of several lines."""
    control = dcc.Textarea(
        id=at,
        value=value,
        rows=3,
        spellCheck=False,
        className="text-input",
    )
    return html.Div(
        [html.Label([html.Span(label, className="field-label"), control]), *_hint(hint)],
        className="field",
    )


def code_field(at: FieldId, label: str, *, value: str = "", hint: str | None = None) -> html.Div:
    """Return a field of many lines in which every character counts."""
    control = dcc.Textarea(
        id=at, value=value, rows=14, spellCheck=False, className="text-input code-input"
    )
    return html.Div(
        [html.Label([html.Span(label, className="field-label"), control]), *_hint(hint)],
        className="field",
    )


def choice_field(
    at: FieldId,
    label: str,
    *,
    options: Mapping[str, str],
    value: str,
    hint: str | None = None,
    is_compact: bool = False,
) -> html.Fieldset:
    """Return a field of which one answer holds; `options` maps answers to what is read."""
    control = dcc.RadioItems(
        id=at,
        options=[{"value": key, "label": text} for key, text in options.items()],
        value=value,
        className="choices compact" if is_compact else "choices",
    )
    return _group(label, control, hint)


def file_field(at: FieldId, label: str, *, accept: str, most_kb: int) -> html.Div:
    """Return a field that takes a file; the answer is its content in base64."""
    said = {"id": at, "label": label, "accept": accept, "most": most_kb * 1000}
    return html.Div(
        [
            html.Div(className="file-field", **attributes(data_file=json.dumps(said))),
            dcc.Input(id=at, value="", type="hidden"),
        ],
        className="field",
    )


def select_field(at: FieldId, label: str, *, options: Mapping[str, str], value: str) -> html.Div:
    """Return a field of which one answer holds, as a list that opens; the scripts draw it."""
    said = {"name": at["name"], "value": value, "options": options}
    holder = html.Span(**attributes(data_select=json.dumps(said)))
    return html.Div(
        [
            html.Label([html.Span(label, className="field-label"), holder]),
            dcc.Input(id=at, value=value, type="hidden"),
        ],
        className="field",
    )


def checks_field(
    at: FieldId,
    label: str,
    *,
    options: Mapping[str, str],
    value: Sequence[str],
    hint: str | None = None,
) -> html.Fieldset:
    """Return a field of which any number of answers hold."""
    control = dcc.Checklist(
        id=at,
        options=[{"value": key, "label": text} for key, text in options.items()],
        value=list(value),
        className="choices compact",
    )
    return _group(label, control, hint)


def _group(label: str, control: Any, hint: str | None) -> html.Fieldset:
    return html.Fieldset(
        [html.Legend(label, className="field-label"), control, *_hint(hint)], className="field"
    )


def _hint(text: str | None) -> list[html.P]:
    return [html.P(text, className="field-hint")] if text else []
