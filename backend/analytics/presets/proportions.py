"""Whether a share changed beyond chance, and what remains of many such tests. Pure."""

from collections.abc import Sequence
from math import erfc, exp, lgamma, sqrt
from typing import Final

LEAST_EXPECTED: Final = 5
"""Below so many expected in a cell the exact test is taken (Cochran 1954)."""
_CLOSE: Final = 1 + 1e-7


def p_value(k1: int, n1: int, k2: int, n2: int) -> float:
    """Return how likely two shares k1 of n1 and k2 of n2 differ so much by chance, two-sided.

    Pearson's chi-squared test with Yates' correction, or Fisher's exact test where few are
    expected.
    """
    n, k = n1 + n2, k1 + k2
    if not n1 or not n2 or k in (0, n):
        return 1.0
    if min(k, n - k) * min(n1, n2) / n < LEAST_EXPECTED:
        return _fisher(k1, n1, k2, n2)
    apart = max(abs(k1 * n2 - k2 * n1) - n / 2, 0.0)
    chi_squared = n * apart**2 / (n1 * n2 * k * (n - k))
    return erfc(sqrt(chi_squared / 2))


def adjusted(values: Sequence[float]) -> list[float]:
    """Return q-values: the false discovery rate at which each would be a discovery.

    Y. Benjamini and Y. Hochberg 1995.
    """
    count = len(values)
    order = sorted(range(count), key=lambda n: -values[n])
    found, least = [1.0] * count, 1.0
    for place, n in enumerate(order):
        least = min(least, values[n] * count / (count - place))
        found[n] = least
    return found


def _fisher(k1: int, n1: int, k2: int, n2: int) -> float:
    """Return the sum of the probabilities of all tables that are no more likely than this one."""
    k, n = k1 + k2, n1 + n2
    if k > n - k:  # count the fewer: the same table
        k1, k2, k = n1 - k1, n2 - k2, n - k
    constant = _log_choose(n, k)
    lowest, highest = max(0, k - n2), min(k, n1)

    def chance(x: int) -> float:
        return exp(_log_choose(n1, x) + _log_choose(n2, k - x) - constant)

    limit = chance(k1) * _CLOSE
    return min(1.0, sum(one for x in range(lowest, highest + 1) if (one := chance(x)) <= limit))


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
