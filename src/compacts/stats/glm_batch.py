"""Thousands of logit or Poisson regressions in one pass: bootstrap refits, specification curves, simulated outcomes.

All fits share the rows of one design. The iterations (those of iteratively reweighted least squares, the links being
canonical) go through the whole stack at once: with the products of each pair of covariates computed once, the information
matrices of all fits are one matrix product, (fits x rows) by (rows x pairs). A fit that has arrived is frozen.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from compacts.stats.glm_climb import Climb
from compacts.stats.glm_results import GLMBatch
from compacts.stats.glm_sandwich import CovarianceKind, products
from compacts.stats.glm_stack import MEMORY, Array, Family, Stack, WeightKind, stack_of
from compendium.errors import UserError


def fit_glm_batch(
    design: pd.DataFrame,
    outcome: ArrayLike,
    family: Family,
    *,
    weights: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    columns: ArrayLike | None = None,
    offset: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    covariances: Sequence[CovarianceKind] = ("model",),
    start: ArrayLike | None = None,
    memory: float = MEMORY,
) -> GLMBatch:
    """Fit many logits or Poisson regressions (log link) to the rows of one design.

    Parameters
    ----------
    design
        Covariates of all fits, the constant among them.
    outcome
        Shape (rows,) or (fits, rows): 0 or 1 for ``logit``, 0 or more for ``poisson``.
    family
        ``logit`` or ``poisson``.
    weights
        Shape (rows,) or (fits, rows); a row of weight 0 is not in the fit, whatever is missing there. Any numeric type:
        10,000 bootstrap draws of 3,000 rows are 30 MB as int8.
    weight_kind
        ``frequency``: the row stands for so many rows. ``sampling``: inverse inclusion probabilities; their scale changes the
        model-based covariance, which assumes frequencies, but no sandwich.
    columns
        Shape (covariates,) or (fits, covariates): which columns a fit has.
    offset
        Shape (rows,), added to the linear predictor (the logarithm of an exposure).
    clusters
        Label of each row's cluster, shape (rows,).
    covariances
        Any of ``model`` (inverse information), ``HC1`` (sandwich x n/(n - k)), ``CR1`` (clustered x G/(G - 1)) and ``CR1S``
        (clustered x G/(G - 1) x (n - 1)/(n - k)), with G and n of each fit. None is quicker.
    start
        First parameters, shape (covariates,) or (fits, covariates). By default those of a fit with mean weights (of a
        hundred fits) where fits differ in weights alone, and those of a first guess of the mean elsewhere.
    memory
        Bytes of the working arrays, which are cut into blocks of fits. What is given and what is returned comes on top.

    Raises
    ------
    UserError
        If input has the wrong shape, is missing where a fit needs it, or has one cluster. What ails single fits is told
        in ``problem``.

    References
    ----------
    McCullagh, P. and Nelder, J. A. (1989), Generalized Linear Models, 2nd ed., section 2.5. Bach, F. (2010), Self-concordant
    analysis for logistic regression, Electronic Journal of Statistics 4, 384-414 (steps). Zeileis, A., Koell, S. and
    Graham, N. (2020), Various versatile variances, Journal of Statistical Software 95(1) (sandwiches and factors).

    Examples
    --------
    A logit on all rows, and one without the last row:

    >>> design = pd.DataFrame({"constant": 1.0, "host": [0, 0, 0, 1, 1, 1, 1]})
    >>> batch = fit_glm_batch(design, [0, 0, 1, 0, 1, 1, 1], "logit", weights=[[1] * 7, [1] * 6 + [0]])
    >>> batch.parameters.round(3)
    array([[-0.693,  1.792],
           [-0.693,  1.386]])
    """
    unknown = set(covariances) - {"model", "HC1", "CR1", "CR1S"}
    if unknown or (clusters is None and {"CR1", "CR1S"} & set(covariances)):
        got = min(unknown) if unknown else "a clustered covariance without clusters"
        raise UserError(f"covariances: got {got}, expected model, HC1, or with clusters CR1 or CR1S; change it")
    stack = stack_of(design, outcome, family, weights, weight_kind, columns, offset, clusters)
    scaled, back = _standardised(stack)
    if start is None and len(stack.outcome) == len(stack.present) == 1 and stack.size > 2:
        start = _pooled(stack, design)
    shape = (stack.size, len(stack.covariates))
    if start is not None and np.shape(start) not in (shape, shape[1:]):
        raise UserError(f"start: got shape {np.shape(start)}, expected {shape[1:]} or {shape}; reshape it")
    begin = None if start is None else np.broadcast_to(np.asarray(start, float), shape)
    size, width = stack.size, len(stack.covariates)
    batch = GLMBatch(
        stack=stack,
        parameters=np.full((size, width), np.nan),
        covariances={kind: np.full((size, width, width), np.nan) for kind in covariances},
        iterations=np.zeros(size, dtype=int),
        n_used=np.zeros(size),
        clusters_used=np.zeros(size, dtype=int),
        problem=np.full(size, "", dtype=object),
    )
    pairs = products(scaled)
    rough_pairs = pairs.astype(np.float32)
    for block in stack.blocks(memory):
        first = None if begin is None else np.linalg.solve(back, np.nan_to_num(begin[block.fits]).T).T
        Climb(batch, block, scaled, pairs, rough_pairs, back).run(first)
    return batch


def _pooled(stack: Stack, design: pd.DataFrame) -> Array | None:
    some = stack.weights[:: max(1, stack.size // 100)]
    weights = np.asarray(some.mean(axis=0, dtype=float))
    one = fit_glm_batch(
        design,
        stack.outcome,
        stack.family,
        weights=weights,
        weight_kind="sampling",
        offset=stack.offset,
        covariances=(),
    )
    return np.asarray(one.parameters[0]) if one.converged[0] else None


def _standardised(stack: Stack) -> tuple[Array, Array]:
    """The design with columns of mean 0 and spread 1, and the matrix that brings its parameters back to the given units.

    Means are taken out only if every fit has a constant to take them in.
    """
    spread, mean = stack.design.std(axis=0), stack.design.mean(axis=0)
    flat = spread <= 1e-12 * np.abs(stack.design).max(axis=0)
    constant = np.flatnonzero(flat & (mean != 0) & stack.present.all(axis=0))[:1]
    mean = np.where(flat | (len(constant) == 0), 0.0, mean)
    size = np.where(flat, np.abs(stack.design[0]), np.sqrt(np.mean((stack.design - mean) ** 2, axis=0)))
    size = np.where(size > 0, size, 1.0)
    back = np.diag(1 / size)
    if len(constant):
        back[constant[0]] -= mean / size / stack.design[0, constant[0]]
    return (stack.design - mean) / size, back
