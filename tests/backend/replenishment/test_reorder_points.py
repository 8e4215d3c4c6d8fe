import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from backend.forecasting.rules import QUANTILES
from backend.replenishment.errors import InvalidServiceLevel
from backend.replenishment.rules import fixed_reorder_points, reorder_points
from backend.replenishment.simulation import simulate
from backend.replenishment.suggesting import Policy

STEPS = np.array([[100.0 * level for level in QUANTILES]])


@pytest.mark.parametrize(("level", "point"), [(0.95, 95), (0.925, 92.5), (0.5, 60), (0.975, 97.5)])
def test_the_reorder_point_is_the_quantile_of_the_service_level(level, point):
    found = reorder_points(np.array([60.0]), STEPS, level)

    assert found.expected.tolist() == [60]
    assert found.reorder_point == pytest.approx([point])
    assert found.safety_stock == pytest.approx([point - 60])


@pytest.mark.parametrize("level", [0.49, 0.98, float("nan")])
def test_a_service_level_nobody_can_promise_is_refused(level):
    with pytest.raises(InvalidServiceLevel) as raised:
        reorder_points(np.array([60.0]), STEPS, level)

    assert raised.value.extensions["field"] == ["serviceLevel"]


def test_the_textbook_takes_mean_and_spread_of_the_past():
    found = fixed_reorder_points(np.array([[2.0, 6.0, 2.0, 6.0]]), 4, 1.5)

    assert found.expected.tolist() == [16]
    assert found.safety_stock.tolist() == [6]


def steady(value, periods):
    return np.full((1, periods), float(value))


def test_goods_arrive_after_the_lead_time_and_what_is_not_there_is_lost():
    demand = np.array([[4, 4, 4, 4]], np.float32)

    found = simulate(demand, steady(6, 4), steady(10, 4), Policy.plain(1, 2))

    # 10 → 6, orders 4 for the third day → 2, orders 4 → 4 + 2 − 4 = 2 → 4 + 2 − 4 = 2
    assert found.sold.tolist() == [16]
    assert found.mean_on_hand.tolist() == [3]
    assert found.orders.tolist() == [4]
    assert found.fill_rate == 1


def test_too_late_an_order_loses_sales():
    demand = np.array([[10, 10, 10, 10]], np.float32)

    found = simulate(demand, steady(0, 4), steady(10, 4), Policy.plain(1, 2))

    assert found.sold.tolist() == [20]
    assert found.fill_rate == 0.5


def test_nothing_wanted_has_no_fill_rate():
    found = simulate(np.zeros((1, 3), np.float32), steady(1, 3), steady(2, 3), Policy.plain(1, 1))

    assert found.fill_rate is None
    assert found.stock_held == 2


@given(
    demand=arrays(np.float32, (3, 12), elements=st.integers(0, 50)),
    point=st.integers(0, 60),
    size=st.integers(0, 60),
    lead_time=st.integers(1, 5),
)
def test_more_stock_never_serves_less_and_nothing_is_sold_that_is_not_there(
    demand, point, size, lead_time
):
    shape = np.ones((3, 12))

    found = simulate(demand, shape * point, shape * (point + size), Policy.plain(3, lead_time))
    more = simulate(
        demand, shape * point + 50, shape * (point + size) + 50, Policy.plain(3, lead_time)
    )

    assert (found.sold <= found.wanted).all()
    assert (found.mean_on_hand >= 0).all()
    assert found.sold.sum() <= more.sold.sum()


def test_orders_are_placed_at_reviews_in_whole_packs_and_not_below_the_minimum():
    demand = np.full((2, 6), 2, np.float32)
    levels, packs, minimums = np.full(2, 0.95), np.array([5.0, 1.0]), np.array([1.0, 8.0])
    policy = Policy(np.array([1, 1]), np.array([3, 3]), levels, packs, minimums)

    found = simulate(demand, np.full((2, 6), 9.0), np.full((2, 6), 10.0), policy)

    # 8 6 4, then 6 are missing: two packs of 5 make 14 − 2 = 12 10 8, the minimum of 8 makes 10 8 6
    assert found.sold.tolist() == [12, 12]
    assert found.mean_on_hand.tolist() == [8, 7]
    assert found.orders.tolist() == [2, 2]
