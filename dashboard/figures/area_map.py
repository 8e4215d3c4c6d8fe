"""The map of areas; the browser colours them and adds places, legend and time."""

from __future__ import annotations

import dash_leaflet as dl
from dash import html
from dash_leaflet.MapContainer import MapContainer

from dashboard.figures.panel import attributes, icon
from dashboard.figures.store_map import base_layer


def area_map() -> html.Div:
    """Return the map above its time slider and legend; all of it works without a network."""
    marks = dl.LayerGroup(
        eventHandlers={"add": {"variable": "shelfcast.choropleth.onLayerAdded"}},
    )
    chart = MapContainer(
        [
            base_layer("world", style="shelfcast.storeMap.worldStyle", height=150),
            base_layer("us-states", style="shelfcast.storeMap.statesStyle", height=160),
            # Above, it would lie upon the north-west of the states on a phone.
            dl.ZoomControl(position="bottomleft"),
            marks,
        ],
        id="area-map",
        center=[38.5, -96.5],  # pyright: ignore[reportArgumentType] - the stub wants an object
        zoom=4,
        zoomSnap=0.1,
        zoomDelta=0.5,
        attributionControl=False,
        zoomControl=False,
        scrollWheelZoom=False,  # pyright: ignore[reportArgumentType] - the stub forgets bool
        style={"height": "100%", "width": "100%"},
    )
    return html.Div(
        [
            html.Div(
                chart, className="area-map", role="region", **attributes(aria_label="Map of sales")
            ),
            html.Div(
                [
                    html.Button(
                        icon("play"),
                        type="button",
                        className="icon-button small",
                        title="Play",
                        **attributes(data_action="play-map", aria_label="Play through time"),
                    ),
                    html.Div(className="map-time-holder"),
                    html.Output("All of it", className="map-time-name"),
                ],
                className="map-time",
                hidden=True,
            ),
            html.Ul(className="area-legend"),
        ],
        className="area-map-frame",
    )
