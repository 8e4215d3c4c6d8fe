"""Bounded JSON for what has no column."""

from collections.abc import Sequence
from typing import Final, TypeGuard

import msgspec
from msgspec import UnsetType

from backend.core.errors import Invalid, TooMuch

MOST_BYTES: Final = 16_000
MOST_LEVELS: Final = 8

Attributes = dict[str, object]


class InvalidAttributes(Invalid):
    """Attributes that are no JSON object, or hold text that cannot be kept."""

    code = "INVALID_ATTRIBUTES"


class AttributesTooLarge(TooMuch):
    """Attributes of more than 16 kB, or nested more than eight levels deep."""

    code = "ATTRIBUTES_TOO_LARGE"


def attributes(value: object, field: Sequence[str]) -> Attributes:
    """Return `value` as attributes, in the form in which they come back from the database.

    Raises:
        InvalidAttributes: not an object, or text with NUL or half a surrogate pair in it.
        AttributesTooLarge: more than 16 kB as JSON, or more than eight levels.
    """
    if not _is_object(value):
        raise InvalidAttributes("attributes are a JSON object", field=field)
    if not _fits(value, MOST_LEVELS):
        raise AttributesTooLarge(f"attributes nest at most {MOST_LEVELS} levels", field=field)
    try:
        encoded = msgspec.json.encode(value)
        read: object = msgspec.json.decode(encoded)
    except (UnicodeError, TypeError, ValueError, OverflowError) as exc:
        raise InvalidAttributes("attributes cannot be written as JSON", field=field) from exc
    if len(encoded) > MOST_BYTES:
        raise AttributesTooLarge(f"attributes have at most {MOST_BYTES} bytes", field=field)
    if not _is_object(read) or b"\\u0000" in encoded:
        raise InvalidAttributes("text in attributes cannot hold NUL", field=field)
    return read


def optional_attributes(value: object, field: Sequence[str]) -> Attributes | UnsetType | None:
    """Return attributes as they are kept; UNSET and None stay what they are.

    Raises:
        InvalidAttributes, AttributesTooLarge: they cannot be kept.
    """
    return value if value is None or isinstance(value, UnsetType) else attributes(value, field)


def encode(value: Attributes) -> str:
    """Return attributes as the text of a jsonb column."""
    return msgspec.json.encode(value).decode()


def decode(text: str) -> Attributes:
    """Return the attributes of the text of a jsonb column."""
    return msgspec.json.decode(text, type=Attributes)


def _fits(value: object, levels: int) -> bool:
    if _is_object(value):
        return levels > 0 and all(_fits(one, levels - 1) for one in value.values())
    if _is_list(value):
        return levels > 0 and all(_fits(one, levels - 1) for one in value)
    return True


def _is_object(value: object) -> TypeGuard[Attributes]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)
