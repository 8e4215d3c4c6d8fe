import numpy as np
import pytest

from backend.replenishment.elasticity import Elasticity, price_elasticity
from backend.replenishment.markdowns import (
    Batch,
    MarkdownCause,
    best_cut,
    expiring,
    surplus,
)
from backend.replenishment.totals import totals_of_past

ONE_A_DAY = totals_of_past(np.array([1.0]), np.array([0.0]), 28)
STRONG = Elasticity(-3.0, 0.2, 10, 50)


def lying(days, held):
    """Return what is left of so many units of what sells one a day; None: next to nothing."""
    return surplus(ONE_A_DAY, np.array([days]), np.array([held])).get(0)


def test_what_expires_before_it_is_sold_is_counted():
    found = expiring([Batch(4, 10.0)], ONE_A_DAY, 30.0)

    assert (found.cause, found.days, found.units) == (MarkdownCause.EXPIRING, 4, 10)
    assert found.left == pytest.approx(6)


def test_what_expires_first_is_sold_first():
    batches = [Batch(2, 1.0), Batch(20, 30.0)]

    found = expiring(batches, ONE_A_DAY, 31.0)

    assert (found.days, found.units) == (20, 31)
    assert found.left == pytest.approx(11)


@pytest.mark.parametrize(
    ("batches", "held"),
    [([], 10.0), ([Batch(20, 5.0)], 5.0), ([Batch(2, 40.0)], 2.0)],
    ids=["no batch", "sold in time", "gone already"],
)
def test_what_will_be_sold_in_time_is_no_matter(batches, held):
    assert expiring(batches, ONE_A_DAY, held) is None


def test_what_has_expired_is_said_first():
    found = expiring([Batch(-3, 4.0), Batch(5, 100.0)], ONE_A_DAY, 200.0)

    assert found is not None
    assert (found.cause, found.units, found.sold) == (MarkdownCause.EXPIRED, 4, 0)
    assert best_cut(found, ONE_A_DAY, STRONG, 10.0, 1.0) is None


def test_surplus_is_what_lies_there_after_the_days_it_is_to_cover():
    found = lying(14, 50.0)

    assert (found.cause, found.days) == (MarkdownCause.SURPLUS, 14)
    assert found.left == pytest.approx(36)
    assert lying(14, 14.5) is None


def test_the_discount_is_the_one_that_earns_most():
    excess = expiring([Batch(7, 1000.0)], ONE_A_DAY, 1000.0)

    assert excess is not None
    found = best_cut(excess, ONE_A_DAY, STRONG, 10.0, 6.0)

    # 7 units a week × 10 × (1 − d)^(1 − 3) grows with d up to the last discount tried
    assert found.discount == 0.6
    assert found.sold == pytest.approx(7 * (0.4**-3 - 1), rel=0.01)
    assert found.gain == found.sales > 0


def test_a_cut_never_sells_more_than_is_there():
    excess = expiring([Batch(7, 9.0)], ONE_A_DAY, 9.0)

    assert excess is not None
    found = best_cut(excess, ONE_A_DAY, STRONG, 10.0, None)

    assert excess.sold + found.sold <= 9
    assert found.discount < 0.3


@pytest.mark.parametrize(
    ("elasticity", "cost"),
    [
        (Elasticity(-3.0, 2.0, 10, 50), 1.0),
        (Elasticity(-0.5, 0.1, 10, 50), 1.0),
        (STRONG, None),
        (STRONG, 9.5),
    ],
    ids=["chance", "demand hardly answers", "nobody knows the cost", "next to no margin"],
)
def test_prices_are_not_cut_where_that_is_not_known_to_earn_anything(elasticity, cost):
    excess = lying(14, 50.0)

    assert excess is not None
    assert best_cut(excess, ONE_A_DAY, elasticity, 10.0, cost) is None


def made(elasticity, *, rate=6.0, series=30, days=300, seed=0):
    """Return demand, exposure and prices; each series is cheaper every fifth week or so."""
    rng = np.random.default_rng(seed)
    price = np.repeat(rng.uniform(2, 30, (series, 1)), days, axis=1)
    cheap = rng.random((series, days // 7 + 1)) < 0.2
    off = 1 - 0.3 * np.repeat(cheap, 7, axis=1)[:, :days]
    season = 1 + 0.4 * np.sin(np.arange(days) / 20)
    demand = rng.poisson(rate * rng.gamma(2, 0.5, (series, 1)) * season * off**elasticity)
    shape = np.ones((series, days), np.float32)
    return demand.astype(np.float32), shape, (price * off).astype(np.float32)


@pytest.mark.parametrize("elasticity", [-3.0, -1.5, -0.5])
def test_elasticity_is_found_again_whatever_the_season(elasticity):
    found = price_elasticity(*made(elasticity))

    assert abs(found.value - elasticity) < max(3 * found.error, 0.1)
    assert found.error < 0.2
    assert found.is_sure


def test_demand_that_does_not_answer_to_prices_is_not_said_to():
    found = [price_elasticity(*made(0.0, rate=0.3, series=6, seed=seed)) for seed in range(20)]

    assert sum(one.is_sure for one in found) <= 2


def test_prices_that_never_differed_tell_nothing():
    demand, exposure, price = made(-2.0)

    assert price_elasticity(demand, exposure, np.full_like(price, 5.0)) is None
    assert price_elasticity(demand, exposure, np.full_like(price, np.nan)) is None
    assert price_elasticity(np.zeros_like(demand), exposure, price) is None
    assert price_elasticity(demand[:0], exposure[:0], price[:0]) is None


def test_days_on_which_nothing_could_be_bought_tell_nothing():
    demand, exposure, price = made(-2.0)
    closed = np.arange(300) % 3 == 0
    demand[:, closed], exposure[:, closed] = 0, 0

    found = price_elasticity(demand, exposure, price)

    assert abs(found.value + 2) < 0.3
