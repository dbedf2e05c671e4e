"""Multinomial logit with Firth's penalty: finite estimates also where a group never chooses a level."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compacts.stats.ascent import ascend
from compacts.stats.margins import derivative
from compacts.stats.models import ChoiceModel
from compacts.stats.separation import detect_separation

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
    separation = detect_separation(design, outcome, "multinomial", levels)
    x, chosen = design.to_numpy(dtype=float), np.eye(len(levels))[outcome.to_numpy(dtype=int)]
    theta = ascend(
        np.zeros(x.shape[1] * (len(levels) - 1)),
        value=lambda at: float(_penalised(x, chosen, at).real),
        score=lambda at: derivative(lambda near: np.array([_penalised(x, chosen, near)]), at)[0],
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
        log_likelihood=float(_penalised(x, chosen, theta).real),
        separation=separation,
    )


def _probabilities(x: Array, theta: NDArray[Any]) -> NDArray[Any]:
    scores = np.column_stack([np.zeros(len(x)), x @ theta.reshape(-1, x.shape[1]).T])
    weights = np.exp(scores - scores.real.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _information(x: Array, p: NDArray[Any]) -> NDArray[Any]:
    """Of the levels after the base, a block a pair of levels; shape (size, size)."""
    above = p[:, 1:]
    weight = above[:, :, None] * (np.eye(above.shape[1]) - above[:, None, :])
    size = above.shape[1] * x.shape[1]
    return np.asarray(np.einsum("njk,na,nb->jakb", weight, x, x, optimize=True).reshape(size, size))


def _penalised(x: Array, chosen: Array, theta: NDArray[Any]) -> Any:
    """Analytic in theta: complex steps give the exact score."""
    p = _probabilities(x, theta)
    sign, size = np.linalg.slogdet(_information(x, p))
    return (chosen * np.log(p)).sum() + (np.log(sign) + size) / 2
