"""Numbers and texts inside EPCs."""

from typing import Final

from backend.core.identifiers.epc.bits import BitReader, BitWriter
from backend.core.identifiers.epc.errors import InvalidEpc
from backend.core.identifiers.faults import Fault

# GS1 General Specifications, figure 7.11-1: the 82 characters of serials and references.
CHARACTERS: Final = frozenset(
    "!\"%&'()*+,-./:;<=>?_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)
_CHARACTER_BITS: Final = 7


def padded(number: int, digits: int) -> str:
    """Return a number in that many digits, empty for none.

    Raises:
        InvalidEpc: it has more.
    """
    text = str(number) if number else ""
    if len(text) > digits:
        raise InvalidEpc(Fault.OUT_OF_RANGE)
    return text.zfill(digits) if digits else ""


def plain_number(text: str | None) -> int:
    """Return the number that `text` is written for without leading zeros.

    Raises:
        InvalidEpc: it is none.
    """
    if not text or not (text.isascii() and text.isdigit()) or (text[0] == "0" and len(text) > 1):
        raise InvalidEpc(Fault.OUT_OF_RANGE)
    return int(text)


def check_text(text: str | None, most: int) -> str:
    """Return a text of 1 to `most` of GS1's characters.

    Raises:
        InvalidEpc: it is none.
    """
    if not text or len(text) > most or not CHARACTERS.issuperset(text):
        raise InvalidEpc(Fault.BAD_CHARACTER)
    return text


def take_text(bits: BitReader, count: int) -> str:
    """Read a text of 7-bit characters that zeros fill up to `count` bits (TDS 14.4.2).

    Raises:
        InvalidEpc: it is empty, has a character GS1 does not allow, or goes on after its end.
    """
    most = count // _CHARACTER_BITS
    codes = [bits.take(_CHARACTER_BITS) for _ in range(most)]
    text = "".join(map(chr, codes)).rstrip("\x00")
    if bits.take(count % _CHARACTER_BITS):
        raise InvalidEpc(Fault.OVERLONG)
    return check_text(text, most)


def put_text(bits: BitWriter, text: str | None, count: int) -> None:
    """Write what `take_text` reads.

    Raises:
        InvalidEpc: the text is none, or does not fit.
    """
    checked = check_text(text, count // _CHARACTER_BITS)
    for character in checked:
        bits.put(ord(character), _CHARACTER_BITS)
    bits.put(0, count - _CHARACTER_BITS * len(checked))
