"""The map of the retailer's locations; the browser adds a mark per location."""

from __future__ import annotations

import dash_leaflet as dl
from dash_leaflet.MapContainer import MapContainer


def store_map(*, tile_url: str | None, tile_attribution: str) -> MapContainer:
    """Return the map: an offline base of land and borders, tiles above it when they are set."""
    base = [
        base_layer("world", style="shelfcast.storeMap.worldStyle", height=150),
        base_layer("us-states", style="shelfcast.storeMap.statesStyle", height=160),
    ]
    tiles = [dl.TileLayer(url=tile_url, attribution=tile_attribution)] if tile_url else []
    stores = dl.LayerGroup(
        id="store-marks", eventHandlers={"add": {"variable": "shelfcast.storeMap.onLayerAdded"}}
    )
    return MapContainer(
        [*base, *tiles, stores],
        id="store-map",
        center=[30.0, 0.0],  # pyright: ignore[reportArgumentType] - the stub wants an object
        zoom=2,
        zoomSnap=0.1,
        zoomDelta=0.5,
        zoomControl=False,
        attributionControl=bool(tile_url),
        scrollWheelZoom=False,  # pyright: ignore[reportArgumentType] - the stub forgets bool
        style={"height": "100%", "width": "100%"},
    )


def base_layer(name: str, *, style: str, height: int) -> dl.Pane:
    """Return a layer below the tiles (200); in a pane of its own, as layers arrive in any order."""
    return dl.Pane(
        dl.GeoJSON(
            url=f"/assets/vendor/geo/{name}.json",
            style={"variable": style},
            interactive=False,
            pane=f"base-{name}",
        ),
        name=f"base-{name}",
        style={"zIndex": height},
    )
