"""Logit with Firth's penalty: finite estimates also where the covariates separate the outcomes.

The log-likelihood gets half the log-determinant of the information added (Jeffreys' prior). With few events the
estimates are less biased than by maximum likelihood. Tests and intervals of coefficients come from the penalised
likelihood, because it is skewed exactly where the penalty matters; average marginal effects, which notebooks report,
have Wald intervals by the delta method (:mod:`compacts.stats.margins`) instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import chi2

from compacts.stats.ascent import ascend
from compacts.stats.models import ChoiceModel
from compacts.stats.separation import full_rank
from compendium.errors import UserError

Array = NDArray[np.float64]

SCORE_TOLERANCE = 1e-9


@dataclass(frozen=True)
class LikelihoodRatio:
    """A penalised likelihood-ratio test: statistic, degrees of freedom, p-value."""

    statistic: float
    degrees: int
    p_value: float


def fit_firth_logit(
    design: pd.DataFrame, outcome: pd.Series, levels: Sequence[str] = ("not yes", "yes")
) -> ChoiceModel:
    """Firth's penalised logit of a 0/1 outcome.

    Parameters
    ----------
    design
        Covariates, the constant first.
    outcome
        0 or 1, on the same index.
    levels
        Names of 0 and 1.

    Returns
    -------
    ChoiceModel
        Its covariance is the inverse information at the estimate.

    Raises
    ------
    UserError
        For collinear covariates. Separated outcomes are fitted; :func:`compacts.stats.separation.detect_separation` tells of them.

    References
    ----------
    Firth, D. (1993), Biometrika 80, 27-38. Heinze, G. and Schemper, M. (2002), Statistics in Medicine 21,
    2409-2419, sections 2.1-2.3.

    Examples
    --------
    In a two-by-two table the penalty adds one half to each cell:

    >>> design = pd.DataFrame({"constant": 1.0, "host": [0.0, 0, 0, 1, 1]})
    >>> model = fit_firth_logit(design, pd.Series([0, 1, 1, 1, 1]))
    >>> bool(np.isclose(model.parameters[1], np.log((2.5 / 0.5) / (2.5 / 1.5))))
    True
    """
    x, y = full_rank(design), outcome.to_numpy(dtype=float)
    estimate = _maximise(x, y, np.zeros(x.shape[1]), np.ones(x.shape[1], dtype=bool))
    reached = _point(x, y, estimate)
    return ChoiceModel(
        estimator="Firth logit",
        levels=tuple(levels),
        covariates=tuple(map(str, design.columns)),
        design=x,
        codes=outcome.to_numpy(dtype=int),
        parameters=estimate,
        covariance=np.linalg.inv(reached.information).astype(float),
        log_likelihood=reached.height,
    )


def profile_intervals(
    model: ChoiceModel, confidence: float = 0.95, covariates: Sequence[str] | None = None
) -> pd.DataFrame:
    """Penalised profile-likelihood intervals and tests against zero of each coefficient, or of those named.

    Returns
    -------
    DataFrame
        parameter, estimate, low, high (log odds), statistic, p_value; one row a coefficient.

    References
    ----------
    Heinze and Schemper (2002), section 2.3.
    """
    rows = []
    for name in covariates or model.covariates:
        place = model.covariates.index(name)
        test = likelihood_ratio(model, [name])
        rows.append(
            {
                "parameter": name,
                "estimate": model.parameters[place],
                "low": _profile_end(model, place, confidence, -1.0),
                "high": _profile_end(model, place, confidence, 1.0),
                "statistic": test.statistic,
                "p_value": test.p_value,
            }
        )
    return pd.DataFrame(rows)


def likelihood_ratio(model: ChoiceModel, covariates: Sequence[str]) -> LikelihoodRatio:
    """Penalised likelihood-ratio test that these coefficients are zero together.

    The penalty of the restricted fit is that of the full design (Heinze and Schemper 2002, section 2.2):
    otherwise the two likelihoods would not be comparable.
    """
    unknown = set(covariates) - set(model.covariates)
    if unknown:
        raise UserError(f"no covariate {min(unknown)!r} in the model; it has {', '.join(model.covariates)}")
    free = np.array([name not in covariates for name in model.covariates])
    y = model.codes.astype(float)
    restricted = _maximise(model.design, y, np.where(free, model.parameters, 0.0), free)
    statistic = max(0.0, 2 * (model.log_likelihood - _point(model.design, y, restricted).height))
    return LikelihoodRatio(statistic, len(covariates), float(chi2.sf(statistic, len(covariates))))


def firth_residuals(model: ChoiceModel) -> Array:
    """What each observation adds to the penalised score, divided by its covariates; shape (n,)."""
    return _point(model.design, model.codes.astype(float), model.parameters).residuals


def _profile_end(model: ChoiceModel, place: int, confidence: float, side: float) -> float:
    """Where the penalised likelihood, maximised over all other coefficients, has fallen by half the quantile."""
    y, target = model.codes.astype(float), model.log_likelihood - chi2.ppf(confidence, 1) / 2
    free = np.arange(model.design.shape[1]) != place
    error = float(np.sqrt(model.covariance[place, place]))
    start = model.parameters.copy()

    def surplus(distance: float) -> float:
        start[place] = model.parameters[place] + side * distance
        start[:] = _maximise(model.design, y, start, free)
        return float(_point(model.design, y, start).height - target)

    far = 2 * error
    while surplus(far) > 0:
        far *= 1.5
        if far > 1e3 * error:
            return side * np.inf
    return float(model.parameters[place] + side * brentq(surplus, 0.0, far, xtol=1e-10))


def _maximise(x: Array, y: Array, start: Array, free: NDArray[np.bool_]) -> Array:
    """Maximise the penalised likelihood over the free coefficients; the others stay as they are."""

    def whole(part: Array) -> Array:
        beta = start.copy()
        beta[free] = part
        return beta

    last: dict[bytes, _Point] = {}

    def at(part: Array) -> _Point:
        key = part.tobytes()
        if key not in last:
            last.clear()
            last[key] = _point(x, y, whole(part))
        return last[key]

    return whole(
        ascend(
            start[free],
            value=lambda part: at(part).height,
            score=lambda part: np.asarray(x.T @ at(part).residuals)[free],
            information=lambda part: at(part).information[np.ix_(free, free)],
            tolerance=SCORE_TOLERANCE,
            name=f"Firth logit of {len(y)} rows",
        )
    )


class _Point(NamedTuple):
    """What a climb asks for at one set of coefficients: the three share their costly parts."""

    height: float
    residuals: Array
    information: Array


def _point(x: Array, y: Array, beta: Array) -> _Point:
    index = x @ beta
    p = 0.5 * (1 + np.tanh(index / 2))
    weight = p * (1 - p)
    information = np.asarray((x * weight[:, None]).T @ x)
    sign, logdet = np.linalg.slogdet(information)
    if sign <= 0:
        return _Point(-np.inf, np.full(len(y), np.nan), information)
    leverage = weight * np.einsum("ij,ij->i", x @ np.linalg.inv(information), x)
    height = float(y @ index - np.logaddexp(0, index).sum() + logdet / 2)
    return _Point(height, np.asarray(y - p + leverage * (0.5 - p)), information)
