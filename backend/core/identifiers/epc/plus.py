"""The `+` schemes of TDS 2, which lay their key down digit by digit (TDS 2.3, 14.5 and 14.6)."""

from typing import Final

from backend.core.identifiers.epc.alphanumeric import put_alphanumeric, take_alphanumeric
from backend.core.identifiers.epc.bits import BitReader, BitWriter
from backend.core.identifiers.epc.errors import InvalidEpc
from backend.core.identifiers.epc.identity import Epc, end_of
from backend.core.identifiers.epc.schemes import Plus
from backend.core.identifiers.faults import Fault
from backend.core.identifiers.gtin import check_digit

# TDS 2.3, 14.5.3: which date a DSGTIN+ puts first.
_DATES: Final = ("11", "13", "15", "16", "17", "7006", "7007")
_DELIMITER: Final = 0xE
_TERMINATOR: Final = 0xF
# The shortest company prefix: a GIAI begins with one.
_FEWEST_DIGITS: Final = 4


def decode(layout: Plus, bits: BitReader) -> Epc:
    """Read what follows the header. Data that the toggle announces after the EPC are left unread.

    Raises:
        InvalidEpc: it is no EPC of that scheme.
    """
    has_more = bits.take(1)
    filter_value = bits.take(3)
    dated = _take_date(bits) if layout.has_date else None
    if layout.digits is None:
        number, serial = _take_delimited(bits, layout.most_serial), None
    else:
        number = _take_digits(bits, layout.digits)
        _check(layout, number)
        serial = take_alphanumeric(bits, layout.most_serial) if layout.most_serial else None
    if has_more:
        bits.left = 0
    return Epc(layout.scheme, number, serial, None, filter_value, dated)


def encode(layout: Plus, epc: Epc, bits: BitWriter) -> None:
    """Write what follows the header, with no data after the EPC.

    Raises:
        InvalidEpc: the scheme cannot hold it.
    """
    bits.put(0, 1)
    bits.put(epc.filter, 3)
    if layout.has_date:
        _put_date(bits, epc.dated)
    if layout.digits is None:
        _put_delimited(bits, epc.number, layout.most_serial)
        return
    if len(epc.number) != layout.digits or not (epc.number.isascii() and epc.number.isdigit()):
        raise InvalidEpc(Fault.OUT_OF_RANGE)
    _check(layout, epc.number)
    for digit in epc.number:
        bits.put(int(digit), 4)
    if layout.most_serial:
        put_alphanumeric(bits, epc.serial, layout.most_serial)


def _check(layout: Plus, number: str) -> None:
    if not number.startswith(layout.key.leading):
        raise InvalidEpc(Fault.OUT_OF_RANGE)
    if number[-1] != check_digit(number[:-1]):
        raise InvalidEpc(Fault.WRONG_CHECK_DIGIT)


def _take_digits(bits: BitReader, count: int) -> str:
    text = f"{bits.take(4 * count):0{count}x}"
    if not text.isdigit():
        raise InvalidEpc(Fault.OUT_OF_RANGE)
    return text


def _take_delimited(bits: BitReader, most: int) -> str:
    digits = ""
    while (nibble := bits.take(4)) < _DELIMITER:
        digits += str(nibble)
        if nibble > 9 or len(digits) > most:
            raise InvalidEpc(Fault.OUT_OF_RANGE)
    if nibble == _TERMINATOR:
        rest = ""
    elif (rest := take_alphanumeric(bits, most - len(digits)))[0].isdigit():
        raise InvalidEpc(Fault.BAD_CHARACTER)
    if len(digits) < _FEWEST_DIGITS:
        raise InvalidEpc(Fault.TOO_SHORT)
    return digits + rest


def _put_delimited(bits: BitWriter, text: str, most: int) -> None:
    rest = text.lstrip("0123456789")
    digits = text[: len(text) - len(rest)]
    if not _FEWEST_DIGITS <= len(digits) <= len(text) <= most:
        raise InvalidEpc(Fault.OUT_OF_RANGE)
    for digit in digits:
        bits.put(int(digit), 4)
    bits.put(_DELIMITER if rest else _TERMINATOR, 4)
    if rest:
        put_alphanumeric(bits, rest, most)


def _take_date(bits: BitReader) -> tuple[str, str]:
    kind, year, month, day = bits.take(4), bits.take(7), bits.take(4), bits.take(5)
    text = f"{year:02}{month:02}{day:02}"
    if kind >= len(_DATES):
        raise InvalidEpc(Fault.BAD_DATE)
    return _DATES[kind], _checked_date(text)


def _put_date(bits: BitWriter, dated: tuple[str, str] | None) -> None:
    if dated is None or dated[0] not in _DATES:
        raise InvalidEpc(Fault.BAD_DATE)
    text = _checked_date(dated[1])
    bits.put(_DATES.index(dated[0]), 4)
    for part, width in ((text[:2], 7), (text[2:4], 4), (text[4:], 5)):
        bits.put(int(part), width)


def _checked_date(text: str) -> str:
    try:
        end_of(text)
    except ValueError as error:
        raise InvalidEpc(Fault.BAD_DATE) from error
    if len(text) != len("YYMMDD"):
        raise InvalidEpc(Fault.BAD_DATE)
    return text
