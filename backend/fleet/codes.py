"""Enrolment codes: typed by people, known to us by their digest. Pure."""

import hashlib
import hmac
from typing import Final

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: without I, L, O and U."""
_READ_AS: Final = str.maketrans("OIL", "011", "- \t")
CODE_BYTES: Final = 10
"""80 bits: 16 characters."""
_LENGTH: Final = CODE_BYTES * 8 // 5
_GROUP: Final = 4


def code_of(random_bytes: bytes) -> str:
    """Return the code that random bytes make, in groups of four."""
    number = int.from_bytes(random_bytes, "big")
    letters = "".join(_ALPHABET[number >> shift & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))
    return "-".join(letters[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))


def typed(text: str) -> str | None:
    """Return what somebody meant by what they typed, None where it cannot be a code.

    Case, dashes and blanks do not matter; O is 0, I and L are 1.
    """
    letters = text[: 4 * _LENGTH].upper().translate(_READ_AS)
    if len(letters) != _LENGTH or not set(letters) <= set(_ALPHABET):
        return None
    return letters


def digest_of(letters: str, key: bytes) -> bytes:
    """Return what is kept of a code: without the installation's key nobody can try codes on it."""
    return hmac.digest(key, letters.encode(), hashlib.sha256)
