from dataclasses import replace

import pytest

from backend.forecasting.network.conformal import no_offsets
from backend.forecasting.network.sampling import Shape
from backend.forecasting.network.training import CLEARLY, Rehearsal, best_of, train
from tests.backend.forecasting.panels import QUICK, counts, panel


@pytest.fixture(scope="module")
def model():
    return train(panel(counts(series=2, periods=60)), Shape(7), 0, QUICK)


@pytest.mark.parametrize(
    ("loss", "yearly"),
    [(0.9, True), (1.01, True), (CLEARLY + 0.01, False)],
    ids=["better", "hardly worse", "clearly worse"],
)
def test_the_season_is_left_out_only_where_that_is_clearly_better(model, loss, yearly):
    with_it = Rehearsal(replace(model, yearly=True), no_offsets(), loss)
    without = Rehearsal(replace(model, yearly=False), no_offsets(), 1.0)

    assert best_of([with_it, without]).model.yearly is yearly
    assert best_of([without]).model.yearly is False
