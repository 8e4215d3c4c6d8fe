"""The dashboard as an OAuth client of the backend: sign-ins, tokens, tickets and GraphQL."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode, urlsplit

import httpx2
from pydantic import BaseModel, SecretStr, ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dashboard.settings import DashboardSettings

REUSED_S = 2.0
"""Seconds for which an idle connection is used again: servers close theirs after five, and what is
sent at that very moment is lost."""
TIMEOUT_S = 5.0
LONG_TIMEOUT_S = 120.0
"""For an operation that may work through a whole organisation."""

Answer = TypeVar("Answer", bound=BaseModel)

SOCKET_SCOPES = MappingProxyType(
    {
        "wall": "alerts:read catalogue:read locations:read sales:read stock:read",
        "devices": "devices:read",
        "reports": "reports:read",
        "shelf": "forecast:read",
        "kept": "reports:read sales:read",
        "forecast": "forecast:read sales:read",
    }
)
"""All that the socket of a page may do: what a page is led to do with it, it changes nothing."""

EXPORT = "/api/organisation/export"
METADATA = "/.well-known/oauth-authorization-server"


class BackendUnreachable(Exception):
    """The backend did not answer, or answered that it cannot; retry later."""


class CredentialsRefused(Exception):
    """The backend does not accept this dashboard; somebody has to look at the settings."""


class SignedOut(Exception):
    """A code, a token or the session behind it is not good any more: sign in again."""


class Refused(Exception):
    """The backend understood and said no; `code` is one of its error codes.

    `field`: the first field of the document, or its alias, that is refused; None: all are.
    """

    def __init__(self, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


class _Credentials(BaseModel):
    client_id: str
    client_secret: SecretStr


class _Grant(BaseModel):
    access_token: str
    expires_in: float
    refresh_token: str | None = None


class _Metadata(BaseModel):
    issuer: str
    authorization_endpoint: str
    scopes_supported: list[str] = []


class _Ticket(BaseModel):
    ticket: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one sign-in and, on the given monotonic clock, the life of the first."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    issued_at: float
    expires_at: float

    def is_fresh(self, now: float) -> bool:
        """Tell whether half of the life is left, so that a request has time to use it."""
        return now < (self.issued_at + self.expires_at) / 2


class BackendClient:
    """Talk to the backend with the dashboard's credentials or with a person's token."""

    def __init__(
        self,
        settings: DashboardSettings,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare without connecting; `transport` and `clock` are ports for tests."""
        self._settings = settings
        self._http = httpx2.AsyncClient(
            base_url=settings.backend_url,
            timeout=TIMEOUT_S,
            transport=transport,
            limits=httpx2.Limits(
                max_connections=100, max_keepalive_connections=20, keepalive_expiry=REUSED_S
            ),
        )
        self.clock = clock

    async def aclose(self) -> None:
        """Close the connections to the backend."""
        await self._http.aclose()

    async def issuer(self) -> str:
        """Return how the backend calls itself where it signs people in (RFC 8414)."""
        return (await self._metadata()).issuer

    async def scopes(self) -> list[str]:
        """Return every scope the backend knows."""
        return (await self._metadata()).scopes_supported

    async def authorization_url(self, *, redirect_uri: str, state: str, challenge: str) -> str:
        """Return where a browser goes to sign in.

        Raises:
            BackendUnreachable: no answer.
            CredentialsRefused: no client is set.
        """
        metadata, credentials = await asyncio.gather(
            self._metadata(), asyncio.to_thread(self._credentials)
        )
        query = {
            "response_type": "code",
            "client_id": credentials.client_id,
            "redirect_uri": redirect_uri,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{metadata.authorization_endpoint}?{urlencode(query)}"

    async def exchange(self, code: str, *, verifier: str, redirect_uri: str) -> Tokens:
        """Return the tokens that a code stands for.

        Raises:
            BackendUnreachable: no answer, or an error that passes.
            CredentialsRefused: the client is unknown or its secret wrong.
            SignedOut: the code is used up, too old, or not for us.
        """
        return await self._grant(
            {
                "grant_type": "authorization_code",
                "code": code,
                "code_verifier": verifier,
                "redirect_uri": redirect_uri,
            }
        )

    async def refresh(self, tokens: Tokens) -> Tokens:
        """Return the next tokens; the refresh token given is used up by that.

        Raises:
            BackendUnreachable: no answer, or an error that passes.
            CredentialsRefused: the client is unknown or its secret wrong.
            SignedOut: the session has ended.
        """
        if tokens.refresh is None:
            raise SignedOut("there is no refresh token")
        return await self._grant({"grant_type": "refresh_token", "refresh_token": tokens.refresh})

    async def revoke(self, tokens: Tokens) -> None:
        """Tell the backend that nobody will use these tokens again (RFC 7009)."""
        credentials = await asyncio.to_thread(self._credentials)
        await self._send(
            "/oauth/revoke",
            data={"token": tokens.refresh or tokens.access},
            auth=(credentials.client_id, credentials.client_secret.get_secret_value()),
        )

    async def ticket(self, access: str, use: str = "wall") -> str:
        """Return a ticket that opens one WebSocket within the next seconds.

        `use` is what it is for, one of SOCKET_SCOPES: it reads that and nothing else.

        Raises:
            BackendUnreachable: no answer, or an error that passes.
            SignedOut: the access token is not good any more.
        """
        response = await self._send(
            "/oauth/ticket", data={"scope": SOCKET_SCOPES[use]}, headers=_bearer(access)
        )
        if response.status_code == 401:
            raise SignedOut("the access token was refused")
        return _parsed(_Ticket, response, "/oauth/ticket").ticket

    async def export(self, access: str) -> httpx2.Response:
        """Return everything of the organisation as a ZIP that is still to be read, then closed.

        Raises:
            BackendUnreachable: no answer, or an error that passes.
            SignedOut: the access token is not good any more.
            Refused: somebody else than an owner asks.
        """
        request = self._http.build_request(
            "GET", EXPORT, headers=_bearer(access), timeout=LONG_TIMEOUT_S
        )
        try:
            response = await self._http.send(request, stream=True)
            if response.status_code == 200:
                return response
            await response.aread()
        except httpx2.HTTPError as exc:
            raise BackendUnreachable(str(exc) or type(exc).__name__) from exc
        if response.status_code == 401:
            raise SignedOut("the access token was refused")
        if response.status_code == 403:
            body = _json(response) or {}
            raise Refused(body.get("code", "FORBIDDEN"), body.get("detail", "not allowed"))
        raise BackendUnreachable(f"{EXPORT} answered {response.status_code}")

    async def fetch(self, url: str) -> bytes:
        """Return what lies behind a link of the backend that needs no token.

        Raises:
            BackendUnreachable: no answer, or an error that passes.
            Refused: the link is good for nothing any more.
        """
        path = urlsplit(url).path
        try:
            response = await self._http.get(path, timeout=LONG_TIMEOUT_S)
        except httpx2.HTTPError as exc:
            raise BackendUnreachable(str(exc) or type(exc).__name__) from exc
        if response.status_code >= 500:
            raise BackendUnreachable(f"a link answered {response.status_code}")
        if response.status_code != 200:
            raise Refused("INVALID_LINK", "this link is good for nothing any more")
        return response.content

    async def execute(
        self,
        access: str,
        document: str,
        variables: Mapping[str, object] | None = None,
        *,
        is_long: bool = False,
    ) -> dict[str, Any]:
        """Return the data of a GraphQL operation.

        Raises:
            BackendUnreachable: no answer, or an error that passes.
            SignedOut: the access token is not good any more.
            Refused: the operation was refused; the first error says why.
        """
        response = await self._send(
            "/graphql",
            json={"query": document, "variables": dict(variables or {})},
            headers=_bearer(access),
            timeout=LONG_TIMEOUT_S if is_long else TIMEOUT_S,
        )
        if response.status_code == 401:
            raise SignedOut("the access token was refused")
        body = _json(response)
        if body is None or response.status_code >= 500:
            raise BackendUnreachable(f"/graphql answered {response.status_code}")
        for error in body.get("errors") or []:
            code = (error.get("extensions") or {}).get("code", "INTERNAL")
            if code == "UNAUTHENTICATED":
                raise SignedOut(error["message"])
            path = error.get("path") or [None]
            raise Refused(code, error["message"], path[0])
        return body["data"]

    async def _grant(self, form: dict[str, str]) -> Tokens:
        credentials = await asyncio.to_thread(self._credentials)
        asked_at = self.clock()
        response = await self._send(
            "/oauth/token",
            data=form,
            auth=(credentials.client_id, credentials.client_secret.get_secret_value()),
        )
        if response.status_code in {400, 401, 403}:
            error = _oauth_error(response)
            raise (SignedOut if error == "invalid_grant" else CredentialsRefused)(error)
        grant = _parsed(_Grant, response, "/oauth/token")
        return Tokens(
            grant.access_token, grant.refresh_token, asked_at, asked_at + grant.expires_in
        )

    async def _metadata(self) -> _Metadata:
        try:
            response = await self._http.get(METADATA)
        except httpx2.HTTPError as exc:
            raise BackendUnreachable(str(exc) or type(exc).__name__) from exc
        return _parsed(_Metadata, response, METADATA)

    async def _send(self, path: str, **request: Any) -> httpx2.Response:
        try:
            return await self._http.post(path, **request)
        except httpx2.HTTPError as exc:
            raise BackendUnreachable(str(exc) or type(exc).__name__) from exc

    def _credentials(self) -> _Credentials:
        """Read the settings, else the file that `up` writes, which may appear after us."""
        settings = self._settings
        if settings.dashboard_client_id and settings.dashboard_client_secret:
            return _Credentials(
                client_id=settings.dashboard_client_id,
                client_secret=settings.dashboard_client_secret,
            )
        path = settings.data_dir / "clients" / "dashboard.json"
        try:
            return _Credentials.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as exc:
            raise CredentialsRefused("no client credentials are set") from exc


def _bearer(access: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {access}"}


def _parsed(model: type[Answer], response: httpx2.Response, path: str) -> Answer:
    if response.status_code != 200:
        raise BackendUnreachable(f"{path} answered {response.status_code}")
    try:
        return model.model_validate_json(response.content)
    except ValidationError as exc:
        raise BackendUnreachable(f"{path} answered something else") from exc


def _json(response: httpx2.Response) -> dict[str, Any] | None:
    try:
        body = response.json()
    except json.JSONDecodeError:
        return None
    return body if isinstance(body, dict) else None


def _oauth_error(response: httpx2.Response) -> str:
    """Return the error code of RFC 6749, paragraph 5.2, as far as there is one."""
    code = (_json(response) or {}).get("error")
    return code if isinstance(code, str) else f"status {response.status_code}"
