import numpy as np
import pytest

from backend.forecasting.rules import DemandClass, demand_classes

CASES = {
    "every day alike": ([5, 6, 5, 4, 5, 6], DemandClass.SMOOTH),
    "every day, sizes apart": ([1, 40, 1, 2, 60, 1], DemandClass.ERRATIC),
    "with pauses, alike": ([0, 5, 0, 5, 0, 5], DemandClass.INTERMITTENT),
    "with pauses, sizes apart": ([0, 1, 0, 60, 0, 1], DemandClass.LUMPY),
    "never": ([0, 0, 0, 0, 0, 0], DemandClass.LUMPY),
}


@pytest.mark.parametrize(("demand", "expected"), CASES.values(), ids=CASES)
def test_demand_is_classed_by_pauses_and_sizes(demand, expected):
    rows = np.array([demand], np.float32)

    found = demand_classes(rows, np.ones_like(rows))

    assert found.tolist() == [expected.value]


def test_periods_that_were_closed_are_no_pauses():
    demand = np.array([[5, 0, 5, 0, 5, 0]], np.float32)
    exposure = np.array([[1, 0, 1, 0, 1, 0]], np.float32)

    assert demand_classes(demand, exposure).tolist() == [DemandClass.SMOOTH.value]
