"""The correction of quantiles by what came on days the model had not seen."""

import numpy as np
import pytest

from backend.forecasting.network.conformal import Calibration, offsets_of
from backend.forecasting.rules import HIGH, LOW, MEDIAN, QUANTILES

STEPS = 8


def calibration(actual, smooth=10.0):
    """Return what came of a class of series whose quantiles all said 1, as ratios."""
    actual = np.asarray(actual, np.float64)
    return Calibration(
        actual=actual,
        quantiles=np.ones((*actual.shape, len(QUANTILES))),
        smooth=np.broadcast_to(np.float64(smooth), actual.shape),
        known=np.ones(actual.shape, bool),
        classes=np.zeros(len(actual), np.int64),
    )


def test_half_of_what_quantiles_missed_is_added_where_much_was_seen():
    actual = np.random.default_rng(0).normal(1, 0.2, (5_000, STEPS))

    offsets = offsets_of([calibration(actual)])

    assert offsets[0, :, HIGH] == pytest.approx(0.5 * 1.645 * 0.2, rel=0.1)
    assert offsets[0, :, LOW] == pytest.approx(-0.5 * 1.645 * 0.2, rel=0.1)
    assert (offsets[:, :, MEDIAN] == 0).all()
    assert (offsets[1:] == 0).all()


def test_one_sale_of_what_hardly_ever_sells_widens_no_band():
    usual = calibration(np.ones((50, STEPS)))
    rare = np.zeros((50, STEPS))
    rare[::5] = 2_000.0

    offsets = offsets_of([usual, calibration(rare, smooth=0.0005)])

    assert np.abs(offsets[0]).max() < 1


def test_cells_of_a_unit_and_more_count_alike():
    actual = np.random.default_rng(1).gamma(2, 0.5, (300, STEPS))

    assert np.array_equal(
        offsets_of([calibration(actual, 1.0)]), offsets_of([calibration(actual, 1_000.0)])
    )


def test_what_nobody_saw_corrects_nothing():
    assert (offsets_of([calibration(np.ones((3, STEPS)), smooth=0.0)]) == 0).all()
