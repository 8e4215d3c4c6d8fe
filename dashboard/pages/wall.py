"""The wall: what sells and what is on the shelf, everywhere, as it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import ClientsideFunction, Input, Output, dcc, html

from dashboard import sessions
from dashboard.figures.key_figure import key_figure
from dashboard.figures.panel import attributes, icon, panel
from dashboard.figures.sales_per_minute import CHANNELS, sales_per_minute
from dashboard.figures.stock_grid import stock_grid
from dashboard.figures.store_map import store_map
from dashboard.pages.shell import top_bar
from dashboard.people import WALL_SCOPES
from dashboard.queries import WALL_DOCUMENTS

if TYPE_CHECKING:
    from dash import Dash

    from dashboard.people import Person
    from dashboard.settings import DashboardSettings

MAX_HZ = 4
STOCK_ROWS = 100
MOST_GOALS = 3

STALE_AFTER_MS = {
    "revenue": 10_000,
    "orders": 10_000,
    "basket": 10_000,
    "open-alerts": 10_000,
    "map": 10_000,
    "minutes": 10_000,
    "stock": 15_000,
    "alerts": 15_000,
    "sales": 15_000,
    "tags": 15_000,
}
"""How old the data of each panel may be before it says that it is stale."""


def is_for(person: Person) -> bool:
    """Tell whether somebody may see all that the wall shows."""
    return person.may(*WALL_SCOPES)


def layout(settings: DashboardSettings) -> html.Div:
    """Return the page; its scripts start when the configuration reaches the browser."""
    if not is_for(sessions.current().person):
        return _not_for_you()
    return html.Div(
        [
            top_bar(title="Shelfcast", note="Live wall", aside=[_places(), _clock(), _badge()]),
            html.P(id="fault-note", className="fault-note", hidden=True),
            _goals(),
            html.Div([*_figures(), *_panels(settings)], id="wall", className="wall"),
            dcc.Store(id="wall-config", data=wall_config()),
            dcc.Store(id="wall-started"),
        ],
        className="page",
    )


def _not_for_you() -> html.Div:
    return html.Div(
        [
            top_bar(title="Shelfcast"),
            html.Div(
                [
                    html.H2("The wall is not for your role"),
                    html.P("It shows sales, stock and alerts of all places. Ask who invited you."),
                ],
                className="not-found",
            ),
        ],
        className="page",
    )


def wall_config() -> dict[str, object]:
    """Return what the scripts of the wall have to know."""
    return {
        "documents": dict(WALL_DOCUMENTS),
        "maxHz": MAX_HZ,
        "stockRows": STOCK_ROWS,
        "staleAfterMs": STALE_AFTER_MS,
        "ticketUrl": "/live/ticket",
    }


def add_callbacks(app: Dash) -> None:
    """Start the scripts each time the page is shown."""
    app.clientside_callback(
        ClientsideFunction("wall", "start"),
        Output("wall-started", "data"),
        Input("wall-config", "data"),
    )


def _badge() -> html.Div:
    return html.Div(
        [html.Span(className="badge-dot"), html.Span("Connecting", id="live-text")],
        id="live-badge",
        className="live-badge",
        role="status",
        **attributes(data_state="connecting"),
    )


def _clock() -> html.Div:
    return html.Div(
        [html.Time("--:--:--", id="clock-time"), html.Span(id="clock-zone")], className="clock"
    )


def _places() -> html.Div:
    """Name the currency and time zone all figures are in."""
    return html.Div([html.Span(id="currency-name"), html.Span(id="zone-name")], className="places")


def _goals() -> html.Div:
    """Keep the room of the goals: the wall must not move when they come."""
    bone = html.Div(
        [html.P(html.I(className="bone")), html.Div(className="goal-meter")],
        className="wall-goal",
    )
    return html.Div(
        [bone] * MOST_GOALS,
        id="wall-goals",
        className="wall-goals",
        role="group",
        **attributes(aria_label="Goals"),
    )


def _figures() -> list[html.Section]:
    return [
        key_figure("revenue", title="Revenue today", symbol="cash"),
        key_figure("orders", title="Orders today", symbol="receipt"),
        key_figure("basket", title="Average basket", symbol="basket"),
        key_figure("open-alerts", title="Open alerts", symbol="alert"),
    ]


def _panels(settings: DashboardSettings) -> list[html.Section]:
    return [
        panel(
            "map",
            title="Revenue by location",
            symbol="map",
            body=[
                _map(settings),
                html.Div(
                    [_map_legend(), html.Ul(id="off-map", className="off-map")],
                    className="map-foot",
                ),
            ],
            aside=[_fit_button()],
        ),
        panel(
            "minutes",
            title="Sales per minute",
            symbol="chart",
            body=[_minutes_legend(), _minutes()],
        ),
        panel("tags", title="Tags", symbol="target", body=[_tags()]),
        panel(
            "stock",
            title="Stock positions",
            symbol="package",
            body=[stock_grid()],
            aside=[_stock_views()],
        ),
        panel("alerts", title="Alerts", symbol="alert", body=[_list("alerts", "Alerts")]),
        panel("sales", title="Sales", symbol="trend", body=[_list("sales", "Latest sales")]),
    ]


def _map(settings: DashboardSettings) -> html.Div:
    return html.Div(
        store_map(tile_url=settings.tile_url, tile_attribution=settings.tile_attribution),
        className="map-holder",
        role="region",
        **attributes(aria_label="Map of locations"),
    )


def _map_legend() -> html.Div:
    signs = [
        ("sign-disc", "Revenue"),
        ("sign-disc sign-warehouse", "Warehouse"),
        ("sign-warning", "Warning"),
        ("sign-critical", "Critical"),
    ]
    return html.Div(
        [html.Span([html.I(className=sign), name]) for sign, name in signs],
        className="map-legend",
    )


def _fit_button() -> html.Button:
    return html.Button(
        icon("target"),
        id="fit-button",
        className="icon-button small",
        title="Show all locations",
        **attributes(aria_label="Show all locations", data_action="fit-map"),
    )


def _minutes() -> html.Div:
    return html.Div(
        dcc.Graph(
            id="minutes-chart",
            figure=sales_per_minute(),
            config={"displayModeBar": False, "responsive": True},
            responsive=True,
            style={"height": "100%"},
        ),
        className="chart-holder",
        role="img",
        **attributes(aria_label="Revenue per minute in the last hour, stacked by channel"),
    )


def _minutes_legend() -> html.Ul:
    return html.Ul(
        [
            html.Li(
                [html.I(), html.Span(name), html.B("", className="channel-amount")],
                **attributes(data_channel=channel),
            )
            for channel, name in CHANNELS.items()
        ],
        className="minutes-legend",
    )


def _stock_views() -> html.Div:
    views = [("changed", "Latest changes"), ("attention", "Needs attention")]
    return html.Div(
        [
            html.Button(
                name,
                id=f"stock-view-{view}",
                **attributes(
                    data_action="stock-view",
                    data_view=view,
                    aria_pressed="true" if view == "changed" else "false",
                ),
            )
            for view, name in views
        ],
        className="segments",
        role="group",
        **attributes(aria_label="Which stock positions"),
    )


def _tags() -> html.Div:
    figures = [("tag-rate", "reads a second"), ("tag-pieces", "pieces a minute")]
    return html.Div(
        [
            html.Div(
                [html.P([html.B("0"), name], className=key) for key, name in figures],
                className="tag-figures",
            ),
            html.H3("Pieces a minute by location", id="tag-places-title"),
            html.Ul(className="tag-places", **attributes(aria_labelledby="tag-places-title")),
            html.Div(
                [html.H3("Left unsold"), html.Ul(), html.P("Nothing is suspect")],
                className="tag-suspects",
                **attributes(data_count="0"),
            ),
        ],
        className="tags",
    )


def _list(key: str, name: str) -> html.Ol:
    return html.Ol(
        id=f"{key}-list", className=f"feed {key}-feed", tabIndex=0, **attributes(aria_label=name)
    )
