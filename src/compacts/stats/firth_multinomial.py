"""Multinomial logit with Firth's penalty: finite estimates also where a group never chooses a level."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compacts.stats.ascent import ascend
from compacts.stats.models import ChoiceModel
from compacts.stats.separation import full_rank

Array = NDArray[np.float64]
SCORE_TOLERANCE = 1e-7


def fit_firth_multinomial(design: pd.DataFrame, outcome: pd.Series, levels: Sequence[str]) -> ChoiceModel:
    """Firth's penalised multinomial logit; ``levels[0]`` (code 0) is the base.

    The penalised likelihood is the likelihood times the root of the information's determinant: in a logit, binary or
    multinomial, Jeffreys' prior and Firth's bias correction are the same thing.

    Parameters
    ----------
    design
        Covariates, the constant first.
    outcome
        Codes 0, 1, ..., on the same index.
    levels
        Names of the codes.

    Returns
    -------
    ChoiceModel
        Its covariance is the inverse information at the estimate.

    References
    ----------
    Firth, D. (1993), Biometrika 80, 27-38, section 3.3. Kosmidis, I. and Firth, D. (2011), Multinomial logit bias reduction
    via the Poisson log-linear model, Biometrika 98, 755-759.

    Examples
    --------
    With groups alone, one half is added to each cell:

    >>> design = pd.DataFrame({"constant": 1.0, "group": [0.0, 0, 0, 0, 1, 1]})
    >>> model = fit_firth_multinomial(design, pd.Series([0, 0, 1, 2, 0, 2]), ["yes", "no", "not voting"])
    >>> ((4 + 1.5) * model.probabilities()[0]).round(4)  # group 0: 2, 1, 1 states
    array([2.5, 1.5, 1.5])
    """
    x, chosen = full_rank(design), np.eye(len(levels))[outcome.to_numpy(dtype=int)]
    theta = ascend(
        np.zeros(x.shape[1] * (len(levels) - 1)),
        value=lambda at: _penalised(x, chosen, at),
        score=lambda at: _score(x, chosen, at),
        information=lambda at: _information(x, _probabilities(x, at)),
        tolerance=SCORE_TOLERANCE,
        name=f"Firth multinomial logit of {len(x)} rows",
    )
    return ChoiceModel(
        estimator="Firth multinomial logit",
        levels=tuple(levels),
        covariates=tuple(map(str, design.columns)),
        design=x,
        codes=outcome.to_numpy(dtype=int),
        parameters=theta,
        covariance=np.linalg.inv(_information(x, _probabilities(x, theta))).astype(float),
        log_likelihood=_penalised(x, chosen, theta),
    )


def _probabilities(x: Array, theta: Array) -> Array:
    scores = np.column_stack([np.zeros(len(x)), x @ theta.reshape(-1, x.shape[1]).T])
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _information(x: Array, p: Array) -> Array:
    """Of the levels after the base, a block a pair of levels; shape (size, size)."""
    above = p[:, 1:]
    weight = above[:, :, None] * (np.eye(above.shape[1]) - above[:, None, :])
    size = above.shape[1] * x.shape[1]
    blocks = np.tensordot(weight[..., None] * x[:, None, None, :], x, axes=(0, 0))
    return np.asarray(blocks.transpose(0, 2, 1, 3).reshape(size, size))


def _penalised(x: Array, chosen: Array, theta: Array) -> float:
    p = _probabilities(x, theta)
    return float((chosen * np.log(p)).sum() + np.linalg.slogdet(_information(x, p))[1] / 2)


def _score(x: Array, chosen: Array, theta: Array) -> Array:
    """Gradient of the penalised likelihood.

    The penalty's part is half the trace of the inverse information times the information's derivative; with the quadratic
    forms h of each row's covariates in the inverse's blocks it is, for the index of level l,
    p_l (h_ll - sum_j p_j h_jj - 2 sum_k p_k h_lk + 2 sum_jk p_j p_k h_jk) / 2.
    """
    p = _probabilities(x, theta)
    above, size = p[:, 1:], x.shape[1]
    inverse = np.linalg.inv(_information(x, p)).reshape(above.shape[1], size, above.shape[1], size)
    forms = np.einsum("nakj,nj->nak", np.tensordot(x, inverse, axes=(1, 1)), x)
    own = np.diagonal(forms, axis1=1, axis2=2)
    mixed = np.einsum("nak,nk->na", forms, above)
    level = ((mixed * 2 - own) * above).sum(axis=1, keepdims=True)
    return np.asarray((x.T @ (chosen[:, 1:] - above + above * (own - 2 * mixed + level) / 2)).T.ravel())
