"""The smooth part of a forecast: demand as a product of powers of the features.

A Poisson regression with ridge penalty, solved by iteratively reweighted least squares (McCullagh
and Nelder 1989, 2.5); only the mean must be right, whatever the distribution is (Gourieroux,
Monfort and Trognon 1984).
"""

from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Floats

_ROUNDS: Final = 6
_HALVED: Final = 4
"""Times a step is halved that makes the fit worse: far out, demand of next to nothing misleads."""
_WIDEST: Final = 3.0
"""Most that features together may change the level by, as a logarithm."""


def fit_loglinear(
    values: Floats, target: Doubles, weight: Doubles, ridge: float, usual: Doubles
) -> Doubles:
    """Return the intercept and coefficients for `target ≈ exp(intercept + values · coefficients)`.

    `ridge` is what a coefficient costs that is one off its `usual` value, in observations; the
    intercept is free. What never varied has none: nobody knows what it does.
    """
    varied = (values != values[:1]).any(0)
    design = np.ones((len(values), values.shape[1] + 1))
    design[:, 1:] = values * varied
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = 1e-3
    drawn_to = np.zeros(design.shape[1])
    drawn_to[1:] = usual * varied
    found = drawn_to.copy()
    average = float(np.average(target, weights=weight))
    found[0] = np.log(min(max(average, 1e-6), np.exp(_WIDEST)))
    line = _clipped(design @ found)
    for _ in range(_ROUNDS):
        mean = np.exp(line)
        slope = design.T @ (weight * (target - mean)) - penalty * (found - drawn_to)
        curve = (design.T * (weight * mean)) @ design + np.diag(penalty)
        step = np.linalg.solve(curve, slope).astype(np.float64)
        step *= min(1.0, 1.0 / max(float(np.abs(step).max()), 1e-12))
        loss = _loss(line, target, weight) + penalty @ (found - drawn_to) ** 2 / 2
        for _ in range(_HALVED):
            moved: Doubles = (found + step).astype(np.float64)
            after = _clipped(design @ moved)
            cost = penalty @ (moved - drawn_to) ** 2 / 2
            if _loss(after, target, weight) + cost <= loss:
                found, line = moved, after
                break
            step /= 2
    return found


def _clipped(line: Doubles) -> Doubles:
    return line.clip(-_WIDEST, _WIDEST)


def _loss(line: Doubles, target: Doubles, weight: Doubles) -> float:
    """Return the deviance of Poisson means but for a constant."""
    return float(weight @ (np.exp(line) - target * line))


def loglinear(coefficients: Doubles, values: Floats) -> Doubles:
    """Return what the features multiply the level by."""
    line = values @ coefficients[1:].astype(np.float32) + coefficients[0]
    return np.exp(np.clip(line, -_WIDEST, _WIDEST)).astype(np.float64)
