"""The schemes of TDS 1, which divide their key at the end of the company prefix (TDS 14.6)."""

from typing import Final

from backend.core.identifiers.epc.bits import BitReader, BitWriter
from backend.core.identifiers.epc.errors import InvalidEpc
from backend.core.identifiers.epc.identity import Epc
from backend.core.identifiers.epc.schemes import GIAI, LONGEST_PREFIX, PREFIX_BITS, Partitioned
from backend.core.identifiers.epc.texts import padded, plain_number, put_text, take_text
from backend.core.identifiers.faults import Fault

# The tables of GIAI leave the reference of a 202-bit tag more bits than GS1 allows characters.
_MOST_GIAI: Final = 30


def decode(layout: Partitioned, bits: BitReader) -> Epc:
    """Read what follows the header.

    Raises:
        InvalidEpc: it is no EPC of that scheme.
    """
    filter_value = bits.take(3)
    partition = bits.take(3)
    if partition >= len(PREFIX_BITS):
        raise InvalidEpc(Fault.BAD_PARTITION)
    prefix_bits, prefix_digits = PREFIX_BITS[partition], LONGEST_PREFIX - partition
    prefix = padded(bits.take(prefix_bits), prefix_digits)
    reference = _take_reference(layout, bits, layout.key_bits - prefix_bits, prefix_digits)
    serial = None
    if layout.serial_bits:
        as_text = layout.is_text
        serial = (
            take_text(bits, layout.serial_bits) if as_text else str(bits.take(layout.serial_bits))
        )
    if bits.take(layout.zero_bits):
        raise InvalidEpc(Fault.OVERLONG)
    number = layout.key.joined(prefix, reference)
    return Epc(layout.scheme, number, serial, prefix_digits, filter_value)


def encode(layout: Partitioned, epc: Epc, bits: BitWriter) -> None:
    """Write what follows the header.

    Raises:
        InvalidEpc: the scheme cannot hold it.
    """
    if epc.prefix_length is None or not 0 <= LONGEST_PREFIX - epc.prefix_length < len(PREFIX_BITS):
        raise InvalidEpc(Fault.BAD_PARTITION)
    partition = LONGEST_PREFIX - epc.prefix_length
    prefix, reference = layout.key.divided(epc.number, epc.prefix_length)
    if len(prefix) != epc.prefix_length or not (prefix.isascii() and prefix.isdigit()):
        raise InvalidEpc(Fault.OUT_OF_RANGE)
    bits.put(epc.filter, 3)
    bits.put(partition, 3)
    bits.put(int(prefix), PREFIX_BITS[partition])
    _put_reference(layout, reference, bits, layout.key_bits - PREFIX_BITS[partition])
    if layout.serial_bits:
        if layout.is_text:
            put_text(bits, epc.serial, layout.serial_bits)
        else:
            bits.put(plain_number(epc.serial), layout.serial_bits)
    bits.put(0, layout.zero_bits)


def _take_reference(layout: Partitioned, bits: BitReader, count: int, prefix_digits: int) -> str:
    if layout.key is not GIAI:
        assert layout.key.digits is not None
        return padded(bits.take(count), layout.key.digits - prefix_digits)
    reference = take_text(bits, count) if layout.is_text else str(bits.take(count))
    if len(reference) > _MOST_GIAI - prefix_digits:
        raise InvalidEpc(Fault.OUT_OF_RANGE)
    return reference


def _put_reference(layout: Partitioned, reference: str, bits: BitWriter, count: int) -> None:
    if layout.key is not GIAI:
        if not (f"0{reference}".isascii() and f"0{reference}".isdigit()):
            raise InvalidEpc(Fault.OUT_OF_RANGE)
        bits.put(int(f"0{reference}"), count)
    elif layout.is_text:
        put_text(bits, reference, count)
    else:
        bits.put(plain_number(reference), count)
