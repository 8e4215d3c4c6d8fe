"""Opaque positions: of the feed (`f1.<epoch>.<seq>…`) and of lists (`l1.…`)."""

import base64
import binascii
import math
from dataclasses import dataclass
from typing import Final

import msgspec

from backend.core.errors import Invalid

_MOST_SEQ: Final = 2**62


class InvalidCursor(Invalid):
    """A cursor this server did not make, or not for this."""

    code = "INVALID_CURSOR"


@dataclass(frozen=True, slots=True)
class FeedPosition:
    """A place in the feed.

    Everything up to and including item `item` of entry `seq` is behind it.

    `item` is -1 where the whole entry is. `snapshot` continues a snapshot taken at `seq` after that
    key; None outside one.
    """

    epoch: str
    seq: int
    item: int = -1
    snapshot: str | None = None

    @property
    def reach(self) -> tuple[int, float]:
        """How far it reaches, to compare positions of one epoch."""
        return self.seq, math.inf if self.item < 0 else self.item

    @property
    def whole(self) -> int:
        """The last seq that lies completely behind it."""
        return self.seq - 1 if self.item >= 0 else self.seq

    def __str__(self) -> str:
        text = f"f1.{self.epoch}.{self.seq}"
        if self.item >= 0:
            text += f".{self.item}"
        if self.snapshot is not None:
            text += f".s{_encode(self.snapshot.encode())}"
        return text


def parse_feed_position(text: str) -> FeedPosition:
    """Read a feed cursor.

    Raises:
        InvalidCursor: it is none.
    """
    parts = text.split(".")
    try:
        _expect(len(text) <= 400 and parts[0] == "f1" and 3 <= len(parts) <= 5)
        item, snapshot = -1, None
        for part in parts[3:]:
            if part.startswith("s"):
                snapshot = _decode(part[1:]).decode()
            else:
                item = int(part)
        seq = int(parts[2])
        _expect(0 <= seq <= _MOST_SEQ and -1 <= item <= _MOST_SEQ)
        return FeedPosition(parts[1], seq, item, snapshot)
    except (ValueError, binascii.Error) as exc:
        raise InvalidCursor("this is not a feed cursor", field=["after"], value=text[:60]) from exc


def list_cursor(order: str, values: list[str | None]) -> str:
    """Return the cursor of a row by the values it was sorted by; `order` names the sorting."""
    return "l1." + _encode(msgspec.json.encode([order, *values]))


def parse_list_cursor(text: str, order: str) -> list[str | None]:
    """Return the values of a list cursor.

    Raises:
        InvalidCursor: it is none, or belongs to another sorting.
    """
    try:
        _expect(len(text) <= 2000 and text.startswith("l1."))
        made_for, *values = msgspec.json.decode(_decode(text[3:]), type=list[str | None])
    except (ValueError, binascii.Error, msgspec.MsgspecError) as exc:
        raise InvalidCursor("this is not a list cursor", field=["after"], value=text[:60]) from exc
    if made_for != order:
        raise InvalidCursor(
            "this cursor belongs to another sorting", field=["after"], value=text[:60]
        )
    return values


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars="-_", validate=True)


def _expect(condition: bool) -> None:
    if not condition:
        raise ValueError("not a cursor")
