"""The page that says why something cannot go on."""

from html import escape

from starlette.requests import Request
from starlette.responses import Response

from backend.identity.pages.frame import Pages, sentence


def failure_page(
    pages: Pages, request: Request, title: str, reason: str, *, status: int = 400
) -> Response:
    """Return a page that only explains: it leads nowhere that a request could have named."""
    body = f"<h1>{escape(title)}</h1><p>{escape(sentence(reason))}</p>"
    return pages.show(request, title, body, status=status)
