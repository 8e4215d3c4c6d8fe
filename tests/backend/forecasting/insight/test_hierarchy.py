import numpy as np
import pytest

from backend.forecasting.insight.hierarchy import Sums, correlation, summed
from backend.forecasting.network.model import Forecast
from backend.forecasting.rules import HIGH, LOW, QUANTILES

SERIES, DAYS = 40, 400
Z = np.array([-1.96, -1.6449, -1.2816, -0.6745, 0, 0.6745, 1.2816, 1.6449, 1.96])


def normal_demand(rho, seed=0):
    """Return a forecast that is right, and what came: normal, each two correlated by `rho`."""
    rng = np.random.default_rng(seed)
    mean = np.linspace(50, 200, SERIES)[:, None] * np.ones((SERIES, DAYS))
    spread = 0.1 * mean
    shared, own = rng.standard_normal((1, DAYS)), rng.standard_normal((SERIES, DAYS))
    actual = mean + spread * (np.sqrt(rho) * shared + np.sqrt(1 - rho) * own)
    quantiles = mean[:, :, None] + spread[:, :, None] * Z
    said = Forecast(mean.astype(np.float32), quantiles.astype(np.float32))
    return said, actual.astype(np.float32)


@pytest.fixture
def sums():
    return Sums.by(np.arange(SERIES) // 10)


def test_means_add_up_exactly(sums):
    said, _ = normal_demand(0.3)

    found = summed(said, sums, 0.3)

    expected = said.mean.reshape(4, 10, DAYS).sum(1)
    assert found.mean == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("rho", [0.0, 0.3, 1.0])
def test_the_band_of_sums_holds_as_often_as_it_says(rho, sums):
    said, actual = normal_demand(rho)
    _, later = normal_demand(rho, seed=1)
    everything = np.ones(actual.shape, bool)

    learned = correlation(said, actual, everything, sums)
    band = summed(said, sums, learned).quantiles

    came = sums.of(later)
    assert learned == pytest.approx(rho, abs=0.08)
    inside = (came >= band[:, :, LOW]) & (came <= band[:, :, HIGH])
    assert inside.mean() == pytest.approx(0.9, abs=0.035)


def test_quantiles_increase_and_are_never_negative(sums):
    rng = np.random.default_rng(3)
    quantiles = np.sort(rng.gamma(0.3, 5, (SERIES, 7, len(QUANTILES))), axis=2)
    skewed = Forecast(quantiles.mean(2).astype(np.float32), quantiles.astype(np.float32))

    for rho in (0.0, 0.5, 1.0):
        found = summed(skewed, sums, rho).quantiles
        assert (found >= 0).all()
        assert (np.diff(found, axis=2) >= 0).all()


def test_the_sum_of_one_is_itself():
    said, _ = normal_demand(0.2)

    found = summed(said, Sums.by(np.arange(SERIES)), 0.7)

    assert found.quantiles == pytest.approx(said.quantiles, rel=1e-5)


def test_groups_come_in_the_order_of_their_keys():
    sums = Sums.by(np.array([7, 3, 7, 9]))

    assert sums.of(np.array([1.0, 10.0, 100.0, 1_000.0])).tolist() == [10, 101, 1_000]


def test_nothing_is_learned_from_what_nobody_knows(sums):
    said, actual = normal_demand(0.5)

    assert correlation(said, actual, np.zeros(actual.shape, bool), sums) == 0
