"""The page a browser gets at /graphql: try queries, read the schema; nothing from third parties."""

from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_FOLDER: Final = Path(__file__).parent
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


def explorer_page(_: Request) -> Response:
    """Return the page."""
    return Response(
        (_FOLDER / "explorer.html").read_text(),
        media_type="text/html",
        headers={"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"},
    )


def explorer_routes(sdl: str) -> list[Route]:
    """Return the routes of what the page loads, and of the schema as text."""

    async def script(_: Request) -> Response:
        return _file("explorer.js", "text/javascript")

    async def style(_: Request) -> Response:
        return _file("explorer.css", "text/css")

    async def schema(_: Request) -> Response:
        return Response(sdl, media_type="text/plain", headers={"Cache-Control": "no-cache"})

    return [
        Route("/graphql/explorer.js", script),
        Route("/graphql/explorer.css", style),
        Route("/schema.graphql", schema),
    ]


def _file(name: str, kind: str) -> Response:
    text = (_FOLDER / name).read_text()
    return Response(text, media_type=kind, headers={"Cache-Control": "no-cache"})
