"""HTTP as the uplink needs it: one POST, its failures in our words, the server's clock noted."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, Self

import httpx2

from edge_agent.errors import Suspicion, UplinkUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from types import TracebackType

    from edge_agent.clock import Clock
    from edge_agent.skew import SkewEstimator
    from edge_agent.uplink_settings import UplinkSettings

# Longer than shops pause between scans at a busy till: a new TLS connection costs three trips.
_KEEP_ALIVE_S = 55.0
_STALE_CONNECTION = (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError)


MAX_ANSWER_BYTES: Final = 4 * 1024 * 1024
"""Ours are a tenth of it; what a captive portal pours out is not kept."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole response."""

    status_code: int
    headers: httpx2.Headers
    content: bytes


class HttpClient:
    """A connection pool that raises nothing but UplinkUnavailable.

    HTTP/2 where the server offers it. Proxies come from the settings, else from the system;
    `ca_file` replaces the system's certificates.
    """

    def __init__(self, settings: UplinkSettings, clock: Clock, skew: SkewEstimator) -> None:
        self._clock = clock
        self._skew = skew
        self._timeout_s = settings.timeout_s
        ca_file = settings.ca_file
        self._client = httpx2.AsyncClient(
            timeout=settings.timeout_s,
            limits=httpx2.Limits(keepalive_expiry=_KEEP_ALIVE_S),
            http2=True,
            proxy=settings.proxy or None,
            verify=ssl.create_default_context(cafile=ca_file) if ca_file else True,
        )

    async def __aenter__(self) -> Self:
        """Begin; connections are opened when they are needed."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a request that may safely be sent twice, and return the whole response."""
        try:
            # httpx2 limits each wait; a server that drips bytes would hold us for ever.
            async with asyncio.timeout(2 * self._timeout_s):
                return await self._post_again_if_stale(url, content, headers)
        except (TimeoutError, httpx2.ReadTimeout, httpx2.WriteTimeout) as exc:
            raise UplinkUnavailable("timeout", suspicion=Suspicion.SIZE) from exc
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as exc:
            raise UplinkUnavailable(f"{type(exc).__name__}: {exc}") from exc

    async def _post_again_if_stale(
        self, url: str, content: bytes, headers: Mapping[str, str]
    ) -> Answer:
        """Not wait for the back-off when the server has merely closed an idle connection."""
        try:
            return await self._post_once(url, content, headers)
        except _STALE_CONNECTION:
            return await self._post_once(url, content, headers)

    async def _post_once(self, url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        sent = self._clock.now()
        async with self._client.stream(
            "POST", url, content=content, headers=dict(headers), extensions={"trace": _closer()}
        ) as response:
            if (date := response.headers.get("Date")) is not None:
                self._skew.observe(date, sent=sent, received=self._clock.now())
            body = b""
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > MAX_ANSWER_BYTES:
                    raise UplinkUnavailable(f"an answer of more than {MAX_ANSWER_BYTES} bytes")
        return Answer(response.status_code, response.headers, body)


def _closer() -> Callable[[str, Mapping[str, Any]], Awaitable[None]]:
    """Return a trace (httpx2's extension) that closes a connection whose TLS was given up half-way.

    httpx2 closes it after an error, not where a timeout or the agent's end cancels the handshake.
    """
    connected = None

    async def trace(event: str, info: Mapping[str, Any]) -> None:
        nonlocal connected
        if event == "connection.connect_tcp.complete":
            connected = info["return_value"]
        elif event.endswith(".start_tls.failed") and connected is not None:
            await connected.aclose()

    return trace


def retry_after_s(response: Answer) -> float | None:
    """Return the seconds a `Retry-After` header asks for; None without a usable one.

    A date is compared with the server's own `Date`: our clock may never have been set.
    """
    asked = response.headers.get("Retry-After", "")
    if asked.isascii() and asked.isdecimal():
        return float(asked)
    try:
        until = parsedate_to_datetime(asked)
        return max((until - parsedate_to_datetime(response.headers["Date"])).total_seconds(), 0.0)
    except (ValueError, TypeError, KeyError):
        return None
