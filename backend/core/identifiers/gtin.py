"""GTINs: the numbers of trade items."""

from collections.abc import Sequence
from typing import Final, Self

from backend.core.errors import Invalid
from backend.core.identifiers.faults import Fault

GTIN_LENGTHS: Final = frozenset({8, 12, 13, 14})
NO_GTIN: Final = "0" * 14


class InvalidGtin(Invalid):
    """Not a GTIN; `fault` says why."""

    code = "INVALID_GTIN"

    def __init__(self, value: str, fault: Fault, *, field: Sequence[str] | None = None) -> None:
        super().__init__(
            f"{value[:60]!r} is not a GTIN: {fault.explanation}",
            field=field,
            value=value[:60],
            reason=fault.value,
        )
        self.fault = fault


class Gtin(str):
    """A GS1 trade item number as 14 digits, zero-padded, with a right check digit.

    Made from GTIN-8, -12, -13 or -14.

    Raises:
        InvalidGtin: it is none.
    """

    __slots__ = ()

    def __new__(cls, value: str, *, field: Sequence[str] | None = None) -> Self:
        """Check and pad `value`; `field` is its path for the error."""
        text = value.strip()
        if not (text.isascii() and text.isdigit()):
            raise InvalidGtin(value, Fault.NOT_DIGITS, field=field)
        if len(text) not in GTIN_LENGTHS:
            raise InvalidGtin(value, Fault.WRONG_LENGTH, field=field)
        padded = text.zfill(14)
        if padded[13] != check_digit(padded[:13]):
            raise InvalidGtin(value, Fault.WRONG_CHECK_DIGIT, field=field)
        if padded == NO_GTIN:
            raise InvalidGtin(value, Fault.ALL_ZEROS, field=field)
        return super().__new__(cls, padded)

    @property
    def shortest(self) -> str:
        """The number as it is printed: 8, 12, 13 or 14 digits."""
        for length in (8, 12, 13):
            if self[: 14 - length].count("0") == 14 - length:
                return self[14 - length :]
        return str(self)


def check_digit(payload: str) -> str:
    """Return the GS1 check digit of the digits before it (GS1 General Specifications 7.9)."""
    backwards = payload.encode("ascii")[::-1]
    total = sum(backwards[::2]) * 3 + sum(backwards[1::2])
    total -= 48 * (3 * len(backwards[::2]) + len(backwards[1::2]))
    return str(-total % 10)
