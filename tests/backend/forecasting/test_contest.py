import pytest

from backend.forecasting.judging.accuracy import Accuracy
from backend.forecasting.judging.contest import Champion, decide
from backend.forecasting.judging.promotion import Verdict
from backend.forecasting.rules import ModelFamily

NETWORK, TREES = ModelFamily.NETWORK, ModelFamily.LIGHTGBM
NAIVE, MEAN = ModelFamily.SEASONAL_NAIVE, ModelFamily.WEEKDAY_MEAN


def accuracy(pinball):
    return Accuracy(pinball, None, None, None, pinball, None)


def decided(champion=None, latest=None, **pinball):
    """Decide between families that lost so much of what was sold."""
    judged = {ModelFamily(name): accuracy(loss) for name, loss in pinball.items()}
    last = judged | {name: accuracy(loss) for name, loss in (latest or {}).items()}
    return decide(judged, last, champion)


BETTER = {"NETWORK": 0.10, "LIGHTGBM": 0.12, "SEASONAL_NAIVE": 0.3, "WEEKDAY_MEAN": 0.2}
WORSE = {"NETWORK": 0.25, "SEASONAL_NAIVE": 0.3, "WEEKDAY_MEAN": 0.2}
CASES = {
    "the best, where nobody forecasts": (None, None, BETTER, NETWORK),
    "trees that beat the network": (None, None, BETTER | {"LIGHTGBM": 0.09}, TREES),
    "of equals the network": (None, None, BETTER | {"LIGHTGBM": 0.10}, NETWORK),
    "last week again, where it is best": (None, None, BETTER | {"SEASONAL_NAIVE": 0.05}, NAIVE),
    "the mean, where all lose to it": (None, None, WORSE, MEAN),
    "the mean, where the champion loses to it too": (
        Champion(NETWORK, accuracy(0.26)), None, WORSE, MEAN,
    ),
    "a champion that does not lose to it": (Champion(NETWORK, accuracy(0.15)), None, WORSE, None),
    "a champion nobody can judge": (Champion(NETWORK), None, WORSE, None),
    "the mean in the place of last week": (Champion(NAIVE), None, WORSE, MEAN),
    "the mean, which forecasts already": (Champion(MEAN), None, WORSE, None),
    "whoever beats the mean that forecasts": (Champion(MEAN), None, BETTER, NETWORK),
    "last week, which forecasts already": (
        Champion(NAIVE), None, BETTER | {"SEASONAL_NAIVE": 0.05}, None,
    ),
    "a champion that is better on the last days": (
        Champion(NETWORK, accuracy(0.12)), {NETWORK: 0.13}, BETTER, None,
    ),
    "a challenger that is better on the last days": (
        Champion(TREES, accuracy(0.12)), {NETWORK: 0.11}, BETTER, NETWORK,
    ),
    "a challenger of a champion nobody can judge": (Champion(NETWORK), None, BETTER, NETWORK),
}  # fmt: skip


@pytest.mark.parametrize(("champion", "latest", "pinball", "winner"), CASES.values(), ids=CASES)
def test_who_forecasts_is(champion, latest, pinball, winner):
    decision = decided(champion, latest, **pinball)

    assert decision.winner is winner


def test_every_loser_is_told_to_whom_it_lost():
    decision = decided(Champion(NETWORK, accuracy(0.05)), **BETTER)

    assert decision.verdicts == {
        NETWORK: Verdict.LOSES_TO_CHAMPION,
        TREES: Verdict.LOSES_TO_CHALLENGER,
        NAIVE: Verdict.LOSES_TO_WEEKDAY_MEAN,
    }


def test_nothing_is_promoted_where_nothing_was_sold():
    nothing = Accuracy(None, None, None, None, None, None)

    decision = decide({NETWORK: nothing, MEAN: nothing}, {MEAN: nothing}, Champion(NETWORK))

    assert decision.winner is None
    assert decision.verdicts == {NETWORK: Verdict.NOTHING_SOLD}
