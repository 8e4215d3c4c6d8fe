"""The frame of a panel of analysis: chart or rows, what it says in words, and how it is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html

from dashboard.figures.panel import attributes, icon

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from dashboard.analysis.panels import Panel

PICTURES = {"png": "Picture (PNG)", "svg": "Drawing (SVG)"}
FILES = {"csv": "Rows (CSV)", "xlsx": "Rows (Excel)"}

BLANK = {"data": [], "layout": {"xaxis": {"visible": False}, "yaxis": {"visible": False}}}


def analysis_panel(
    panel: Panel, page: str, body: Component | None = None, *, has_files: bool = True
) -> html.Section:
    """Return the panel, loading until the scripts of the page bring an answer.

    `body` stands where the chart of others does.
    """
    heading = f"panel-{panel.key}-title"
    is_chart = panel.kind == "chart"
    has_views = panel.kind in {"chart", "map", "pivot"}
    return html.Section(
        [
            html.Div(
                [
                    icon(panel.symbol),
                    html.H2(panel.title, id=heading),
                    html.Div(
                        [
                            *([_views(panel.title)] if has_views else []),
                            _save(panel, has_files),
                        ],
                        className="panel-aside",
                    ),
                ],
                className="panel-head",
            ),
            html.Div(
                [
                    html.Div(className="panel-controls view-fields"),
                    html.P(className="panel-summary", hidden=panel.kind == "figures"),
                    *([html.Dl(className="analysis-figures")] if panel.kind == "figures" else []),
                    *([_chart(panel, page)] if is_chart else []),
                    *([html.Div(body, className="analysis-chart")] if body is not None else []),
                    html.Div(
                        className="analysis-rows",
                        hidden=panel.kind != "table",
                        tabIndex=0,
                        role="region",
                        **attributes(aria_label=f"{panel.title}, as a table"),
                    ),
                    html.P(className="panel-note"),
                    _cover(panel),
                ],
                className="panel-body",
            ),
        ],
        id=f"panel-{panel.key}",
        className=f"panel analysis-panel is-{panel.size} is-{panel.kind}",
        **attributes(data_state="loading", data_panel=panel.key, aria_labelledby=heading),
    )


def _chart(panel: Panel, page: str) -> html.Div:
    return html.Div(
        dcc.Graph(
            id={"part": "graph", "page": page, "panel": panel.key},
            figure=BLANK,
            responsive=True,
            style={"height": "100%"},
        ),
        className="analysis-chart",
        role="img",
        **attributes(aria_label=panel.title),
    )


def _views(title: str) -> html.Div:
    views = [("chart", "Picture", "chart"), ("table", "Table", "table")]
    return html.Div(
        [
            html.Button(
                icon(symbol),
                type="button",
                title=name,
                **attributes(
                    data_action="panel-view",
                    data_view=view,
                    aria_label=name,
                    aria_pressed="true" if view == "chart" else "false",
                ),
            )
            for view, name, symbol in views
        ],
        className="segments icons",
        role="group",
        **attributes(aria_label=f"How “{title}” is shown"),
    )


def _save(panel: Panel, has_files: bool) -> html.Details:
    pictures = PICTURES if panel.kind in {"chart", "map"} else {}
    formats = pictures | (FILES if has_files else {})
    return html.Details(
        [
            html.Summary(
                icon("download"),
                className="icon-button small",
                title="Save, pivot",
                **attributes(aria_label=f"Save “{panel.title}”"),
            ),
            html.Div(
                [
                    *[
                        html.Button(
                            label,
                            type="button",
                            className="account-action",
                            **attributes(data_action="save", data_format=name),
                        )
                        for name, label in formats.items()
                    ],
                    html.Button(
                        "Pivot this",
                        type="button",
                        className="account-action",
                        hidden=True,
                        **attributes(data_action="pivot-this"),
                    ),
                    html.P(className="save-note", role="status"),
                ],
                className="save-panel",
            ),
        ],
        className="save-menu",
    )


def _cover(panel: Panel) -> html.Div:
    return html.Div(
        [
            html.Div([html.I() for _ in range(6)], className="skeleton"),
            html.P(className=f"cover-text icon-{panel.symbol}"),
        ],
        className="cover",
    )
