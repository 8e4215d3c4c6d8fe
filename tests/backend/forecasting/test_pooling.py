"""What series take from each other is the same, however few numbers it is made of."""

import pytest

from backend.forecasting.demand.rhythm import Step, rhythm_of
from backend.forecasting.network.pooling import blocks_looked_at, pool, pool_sums
from tests.backend.forecasting.panels import counts, panel


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("periods", [9, 380, 476, 900])
@pytest.mark.parametrize("horizon", [1, 28, 91])
def test_blocks_of_periods_say_of_products_what_all_periods_say(step, periods, horizon):
    shop = panel(
        counts(series=9, periods=periods), step=step, locations=[0, 0, 0, 1, 1, 1, 2, 2, 2]
    )
    begins = blocks_looked_at(periods, horizon, shop.rhythm)

    whole, few = (
        pool([pool_sums(shop, shop.exposure, each)]).settled(horizon, yearly=True)
        for each in (None, begins)
    )

    assert whole.years.shape == (1 + 3 + 9, horizon)
    assert few.years == pytest.approx(whole.years, rel=1e-9, abs=1e-12)


def test_what_is_kept_of_a_product_does_not_grow_with_the_past():
    day = rhythm_of(Step.DAY)

    kept = [len(blocks_looked_at(periods, 28, day)) for periods in (476, 1_918)]

    assert kept[0] == kept[1] < 50
