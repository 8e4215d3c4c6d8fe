"""Why a code says nothing we can use."""

from enum import StrEnum
from typing import Final

MOST_CODE: Final = 4096


class Fault(StrEnum):
    """Why a code says nothing we can use."""

    EMPTY = "EMPTY"
    """It has no data."""
    TOO_LONG = "TOO_LONG"
    """It is longer than any barcode."""
    UNKNOWN_SYMBOLOGY = "UNKNOWN_SYMBOLOGY"
    """Its AIM identifier is none."""
    NOT_DIGITS = "NOT_DIGITS"
    """It should be digits only."""
    WRONG_LENGTH = "WRONG_LENGTH"
    """It has not as many digits as a GTIN of its kind."""
    WRONG_CHECK_DIGIT = "WRONG_CHECK_DIGIT"
    """Its check digit does not fit: it was misread or mistyped."""
    ALL_ZEROS = "ALL_ZEROS"
    """It is a filler, not a number given to anything."""
    MALFORMED = "MALFORMED"
    """Its GS1 element strings or its Digital Link cannot be read."""
    AMBIGUOUS = "AMBIGUOUS"
    """It names two trade items."""
    NO_IDENTIFIER = "NO_IDENTIFIER"
    """It is readable, but identifies nothing: an add-on, a coupon, a plain text."""
    NOT_HEX = "NOT_HEX"
    """An EPC should be hexadecimal digits only."""
    UNPROGRAMMED = "UNPROGRAMMED"
    """The tag's EPC memory was never written: its header is 00."""
    UNKNOWN_SCHEME = "UNKNOWN_SCHEME"
    """The EPC's header belongs to no scheme known here: another standard's tag, or no EPC."""
    TOO_SHORT = "TOO_SHORT"
    """The EPC ends before its scheme does."""
    OVERLONG = "OVERLONG"
    """Bits follow the EPC that do not belong to it."""
    BAD_PARTITION = "BAD_PARTITION"
    """The EPC's partition is 7, which divides nothing."""
    OUT_OF_RANGE = "OUT_OF_RANGE"
    """A number in the EPC has more digits than its place."""
    BAD_CHARACTER = "BAD_CHARACTER"
    """A text in the EPC is empty, or has characters that GS1 does not allow."""
    BAD_DATE = "BAD_DATE"
    """The date in the EPC is none."""

    @property
    def explanation(self) -> str:
        """The fault as the end of a sentence for people."""
        return _EXPLAINED[self]


_EXPLAINED: Final = {
    Fault.EMPTY: "it has no data",
    Fault.TOO_LONG: f"it has more than {MOST_CODE} characters",
    Fault.UNKNOWN_SYMBOLOGY: "its AIM symbology identifier is unknown",
    Fault.NOT_DIGITS: "it does not consist of digits",
    Fault.WRONG_LENGTH: "it has not 8, 12, 13 or 14 digits, as its kind asks",
    Fault.WRONG_CHECK_DIGIT: "its check digit is wrong",
    Fault.ALL_ZEROS: "it is all zeros",
    Fault.MALFORMED: "its GS1 data cannot be read",
    Fault.AMBIGUOUS: "it names two different items",
    Fault.NO_IDENTIFIER: "it identifies nothing",
    Fault.NOT_HEX: "an EPC consists of hexadecimal digits",
    Fault.UNPROGRAMMED: "the tag was never programmed",
    Fault.UNKNOWN_SCHEME: "its header is that of no EPC scheme known here",
    Fault.TOO_SHORT: "it ends before its EPC scheme does",
    Fault.OVERLONG: "bits follow the EPC that do not belong to it",
    Fault.BAD_PARTITION: "its partition is none",
    Fault.OUT_OF_RANGE: "a number in it has more digits than its place",
    Fault.BAD_CHARACTER: "a text in it is empty or has characters GS1 does not allow",
    Fault.BAD_DATE: "the date in it is none",
}
