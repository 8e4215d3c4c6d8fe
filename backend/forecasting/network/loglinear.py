"""The smooth part of a forecast: demand as a product of powers of the features.

A Poisson regression with ridge penalty, solved by iteratively reweighted least squares (McCullagh
and Nelder 1989, 2.5); only the mean must be right, whatever the distribution is (Gourieroux,
Monfort and Trognon 1984).
"""

from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Floats

_ROUNDS: Final = 6
_WIDEST: Final = 3.0
"""Most that features together may change the level by, as a logarithm."""


def fit_loglinear(values: Floats, target: Doubles, weight: Doubles, ridge: float) -> Doubles:
    """Return the intercept and coefficients for `target ≈ exp(intercept + values · coefficients)`.

    `ridge` is how much a coefficient of one costs, in observations; the intercept is free. What
    never varied has none: nobody knows what it does.
    """
    design = np.concatenate([np.ones((len(values), 1)), values], axis=1)
    design[:, 1:] *= (values != values[:1]).any(0)
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = 1e-3
    found = np.zeros(design.shape[1])
    found[0] = np.log(max(np.average(target, weights=weight), 1e-6))
    for _ in range(_ROUNDS):
        line = np.clip(design @ found, -_WIDEST, _WIDEST)
        mean = np.exp(line)
        slope = design.T @ (weight * (target - mean)) - penalty * found
        curve = (design.T * (weight * mean)) @ design + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        found += step * min(1.0, 1.0 / max(np.abs(step).max(), 1e-12))
    return found


def loglinear(coefficients: Doubles, values: Floats) -> Doubles:
    """Return what the features multiply the level by."""
    line = values @ coefficients[1:].astype(np.float32) + coefficients[0]
    return np.exp(np.clip(line, -_WIDEST, _WIDEST)).astype(np.float64)
