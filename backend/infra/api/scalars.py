"""The scalars of the schema, and how strictly they read."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, NewType

import msgspec
import strawberry
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.types.scalar import ScalarDefinition

from backend.core.drafts import Moment

Cursor = NewType("Cursor", str)
Long = NewType("Long", int)

_MOST_LONG: Final = 2**53 - 1  # what a JSON number carries exactly through JavaScript
_MOST_DIGITS: Final = 60
_MOST_SHOWN: Final = 60


def parse_datetime(value: object) -> datetime:
    """Read an ISO 8601 moment with an offset."""
    if not isinstance(value, str):
        raise StrawberryInputCoercionError(f"DateTime cannot represent {_shown(value)}: no string")
    try:
        return msgspec.convert(value, Moment)  # the short cut for hot documents reads the same
    except msgspec.ValidationError:
        raise StrawberryInputCoercionError(
            f"DateTime cannot represent {value[:60]!r}: write RFC 3339 with an offset, such as"
            " 2026-01-31T09:30:00Z"
        ) from None


def parse_decimal(value: object) -> Decimal:
    """Read a decimal number from a string (preferred) or a JSON number.

    NaN and infinity are left to the field's own check.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise StrawberryInputCoercionError(f"Decimal cannot represent {_shown(value)}")
    text = str(value)
    if len(text) > _MOST_DIGITS:
        raise StrawberryInputCoercionError(f"Decimal cannot represent {text[:60]!r}…: too long")
    try:
        return Decimal(text)
    except InvalidOperation:
        raise StrawberryInputCoercionError(f"Decimal cannot represent {text!r}") from None


def format_decimal(value: Decimal) -> str:
    """Write a decimal without exponent and without trailing zeros, as clients read it."""
    text = str(value)
    if "E" in text:
        text = f"{value:f}"
    if "." not in text or text[-1] != "0":
        return text
    return text.rstrip("0").rstrip(".")


def format_datetime(value: datetime) -> str:
    """Write a moment in UTC with 'Z'."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _shown(value: object) -> str:
    return repr(value)[:_MOST_SHOWN]


def _parse_long(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _MOST_LONG:
        raise StrawberryInputCoercionError(f"Long cannot represent {_shown(value)}")
    return value


def _parse_cursor(value: object) -> str:
    if not isinstance(value, str):
        raise StrawberryInputCoercionError(f"Cursor cannot represent {_shown(value)}")
    return value


SCALARS: Final[dict[object, ScalarDefinition]] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment, ISO 8601 with an offset; answers are in UTC.",
        serialize=format_datetime,
        parse_value=parse_datetime,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="An exact decimal number, written as a string; input may be a JSON number too.",
        serialize=format_decimal,
        parse_value=parse_decimal,
    ),
    Cursor: strawberry.scalar(
        name="Cursor",
        description="An opaque position: keep it, send it back, do not look inside.",
        serialize=str,
        parse_value=_parse_cursor,
    ),
    Long: strawberry.scalar(
        name="Long",
        description="A whole number of up to 53 bits.",
        serialize=int,
        parse_value=_parse_long,
    ),
}
