"""Texts of any length in as few bits as their characters allow (TDS 2.3, 14.5.6)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from backend.core.identifiers.epc.bits import BitReader, BitWriter
from backend.core.identifiers.epc.errors import InvalidEpc
from backend.core.identifiers.epc.texts import CHARACTERS, check_text, padded
from backend.core.identifiers.faults import Fault

_LENGTH_BITS: Final = 5
_DIGITS: Final = "0123456789"
_CAPITALS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BASE_64: Final = _CAPITALS + _CAPITALS.lower() + _DIGITS + "-_"
_ASCII: Final = "".join(map(chr, range(128)))
# URN Code 40 packs three characters in 16 bits; its first one only fills up.
_CODE_40: Final = "\x00" + _CAPITALS + "-.:" + _DIGITS


@dataclass(frozen=True, slots=True)
class _Method:
    """One way to lay down characters; `bits_of` says how many bits a length needs."""

    indicator: int
    alphabet: str
    bits_of: Callable[[int], int]
    width: int = 0
    """Bits of a character; 0 where characters have none of their own."""


_NUMBER: Final = _Method(0, _DIGITS, lambda length: (10**length - 1).bit_length())
_URN_40: Final = _Method(5, _CODE_40, lambda length: (length + 2) // 3 * 16)
_METHODS: Final = (
    _NUMBER,
    _Method(1, _DIGITS + "ABCDEF", lambda length: 4 * length, 4),
    _Method(2, _DIGITS + "abcdef", lambda length: 4 * length, 4),
    _URN_40,
    _Method(3, _BASE_64, lambda length: 6 * length, 6),
    _Method(4, _ASCII, lambda length: 7 * length, 7),
)
_BY_INDICATOR: Final = {method.indicator: method for method in _METHODS}


def take_alphanumeric(bits: BitReader, most: int) -> str:
    """Read a text of at most `most` characters, by whatever method it was laid down.

    Raises:
        InvalidEpc: it is none.
    """
    method = _BY_INDICATOR.get(bits.take(3))
    length = bits.take(_LENGTH_BITS)
    if method is None:
        raise InvalidEpc(Fault.BAD_CHARACTER)
    if method is _NUMBER:
        text = padded(bits.take(method.bits_of(length)), length)
    elif method is _URN_40:
        text = "".join(_unpacked(bits.take(16)) for _ in range((length + 2) // 3))
        if text[length:].strip("\x00"):
            raise InvalidEpc(Fault.BAD_CHARACTER)
        text = text[:length]
    else:
        text = "".join(method.alphabet[bits.take(method.width)] for _ in range(length))
    return check_text(text, most)


def put_alphanumeric(bits: BitWriter, text: str | None, most: int) -> None:
    """Write a text by the method that needs the fewest bits.

    Raises:
        InvalidEpc: it is empty, longer than `most`, or has a character GS1 does not allow.
    """
    checked = check_text(text, most)
    fitting = [one for one in _METHODS if set(checked) <= CHARACTERS.intersection(one.alphabet)]
    method = min(fitting, key=lambda one: one.bits_of(len(checked)))
    bits.put(method.indicator, 3)
    bits.put(len(checked), _LENGTH_BITS)
    if method is _NUMBER:
        bits.put(int(checked), method.bits_of(len(checked)))
    elif method is _URN_40:
        for start in range(0, len(checked), 3):
            bits.put(_packed(checked[start : start + 3].ljust(3, "\x00")), 16)
    else:
        for character in checked:
            bits.put(method.alphabet.index(character), method.width)


def _unpacked(word: int) -> str:
    if not 0 < word <= len(_CODE_40) ** 3:
        raise InvalidEpc(Fault.BAD_CHARACTER)
    rest, third = divmod(word - 1, 40)
    first, second = divmod(rest, 40)
    return _CODE_40[first] + _CODE_40[second] + _CODE_40[third]


def _packed(three: str) -> int:
    first, second, third = map(_CODE_40.index, three)
    return 1600 * first + 40 * second + third + 1
