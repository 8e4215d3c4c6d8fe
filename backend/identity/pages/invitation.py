"""The page on which somebody who was invited chooses a password."""

from html import escape
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from backend.identity.pages.frame import Pages, alert
from backend.identity.people.links import PATHS
from backend.identity.people.rules import LinkKind, OpenLink

NEW_PASSWORD: Final = """
<input type="hidden" name="email" autocomplete="username" value="{email}">
<label for="password">New password</label>
<input id="password" name="password" type="password" autocomplete="new-password" minlength="12"
  maxlength="200" required autofocus>
<p class="note">12 characters or more. A short sentence is easy to keep in mind; names and the
passwords everybody tries first are refused.</p>
<button type="submit">{button}</button>
"""
_BODY: Final = """<h1>Welcome, {name}</h1>
<p>You were invited to <strong>{organisation}</strong>. You will sign in as
<strong>{email}</strong>.</p>
{alert}{form}
"""


def invitation_page(
    pages: Pages,
    request: Request,
    link: OpenLink,
    secret: str,
    *,
    error: str | None = None,
    status: int = 200,
) -> Response:
    """Return the page; `secret` is the link's token, `error` says why a try failed."""
    fields = NEW_PASSWORD.format(email=escape(link.email), button="Accept the invitation")
    body = _BODY.format(
        name=escape(link.name),
        organisation=escape(link.organisation),
        email=escape(link.email),
        alert=alert(error),
        form=pages.form(request, PATHS[LinkKind.INVITATION], fields, token=secret),
    )
    return pages.show(request, "Invitation", body, status=status)
