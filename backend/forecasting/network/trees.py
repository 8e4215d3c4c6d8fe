"""Boosted trees (extra `lightgbm`) in the place of networks: same features, same smooth part.

One ensemble for each quantile (Koenker and Bassett 1978) and one for the mean, all steps ahead in
one (Ke et al. 2017). They learn nothing on from a single day: they are trained anew.
"""

import importlib
import importlib.util
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from backend.forecasting.arrays import Floats
from backend.forecasting.network.perceptron import Answers, Predictor
from backend.forecasting.rules import QUANTILES

_ROUNDS: Final = 120
_SETTINGS: Final[dict[str, Any]] = {
    "learning_rate": 0.05,
    "num_leaves": 31,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "num_threads": 1,
    "deterministic": True,
    "verbose": -1,
}


def are_installed() -> bool:
    """Tell whether the extra is."""
    return importlib.util.find_spec("lightgbm") is not None


class Trees:
    """Ensembles of trees, one for each quantile and one for the mean."""

    def __init__(self, texts: Sequence[str]) -> None:
        lightgbm: Any = importlib.import_module("lightgbm")
        self.texts = tuple(texts)
        self._boosters = [lightgbm.Booster(model_str=text) for text in texts]

    def standardised(self, inputs: Floats) -> Floats:
        """Return inputs as they are: trees only compare."""
        return inputs

    def answers(self, standard: Floats) -> Floats:
        """Return by row how far quantiles lie from where they usually do, and the mean ratio."""
        rows = np.ascontiguousarray(standard)
        heads = np.stack([one.predict(rows, num_threads=1) for one in self._boosters])
        heads = heads.astype(np.float32)
        np.maximum(heads[-1], 0, out=heads[-1])
        return heads.T

    def is_asked_like(self, other: Predictor) -> bool:
        """Tell whether both see the same inputs."""
        return isinstance(other, Trees)


def grow(inputs: Floats, answers: Answers, seed: int) -> Trees:
    """Return trees that learned from these rows."""
    lightgbm: Any = importlib.import_module("lightgbm")
    texts: list[str] = []
    data = lightgbm.Dataset(inputs, answers.ratio, free_raw_data=False)
    for level, away in zip(QUANTILES, np.ascontiguousarray(answers.away.T), strict=True):
        data.set_label(away).set_weight(answers.weight * answers.distance)
        settings = {**_SETTINGS, "objective": "quantile", "alpha": level, "seed": seed}
        texts.append(lightgbm.train(settings, data, _ROUNDS).model_to_string())
    data.set_label(answers.ratio).set_weight(answers.weight)
    mean = {**_SETTINGS, "objective": "poisson", "seed": seed}
    texts.append(lightgbm.train(mean, data, _ROUNDS).model_to_string())
    return Trees(texts)
