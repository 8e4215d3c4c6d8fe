"""The cookies a browser holds: a session's id, its CSRF token, and which sign-in is its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from dashboard.settings import DashboardSettings

SIGN_IN_SECONDS = 600
"""How long somebody may take to sign in at the backend."""


@dataclass(frozen=True, slots=True)
class Cookies:
    """The names of the cookies, and how they are set.

    Under HTTPS `__Host-` binds them to this host. Cookies do not tell ports apart, so that without
    it the port is in the name: two dashboards on one machine keep their sessions apart.
    """

    session: str
    csrf: str
    sign_in: str
    is_secure: bool

    @classmethod
    def of(cls, settings: DashboardSettings) -> Cookies:
        """Return the cookies of a dashboard that people open at its `dashboard_url`."""
        parts = urlsplit(settings.dashboard_url)
        if parts.scheme == "https":
            start, end = "__Host-shelfcast_", ""
        else:
            start, end = "shelfcast_", f"_{parts.port or 80}"
        names = (f"{start}{name}{end}" for name in ("session", "csrf", "sign_in"))
        return cls(*names, is_secure=parts.scheme == "https")

    def keep_session(self, response: Response, session_id: str, csrf: str) -> None:
        """Let the browser hold a session until it is closed; only the CSRF token can be read."""
        self._set(response, self.session, session_id)
        self._set(response, self.csrf, csrf, is_readable=True)
        self._drop(response, self.sign_in)

    def drop_session(self, response: Response) -> None:
        """Let the browser forget its session."""
        self._drop(response, self.session)
        self._drop(response, self.csrf)

    def keep_sign_in(self, response: Response, value: str) -> None:
        """Let the browser remember that a sign-in was begun in it."""
        self._set(response, self.sign_in, value, max_age=SIGN_IN_SECONDS)

    def session_of(self, request: Request) -> str | None:
        """Return the id of a session, as the browser says it."""
        return request.cookies.get(self.session)

    def _set(
        self,
        response: Response,
        name: str,
        value: str,
        *,
        max_age: int | None = None,
        is_readable: bool = False,
    ) -> None:
        response.set_cookie(
            name,
            value,
            max_age=max_age,
            path="/",
            secure=self.is_secure,
            httponly=not is_readable,
            samesite="lax",
        )

    def _drop(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path="/", secure=self.is_secure, samesite="lax")
