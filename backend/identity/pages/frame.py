"""What all pages share: the frame around them, and forms that only our own pages can send."""

import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from backend.core.errors import NotAllowed

_STATIC: Final = Path(__file__).with_name("static")
_FORM: Final = "application/x-www-form-urlencoded"
_MOST_FIELDS: Final = 20
_LARGEST_FORM: Final = 20_000
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_OWN_SITE: Final = {"same-origin", "none"}
_HIDDEN: Final = '<input type="hidden" name="{}" value="{}">'
_FRAME: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title} · Shelfcast</title>
<link rel="icon" href="/pages/mark.svg">
<link rel="stylesheet" href="/pages/pages.css">
</head>
<body>
<main>
<div class="brand"><img src="/pages/mark.svg" alt="" width="36" height="36">Shelfcast</div>
{body}
</main>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Onward:
    """Where somebody goes on to: a client, and the query of its authorization request.

    Without a query no client asked, and the URL is the dashboard's.
    """

    client_name: str
    redirect_uri: str
    query: str


class FormRefused(NotAllowed):
    """A form that did not come from a page of ours, or from one that was open for too long."""

    code = "FORM_REFUSED"

    def __init__(self) -> None:
        super().__init__("this page is out of date: go back, reload it and try again")


class Pages:
    """Frames pages and guards their forms. One per process.

    A form carries a keyed hash of a random cookie (signed double submit): another site can neither
    read the cookie nor guess the hash. `key` is 32 bytes, the same in every process.
    """

    def __init__(self, origin: str, key: bytes) -> None:
        self.is_secure = urlsplit(origin).scheme == "https"
        self._key = key

    def cookie_name(self, name: str) -> str:
        """Return a cookie's name; browsers guard `__Host-` against siblings and plain HTTP."""
        return f"__Host-shelfcast_{name}" if self.is_secure else f"shelfcast_{name}"

    def set_cookie(
        self, response: Response, name: str, value: str, max_age: int | None = None
    ) -> None:
        """Set a cookie for us alone, gone with the browser unless `max_age` (seconds) is given."""
        response.set_cookie(
            self.cookie_name(name),
            value,
            max_age=max_age,
            secure=self.is_secure,
            httponly=True,
            samesite="lax",
        )

    def show(
        self,
        request: Request,
        title: str,
        body: str,
        *,
        status: int = 200,
        leads_to: Iterable[str] = (),
    ) -> Response:
        """Return a page; `title` is text, `body` HTML that was escaped where it was made.

        `leads_to` are the URLs that sending one of its forms may end at, beside our own.
        """
        targets = " ".join(["'self'", *(_source(url) for url in leads_to)])
        response = HTMLResponse(_FRAME.format(title=escape(title), body=body), status)
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
            f"form-action {targets}; frame-ancestors 'none'"
        )
        response.headers["Cache-Control"] = "no-store"
        # With no-referrer, browsers would take our own forms for those of a stranger.
        response.headers["Referrer-Policy"] = "same-origin"
        fresh = getattr(request.state, "form_cookie", None)
        if fresh is not None:
            self.set_cookie(response, "form", fresh)
        return response

    def form(self, request: Request, action: str, inner: str, **hidden: str) -> str:
        """Return a form that posts to `action`: `inner` is HTML, `hidden` its hidden fields."""
        values = {**hidden, "csrf": self._sign(self._cookie(request))}
        fields = "".join(_HIDDEN.format(name, escape(value)) for name, value in values.items())
        return f'<form method="post" action="{escape(action)}">{fields}{inner}</form>'

    async def fields(self, request: Request) -> dict[str, str]:
        """Return the fields of a form that one of our pages sent.

        Raises:
            FormRefused: another site sent it, or it is not a form of ours.
        """
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        site = request.headers.get("sec-fetch-site")
        body = await request.body()
        if kind != _FORM or len(body) > _LARGEST_FORM or (site and site not in _OWN_SITE):
            raise FormRefused
        try:
            pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        except ValueError as exc:
            raise FormRefused from exc
        fields = dict(pairs)
        cookie = request.cookies.get(self.cookie_name("form"), "")
        given = fields.get("csrf", "").encode()
        if not _KEY.fullmatch(cookie) or not hmac.compare_digest(
            self._sign(cookie).encode(), given
        ):
            raise FormRefused
        return fields

    def _cookie(self, request: Request) -> str:
        """Return the browser's random value, a new one where it has none yet."""
        present = request.cookies.get(self.cookie_name("form"), "")
        if _KEY.fullmatch(present):
            return present
        if not hasattr(request.state, "form_cookie"):
            request.state.form_cookie = secrets.token_urlsafe(32)
        return request.state.form_cookie

    def _sign(self, cookie: str) -> str:
        return hmac.new(self._key, cookie.encode(), sha256).hexdigest()


def static_routes() -> list[Route]:
    """Return the routes of what pages load."""

    async def style(_: Request) -> Response:
        return FileResponse(_STATIC / "pages.css", headers={"Cache-Control": "max-age=300"})

    async def mark(_: Request) -> Response:
        return FileResponse(_STATIC / "mark.svg", headers={"Cache-Control": "max-age=3600"})

    return [Route("/pages/pages.css", style), Route("/pages/mark.svg", mark)]


def sentence(message: str) -> str:
    """Return a message as a sentence: errors begin small and end openly."""
    end = "" if message.endswith((".", "!", "?")) else "."
    return f"{message[:1].upper()}{message[1:]}{end}"


def alert(message: str | None) -> str:
    """Return a message that something went wrong, as HTML; nothing for None."""
    if message is None:
        return ""
    return f'<div class="alert" role="alert">{escape(sentence(message))}</div>'


def _source(url: str) -> str:
    """Return the CSP source of a URL; browsers check where a form's redirects lead, too."""
    parts = urlsplit(url)
    if parts.scheme in {"http", "https"}:
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}:"
