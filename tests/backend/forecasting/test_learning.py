import numpy as np
import pytest

from backend.forecasting.errors import InvalidModel
from backend.forecasting.judging.accuracy import Accuracy
from backend.forecasting.judging.drift import has_left_band
from backend.forecasting.judging.promotion import Verdict, judge
from backend.forecasting.network.learning import fill_reservoir, learn_today
from backend.forecasting.network.model import forecast
from backend.forecasting.network.sampling import Shape
from backend.forecasting.network.training import train
from tests.backend.forecasting.panels import QUICK, counts, panel

WEEK = Shape(7)


def learned(known, days, seed=0):
    """Return a model trained without the last days, and one that learned them one by one."""
    first = train(known.until(known.periods - days), WEEK, seed, QUICK)
    reservoir = fill_reservoir(first, known.until(known.periods - days), 2_000)
    rng, model = np.random.default_rng(seed), first
    for end in range(known.periods - days + 1, known.periods + 1):
        model = learn_today(model, known.until(end), reservoir, rng)
    return first, model, reservoir


def test_a_model_learns_a_day_and_says_through_which_day_it_learned():
    known = panel(counts(periods=150))

    first, model, _ = learned(known, 1)

    assert (model.trained_through, first.trained_through) == (
        known.through, known.until(149).through,
    )  # fmt: skip
    before, after = (forecast(one, known).mean for one in (first, model))
    assert not np.array_equal(before, after)
    assert after == pytest.approx(before, rel=0.2)


def test_one_more_sale_today_moves_the_forecast():
    demand = counts(periods=150)
    more = demand.copy()
    more[3, -1] += 1

    forecasts = [forecast(learned(panel(one), 1)[1], panel(one)).mean[3] for one in (demand, more)]

    assert (forecasts[0] != forecasts[1]).all()
    assert forecasts[1].mean() > forecasts[0].mean()


def test_learning_from_the_same_days_with_the_same_seed_is_the_same():
    known = panel(counts(periods=150))

    one, same = (forecast(learned(known, 3)[1], known).quantiles for _ in range(2))

    assert np.array_equal(one, same)


def test_the_reservoir_keeps_its_size_and_takes_in_new_days():
    known = panel(counts(periods=150))
    first = train(known.until(140), WEEK, 0, QUICK)
    untouched = fill_reservoir(first, known.until(140), 2_000)

    _, _, reservoir = learned(known, 10)

    assert len(reservoir.target) == len(untouched.target)
    changed = (reservoir.values != untouched.values).any(axis=1).mean()
    assert 0 < changed < 1


def test_learning_day_by_day_is_about_as_good_as_training_anew():
    known = panel(counts(series=20, periods=300))
    _, model, _ = learned(known.until(272), 60)
    anew = train(known.until(272), WEEK, 0, QUICK)

    missed = [
        np.abs(forecast(one, known.until(272)).mean - known.demand[:, 272:279]).mean()
        for one in (model, anew)
    ]

    assert missed[0] <= 1.05 * missed[1]


def test_a_model_of_totals_is_trained_anew():
    known = panel(counts(periods=150))
    model = train(known, Shape(7, is_total=True), 0, QUICK)

    with pytest.raises(InvalidModel):
        learn_today(model, known, fill_reservoir(model, known, 500), np.random.default_rng(0))


QUIET = [1.0, 1.1, 0.9, 1.05, 0.95, 1.0, 1.1] * 8
LOSSES = {
    "as ever": ([*QUIET, *QUIET[:7]], False),
    "a bad day": ([*QUIET, 1, 1, 1, 1, 1, 1, 1.8], False),
    "a bad week": ([*QUIET, *[1.8] * 7], True),
    "a good week": ([*QUIET, *[0.3] * 7], False),
    "no band yet": ([1.0] * 27 + [9.0] * 7, False),
    "bad for long: the band has moved": ([*[1.8] * 56, *[1.8] * 7], False),
    "nothing at all": ([], False),
}


@pytest.mark.parametrize(("losses", "left"), LOSSES.values(), ids=LOSSES)
def test_a_forecast_that_got_worse_leaves_its_band(losses, left):
    assert has_left_band(losses) is left


def accuracy(wape, pinball):
    return Accuracy(wape, 1.0, 1.0, 0.0, pinball, 0.9)


NOTHING = Accuracy(None, None, None, None, None, None)
CONTESTS = {
    "first of all": (accuracy(0.4, 0.1), accuracy(0.5, 0.2), None, Verdict.PROMOTED),
    "better": (accuracy(0.4, 0.1), accuracy(0.5, 0.2), accuracy(0.4, 0.11), Verdict.PROMOTED),
    "as good": (
        accuracy(0.4, 0.1), accuracy(0.5, 0.2), accuracy(0.4, 0.1), Verdict.LOSES_TO_CHAMPION,
    ),
    "worse pinball than the mean": (
        accuracy(0.4, 0.3), accuracy(0.5, 0.2), None, Verdict.LOSES_TO_WEEKDAY_MEAN,
    ),
    "worse WAPE than the mean, though better than the champion": (
        accuracy(0.6, 0.1), accuracy(0.5, 0.2), accuracy(0.7, 0.3), Verdict.LOSES_TO_WEEKDAY_MEAN,
    ),
    "nothing was sold": (NOTHING, NOTHING, None, Verdict.NOTHING_SOLD),
    "a champion nobody could judge": (
        accuracy(0.4, 0.1), accuracy(0.5, 0.2), NOTHING, Verdict.PROMOTED,
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("challenger", "mean", "champion", "verdict"), CONTESTS.values(), ids=CONTESTS
)
def test_nothing_is_promoted_that_loses(challenger, mean, champion, verdict):
    assert judge(challenger, mean, champion) is verdict
