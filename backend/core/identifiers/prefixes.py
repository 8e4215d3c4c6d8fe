"""Where GS1 company prefixes end, as far as GS1 has published it."""

from typing import Final

from biip.gs1_prefixes import GS1CompanyPrefix

_LENGTHS: Final = range(6, 13)
"""What EPC URIs can hold."""
_GTIN_8: Final = "00000"
"""Filled up to 13 digits; such numbers are given out one by one."""


def prefix_length(number: str) -> int | None:
    """Return the digits of the company prefix that `number` begins with; None where not known."""
    if number.startswith(_GTIN_8):
        return None
    found = GS1CompanyPrefix.extract(number)
    length = len(found.value) if found else 0
    return length if length in _LENGTHS else None
