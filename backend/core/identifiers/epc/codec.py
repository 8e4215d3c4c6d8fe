"""EPCs in hexadecimal, as readers send them and tags hold them."""

from typing import Final

from backend.core.identifiers.epc import partitioned, plus
from backend.core.identifiers.epc.bits import BitReader, BitWriter
from backend.core.identifiers.epc.errors import InvalidEpc
from backend.core.identifiers.epc.identity import Epc
from backend.core.identifiers.epc.schemes import BY_HEADER, BY_SCHEME, Partitioned
from backend.core.identifiers.faults import Fault
from backend.core.identifiers.gtin import NO_GTIN

MOST_HEX: Final = 128
"""Digits of 512 bits: the PC word counts at most 496 (TDS 2.3, 9.3)."""
_HEX: Final = frozenset("0123456789abcdefABCDEF")
_WORD: Final = 16


def decode_epc(code: str) -> Epc:
    """Return what the EPC memory of a tag says, given in hexadecimal.

    What follows the EPC may only be zeros that fill the last word of 16 bits, or the data a `+`
    scheme announces.

    Raises:
        InvalidEpc: it is no EPC, or none of a scheme known here.
    """
    if not code:
        raise InvalidEpc(Fault.EMPTY)
    if not _HEX.issuperset(code):
        raise InvalidEpc(Fault.NOT_HEX)
    if len(code) > MOST_HEX:
        raise InvalidEpc(Fault.OVERLONG)
    bits = BitReader(int(code, 16), 4 * len(code))
    header = bits.take(8)
    layout = BY_HEADER.get(header)
    if layout is None:
        raise InvalidEpc(Fault.UNKNOWN_SCHEME if header else Fault.UNPROGRAMMED)
    if isinstance(layout, Partitioned):
        epc = partitioned.decode(layout, bits)
    else:
        epc = plus.decode(layout, bits)
    if bits.left >= _WORD or bits.take(bits.left):
        raise InvalidEpc(Fault.OVERLONG)
    if epc.number == NO_GTIN:
        raise InvalidEpc(Fault.ALL_ZEROS)
    return epc


def encode_epc(epc: Epc) -> str:
    """Return what to write into a tag, in hexadecimal, whole words of 16 bits.

    Raises:
        InvalidEpc: its scheme cannot hold it.
    """
    layout = BY_SCHEME[epc.scheme]
    bits = BitWriter()
    bits.put(layout.header, 8)
    if isinstance(layout, Partitioned):
        partitioned.encode(layout, epc, bits)
    else:
        plus.encode(layout, epc, bits)
    written = bits.hex()
    # Digits of the wrong length or a wrong check digit come back as something else.
    if decode_epc(written) != epc:
        raise InvalidEpc(Fault.OUT_OF_RANGE)
    return written
