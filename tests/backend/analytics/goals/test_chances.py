"""The band of a landing and the chance of a goal, worked out by hand."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from backend.analytics.goals.chances import (
    A_MONTH,
    MOST_DEVIATION,
    Spread,
    chance_of,
    levels_of,
    spread_of,
)
from backend.analytics.goals.season import Window, base_of, season_of
from tests.backend.analytics.goals.test_season import by_month, sums


@pytest.mark.parametrize(
    ("levels", "noise", "drift"),
    [
        ([10.0] * 6, 0, 0),
        # 2 of 10, up and down: 0.04 = 2 × noise, one month apart as three.
        ([9.0, 11.0] * 4, 0.02, 0),
        # 1 of 20 a month, three of 20 in three months, all drift: (0.0225 - 0.0025) / 2 = 0.01.
        ([20.0 * 1.0512711**n for n in range(12)], 0, 0.01),
        # Two that never sold after two that did: far apart in everything.
        ([1.0, 0.0] * 3, 2, 0),
    ],
    ids=["even", "noise", "drift", "pauses"],
)
def test_noise_and_drift_are_told_apart_by_how_far_apart_months_are(levels, noise, drift):
    found = spread_of(levels)

    assert found.noise == pytest.approx(noise, abs=2e-4)
    assert found.drift == pytest.approx(drift, abs=2e-4)


def test_a_smooth_season_of_one_year_is_no_spread():
    # Each month lies between its neighbours but the odd ones, which are a tenth of 110 too high.
    steady = spread_of([100.0 + 10 * n for n in range(12)], has_season=True)
    odd = spread_of([100.0, 121.0] * 6, has_season=True)

    # 21 of 110.5, squared, two thirds of it.
    assert (steady.noise, steady.drift) == (pytest.approx(0), 0)
    assert (odd.noise, odd.drift) == (pytest.approx((21 / 110.5) ** 2 / 1.5), 0)


def test_five_months_are_too_few_to_tell():
    assert spread_of([1.0, 2.0, 3.0, 4.0, 5.0]) is None


def test_the_rest_is_as_uncertain_as_what_came_and_what_is_to_come():
    spread = Spread(noise=0.02, drift=0.03)

    # A month passed and a month left: 0.02 × 2 + 0.03 × 2 / 3 = 0.06.
    assert spread.deviation(A_MONTH, A_MONTH) == pytest.approx(0.06**0.5)
    # Two passed, half a month left: 0.02 × 2.5 + 0.03 × 2.5 / 3 = 0.075.
    assert spread.deviation(2 * A_MONTH, A_MONTH / 2) == pytest.approx(0.075**0.5)


def test_a_band_and_a_chance_by_the_cube_root():
    found = chance_of(100.0, 100.0, 0.3)

    # A ninth of 0.09 is 0.01: (1 - 0.01 ± 1.6449 × 0.1)³, and Φ(-0.1).
    assert (found.low, found.high) == (
        pytest.approx(56.257, abs=0.01),
        pytest.approx(153.877, abs=0.01),
    )
    assert found.probability == pytest.approx(0.4602, abs=1e-4)


def test_what_never_varies_is_certain():
    assert chance_of(100.0, 100.0, 0.0).probability == 1
    assert chance_of(100.0, 100.01, 0.0).probability == 0


@given(st.floats(0.01, 1e9), st.floats(-1e9, 1e9), st.floats(0, MOST_DEVIATION))
def test_a_band_holds_its_middle_and_a_chance_is_one(rest, needed, deviation):
    found = chance_of(rest, needed, deviation)

    assert 0 <= found.low <= rest <= found.high
    assert 0 <= found.probability <= 1
    assert chance_of(rest, needed + 1, deviation).probability <= found.probability


TWO_YEARS = Window(date(2016, 1, 1), date(2018, 1, 1), 2)


def test_months_are_measured_by_their_season_which_knew_them_already():
    # The second year sells a tenth more all through: its season lies between the two.
    def sold(day):
        return Decimal(110 if day.year == 2017 else 100)

    own = by_month(TWO_YEARS, sold)
    base = base_of(TWO_YEARS, sums(TWO_YEARS, sold))
    assert base is not None
    levels = levels_of(base, season_of(base, own), own, is_own=True)

    # 100 and 110 lie 5 from their middle; times the root of two of two years less one.
    assert len(levels) == 24
    assert levels[23] / levels[0] == pytest.approx(
        (105 + 5 * 2**0.5) / (105 - 5 * 2**0.5), rel=1e-2
    )


def test_months_before_the_first_sale_are_none():
    own = by_month(TWO_YEARS, lambda day: Decimal(int(day >= date(2017, 10, 1))))
    base = base_of(TWO_YEARS, sums(TWO_YEARS, lambda _: Decimal(1)))
    assert base is not None

    levels = levels_of(base, season_of(base, own), own, is_own=False)

    assert levels == [pytest.approx(levels[0], rel=0.02)] * 3
