"""Bodies that arrive compressed (RFC 9110 §8.4): inflated piece by piece, never beyond a limit."""

import zlib
from typing import Final

from backend.core.errors import Invalid
from backend.infra.api.problems import UnsupportedEncoding

ACCEPTED: Final = "gzip"
_PLAIN: Final = ("", "identity")
# 16 + 15: a gzip header and the largest window.
_GZIP_WINDOW: Final = 31


class BodyMalformed(Invalid):
    """The request's body is not compressed the way it says."""

    code = "BODY_MALFORMED"


class Inflater:
    """Takes one gzip member apart; a bomb costs no more than the limit, in time and in memory."""

    def __init__(self, limit: int) -> None:
        self._stream = zlib.decompressobj(_GZIP_WINDOW)
        self._limit = limit
        self._size = 0

    @property
    def is_beyond_limit(self) -> bool:
        """Whether the body holds more than the limit allows; the rest is not looked at."""
        return self._size > self._limit

    def feed(self, data: bytes, *, is_last: bool) -> bytes:
        """Return what a piece of the body holds; raises BodyMalformed."""
        try:
            inflated = self._stream.decompress(data, self._limit + 1 - self._size)
        except zlib.error as exc:
            raise BodyMalformed("the body is not gzip") from exc
        self._size += len(inflated)
        if self.is_beyond_limit:
            return inflated
        if self._stream.unused_data:
            raise BodyMalformed("something follows the gzip member")
        if is_last and not self._stream.eof:
            raise BodyMalformed("the gzip member is cut off")
        return inflated


def inflater_for(encoding: str, limit: int) -> Inflater | None:
    """Return what a `Content-Encoding` asks for, None for a plain body.

    Raises:
        UnsupportedEncoding: anything else, several encodings upon one another too.
    """
    name = encoding.strip().lower()
    if name in _PLAIN:
        return None
    if name not in (ACCEPTED, "x-gzip"):
        raise UnsupportedEncoding(f"bodies may be plain or {ACCEPTED}", encoding=encoding[:100])
    return Inflater(limit)
