"""Which texts are accepted: what PostgreSQL can keep and a person can read."""

from collections.abc import Sequence
from typing import Final

from backend.core.errors import Invalid

MOST_NAME: Final = 400
MOST_CODE: Final = 100
_CONTROLS: Final = frozenset(map(chr, (*range(32), 127)))


class InvalidText(Invalid):
    """A text that is empty, too long, or has characters nobody can see."""

    code = "INVALID_TEXT"


class InvalidCode(InvalidText):
    """A code that is empty, too long, or that looks like another one."""

    code = "INVALID_CODE"


def text(value: str, field: Sequence[str], *, most: int = MOST_NAME) -> str:
    """Return `value` without the blanks around it.

    Raises:
        InvalidText: nothing is left, more than `most` characters, or control characters.
    """
    trimmed = value.strip()
    if not trimmed or len(trimmed) > most or not is_storable(value) or _has_controls(trimmed):
        raise InvalidText(
            f"{field[-1]} has 1 to {most} characters, none of them a control character",
            field=field,
            value=printable(value),
        )
    return trimmed


def code_text(value: str, field: Sequence[str], error: type[InvalidCode] = InvalidCode) -> str:
    """Return `value` as the code of something: exactly as sent, for codes are compared exactly.

    Raises:
        InvalidCode: empty, over 100 characters, blanks around it, or control characters.
    """
    is_bad = not value or len(value) > MOST_CODE or value != value.strip()
    if is_bad or not is_storable(value) or _has_controls(value):
        raise error(
            f"a code has 1 to {MOST_CODE} visible characters and no blanks around it",
            field=field,
            value=printable(value),
        )
    return value


def is_storable(value: str) -> bool:
    """Tell whether PostgreSQL can keep it: no NUL, no half of a surrogate pair."""
    if value.isascii():
        return "\x00" not in value
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in value


def printable(value: str) -> str:
    """Return the beginning of a text as it can be shown in an error."""
    return value[:60].encode("utf-8", "replace").decode()


def _has_controls(value: str) -> bool:
    return not _CONTROLS.isdisjoint(value)
