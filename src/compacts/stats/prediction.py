"""Prediction out of sample: every observation foretold by the model of all the others.

All leave-one-out fits climb together, as one batch of matrix products: a hundred fits cost little more than one.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compacts.stats.firth import firth_residuals, fit_firth_logit
from compacts.stats.models import ChoiceModel
from compendium.errors import UserError

Array = NDArray[np.float64]

STEPS = 60
TOLERANCE = 1e-6
LARGEST_STEP = 2.0


@dataclass(frozen=True)
class Scores:
    """How good probabilities were: Brier score and log score, both means, lower is better."""

    brier: float
    log: float


def score(probabilities: Array, outcome: NDArray[np.int_]) -> Scores:
    """Brier score (mean squared error) and log score (mean minus log-likelihood) of probabilities of a 1.

    References
    ----------
    Gneiting, T. and Raftery, A. E. (2007), Journal of the American Statistical Association 102, 359-378, sections 3.1 and 3.2.

    Examples
    --------
    >>> found = score(np.array([0.8, 0.4]), np.array([1, 0]))
    >>> round(found.brier, 3), round(found.log, 3)
    (0.1, 0.367)
    """
    p = np.asarray(probabilities, dtype=float)
    if not ((p > 0) & (p < 1)).all():
        raise UserError(
            f"score: got probabilities from {p.min()} to {p.max()}, expected between 0 and 1; check the model"
        )
    right = np.where(outcome == 1, p, 1 - p)
    return Scores(float(np.mean((outcome - p) ** 2)), float(-np.log(right).mean()))


def leave_one_out(design: pd.DataFrame, outcome: pd.Series, fitted: ChoiceModel | None = None) -> Array:
    """Probability of a 1 for each row, by Firth's logit of all other rows; shape (n,).

    The intercept of each fit is then set so that its mean prediction is the share observed in its rows (FLIC): the penalty
    alone draws predictions of rare outcomes towards one half.

    Parameters
    ----------
    design
        Covariates, the constant first.
    outcome
        0 or 1, on the same index.
    fitted
        Firth's logit of all rows, where it is there already.

    Raises
    ------
    UserError
        If without some row a covariate does not vary any more, or the outcome has one value only.

    References
    ----------
    Puhr, R., Heinze, G., Nold, M., Lusa, L. and Geroldinger, A. (2017), Statistics in Medicine 36, 2302-2317 (FLIC).

    Examples
    --------
    Without covariates each row is foretold by the share among the others; where these are all 1, by the penalty:

    >>> p = leave_one_out(pd.DataFrame({"constant": 1.0}, index=range(4)), pd.Series([0, 1, 1, 1]))
    >>> p.round(3).tolist()
    [0.875, 0.667, 0.667, 0.667]
    """
    x, y = design.to_numpy(dtype=float), outcome.to_numpy(dtype=float)
    beta = parameters_without_each(design, outcome, fitted)
    shift = _intercept_shift(beta @ x.T, y, 1.0 - np.eye(len(x)))
    return np.asarray(_success(np.einsum("li,li->l", beta, x) + shift))


def parameters_without_each(design: pd.DataFrame, outcome: pd.Series, fitted: ChoiceModel | None = None) -> Array:
    """Parameters of Firth's logit without each row in turn, shape (n, parameters); arguments and errors as `leave_one_out`."""
    x, y = design.to_numpy(dtype=float), outcome.to_numpy(dtype=float)
    n, size = x.shape
    alone = np.flatnonzero((np.linalg.qr(x)[0] ** 2).sum(axis=1) > 1 - 1e-9)
    if len(alone):
        raise UserError(
            f"leave_one_out: without {design.index[alone[0]]} a covariate does not vary; drop it or merge its category"
        )
    start = fitted or fit_firth_logit(design, outcome)
    # one step of the jackknife: near to where each climb ends
    beta = start.parameters - firth_residuals(start)[:, None] * (x @ start.covariance)
    kept = 1.0 - np.eye(n)  # row: the observation left out; column: those that stay
    upper = np.triu_indices(size)
    products = x[:, upper[0]] * x[:, upper[1]]
    twice = np.where(upper[0] == upper[1], 1.0, 2.0)
    climbing = np.arange(n)
    moved, asked = np.zeros((2, n, size))  # the last steps, and what they were before their lengths were changed
    for _ in range(STEPS):
        stay, at = kept[climbing], beta[climbing]
        p = _success(at @ x.T)
        weight = stay * p * (1 - p)
        information = np.empty((len(climbing), size, size))
        information[:, upper[0], upper[1]] = information[:, upper[1], upper[0]] = weight @ products
        inverse = np.linalg.inv(information)
        leverage = weight * ((inverse[:, upper[0], upper[1]] * twice) @ products.T)
        slope = (stay * (y - p) + leverage * (0.5 - p)) @ x
        on = np.abs(slope).max(axis=1) >= TOLERANCE
        climbing, step = climbing[on], np.einsum("lij,lj->li", inverse[on], slope[on])
        if not len(climbing):
            break
        length = _secant_length(moved[climbing], asked[climbing] - step)
        asked[climbing] = step
        step = step * length[:, None]
        moved[climbing] = step * np.minimum(1.0, LARGEST_STEP / np.abs(step).max(axis=1, keepdims=True))
        beta[climbing] += moved[climbing]
    for row in climbing:  # those that swing: one by one, with halved steps
        others = np.arange(n) != row
        beta[row] = fit_firth_logit(design.loc[others], outcome.loc[others]).parameters
    return np.asarray(beta)


def _intercept_shift(index: Array, y: Array, kept: Array) -> Array:
    """What must be added to each fit's linear predictor for its mean to be the share of ones; shape (n,)."""
    shift, share = np.zeros(len(index)), kept @ y
    # where one outcome alone stays no shift is finite, and the prediction of the penalty is kept
    mixed = (share > 0) & (share < kept.sum(axis=1))
    for _ in range(STEPS):
        p = _success(index + shift[:, None])
        gap = np.where(mixed, share - (kept * p).sum(axis=1), 0.0)
        if np.abs(gap).max() < TOLERANCE:
            break
        shift += gap / (kept * p * (1 - p)).sum(axis=1)
    return shift


def _secant_length(moved: Array, turned: Array) -> Array:
    """By how much to lengthen the next step of each climb, from what its last one did; 1 where there was none.

    The information leaves out the penalty's curvature, so full steps fall short or swing around the maximum. Where a move
    of ``moved`` changed the step asked for by ``turned``, a step of this length would have ended the climb along it.

    References
    ----------
    Barzilai, J. and Borwein, J. M. (1988), IMA Journal of Numerical Analysis 8, 141-148.
    """
    along, turn = (moved * moved).sum(axis=1), (moved * turned).sum(axis=1)
    return np.asarray(np.clip(np.divide(along, turn, out=np.ones_like(along), where=turn > 0), 0.25, 4.0))


def _success(z: Array) -> Array:
    return np.asarray(0.5 * (1 + np.tanh(z / 2)))
