"""The endpoints that people pass with their browser: authorize, sign in, consent."""

from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backend.core.errors import ShelfcastError
from backend.core.roles import SCOPES_OF, scopes_within
from backend.core.settings import BackendSettings
from backend.identity.oauth.endpoints import Endpoint, is_safe
from backend.identity.oauth.forms import read_fields
from backend.identity.oauth.rules import (
    AuthorizationRequest,
    RequestFaulty,
    RequestRefused,
    read_request,
    with_parameters,
)
from backend.identity.oauth.server import AuthorizationServer
from backend.identity.pages.consent import CONSENT_PATH, consent_page
from backend.identity.pages.failure import failure_page
from backend.identity.pages.frame import FormRefused, Onward, Pages
from backend.identity.pages.login import LOGIN_PATH, login_page
from backend.identity.people.errors import SignInRefused, TooManyAttempts
from backend.identity.people.rules import SignedIn
from backend.identity.people.users import People
from backend.identity.rules import ClientKind

_AUTHORIZE_PATH: Final = "/oauth/authorize"
_LONGEST_QUERY: Final = 4_000
_LONGEST_AGENT: Final = 1_000


class Authorizing:
    """Leads people from a client's request through sign-in and consent back to the client."""

    def __init__(
        self, server: AuthorizationServer, people: People, pages: Pages, settings: BackendSettings
    ) -> None:
        self._server = server
        self._people = people
        self._pages = pages
        self._settings = settings
        self._issuer = settings.origin

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(_AUTHORIZE_PATH, self._guarded(self._authorize)),
            Route(LOGIN_PATH, self._guarded(self._login), methods=["GET"]),
            Route(LOGIN_PATH, self._guarded(self._sign_in), methods=["POST"]),
            Route(CONSENT_PATH, self._guarded(self._consent), methods=["POST"]),
        ]

    async def _authorize(self, request: Request) -> Response:
        asked = await self._asked(request.url.query)
        signed_in = await self._signed_in(request)
        if signed_in is None:
            return login_page(self._pages, request, _onward(asked))
        # Anybody's app can claim to be a public client: a person has to look (RFC 8252 §8.6).
        if asked.client.is_first_party and asked.client.kind is ClientKind.CONFIDENTIAL:
            if asked.client.org_id != signed_in.org_id:
                return self._somebody_elses(request, asked, signed_in)
            return await self._allow(request, asked, signed_in)
        if reason := _hindrance(asked, signed_in):
            return self._denied(asked, reason)
        scopes = scopes_within(asked.scopes, SCOPES_OF[signed_in.role])
        return consent_page(
            self._pages, request, _onward(asked), scopes=scopes, email=signed_in.email
        )

    async def _login(self, request: Request) -> Response:
        return login_page(self._pages, request, self._onward(None))

    async def _sign_in(self, request: Request) -> Response:
        fields = await self._pages.fields(request)
        wanted = fields.get("wanted", "")
        asked = await self._asked(wanted) if wanted else None
        email = fields.get("email", "").strip()
        address = _address(request)
        agent = request.headers.get("user-agent", "")[:_LONGEST_AGENT]
        try:
            cookie = await self._people.sign_in(email, fields.get("password", ""), address, agent)
        except (SignInRefused, TooManyAttempts) as exc:
            is_throttled = isinstance(exc, TooManyAttempts)
            response = login_page(
                self._pages,
                request,
                self._onward(asked),
                email=email,
                error=exc.message,
                status=429 if is_throttled else 401,
            )
            if isinstance(exc, TooManyAttempts):
                response.headers["Retry-After"] = str(exc.retry_after)
            return response
        onward = self._settings.dashboard_url if asked is None else _again(asked)
        response = _to(onward)
        lifetimes = (self._settings.session_lifetime, self._settings.screen_session_lifetime)
        # How long it is good for is the database's to know; the browser only keeps it.
        self._pages.set_cookie(response, "session", cookie, int(max(lifetimes).total_seconds()))
        return response

    async def _consent(self, request: Request) -> Response:
        fields = await self._pages.fields(request)
        asked = await self._asked(fields.get("wanted", ""))
        signed_in = await self._signed_in(request)
        decision = fields.get("decision")
        if decision == "switch":
            await self._people.sign_out(self._session(request))
            return _to(_again(asked))
        if signed_in is None:
            return login_page(self._pages, request, _onward(asked))
        return (
            await self._allow(request, asked, signed_in)
            if decision == "allow"
            else self._denied(asked, "the person said no")
        )

    def _onward(self, asked: AuthorizationRequest | None) -> Onward:
        """Return where signing in leads to: the dashboard, if no client asked."""
        return Onward("", self._settings.dashboard_url, "") if asked is None else _onward(asked)

    async def _allow(
        self, request: Request, asked: AuthorizationRequest, signed_in: SignedIn
    ) -> Response:
        if reason := _hindrance(asked, signed_in):
            return self._denied(asked, reason)
        scopes = scopes_within(asked.scopes, SCOPES_OF[signed_in.role])
        code = await self._server.allow(asked, signed_in, scopes, _address(request))
        return _to(
            with_parameters(
                asked.redirect_uri, {"code": code, "state": asked.state, "iss": self._issuer}
            )
        )

    def _somebody_elses(
        self, request: Request, asked: AuthorizationRequest, signed_in: SignedIn
    ) -> Response:
        """Return the form again: a refusal would lead back here while they are signed in."""
        error = (
            f"{signed_in.email} belongs to another organisation: sign in as somebody of this one."
        )
        return login_page(self._pages, request, _onward(asked), error=error, status=403)

    def _denied(self, asked: AuthorizationRequest, reason: str) -> Response:
        return self._refused(
            RequestRefused("access_denied", reason, asked.redirect_uri, asked.state)
        )

    def _refused(self, refused: RequestRefused) -> Response:
        answer = {
            "error": refused.error,
            "error_description": refused.description,
            "state": refused.state,
            "iss": self._issuer,
        }
        return _to(with_parameters(refused.redirect_uri, answer))

    async def _asked(self, query: str) -> AuthorizationRequest:
        """Return what an authorization request asks for.

        Raises:
            RequestFaulty, RequestRefused: it cannot be granted to anybody.
        """
        if len(query) > _LONGEST_QUERY:
            raise RequestFaulty("The request is too long.")
        try:
            fields = read_fields(query)
        except ValueError as exc:
            raise RequestFaulty(f"The request cannot be read: {exc}.") from exc
        client_id = fields.get("client_id", "")
        is_text = client_id.isprintable() and client_id.isascii()
        client = await self._server.identity.proof.client(client_id) if is_text else None
        return read_request(client, fields, urlencode(fields))

    async def _signed_in(self, request: Request) -> SignedIn | None:
        cookie = self._session(request)
        return await self._people.resolve(cookie) if cookie else None

    def _session(self, request: Request) -> str:
        return request.cookies.get(self._pages.cookie_name("session"), "")

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        async def guarded(request: Request) -> Response:
            title = "This does not work"
            if not is_safe(request, self._settings):
                reason = "This page is only served over https."
                return failure_page(self._pages, request, title, reason)
            try:
                return await endpoint(request)
            except RequestFaulty as exc:
                return failure_page(self._pages, request, title, str(exc))
            except RequestRefused as exc:
                return self._refused(exc)
            except FormRefused as exc:
                return failure_page(self._pages, request, title, exc.message, status=403)
            except ShelfcastError as exc:
                return failure_page(self._pages, request, title, exc.message, status=503)

        return guarded


def _onward(asked: AuthorizationRequest) -> Onward:
    return Onward(asked.client.name, asked.redirect_uri, asked.query)


def _hindrance(asked: AuthorizationRequest, signed_in: SignedIn) -> str:
    """Say why somebody cannot let a client in, whatever they answer; nothing: they can."""
    if asked.client.org_id != signed_in.org_id:
        return "this account belongs to another organisation"
    may = scopes_within(asked.scopes, SCOPES_OF[signed_in.role])
    return "" if may else "the role of this account may do nothing of what is asked for"


def _again(asked: AuthorizationRequest) -> str:
    """Return our own address of a request that was read: what was sent leads nowhere else."""
    return f"{_AUTHORIZE_PATH}?{asked.query}"


def _to(url: str) -> Response:
    # 303: the browser must not send the form, with the password, once more (RFC 9700 §4.12).
    return RedirectResponse(url, 303, {"Cache-Control": "no-store"})


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
