"""Draws of the wild cluster bootstrap: weights of the clusters, and statistics as a function of the value tested.

Scores of the clusters are linear in the value that is tested, so numerators are lines and squared errors parabolas of
it: once these are made, a further value costs a few operations a draw.
"""

from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Weights = Literal["Rademacher", "Webb"]

POINTS: dict[Weights, tuple[float, ...]] = {
    "Rademacher": (-1.0, 1.0),
    "Webb": (-(1.5**0.5), -1.0, -(0.5**0.5), 0.5**0.5, 1.0, 1.5**0.5),
}
# t-statistics nearer than this (relative) are one and the same but for rounding
ROUNDING = 1e-9


@dataclass(frozen=True)
class Draws:
    """Numerators and squared standard errors of all draws, as polynomials of the value tested."""

    numerator: tuple[Array, Array]
    square: tuple[Array, Array, Array]

    def statistics(self, value: float) -> Array:
        """The t-statistics, shape (draws,); NaN where the standard error is zero."""
        top = self.numerator[0] + value * self.numerator[1]
        below = self.square[0] + value * self.square[1] + value**2 * self.square[2]
        # rounding leaves a little of what is zero
        known = below > ROUNDING * np.median(below)
        return np.asarray(top / np.sqrt(np.where(known, below, np.nan)))


def all_draws(pattern: Array, leverage: Array, row: Array, scores: tuple[Array, Array], factor: float) -> Draws:
    """Statistics of all draws.

    Parameters
    ----------
    pattern
        Weights, shape (draws, clusters).
    leverage
        What each cluster takes of a change of the scores: its cross products between ``row`` and the bread, shape
        (clusters, covariates).
    row
        Of the bread (inverse cross products), for the coefficient tested, shape (covariates,).
    scores
        Of the clusters where the value is zero, and their change with it, each shape (clusters, covariates).
    factor
        Small-sample factor of the squared standard error.
    """
    flat = np.zeros(1)
    numerators, parts = [flat, flat], [flat[:, None], flat[:, None]]
    for place, score in enumerate(scores):
        if score.any():
            own = score @ row
            numerators[place] = pattern @ own
            # each cluster's part of the coefficient: its own, less what the draw's regression takes of it
            parts[place] = pattern @ (np.diag(own) - score @ leverage.T)
    first, second = parts
    squares = (_along(first, first), 2 * _along(first, second), _along(second, second))
    return Draws((numerators[0], numerators[1]), (factor * squares[0], factor * squares[1], factor * squares[2]))


def _along(first: Array, second: Array) -> Array:
    return np.einsum("ij,ij->i", first, second) if first.shape == second.shape else np.zeros(1)


def weight_patterns(groups: int, weights: Weights, draws: int, seed: int) -> tuple[Array, bool]:
    """Weights, shape (draws, clusters), and whether they are all that there are.

    Examples
    --------
    >>> weight_patterns(2, "Rademacher", 9, 0)
    (array([[-1., -1.],
           [-1.,  1.],
           [ 1., -1.],
           [ 1.,  1.]]), True)
    """
    points = np.array(POINTS[weights])
    if len(points) ** groups <= draws:
        return np.array(list(product(points, repeat=groups))), True
    random = np.random.default_rng(seed)
    if weights == "Rademacher":
        bits = np.unpackbits(np.frombuffer(random.bytes(draws * groups // 8 + 1), dtype=np.uint8))
        return np.asarray(2.0 * bits[: draws * groups].reshape(draws, groups) - 1.0, dtype=float), False
    return points[random.integers(0, len(points), (draws, groups), dtype=np.int8)], False
