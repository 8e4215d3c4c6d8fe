"""EPC schemes, their headers, and what their keys look like (TDS 2.3, 14.2 and 14.6)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from backend.core.identifiers.gtin import check_digit

PREFIX_BITS: Final = (40, 37, 34, 30, 27, 24, 20)
"""Bits of the GS1 company prefix by partition; its digits are 12 minus the partition."""
LONGEST_PREFIX: Final = 12
NO_EXTENSION: Final = "0"
"""What an SGLN says whose location has no extension."""


class Scheme(StrEnum):
    """How an identifier is laid down in a tag."""

    SGTIN_96 = "sgtin-96"
    SGTIN_198 = "sgtin-198"
    SSCC_96 = "sscc-96"
    SGLN_96 = "sgln-96"
    SGLN_195 = "sgln-195"
    GRAI_96 = "grai-96"
    GRAI_170 = "grai-170"
    GIAI_96 = "giai-96"
    GIAI_202 = "giai-202"
    SGTIN_PLUS = "sgtin+"
    DSGTIN_PLUS = "dsgtin+"
    SSCC_PLUS = "sscc+"
    SGLN_PLUS = "sgln+"
    GRAI_PLUS = "grai+"
    GIAI_PLUS = "giai+"


@dataclass(frozen=True, slots=True)
class Key:
    """A GS1 key as EPCs divide it into company prefix and reference.

    `digits` counts those of prefix and reference together; None: the reference has any length.
    """

    name: str
    digits: int | None
    has_indicator: bool = False
    """The reference's first digit stands before the prefix: an indicator or extension digit."""
    leading: str = ""
    """Digits before the prefix that EPCs leave out."""

    def joined(self, prefix: str, reference: str) -> str:
        """Return the key, with its check digit where it has one."""
        if self.digits is None:
            return prefix + reference
        first = reference[:1] if self.has_indicator else ""
        payload = f"{self.leading}{first}{prefix}{reference[len(first) :]}"
        return payload + check_digit(payload)

    def divided(self, number: str, prefix_length: int) -> tuple[str, str]:
        """Return prefix and reference of the key."""
        start = len(self.leading) + self.has_indicator
        end = start + prefix_length
        last = None if self.digits is None else -1
        first = number[0] if self.has_indicator else ""
        return number[start:end], first + number[end:last]


SGTIN: Final = Key("sgtin", 13, has_indicator=True)
SSCC: Final = Key("sscc", 17, has_indicator=True)
SGLN: Final = Key("sgln", 12)
GRAI: Final = Key("grai", 12, leading="0")
GIAI: Final = Key("giai", None)


@dataclass(frozen=True, slots=True)
class Partitioned:
    """A scheme of TDS 1: header, filter, partition, company prefix, reference, serial.

    `key_bits` are those of prefix and reference together, `zero_bits` follow at the end.
    """

    scheme: Scheme
    header: int
    key: Key
    key_bits: int
    serial_bits: int = 0
    zero_bits: int = 0
    is_text: bool = False
    """The serial, or the reference of a key of any length, is text; otherwise a number."""


@dataclass(frozen=True, slots=True)
class Plus:
    """A `+` scheme of TDS 2: header, toggle, filter, the key digit by digit, serial.

    `digits` None: digits up to a terminator; `most_serial` 0: it has none.
    """

    scheme: Scheme
    header: int
    key: Key
    digits: int | None
    most_serial: int = 0
    has_date: bool = False


PARTITIONED: Final = (
    Partitioned(Scheme.SGTIN_96, 0x30, SGTIN, 44, 38),
    Partitioned(Scheme.SGTIN_198, 0x36, SGTIN, 44, 140, is_text=True),
    Partitioned(Scheme.SSCC_96, 0x31, SSCC, 58, zero_bits=24),
    Partitioned(Scheme.SGLN_96, 0x32, SGLN, 41, 41),
    Partitioned(Scheme.SGLN_195, 0x39, SGLN, 41, 140, is_text=True),
    Partitioned(Scheme.GRAI_96, 0x33, GRAI, 44, 38),
    Partitioned(Scheme.GRAI_170, 0x37, GRAI, 44, 112, is_text=True),
    Partitioned(Scheme.GIAI_96, 0x34, GIAI, 82),
    Partitioned(Scheme.GIAI_202, 0x38, GIAI, 188, is_text=True),
)
PLUS: Final = (
    Plus(Scheme.SGTIN_PLUS, 0xF7, SGTIN, 14, 20),
    Plus(Scheme.DSGTIN_PLUS, 0xFB, SGTIN, 14, 20, has_date=True),
    Plus(Scheme.SSCC_PLUS, 0xF9, SSCC, 18),
    Plus(Scheme.SGLN_PLUS, 0xF2, SGLN, 13, 20),
    Plus(Scheme.GRAI_PLUS, 0xF1, GRAI, 14, 16),
    Plus(Scheme.GIAI_PLUS, 0xFA, GIAI, None, 30),
)
BY_HEADER: Final = {one.header: one for one in (*PARTITIONED, *PLUS)}
BY_SCHEME: Final = {one.scheme: one for one in (*PARTITIONED, *PLUS)}
