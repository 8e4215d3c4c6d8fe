"""The dashboard as an OAuth client of the backend."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx2
from pydantic import BaseModel, SecretStr, ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.settings import DashboardSettings

LIVE_SCOPES = (
    "alerts:read",
    "catalogue:read",
    "locations:read",
    "sales:read",
    "stock:read",
)
"""All a wall reads; what a browser holds can write nothing."""

TIMEOUT_S = 5.0
RENEWAL_PAUSE_S = 2.0
"""A token younger than this is not thrown away again, however often a browser asks."""


class BackendUnreachable(Exception):
    """The backend did not answer, or answered that it cannot; retry later."""


class CredentialsRefused(Exception):
    """The backend does not accept this client; somebody has to look at the settings."""


class _Credentials(BaseModel):
    client_id: str
    client_secret: SecretStr


class _Grant(BaseModel):
    access_token: str
    expires_in: float


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token and, on the given monotonic clock, its life."""

    value: str
    issued_at: float
    expires_at: float

    def has_half_its_life_left(self, now: float) -> bool:
        """Tell whether a browser that gets the token now can use it for a while."""
        return now < (self.issued_at + self.expires_at) / 2


class BackendClient:
    """Hold the credentials of the dashboard and one cached, read-only access token."""

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
            base_url=settings.backend_url, timeout=TIMEOUT_S, transport=transport
        )
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token: AccessToken | None = None

    async def live_token(self, *, renew: bool = False) -> AccessToken:
        """Return a token with read-only scopes and at least half of its life before it.

        `renew` says that the backend refused the last one.

        Raises:
            BackendUnreachable: no answer, or an error that passes.
            CredentialsRefused: the client is unknown or may not have these scopes.
        """
        async with self._lock:
            now = self._clock()
            token = self._token
            if token and renew and now - token.issued_at >= RENEWAL_PAUSE_S:
                token = None
            if token is None or not token.has_half_its_life_left(now):
                token = await self._request_token()
            self._token = token
            return token

    async def aclose(self) -> None:
        """Close the connections to the backend."""
        await self._http.aclose()

    async def _request_token(self) -> AccessToken:
        credentials = await asyncio.to_thread(self._credentials)
        asked_at = self._clock()
        try:
            response = await self._http.post(
                "/oauth/token",
                data={"grant_type": "client_credentials", "scope": " ".join(LIVE_SCOPES)},
                auth=(credentials.client_id, credentials.client_secret.get_secret_value()),
            )
        except httpx2.HTTPError as exc:
            raise BackendUnreachable(str(exc) or type(exc).__name__) from exc
        if response.status_code in {400, 401, 403}:
            raise CredentialsRefused(_oauth_error(response))
        if response.status_code != 200:
            raise BackendUnreachable(f"/oauth/token answered {response.status_code}")
        try:
            grant = _Grant.model_validate_json(response.content)
        except ValidationError as exc:
            raise BackendUnreachable("/oauth/token answered something else") from exc
        return AccessToken(grant.access_token, asked_at, asked_at + grant.expires_in)

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


def _oauth_error(response: httpx2.Response) -> str:
    """Return the error code of RFC 6749, paragraph 5.2, as far as there is one."""
    try:
        body = response.json()
    except json.JSONDecodeError:
        return f"status {response.status_code}"
    code = body.get("error") if isinstance(body, dict) else None
    return code if isinstance(code, str) else f"status {response.status_code}"
