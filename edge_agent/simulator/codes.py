"""Codes to read, at random but the same for the same seed."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_GTIN_WEIGHTS = (3, 1)


def random_gtins(seed: int) -> Iterator[str]:
    """Yield GTIN-13 without end: 200 goods, some scanned far more often than others."""
    rng = random.Random(seed)
    goods = [_gtin_13(f"{rng.randrange(10**12):012d}") for _ in range(200)]
    while True:
        yield goods[min(int(rng.expovariate(0.02)), len(goods) - 1)]


def _gtin_13(body: str) -> str:
    # GS1 General Specifications 7.9: weights 3 and 1 alternate from the right.
    total = sum(int(digit) * _GTIN_WEIGHTS[i % 2] for i, digit in enumerate(reversed(body)))
    return body + str(-total % 10)


def random_epcs(seed: int, tags: int = 200) -> Iterator[str]:
    """Yield SGTIN-96 in hexadecimal without end: so many tags in the field, in any order."""
    rng = random.Random(seed)
    field = [_sgtin_96(rng) for _ in range(tags)]
    while True:
        yield rng.choice(field)


def _sgtin_96(rng: random.Random) -> str:
    # GS1 TDS: header 0x30, filter 1, partition 5: seven digits of company, six of item.
    company, item, serial = rng.randrange(10**7), rng.randrange(10**6), rng.randrange(2**38)
    bits = 0x30 << 88 | 1 << 85 | 5 << 82 | company << 58 | item << 38 | serial
    return f"{bits:024X}"
