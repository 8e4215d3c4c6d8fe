"""What scanned codes say: GTINs, AIM identifiers, GS1 element strings and Digital Links."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, Self

import msgspec
from biip import ParseConfig, ParseError
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_element_strings import GS1ElementString
from biip.gs1_messages import GS1Message

from backend.core.errors import Invalid

MOST_CODE: Final = 4096
_GTIN_LENGTHS: Final = frozenset({8, 12, 13, 14})
_NO_GTIN: Final = "0" * 14
_SEPARATOR: Final = "\x1d"

# ISO/IEC 15424: the letter names the symbology, the modifier how it was read.
_KNOWN_SYMBOLOGIES: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUXYZdeghz")
_EAN: Final = {"E0": (12, 13), "E3": (13,), "E4": (8,)}
_ADD_ON_LENGTHS: Final = (2, 5)
# FNC1 in first position: the data are GS1 element strings.
_GS1: Final = frozenset({"C1", "e0", "e1", "e2", "d2", "d5", "Q3", "Q4", "Q5", "Q6", "J1", "J4"})
_COMPOSITE: Final = "|]e"
# A scan whose expiry nobody can read still names its goods.
_CONFIG: Final = ParseConfig(gs1_element_strings_verify_date=False)


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


class InvalidGtin(Invalid):
    """Not a GTIN; `fault` says why."""

    code = "INVALID_GTIN"

    def __init__(self, value: str, fault: Fault, *, field: Sequence[str] | None = None) -> None:
        super().__init__(
            f"{value[:60]!r} is not a GTIN: {_EXPLAINED[fault]}",
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
        if len(text) not in _GTIN_LENGTHS:
            raise InvalidGtin(value, Fault.WRONG_LENGTH, field=field)
        padded = text.zfill(14)
        if padded[13] != check_digit(padded[:13]):
            raise InvalidGtin(value, Fault.WRONG_CHECK_DIGIT, field=field)
        if padded == _NO_GTIN:
            raise InvalidGtin(value, Fault.ALL_ZEROS, field=field)
        return super().__new__(cls, padded)

    @property
    def shortest(self) -> str:
        """The number as it is printed: 8, 12, 13 or 14 digits."""
        for length in (8, 12, 13):
            if self[: 14 - length].count("0") == 14 - length:
                return self[14 - length :]
        return str(self)


class Decoded(msgspec.Struct, frozen=True):
    """What a code says. `gtin` is None where it names something else, such as a parcel (`sscc`).

    `units` is a content given in the code: a count of trade items, not the one known of the GTIN.
    `elements` are all application identifiers with their values, in order; empty for a bare GTIN.
    """

    gtin: Gtin | None
    units: Decimal | None = None
    lot: str | None = None
    serial: str | None = None
    expires_on: date | None = None
    best_before: date | None = None
    net_weight_kg: Decimal | None = None
    sscc: str | None = None
    elements: tuple[tuple[str, str], ...] = ()


class Undecodable(msgspec.Struct, frozen=True):
    """A code that says nothing we can use, and why."""

    reason: Fault

    @property
    def explanation(self) -> str:
        """The reason as the end of a sentence for people."""
        return _EXPLAINED[self.reason]


def check_digit(payload: str) -> str:
    """Return the GS1 check digit of the digits before it (GS1 General Specifications 7.9)."""
    backwards = payload.encode("ascii")[::-1]
    total = sum(backwards[::2]) * 3 + sum(backwards[1::2])
    total -= 48 * (3 * len(backwards[::2]) + len(backwards[1::2]))
    return str(-total % 10)


def decode_scan(code: str, symbology: str | None = None) -> Decoded | Undecodable:
    """Say what a scanned code means.

    `symbology` is the AIM identifier (`]E0`), which may stand before the code instead. Without one
    only a GTIN with a right check digit, or a GS1 Digital Link, is understood: any digits could be
    read as element strings. UPC-E must come expanded, as scanners do with AIM identifiers on: its
    eight digits can be a GTIN-8 too.
    """
    if symbology is None and code.isdigit():
        return _bare_gtin(code)
    if len(code) > MOST_CODE:
        return Undecodable(Fault.TOO_LONG)
    aim, data = _split(code, symbology)
    if not data:
        known = aim is None or aim[0] in _KNOWN_SYMBOLOGIES
        return Undecodable(Fault.EMPTY if known else Fault.UNKNOWN_SYMBOLOGY)
    if aim is None:
        return _plain(data)
    if aim[0] not in _KNOWN_SYMBOLOGIES:
        return Undecodable(Fault.UNKNOWN_SYMBOLOGY)
    if aim[0] == "E":
        return _ean(aim, data)
    return _message(data) if aim in _GS1 else _plain(data)


def _split(code: str, symbology: str | None) -> tuple[str | None, str]:
    """Return the two characters of the AIM identifier, None without one, and the data."""
    data = code.strip(" \t\r\n\x00\x02\x03")
    if symbology is not None:
        aim = symbology.strip().removeprefix("]")
        if len(aim) == 2:
            return aim, data.removeprefix(f"]{aim}")
    if data.startswith("]") and len(data) >= 3 and data[1].isalpha():
        return data[1:3], data[3:]
    return None, data


def _plain(data: str) -> Decoded | Undecodable:
    """Decode data of a symbology that carries anything."""
    if data[:8].lower().startswith(("http://", "https://")):
        return _digital_link(data)
    return _bare_gtin(data)


def _ean(aim: str, data: str) -> Decoded | Undecodable:
    data, found, linked = data.partition(_COMPOSITE)
    if aim not in _EAN:
        is_add_on = data.isdigit() and len(data) in _ADD_ON_LENGTHS
        return Undecodable(Fault.NO_IDENTIFIER if is_add_on else Fault.UNKNOWN_SYMBOLOGY)
    if aim == "E3":
        data = data[:13]
    if data.isdigit() and len(data) not in _EAN[aim]:
        return Undecodable(Fault.WRONG_LENGTH)
    decoded = _bare_gtin(data)
    if not found or isinstance(decoded, Undecodable):
        return decoded
    # The linked 2D component belongs to the trade item of the linear one.
    return _message(f"01{decoded.gtin}{linked[1:]}")


def _bare_gtin(text: str) -> Decoded | Undecodable:
    try:
        return Decoded(Gtin(text))
    except InvalidGtin as error:
        return Undecodable(error.fault)


def _message(data: str) -> Decoded | Undecodable:
    """Decode GS1 element strings, GS (0x1D) standing for FNC1."""
    body = data.strip(_SEPARATOR)
    if not body:
        return Undecodable(Fault.EMPTY)
    try:
        found = GS1Message.parse(body, config=_CONFIG)
    except (ParseError, ValueError, ArithmeticError):
        return Undecodable(Fault.MALFORMED)
    return _meaning(found.element_strings)


def _digital_link(uri: str) -> Decoded | Undecodable:
    try:
        found = GS1DigitalLinkURI.parse(uri, config=_CONFIG)
    except (ParseError, ValueError, ArithmeticError):
        return Undecodable(Fault.MALFORMED)
    return _meaning(found.element_strings)


def _meaning(elements: Iterable[GS1ElementString]) -> Decoded | Undecodable:
    """Return what element strings say, unless one of their numbers is wrong."""
    pairs: dict[str, str] = {}
    said: list[tuple[str, str]] = []
    by_ai: dict[str, GS1ElementString] = {}
    for element in elements:
        ai = element.ai.ai
        # biip reads on past a wrong check digit and only notes it.
        if element.gtin_error or element.sscc_error:
            return Undecodable(Fault.WRONG_CHECK_DIGIT)
        if pairs.setdefault(ai, element.value) != element.value and ai in ("00", "01", "02"):
            return Undecodable(Fault.AMBIGUOUS)
        by_ai.setdefault(ai, element)
        said.append((ai, element.value))
    item = pairs.get("01") or pairs.get("02")
    if item == _NO_GTIN:
        return Undecodable(Fault.ALL_ZEROS)
    if item is None and "00" not in pairs:
        return Undecodable(Fault.NO_IDENTIFIER)
    weight = next((e.decimal for ai, e in by_ai.items() if ai.startswith("310")), None)
    return Decoded(
        gtin=Gtin(item) if item else None,
        units=_units(pairs),
        lot=pairs.get("10"),
        serial=pairs.get("21"),
        expires_on=by_ai["17"].date if "17" in by_ai else None,
        best_before=by_ai["15"].date if "15" in by_ai else None,
        net_weight_kg=weight,
        sscc=pairs.get("00"),
        elements=tuple(said),
    )


def _units(pairs: dict[str, str]) -> Decimal | None:
    """Return the count of items: (37) of the (02) contained, (30) of a (01) of variable content."""
    count = pairs.get("30") if "01" in pairs else pairs.get("37")
    return Decimal(count) if count and int(count) else None


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
}
