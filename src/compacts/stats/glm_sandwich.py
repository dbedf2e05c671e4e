"""Information matrices and sandwich covariances of a whole block of fits at once."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from compacts.stats.glm_stack import Array, Stack

CovarianceKind = Literal["model", "HC1", "CR1", "CR1S"]


def products(design: Array) -> Array:
    """Products of each pair of covariates, shape (rows, k (k + 1) / 2), in the order of ``np.triu_indices``."""
    first, second = np.triu_indices(design.shape[1])
    return np.ascontiguousarray(design[:, first] * design[:, second])


def information(weights: NDArray[np.floating], pairs: NDArray[np.floating], present: NDArray[np.bool_]) -> Array:
    """Sum of each fit's weighted outer products of covariates, shape (fits, k, k): one matrix product for all fits.

    A covariate that a fit lacks has a one on the diagonal and zeros elsewhere.

    Parameters
    ----------
    weights
        Shape (fits, rows).
    pairs
        Of :func:`products`.
    present
        Shape (fits, k).

    Examples
    --------
    >>> x = np.array([[1.0, 2.0], [1.0, 3.0]])
    >>> information(np.array([[1.0, 1.0]]), products(x), np.array([[True, True]]))
    array([[[ 2.,  5.],
            [ 5., 13.]]])
    """
    full = (weights @ pairs)[:, _places(present.shape[1])].astype(float, copy=False)
    if not present.all():
        full = np.where(present[:, :, None] & present[:, None, :], full, np.eye(present.shape[1]))
    return np.asarray(full)


@cache
def _places(width: int) -> NDArray[np.intp]:
    """Where a pair of covariates stands among the products, shape (k, k)."""
    place = np.zeros((width, width), dtype=np.intp)
    first, second = np.triu_indices(width)
    place[first, second] = place[second, first] = np.arange(len(first))
    return place


def covariances_of(
    stack: Stack,
    kinds: Sequence[CovarianceKind],
    inverted: Array,
    weights: Array,
    residual: Array,
    design: Array,
    pairs: Array,
    counts: tuple[Array, NDArray[np.int_], NDArray[np.int_]],
) -> dict[CovarianceKind, Array]:
    """Covariances of the parameters of some fits.

    Parameters
    ----------
    stack
        Tells clusters and the kind of weights.
    kinds
        Which.
    inverted
        Inverse information, zero for covariates that a fit lacks; shape (fits, k, k).
    weights
        Shape (fits, rows).
    residual
        Weight times outcome less mean, shape (fits, rows).
    design, pairs
        Covariates and their products.
    counts
        Observations, parameters and clusters of each fit.

    Returns
    -------
    dict
        kind: shape (fits, k, k).
    """
    n, k, groups = counts
    found: dict[CovarianceKind, Array] = {}
    if "model" in kinds:
        found["model"] = inverted
    if "HC1" in kinds:
        squares = residual**2
        if stack.weight_kind == "frequency":
            squares /= np.where(weights > 0, weights, 1.0)
        meat = information(squares, pairs, np.ones((len(weights), design.shape[1]), dtype=bool))
        found["HC1"] = (n / (n - k))[:, None, None] * (inverted @ meat @ inverted)
    clustered: list[CovarianceKind] = [kind for kind in ("CR1", "CR1S") if kind in kinds]
    if clustered and stack.clusters is not None:
        scores = cluster_scores(residual, design, stack.clusters)
        around = inverted @ (scores.transpose(0, 2, 1) @ scores) @ inverted
        for kind in clustered:
            factor = groups / (groups - 1) * ((n - 1) / (n - k) if kind == "CR1S" else 1.0)
            found[kind] = factor[:, None, None] * around
    return found


def cluster_scores(weighted: Array, design: Array, clusters: NDArray[np.intp]) -> Array:
    """Scores summed by cluster, shape (fits, clusters, k).

    Parameters
    ----------
    weighted
        Weighted residuals, shape (fits, rows).
    design
        Shape (rows, k).
    clusters
        Code of each row from 0.
    """
    order = np.argsort(clusters, kind="stable")
    sides = np.flatnonzero(np.diff(clusters[order], prepend=-1, append=clusters.max() + 1))
    sorted_rows, sorted_design = weighted[:, order], design[order]
    scores = np.empty((len(weighted), len(sides) - 1, design.shape[1]))
    for cluster, (start, stop) in enumerate(pairwise(sides)):
        scores[:, cluster] = sorted_rows[:, start:stop] @ sorted_design[start:stop]
    return scores
