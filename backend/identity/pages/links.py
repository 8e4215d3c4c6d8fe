"""Where the links lead that people are sent."""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backend.core.errors import ShelfcastError
from backend.identity.oauth.endpoints import is_safe
from backend.identity.pages.failure import failure_page
from backend.identity.pages.frame import Pages
from backend.identity.pages.invitation import invitation_page
from backend.identity.pages.reset import REQUEST_PATH, ask_page, asked_page, reset_page
from backend.identity.people.errors import TooManyAttempts, WeakPassword
from backend.identity.people.links import PATHS
from backend.identity.people.rules import LinkKind
from backend.identity.people.users import People
from backend.infra.api.problems import status_of

_PAGES: Final = {LinkKind.INVITATION: invitation_page, LinkKind.PASSWORD_RESET: reset_page}

Handler = Callable[[Request], Awaitable[Response]]


class Links:
    """Lets people choose a password by a link, or ask for one."""

    def __init__(self, people: People, pages: Pages) -> None:
        self._people = people
        self._pages = pages

    def routes(self) -> list[Route]:
        """Return the routes."""
        routes = [Route(REQUEST_PATH, self._guarded(self._request), methods=["POST"])]
        for kind, path in PATHS.items():
            routes.append(Route(path, self._guarded(self._shown(kind)), methods=["GET"]))
            routes.append(Route(path, self._guarded(self._sent(kind)), methods=["POST"]))
        return routes

    def _shown(self, kind: LinkKind) -> Handler:
        async def show(request: Request) -> Response:
            secret = request.query_params.get("token")
            if secret is None and kind is LinkKind.PASSWORD_RESET:
                return ask_page(self._pages, request, is_sent=self._people.letters.are_sent)
            link = await self._people.open_link(kind, secret or "")
            return _PAGES[kind](self._pages, request, link, secret or "")

        return show

    def _sent(self, kind: LinkKind) -> Handler:
        async def send(request: Request) -> Response:
            fields = await self._pages.fields(request)
            secret = fields.get("token", "")
            password = fields.get("password", "")
            try:
                await self._people.set_password(kind, secret, password, _address(request))
            except WeakPassword as exc:
                link = await self._people.open_link(kind, secret)
                page = _PAGES[kind]
                return page(self._pages, request, link, secret, error=exc.message, status=400)
            return RedirectResponse("/oauth/login", 303, {"Cache-Control": "no-store"})

        return send

    async def _request(self, request: Request) -> Response:
        fields = await self._pages.fields(request)
        try:
            self._people.request_reset(fields.get("email", ""), _address(request))
        except TooManyAttempts as exc:
            return ask_page(self._pages, request, is_sent=True, error=exc.message, status=429)
        return asked_page(self._pages, request)

    def _guarded(self, handler: Handler) -> Handler:
        async def answer(request: Request) -> Response:
            title = "This did not work"
            if not is_safe(request, self._people.settings):
                reason = "This page is only served over https."
                return failure_page(self._pages, request, title, reason)
            try:
                return await handler(request)
            except ShelfcastError as exc:
                status = status_of(exc)
                return failure_page(self._pages, request, title, exc.message, status=status)

        return answer


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
