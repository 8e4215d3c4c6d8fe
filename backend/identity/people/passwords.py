"""Passwords: which are accepted, and how they are kept (Argon2id, RFC 9106)."""

import asyncio
import gzip
import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from backend.core.texts import is_storable
from backend.identity.people.errors import TooBusy, WeakPassword

SHORTEST: Final = 12
LONGEST: Final = 200
_FEWEST_DIFFERENT: Final = 5
_SHORTEST_PART: Final = 4
_AT_ONCE: Final = 2
"""Hashes computed at the same time: each takes 64 MiB and a core for a tenth of a second."""
_MOST_WAITING: Final = 64
_COMMON: Final = Path(__file__).with_name("common_passwords.txt.gz")
"""The 30,000 passwords most often found in breaches, from zxcvbn 4.5.0 (MIT), lower case."""
_PRODUCT: Final = "shelfcast"
_PADDING: Final = "0123456789 !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
_DUMMY: Final = "nobody has this password"

T = TypeVar("T")


def check_password(password: str, about: Iterable[str] = ()) -> None:
    """Refuse a password that is easy to guess; `about` is its owner's name and e-mail address.

    Raises:
        WeakPassword: too short, too long, in every breach list, or made of what `about` says.
    """
    if not SHORTEST <= len(password) <= LONGEST or not is_storable(password):
        raise WeakPassword(f"a password has {SHORTEST} to {LONGEST} characters")
    folded = password.casefold()
    if len(set(folded)) < _FEWEST_DIFFERENT:
        raise WeakPassword(f"use at least {_FEWEST_DIFFERENT} different characters")
    if _is_common(folded):
        raise WeakPassword("this password is in the lists that attackers try first")
    for part in _parts(about):
        if part in folded:
            raise WeakPassword("do not use your name, your e-mail address or ours")


class Passwords:
    """Hashes and verifies, a few at once, on threads of its own. One per process."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="passwords")
        self._waiting = 0
        self._dummy_hash: str | None = None

    async def hash(self, password: str) -> str:
        """Return what is stored of a password.

        Raises:
            TooBusy: too many are being hashed already.
        """
        return await self._run(lambda: self._hasher.hash(password))

    async def is_password(self, password: str, stored: str | None) -> bool:
        """Tell whether `password` was hashed to `stored`; None takes as long and is never it.

        Raises:
            TooBusy: too many are being verified already.
        """
        return await self._run(lambda: self._verify(password, stored))

    def is_outdated(self, stored: str) -> bool:
        """Tell whether a hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """End the threads once they are done."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= _MOST_WAITING:
            raise TooBusy("many sign in at this moment; try again")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1

    def _verify(self, password: str, stored: str | None) -> bool:
        if self._dummy_hash is None:
            self._dummy_hash = self._hasher.hash(_DUMMY)
        try:
            self._hasher.verify(stored or self._dummy_hash, password)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None


def _is_common(folded: str) -> bool:
    """Tell whether it is a common password, alone, repeated, or with figures and signs around."""
    stripped = folded.strip(_PADDING)
    repeated = re.fullmatch(r"(.{4,}?)\1+", folded)
    known = _common_passwords()
    return folded in known or stripped in known or bool(repeated and repeated[1] in known)


@cache
def _common_passwords() -> frozenset[str]:
    return frozenset(gzip.decompress(_COMMON.read_bytes()).decode().split("\n")) - {""}


def _parts(about: Iterable[str]) -> set[str]:
    """Return the words of name and address that are long enough to matter."""
    words = {word for text in about for word in re.split(r"[\W_]+", text.casefold())}
    return {word for word in words if len(word) >= _SHORTEST_PART} | {_PRODUCT}
