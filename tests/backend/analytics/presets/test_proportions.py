from itertools import combinations
from math import comb

import pytest

from backend.analytics.presets.proportions import adjusted, p_value


def test_the_lady_tasting_tea():
    assert p_value(3, 4, 1, 4) == pytest.approx(0.4857142857)
    assert p_value(3, 12, 1, 15) == pytest.approx(0.2940170941)  # scipy's fisher_exact


def test_small_counts_are_tested_exactly():
    n1, n2, k = 12, 15, 4
    chances = {x: comb(n1, x) * comb(n2, k - x) / comb(n1 + n2, k) for x in range(k + 1)}

    for x, chance in chances.items():
        wanted = sum(one for one in chances.values() if one <= chance * (1 + 1e-9))
        assert p_value(x, n1, k - x, n2) == pytest.approx(wanted)


def test_large_counts_follow_chi_squared_with_yates_correction():
    # scipy's chi2_contingency of 43, 9 against 44, 4: 1.0725 and p = 0.3004.
    n, apart = 100, abs(43 * 4 - 9 * 44) - 50
    chi_squared = n * apart**2 / (52 * 48 * 87 * 13)

    assert chi_squared == pytest.approx(1.0725, abs=1e-4)
    assert p_value(43, 52, 44, 48) == pytest.approx(0.3003848, abs=1e-6)


@pytest.mark.parametrize(
    "counts", [(0, 0, 3, 9), (0, 10, 0, 20), (10, 10, 20, 20), (5, 10, 5, 10), (50, 100, 500, 1000)]
)
def test_what_does_not_differ_is_likely(counts):
    assert p_value(*counts) == pytest.approx(1, abs=0.02)


def test_the_order_of_the_two_does_not_matter():
    for k1, k2 in combinations(range(0, 60, 7), 2):
        assert p_value(k1, 80, k2, 95) == pytest.approx(p_value(k2, 95, k1, 80))


def test_q_values_are_those_of_benjamini_and_hochberg():
    # Their example of 15 p-values: at 5 % the first four are discoveries.
    values = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
        0.5719, 0.6528, 0.7590, 1.0000,
    ]  # fmt: skip

    found = adjusted(list(reversed(values)))[::-1]

    assert [one <= 0.05 for one in found] == [True] * 4 + [False] * 11
    assert found[0] == pytest.approx(0.0015)
    assert found == sorted(found)


def test_no_tests_have_no_q_values():
    assert adjusted([]) == []
