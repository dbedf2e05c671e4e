"""What a batch of generalized linear models is made of: checked input, families, and blocks that bound the memory.

A stack is many fits to the same rows: they share a design and differ in weights, outcomes or columns. A fit without a row
gives it the weight zero; a fit without a covariate leaves the column out by a mask.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from compendium.errors import UserError

Array = NDArray[np.float64]
Family = Literal["logit", "poisson"]
WeightKind = Literal["frequency", "sampling"]

# bytes of the working arrays of a block: many fits for one matrix product, few enough for the processor's cache
MEMORY = 12e6
# arrays of one number a row and fit that live at the same time
ROW_ARRAYS = 9
# square matrices of one number a pair of covariates and fit that live at the same time
PAIR_ARRAYS = 8


@dataclass(frozen=True)
class Likelihood:
    """A family with its canonical link.

    Attributes
    ----------
    mean
        Of the linear predictor.
    variance
        Of the mean.
    start
        From outcomes (fits, rows): means guessed, their variance, and variance times the linear predictor.
    log_likelihood
        Of outcomes, linear predictors, means and weights: one number a fit.
    """

    mean: Callable[[Array], Array]
    variance: Callable[[Array], Array]
    start: Callable[[Array], tuple[Array, Array, Array]]
    log_likelihood: Callable[[Array, Array, Array, Array], Array]


def _logistic(eta: Array) -> Array:
    with np.errstate(over="ignore"):  # exp runs over where the chance is nought
        mean = np.exp(-eta)
    mean += 1
    return np.reciprocal(mean, out=mean)


def _exponential(eta: Array) -> Array:
    with np.errstate(over="ignore"):  # a step too long, which is then taken back
        return np.exp(eta)


def _logit_likelihood(y: Array, eta: Array, mean: Array, weights: Array) -> Array:
    chance = 1 - y - mean  # of what happened; its sign is y's
    np.abs(chance, out=chance)
    if chance.min(initial=1.0) > 1e-9:
        logarithm = np.log(chance, out=chance)
    else:  # one less nearly one has no digits left
        signed = np.where(y > 0, -eta, eta)
        logarithm = -np.maximum(signed, 0) - np.log1p(np.exp(-np.abs(signed)))
    return np.asarray(np.einsum("bn,bn->b", weights, logarithm))


def _poisson_likelihood(y: Array, eta: Array, mean: Array, weights: Array) -> Array:
    return np.asarray(np.einsum("bn,bn->b", weights, y * eta - np.minimum(mean, 1e300) - gammaln(y + 1)))


def _logit_start(y: Array) -> tuple[Array, Array, Array]:
    mean = (y + 0.5) / 2  # a quarter or three quarters
    return mean, np.full((1, 1), 3 / 16), (y - 0.5) * (2 * np.log(3) * 3 / 16)


def _poisson_start(y: Array) -> tuple[Array, Array, Array]:
    mean = (y + np.maximum(y.mean(axis=1, keepdims=True), 1e-3)) / 2
    return mean, mean, mean * np.log(mean)


LIKELIHOODS = {
    "logit": Likelihood(
        mean=_logistic,
        variance=lambda mean: mean * (1 - mean),
        start=_logit_start,
        log_likelihood=_logit_likelihood,
    ),
    "poisson": Likelihood(
        mean=_exponential,
        variance=lambda mean: mean,
        start=_poisson_start,
        log_likelihood=_poisson_likelihood,
    ),
}


@dataclass(frozen=True)
class Block:
    """Some fits of a stack, as arrays of the same number of rows.

    Attributes
    ----------
    fits
        Their places in the stack.
    weights, outcome
        Shape (fits, rows); weights of the type given, one outcome for all as a view.
    present
        Shape (fits, covariates): the columns each fit has.
    """

    fits: slice
    weights: NDArray[Any]
    outcome: Array
    present: NDArray[np.bool_]


@dataclass(frozen=True)
class Stack:
    """Checked input of a batch.

    Attributes
    ----------
    covariates
        Names of the columns of ``design``.
    design
        Shape (rows, covariates); numbers that are missing where no fit looks are set to 0.
    outcome, weights
        Shape (1 or fits, rows).
    present
        Shape (1 or fits, covariates).
    offset
        Shape (rows,).
    clusters
        Code of each row from 0, or None; ``size`` fits; ``family`` and ``weight_kind`` as asked for.
    """

    covariates: tuple[str, ...]
    design: Array
    outcome: NDArray[Any]
    weights: NDArray[Any]
    present: NDArray[np.bool_]
    offset: Array
    clusters: NDArray[np.intp] | None
    size: int
    family: Family
    weight_kind: WeightKind

    def blocks(self, memory: float) -> Iterator[Block]:
        """Cut the stack into blocks whose working arrays take at most ``memory`` bytes (at least one fit each)."""
        length = max(1, int(memory // self.bytes_a_fit()))
        for first in range(0, self.size, length):
            fits = slice(first, min(first + length, self.size))
            shape = fits.stop - fits.start, len(self.design)
            weights = self.weights if len(self.weights) == 1 else self.weights[fits]
            outcome = np.asarray(self.outcome if len(self.outcome) == 1 else self.outcome[fits], dtype=float)
            yield Block(fits, np.broadcast_to(weights, shape), np.broadcast_to(outcome, shape), self._present(fits))

    def bytes_a_fit(self) -> int:
        """Bytes of the working arrays of one fit; see also ``ROW_ARRAYS`` and ``PAIR_ARRAYS``."""
        rows, columns = self.design.shape
        scores = 0 if self.clusters is None else (int(self.clusters.max()) + 1) * columns
        return 8 * int(ROW_ARRAYS * rows + PAIR_ARRAYS * columns**2 + scores)

    def _present(self, fits: slice) -> NDArray[np.bool_]:
        chosen = self.present if len(self.present) == 1 else self.present[fits]
        return np.array(np.broadcast_to(chosen, (fits.stop - fits.start, self.design.shape[1])))


def stack_of(
    design: pd.DataFrame,
    outcome: ArrayLike,
    family: Family,
    weights: ArrayLike | None,
    weight_kind: WeightKind,
    columns: ArrayLike | None,
    offset: ArrayLike | None,
    clusters: ArrayLike | None,
) -> Stack:
    """Check the arguments of :func:`compacts.stats.glm_batch.fit_glm_batch`, which see, and bring them into shape.

    Raises
    ------
    UserError
        If lengths differ, a weight is negative, or a number that some fit needs is missing or out of range.
    """
    matrix = design.to_numpy(dtype=float, copy=True)
    names = tuple(map(str, design.columns))
    rows, width = matrix.shape
    if family not in LIKELIHOODS:
        raise UserError(f"family: got {family}, expected {' or '.join(LIKELIHOODS)}; choose one")
    if not matrix.size:
        raise UserError(f"design: got {rows} rows and {width} columns, expected some of both; check what was left out")
    y = _two_dimensional("outcome", outcome, rows)
    w = np.ones((1, rows)) if weights is None else _two_dimensional("weights", weights, rows)
    present = np.ones((1, width), dtype=bool) if columns is None else _two_dimensional("columns", columns, width) > 0
    size = max(len(y), len(w), len(present))
    for name, part in (("outcome", y), ("weights", w), ("columns", present)):
        if len(part) not in (1, size):
            raise UserError(f"{name}: got {len(part)} fits, expected 1 or {size} as elsewhere; give each fit its own")
    _check_weights(w, weight_kind)
    shift = np.zeros(rows) if offset is None else _two_dimensional("offset", offset, rows)[0].astype(float)
    _check_design(matrix, names, w, present)
    y = _checked_outcome(y, w, family)
    if (bad := np.flatnonzero(~np.isfinite(shift) & (w > 0).any(axis=0))).size:
        raise UserError(f"offset, row {bad[0]}: got {shift[bad[0]]}, expected a finite number; drop or fill the row")
    codes = None if clusters is None else _codes(clusters, rows)
    return Stack(
        names, np.where(np.isfinite(matrix), matrix, 0.0), y, w, present,
        np.nan_to_num(shift, posinf=0.0, neginf=0.0), codes, size, family, weight_kind,
    )  # fmt: skip


def _two_dimensional(name: str, values: ArrayLike, length: int) -> NDArray[Any]:
    array = np.asarray(values)
    if array.dtype == object:
        array = array.astype(float)
    array = array[None, :] if array.ndim == 1 else array
    if array.ndim != 2 or array.shape[1] != length:
        raise UserError(f"{name}: got shape {np.shape(values)}, expected ({length},) or (fits, {length}); reshape it")
    return array


def _check_weights(w: NDArray[Any], kind: WeightKind) -> None:
    whole = w.dtype.kind in "bui"  # then there is less to look for, in what may be tens of millions
    bad = (w < 0) if whole else ~(np.isfinite(w) & (w >= 0))
    wanted = "a finite number, 0 or more"
    if kind == "frequency" and not whole and not bad.any():
        bad, wanted = w != np.floor(w), 'a whole number (or weight_kind="sampling")'
    if bad.any():
        fit, row = np.argwhere(bad)[0]
        raise UserError(f"weights, fit {fit}, row {row}: got {w[fit, row]}, expected {wanted}; correct it")


def _check_design(matrix: Array, names: Sequence[str], w: NDArray[Any], present: NDArray[np.bool_]) -> None:
    for place in map(int, np.flatnonzero(~np.isfinite(matrix).all(axis=0))):
        missing = ~np.isfinite(matrix[:, place])
        needed = (w[:, missing] > 0) & present[:, [place]]
        if needed.any():
            fit, which = np.argwhere(needed)[0]
            row = np.flatnonzero(missing)[which]
            raise UserError(
                f"design, row {row}, column {names[place]}: got {matrix[row, place]} in fit {fit}, expected a finite "
                "number; give the row the weight 0 or leave the column out of that fit"
            )


def _checked_outcome(y: NDArray[Any], w: NDArray[Any], family: Family) -> NDArray[Any]:
    fine = np.isin(y, (0, 1)) if family == "logit" else np.isfinite(y) & (y >= 0)
    if not fine.all():
        for fit in range(max(len(y), len(w))):
            own, weight = y[min(fit, len(y) - 1)], w[min(fit, len(w) - 1)]
            bad = np.flatnonzero(~fine[min(fit, len(y) - 1)] & (weight > 0))
            if bad.size:
                wanted = "0 or 1" if family == "logit" else "a finite number, 0 or more"
                raise UserError(
                    f"outcome, fit {fit}, row {bad[0]}: got {own[bad[0]]}, expected {wanted}; give it the weight 0 or code it"
                )
        return np.where(fine, y, 0)
    return y


def _codes(clusters: ArrayLike, rows: int) -> NDArray[np.intp]:
    codes, labels = pd.factorize(np.asarray(clusters), sort=True)
    if len(codes) != rows or (codes < 0).any():
        raise UserError(
            f"clusters: got {len(codes)} codes, {(codes < 0).sum()} missing, expected {rows}; name each row's"
        )
    if len(labels) < 2:
        raise UserError("clusters: got one cluster, expected two or more; use another covariance")
    return codes
