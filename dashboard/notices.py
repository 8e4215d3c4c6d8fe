"""Pages outside Dash, for those who are not signed in: one sentence and one way on."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from starlette.responses import HTMLResponse

RETRY_SECONDS = 5

NOTICES = {
    "SIGNED_OUT": ("You are signed out", "See you soon.", "Sign in"),
    "UNREACHABLE": (
        "The backend cannot be reached",
        "Signing in has to wait until it answers again. Nothing is lost.",
        "Try again",
    ),
    "MISCONFIGURED": (
        "This dashboard is not known to the backend",
        "Its client and secret have to be looked at by whoever runs it.",
        "Try again",
    ),
    "NOT_BEGUN_HERE": (
        "This sign-in was not begun here",
        "It was begun in another browser, took too long, or was used already.",
        "Sign in",
    ),
    "WRONG_ISSUER": (
        "Somebody else answered",
        "The answer did not come from the backend of this dashboard, and was not used.",
        "Sign in",
    ),
    "DENIED": (
        "You were not signed in",
        "The backend gave no access: you said no, or your role may see nothing here.",
        "Sign in",
    ),
    "FAILED": (
        "You were not signed in",
        "The backend did not accept this sign-in. Beginning anew mostly helps.",
        "Sign in",
    ),
}
"""Title, explanation, and what the way on is called."""

_PAGE = """<!DOCTYPE html>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="dark light">
        <title>{title} · Shelfcast</title>
        <link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
        <script src="/assets/head/theme.js"></script>
        <link rel="stylesheet" href="/assets/vendor/inter.css">
        <link rel="stylesheet" href="/assets/vendor/icons.css">
        <link rel="stylesheet" href="/assets/10-tokens.css">
        <link rel="stylesheet" href="/assets/20-shell.css">
        <link rel="stylesheet" href="/assets/45-records.css">
    </head>
    <body>
        <main class="notice-page">
            <span class="brand-mark"><span class="icon icon-building-store"></span></span>
            <h1>{title}</h1>
            <p>{text}</p>
            <a class="button primary" href="{href}">{way_on}</a>
        </main>
    </body>
</html>
"""


def notice(kind: str, *, status: int, again: str = "/") -> HTMLResponse:
    """Return the page; its way on is to sign in and come out at `again`."""
    title, text, way_on = NOTICES[kind]
    href = f"/login?{urlencode({'next': again})}"
    page = _PAGE.format(
        title=escape(title),
        text=escape(text),
        way_on=escape(way_on),
        href=escape(href),
    )
    headers = {"Cache-Control": "no-store"}
    if kind == "UNREACHABLE":
        # A wall has nobody who presses a button: it tries again by itself.
        headers["Refresh"] = f"{RETRY_SECONDS}; url={href}"
    return HTMLResponse(page, status, headers=headers)
