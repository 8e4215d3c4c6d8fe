"""The backend's GraphQL endpoint as this agent asks it: signed in, compressed where taken."""

from __future__ import annotations

import zlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Self, TypeVar

from edge_agent.errors import UplinkUnauthorised, UplinkUnavailable
from edge_agent.http_client import Answer as HttpAnswer, HttpClient, retry_after_s
from edge_agent.tokens import TokenSource

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from edge_agent.clock import Clock
    from edge_agent.skew import SkewEstimator
    from edge_agent.uplink_settings import UplinkSettings

Answer = TypeVar("Answer")

SMALLEST_COMPRESSED: Final = 1400
"""A body below this travels in one packet anyway."""
# gzip (RFC 1952) at the level that costs a small machine least.
_GZIP: Final = 31
_LEVEL: Final = 1


class Api:
    """One client of the backend; reads and heartbeats share its connections and its token."""

    def __init__(self, settings: UplinkSettings, clock: Clock, skew: SkewEstimator) -> None:
        self.skew = skew
        self._url = settings.url
        self._http = HttpClient(settings, clock, skew)
        self._tokens = TokenSource(settings, self._http, clock, skew)
        self._takes_gzip = False

    async def __aenter__(self) -> Self:
        """Begin; connections are opened when they are needed."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        """Close all connections."""
        await self._http.__aexit__(kind, exc, tb)

    async def sign_in(self) -> None:
        """Get a token now rather than when the first request needs it."""
        await self._tokens.current()

    async def ask(self, write: Callable[[], bytes], read: Callable[[int, bytes], Answer]) -> Answer:
        """Post what `write` makes and return what `read` makes of the status and body it got.

        A refused token is renewed once. Raises what `read` raises; of UplinkUnavailable, all that
        never came so far.
        """
        token = await self._tokens.current()
        try:
            return await self._ask_once(write, read, token)
        except UplinkUnauthorised:
            return await self._ask_once(write, read, await self._tokens.current(refused=token))

    async def _ask_once(
        self, write: Callable[[], bytes], read: Callable[[int, bytes], Answer], token: str
    ) -> Answer:
        response = await self._post(write(), token)
        try:
            return read(response.status_code, response.content)
        except UplinkUnavailable as exc:
            exc.retry_after = retry_after_s(response)
            raise

    async def _post(self, body: bytes, token: str) -> HttpAnswer:
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        if self._takes_gzip and len(body) >= SMALLEST_COMPRESSED:
            packed = zlib.compress(body, _LEVEL, _GZIP)
            response = await self._http.post(
                self._url, packed, {**headers, "Content-Encoding": "gzip"}
            )
            if response.status_code != HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
                return self._note_encodings(response)
        return self._note_encodings(await self._http.post(self._url, body, headers))

    def _note_encodings(self, response: HttpAnswer) -> HttpAnswer:
        """Learn whether bodies may come compressed: each answer says so (RFC 7694)."""
        offered = response.headers.get("Accept-Encoding", "").lower().split(",")
        self._takes_gzip = "gzip" in (name.strip() for name in offered)
        return response
