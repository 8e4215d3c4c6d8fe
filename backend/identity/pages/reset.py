"""The pages on which somebody who forgot their password asks for a link, and uses it."""

from html import escape
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from backend.identity.pages.frame import Pages, alert
from backend.identity.pages.invitation import NEW_PASSWORD
from backend.identity.people.links import PATHS
from backend.identity.people.rules import LinkKind, OpenLink

_PATH: Final = PATHS[LinkKind.PASSWORD_RESET]
REQUEST_PATH: Final = "/reset/request"
_ASKING: Final = """
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" maxlength="254"
  inputmode="email" autocapitalize="none" spellcheck="false" required autofocus>
<button type="submit">Send me a link</button>
"""
_ASK: Final = """<h1>Forgot your password?</h1>
{about}
{alert}{form}
<p class="note"><a href="/oauth/login">Back to sign-in</a></p>
"""
_SENDING: Final = "<p>We send you a link by which you choose a new one.</p>"
_NOT_SENDING: Final = """<p>This installation sends no mail: ask an administrator of your
organisation for a link.</p>"""
_ASKED: Final = """<h1>Look into your inbox</h1>
<p>If somebody signs in with this address, a link is on its way to it. It works for a short while
only.</p>
"""
_CHOOSE: Final = """<h1>Choose a new password</h1>
<p>For <strong>{email}</strong>. You are signed out everywhere else.</p>
{alert}{form}
"""


def ask_page(
    pages: Pages,
    request: Request,
    *,
    is_sent: bool,
    error: str | None = None,
    status: int = 200,
) -> Response:
    """Return the page that asks for an address; `is_sent` tells whether there is a mail server."""
    body = _ASK.format(
        about=_SENDING if is_sent else _NOT_SENDING,
        alert=alert(error),
        form=pages.form(request, REQUEST_PATH, _ASKING) if is_sent else "",
    )
    return pages.show(request, "Forgot your password?", body, status=status)


def asked_page(pages: Pages, request: Request) -> Response:
    """Return the page after asking: the same, whether anybody has the address or not."""
    return pages.show(request, "Look into your inbox", _ASKED)


def reset_page(
    pages: Pages,
    request: Request,
    link: OpenLink,
    secret: str,
    *,
    error: str | None = None,
    status: int = 200,
) -> Response:
    """Return the page that asks for a new password; `secret` is the link's token."""
    fields = NEW_PASSWORD.format(email=escape(link.email), button="Set the password")
    body = _CHOOSE.format(
        email=escape(link.email),
        alert=alert(error),
        form=pages.form(request, _PATH, fields, token=secret),
    )
    return pages.show(request, "Choose a new password", body, status=status)
