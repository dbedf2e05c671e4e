"""Climb to the maximum of a penalised likelihood by scoring steps, halved where they would overshoot."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from compendium.errors import UserError

Array = NDArray[np.float64]

STEPS = 200
HALVINGS = 30
LARGEST_STEP = 5.0
# near the maximum, rounding makes equal likelihoods differ by about this share
SLACK = 1e-11
# a climb that can get no higher has arrived if it is as flat as this
FLAT = 1e-5


def ascend(
    start: Array,
    value: Callable[[Array], float],
    score: Callable[[Array], Array],
    information: Callable[[Array], Array],
    tolerance: float,
    name: str,
) -> Array:
    """Find where the score vanishes.

    A step is taken when the value rises, or stays and the score shrinks: the information leaves out the
    penalty's curvature, so with very few observations a full step may swing around the maximum for ever.

    Parameters
    ----------
    start
        Parameters to begin with.
    value, score, information
        Of the parameters: what is maximised, its gradient, and a positive definite stand-in for its curvature.
    tolerance
        Largest entry of the score at the maximum.
    name
        Of the model, for the message.

    Raises
    ------
    UserError
        If the climb does not arrive.

    Examples
    --------
    >>> curved = np.array([[2.0]])
    >>> ascend(np.zeros(1), lambda b: -((b[0] - 3) ** 2), lambda b: -2 * (b - 3), lambda b: curved, 1e-9, "parabola")
    array([3.])
    """
    at, height, slope = start, value(start), score(start)
    for _ in range(STEPS):
        if np.abs(slope).max(initial=0.0) < tolerance:
            return at
        step = np.linalg.solve(information(at), slope)
        step *= min(1.0, LARGEST_STEP / np.abs(step).max())
        slack = SLACK * (1 + abs(height))
        for _ in range(HALVINGS):
            reached, next_slope = value(at + step), slope
            if reached >= height - slack:
                next_slope = score(at + step)
                if reached > height + slack or np.abs(next_slope).max() < np.abs(slope).max():
                    break
            step = step / 2
        else:
            break
        at, height, slope = at + step, reached, next_slope
    if np.abs(slope).max() < FLAT:
        return at
    raise UserError(f"{name} did not converge; rescale or drop covariates")
