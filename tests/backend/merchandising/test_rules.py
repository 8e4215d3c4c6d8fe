from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from backend.merchandising.rules import (
    Board,
    Minimum,
    MinimumReason,
    Size,
    minimum_of,
    units_of_facing,
)
from backend.merchandising.shares import percentages
from tests.backend.merchandising.problems import item

BOARD = Board(1000, 300, 400)


@pytest.mark.parametrize(
    ("size", "units"),
    [
        (Size(100, 100, 100), 4),
        (Size(100, 100, 100, is_stackable=True), 12),
        (Size(100, 100, 100, units_per_facing=7), 7),
        (Size(100, 301, 100), 0),
        (Size(1001, 100, 100), 0),
        (Size(100, 100, 401, units_per_facing=7), 0),
        (Size(100, 300, 400, is_stackable=True), 1),
    ],
    ids=["behind", "stacked", "counted", "too high", "too wide", "too deep", "just fits"],
)
def test_a_facing_holds_what_fits_behind_and_above(size, units):
    assert units_of_facing(size, BOARD) == units


@pytest.mark.parametrize(
    ("changes", "minimum"),
    [
        ({}, Minimum(1, MinimumReason.PRESENCE)),
        ({"until_refill": 9.0}, Minimum(3, MinimumReason.DEMAND)),
        ({"until_refill": 8.0}, Minimum(2, MinimumReason.DEMAND)),
        ({"until_refill": 9.0, "least": 2}, Minimum(3, MinimumReason.DEMAND)),
        ({"least": 2}, Minimum(2, MinimumReason.SETTLED)),
        ({"until_refill": 9.0, "most": 2}, Minimum(2, MinimumReason.CAPPED)),
    ],
    ids=["stands", "wanted", "just held", "wanted more", "settled", "capped"],
)
def test_the_least_facings_have_a_reason(changes, minimum):
    assert minimum_of(item("A", **changes), 4) == minimum


@given(st.lists(st.floats(allow_nan=True), min_size=1, max_size=60))
def test_percentages_sum_to_a_hundred_exactly(weights):
    shares = percentages(weights)

    assert sum(shares) == Decimal(100)
    assert all(0 <= one <= 100 and one == one.quantize(Decimal("0.01")) for one in shares)


@pytest.mark.parametrize(
    ("weights", "shares"),
    [
        ([], []),
        ([3], ["100.00"]),
        ([1, 1, 1], ["33.34", "33.33", "33.33"]),
        ([0, 0], ["50.00", "50.00"]),
        ([0, 5], ["0.00", "100.00"]),
        ([2, 1], ["66.67", "33.33"]),
        ([1e308, 1e308], ["50.00", "50.00"]),
    ],
)
def test_the_hundredths_that_are_left_go_to_the_largest_remainders(weights, shares):
    assert percentages(weights) == [Decimal(one) for one in shares]
