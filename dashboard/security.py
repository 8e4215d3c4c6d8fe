"""Headers that every answer of the dashboard carries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders

from dashboard.live import live_origin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from dashboard.settings import DashboardSettings

HOST_HEADER = re.compile(r"(?P<name>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:\d+)?")

PIVOT_PATH = "/pivot"
"""The page whose grid is WebAssembly."""

FIXED_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def content_security_policy(
    script_hashes: Sequence[str], *, connect: str, tile_url: str | None, has_wasm: bool = False
) -> str:
    """Compose the policy: own scripts and the hashed inline ones, nothing from elsewhere.

    Inline styles stay allowed, because Plotly, Leaflet and AG Grid write them. `has_wasm` lets the
    page run WebAssembly, which is no leave for `eval`.
    """
    wasm = ["'wasm-unsafe-eval'"] if has_wasm else []
    tiles = [tile_origin(tile_url)] if tile_url else []
    directives = {
        "default-src": ["'none'"],
        "script-src": ["'self'", *wasm, *script_hashes],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:", *tiles],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'", connect],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(values)}" for name, values in directives.items())


def tile_origin(tile_url: str) -> str:
    """Return the source expression that a tile template needs, `{s}` becoming a wildcard."""
    parts = urlsplit(tile_url)
    host = parts.netloc
    if host.startswith("{s}."):
        host = "*" + host.removeprefix("{s}")
    return f"{parts.scheme}://{host}"


class SecurityHeaders:
    """Add the headers to each HTTP answer; plain ASGI, so that nothing is buffered."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        settings: DashboardSettings,
        script_hashes: Callable[[], Sequence[str]],
    ) -> None:
        """Take `script_hashes` as a function: Dash adds inline scripts when it starts."""
        self._app = app
        self._settings = settings
        self._script_hashes = script_hashes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the headers of its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(FIXED_HEADERS)
                headers["Content-Security-Policy"] = self._policy(scope)
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _policy(self, scope: Scope) -> str:
        # What the client calls us ends up in the policy, so it must be a host name and no more.
        named = HOST_HEADER.fullmatch(Headers(scope=scope).get("host", ""))
        host = named["name"].strip("[]") if named else "localhost"
        connect = live_origin(self._settings, host=host, is_secure=scope["scheme"] == "https")
        return content_security_policy(
            self._script_hashes(),
            connect=connect,
            tile_url=self._settings.tile_url,
            has_wasm=scope["path"] == PIVOT_PATH,
        )
