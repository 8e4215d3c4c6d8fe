"""The page on which somebody signs in."""

from html import escape
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from backend.identity.pages.frame import Onward, Pages, alert

LOGIN_PATH: Final = "/oauth/login"
_FIELDS: Final = """
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" maxlength="254"
  inputmode="email" autocapitalize="none" spellcheck="false" required value="{email}"{focus_email}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="200"
  required{focus_password}>
<button type="submit">Sign in</button>
"""
_BODY: Final = """<h1>Sign in</h1>
<p>{purpose}</p>
{alert}{form}
<p class="note"><a href="/reset">Forgot your password?</a></p>
"""


def login_page(
    pages: Pages,
    request: Request,
    onward: Onward,
    *,
    email: str = "",
    error: str | None = None,
    status: int = 200,
) -> Response:
    """Return the page; `error` says why a try failed."""
    is_again = bool(email)
    fields = _FIELDS.format(
        email=escape(email),
        focus_email="" if is_again else " autofocus",
        focus_password=" autofocus" if is_again else "",
    )
    purpose = "Welcome back."
    if onward.query:
        purpose = f"to go on to <strong>{escape(onward.client_name)}</strong>"
    body = _BODY.format(
        purpose=purpose,
        alert=alert(error),
        form=pages.form(request, LOGIN_PATH, fields, wanted=onward.query),
    )
    return pages.show(request, "Sign in", body, status=status, leads_to=[onward.redirect_uri])
