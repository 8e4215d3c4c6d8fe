from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, strategies as st

from backend.forecasting.rules import QUANTILES
from backend.replenishment.totals import expected_served
from backend.replenishment.transferring import Holding, best_transfers

TEA, CUP = UUID(int=1), UUID(int=2)


def holding(place, available, *, surplus=0, short=0, worth=1, demand=10, product=TEA):
    """Return a holding whose demand is spread evenly up to twice `demand`."""
    quantiles = np.array([2.0 * demand * level for level in QUANTILES])
    return Holding(product, place, available, surplus, short, worth, quantiles)


def test_surplus_goes_where_goods_are_short():
    found = best_transfers([holding(0, 50, surplus=20), holding(1, 2, short=8)])

    (one,) = found.transfers
    assert (one.giver, one.taker, one.units) == (0, 1, 8)
    assert 0 < one.sold < 8
    assert found.value == pytest.approx(found.bound)


def test_what_is_scarce_goes_to_who_sells_it_more_surely():
    found = best_transfers(
        [holding(0, 9, surplus=4), holding(1, 0, short=4, demand=2), holding(2, 0, short=4)]
    )

    moved = {one.taker: one.units for one in found.transfers}
    assert moved[2] > moved.get(1, 0)
    assert sum(moved.values()) == 4


def test_products_do_not_stand_in_for_one_another():
    found = best_transfers([holding(0, 50, surplus=20), holding(1, 0, short=8, product=CUP)])

    assert found.transfers == ()
    assert found.bound == 0


def test_the_most_valuable_transfer_comes_first():
    found = best_transfers(
        [
            holding(0, 50, surplus=20),
            holding(1, 0, short=5),
            holding(0, 50, surplus=20, product=CUP),
            holding(1, 0, short=5, worth=9, product=CUP),
        ]
    )

    assert [one.value for one in found.transfers] == sorted(
        (one.value for one in found.transfers), reverse=True
    )
    assert found.transfers[0].value == pytest.approx(9 * found.transfers[1].value)


def test_as_few_places_as_possible_give():
    found = best_transfers(
        [holding(0, 9, surplus=3), holding(1, 9, surplus=6), holding(2, 0, short=6)]
    )

    assert [(one.giver, one.units) for one in found.transfers] == [(1, 6)]


held = st.tuples(
    st.integers(0, 20), st.sampled_from(["gives", "takes"]), st.integers(0, 40), st.integers(1, 30)
)


@given(st.lists(held, max_size=8))
def test_nobody_gives_more_than_its_surplus_or_takes_more_than_it_is_short(rows):
    holdings = [
        holding(
            n,
            available,
            surplus=units if side == "gives" else 0,
            short=units if side == "takes" else 0,
            demand=demand,
        )
        for n, (available, side, units, demand) in enumerate(rows)
    ]

    found = best_transfers(holdings)

    for n, one in enumerate(holdings):
        assert sum(t.units for t in found.transfers if t.giver == n) <= one.surplus
        assert sum(t.units for t in found.transfers if t.taker == n) <= one.short
    assert all(one.units == int(one.units) >= 1 for one in found.transfers)
    assert found.value <= found.bound + 1e-6


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3), st.integers(1, 9)), max_size=3))
def test_no_other_use_of_the_surplus_sells_more_than_the_bound(rows):
    takers = [
        holding(n, available, short=short, demand=demand)
        for n, (available, short, demand) in enumerate(rows, 1)
    ]
    found = best_transfers([holding(0, 99, surplus=4), *takers])

    best = 0.0
    for shares in np.ndindex(*(int(one.short) + 1 for one in takers)):
        if sum(shares) <= 4:
            gains = [
                float(
                    np.diff(
                        expected_served(
                            np.stack([one.quantiles] * 2),
                            np.array([one.available, one.available + units]),
                        )
                    )[0]
                )
                for one, units in zip(takers, shares, strict=True)
                if units
            ]
            best = max(best, sum(gains))

    assert best <= found.bound + 0.005 * 4 + 1e-6
    assert found.value >= best - 0.005 * 4 - 1e-6
