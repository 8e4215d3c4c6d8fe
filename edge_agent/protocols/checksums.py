"""The sums that frames end with."""

from __future__ import annotations

from typing import Final


def _table(polynomial: int) -> tuple[int, ...]:
    table: list[int] = []
    for value in range(256):
        crc = value
        for _ in range(8):
            crc = crc >> 1 ^ polynomial if crc & 1 else crc >> 1
        table.append(crc)
    return tuple(table)


# 0x8408 is the CCITT polynomial 0x1021 with its bits reversed.
_REFLECTED: Final = _table(0x8408)


def crc16_mcrf4xx(data: bytes) -> int:
    """Return the CRC of the uhfreader family; least significant byte first on the wire."""
    crc = 0xFFFF
    for byte in data:
        crc = crc >> 8 ^ _REFLECTED[(crc ^ byte) & 0xFF]
    return crc


def crc16_gen2(data: bytes) -> int:
    """Return the CRC a Gen2 tag sends behind PC and EPC; most significant byte first."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc ^ 0xFFFF


def twos_complement(data: bytes, bits: int) -> int:
    """Return what makes the sum of all bytes 0 in so many bits."""
    return -sum(data) & ((1 << bits) - 1)
