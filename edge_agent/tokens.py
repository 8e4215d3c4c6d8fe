"""OAuth access tokens by client credentials (RFC 6749 §4.4), proven by a secret or our own key."""

from __future__ import annotations

import asyncio
import json
import time
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from edge_agent.client_key import ASSERTION_TYPE
from edge_agent.errors import UplinkUnauthorised, UplinkUnavailable
from edge_agent.http_client import Answer as HttpAnswer, HttpClient, retry_after_s
from edge_agent.toml_table import is_table

if TYPE_CHECKING:
    from edge_agent.clock import Clock
    from edge_agent.skew import SkewEstimator
    from edge_agent.uplink_settings import UplinkSettings

SCOPE = "reads:write"
# A token is replaced so long before it expires that no request carries it past that.
_RENEW_BEFORE_S = 60.0
_DEFAULT_LIFETIME_S = 300.0
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


class TokenSource:
    """The current access token; several requests may ask at once, one renewal is made."""

    def __init__(
        self, settings: UplinkSettings, http: HttpClient, clock: Clock, skew: SkewEstimator
    ) -> None:
        self._settings = settings
        self._http = http
        self._clock = clock
        self._skew = skew
        self._token = ""
        self._renew_at = 0.0
        self._lock = asyncio.Lock()

    async def current(self, *, refused: str = "") -> str:
        """Return a token that is good by our clock and is not the `refused` one.

        Raises UplinkUnavailable, also for wrong credentials: someone must mend them, the reads
        stay meanwhile.
        """
        async with self._lock:
            if self._token in ("", refused) or time.monotonic() >= self._renew_at:
                self._token, lifetime_s = await self._request()
                margin_s = min(_RENEW_BEFORE_S, lifetime_s / 5)
                self._renew_at = time.monotonic() + lifetime_s - margin_s
            return self._token

    async def _request(self) -> tuple[str, float]:
        try:
            return await self._ask()
        except UplinkUnauthorised:
            if self._settings.key is None:
                raise
            # Our clock was never set, and now the reply has told the time; or the reply to an
            # assertion was lost, which is good only once.
            return await self._ask()

    async def _ask(self) -> tuple[str, float]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._settings.client_id,
            "scope": SCOPE,
            **self._proof(),
        }
        body = urlencode(form).encode("ascii")
        return _read_token(await self._http.post(self._settings.token_url, body, _FORM))

    def _proof(self) -> dict[str, str]:
        at = self._settings
        if at.key is None:
            return {"client_secret": at.client_secret}
        now = self._clock.now()
        server_ms = now.wall_ms - (self._skew.skew_ms(now) or 0)
        assertion = at.key.assertion(at.client_id, at.token_url, now_s=server_ms // 1000)
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}


def _read_token(response: HttpAnswer) -> tuple[str, float]:
    try:
        answer: object = json.loads(response.content)
    except ValueError:
        answer = None
    fields = answer if is_table(answer) else {}
    token, lifetime = fields.get("access_token"), fields.get("expires_in")
    if response.status_code != HTTPStatus.OK or not isinstance(token, str) or not token:
        reason = str(fields.get("error") or "no OAuth answer")[:80]
        kind = UplinkUnauthorised if reason == "invalid_client" else UplinkUnavailable
        raise kind(
            f"no token: HTTP {response.status_code}, {reason}",
            retry_after=retry_after_s(response),
        )
    return token, float(lifetime) if isinstance(lifetime, int | float) else _DEFAULT_LIFETIME_S
