import pytest

from backend.forecasting.network.training import LARGE, SMALL, effort_for
from tests.backend.forecasting.panels import counts, panel

EFFORTS = {
    "long and regular": ({"series": 60, "periods": 900, "mean": 20.0}, LARGE),
    "short": ({"series": 60, "periods": 200, "mean": 20.0}, SMALL),
    "long and sparse": ({"series": 60, "periods": 900, "mean": 0.1}, SMALL),
}


@pytest.mark.parametrize(("law", "effort"), EFFORTS.values(), ids=EFFORTS)
def test_more_is_spent_on_long_regular_histories(law, effort):
    assert effort_for(panel(counts(**law))) is effort
