"""Models of a choice among levels: logit, ordered logit, multinomial logit; one result type for all.

statsmodels finds the maximum; this module checks first that there is one, and keeps what the marginal
effects need: parameters, their covariance, and the probabilities as a function of both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import norm, rv_continuous

from compacts.stats.separation import detect_separation
from compendium.errors import UserError

Array = NDArray[np.float64]
Estimator = Literal["logit", "Firth logit", "ordered logit", "multinomial logit", "Firth multinomial logit"]


@dataclass(frozen=True)
class ChoiceModel:
    """A fitted model of a choice.

    Attributes
    ----------
    estimator
        Its name.
    levels
        Names of the outcomes in order; the first is the base of a multinomial logit, the second the "success"
        of a logit.
    covariates
        Names of the columns of ``design``.
    design
        Shape (n, number of covariates); the first column is the constant, save for the ordered logit.
    codes
        Outcome of each observation, as place in ``levels``.
    parameters
        As the estimator orders them: coefficients; then, for the ordered logit, the first threshold and the
        logarithms of the distances to the next ones; for the multinomial logit one block a level.
    covariance
        Of the parameters.
    log_likelihood
        At the estimate (penalised for Firth).
    """

    estimator: Estimator
    levels: tuple[str, ...]
    covariates: tuple[str, ...]
    design: Array
    codes: NDArray[np.int_]
    parameters: Array
    covariance: Array
    log_likelihood: float

    @property
    def n(self) -> int:
        """Number of observations."""
        return len(self.codes)

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """A name a parameter."""
        if self.estimator == "ordered logit":
            steps = [f"log step to threshold {k}" for k in range(2, len(self.levels))]
            return (*self.covariates, "threshold 1", *steps)
        if self.estimator.endswith("multinomial logit"):
            return tuple(f"{level}: {name}" for level in self.levels[1:] for name in self.covariates)
        return self.covariates

    def summary(self, confidence: float = 0.95) -> pd.DataFrame:
        """Parameters on the log-odds scale: parameter, estimate, std_error, low, high (Wald)."""
        errors = np.sqrt(np.diag(self.covariance))
        reach = norm.ppf(0.5 + confidence / 2) * errors
        return pd.DataFrame(
            {
                "parameter": list(self.parameter_names),
                "estimate": self.parameters,
                "std_error": errors,
                "low": self.parameters - reach,
                "high": self.parameters + reach,
            }
        )

    def probabilities(self, parameters: NDArray[Any] | None = None, design: NDArray[Any] | None = None) -> NDArray[Any]:
        """Probability of each level, shape (n, number of levels), at these parameters and covariates.

        Analytic in the parameters, so that complex steps differentiate it exactly.
        """
        theta = self.parameters if parameters is None else parameters
        x = self.design if design is None else design
        if self.estimator == "ordered logit":
            below = _logistic(_thresholds(theta, len(self.covariates)) - (x @ theta[: len(self.covariates)])[:, None])
            edges = np.column_stack([np.zeros(len(x)), below, np.ones(len(x))])
            return np.diff(edges, axis=1)
        if self.estimator.endswith("multinomial logit"):
            scores = np.column_stack([np.zeros(len(x)), x @ _blocks(theta, len(self.covariates))])
            weights = np.exp(scores - scores.real.max(axis=1, keepdims=True))
            return np.asarray(weights / weights.sum(axis=1, keepdims=True))
        success = _logistic(x @ theta)
        return np.column_stack([1 - success, success])

    def slopes(self, covariates: Sequence[int], parameters: NDArray[Any]) -> NDArray[Any]:
        """Derivative of each probability by each of these covariates, shape (covariates, n, number of levels)."""
        size, chosen = len(self.covariates), list(covariates)
        if self.estimator == "ordered logit":
            index = (self.design @ parameters[:size])[:, None]
            below = _logistic(_thresholds(parameters, size) - index)
            flat = np.zeros((self.n, 1))
            density = np.column_stack([flat, below * (1 - below), flat])
            return np.asarray(-parameters[chosen, None, None] * np.diff(density, axis=1))
        p = self.probabilities(parameters)
        if self.estimator.endswith("multinomial logit"):
            beta = np.column_stack([np.zeros(len(chosen)), _blocks(parameters, size)[chosen]])
            return np.asarray(p * (beta[:, None, :] - (beta @ p.T)[:, :, None]))
        slope = parameters[chosen, None] * (p[:, 0] * p[:, 1])
        return np.stack([-slope, slope], axis=-1)


class _Logistic(rv_continuous):
    """The logistic distribution without the checks of scipy's own, which take most of an ordered logit's time."""

    def cdf(self, x: Any, *args: Any, **kwds: Any) -> Any:
        return expit(x)

    def pdf(self, x: Any, *args: Any, **kwds: Any) -> Any:
        return expit(x) * expit(-x)

    def ppf(self, q: Any, *args: Any, **kwds: Any) -> Any:
        return logit(q)


def fit_logit(design: pd.DataFrame, outcome: pd.Series, levels: Sequence[str] = ("not yes", "yes")) -> ChoiceModel:
    """Maximum-likelihood logit of a 0/1 outcome.

    Parameters
    ----------
    design
        Covariates, the constant first.
    outcome
        0 or 1, on the same index.
    levels
        Names of 0 and 1.

    Raises
    ------
    UserError
        If separation leaves it without finite estimates.

    Examples
    --------
    >>> design = pd.DataFrame({"constant": 1.0, "host": [0.0, 0, 0, 1, 1, 1]})
    >>> fit_logit(design, pd.Series([0, 0, 1, 0, 1, 1])).parameters.round(3)
    array([-0.693,  1.386])
    """
    from statsmodels.discrete.discrete_model import Logit

    _overlapping(design, outcome, "binary", "logit")
    fitted = Logit(outcome.to_numpy(dtype=float), design.to_numpy(dtype=float)).fit(
        method="newton", disp=False, tol=1e-10
    )
    return _result("logit", levels, design, outcome, fitted)


def fit_multinomial_logit(design: pd.DataFrame, outcome: pd.Series, levels: Sequence[str]) -> ChoiceModel:
    """Maximum-likelihood multinomial logit; ``levels[0]`` (code 0) is the base. See :func:`fit_logit`."""
    from statsmodels.discrete.discrete_model import MNLogit

    _overlapping(design, outcome, "multinomial", "multinomial logit")
    fitted = MNLogit(outcome.to_numpy(dtype=int), design.to_numpy(dtype=float)).fit(
        method="newton", disp=False, maxiter=200
    )
    return _result("multinomial logit", levels, design, outcome, fitted)


def fit_ordered_logit(design: pd.DataFrame, outcome: pd.Series, levels: Sequence[str]) -> ChoiceModel:
    """Maximum-likelihood ordered logit; codes 0, 1, ... in the order of ``levels``. See :func:`fit_logit`.

    The constant of ``design`` is left out: the thresholds take its place.
    """
    from statsmodels.miscmodels.ordinal_model import OrderedModel
    from statsmodels.tools.numdiff import approx_fprime

    class Ordered(
        OrderedModel
    ):  # statsmodels differentiates the likelihood by differences, which takes ten times as long
        def score(self, params: Array) -> Array:
            low, high = self._bounds(params)
            chance, below, above = self.prob(low, high), self.pdf(low), self.pdf(high)
            places = range(self.k_levels - 1)
            by_threshold = [
                ((above * (self.endog == k) - below * (self.endog == k + 1)) / chance).sum() for k in places
            ]
            by_step = np.cumsum(by_threshold[::-1])[::-1] * np.r_[1.0, np.exp(params[len(params) - len(places) + 1 :])]
            return np.asarray(np.r_[-((above - below) / chance) @ self.exog, by_step])

        def hessian(self, params: Array) -> Array:
            turn = approx_fprime(params, self.score, centered=True)
            return np.asarray((turn + turn.T) / 2)

    _overlapping(design, outcome, "ordered", "ordered logit")
    varying = design.loc[:, np.ptp(design.to_numpy(dtype=float), axis=0) > 0]
    model = Ordered(outcome.to_numpy(dtype=int), varying.to_numpy(dtype=float), distr=_Logistic())
    start = model.fit(method="bfgs", disp=False, maxiter=1000, gtol=1e-6)
    fitted = model.fit(start_params=start.params, method="newton", disp=False, maxiter=50)
    return _result("ordered logit", levels, varying, outcome, fitted)


def _overlapping(design: pd.DataFrame, outcome: pd.Series, kind: Any, name: str) -> None:
    separation = detect_separation(design, outcome, kind)
    if separation.kind != "none":
        raise UserError(
            f"{name} of {len(design)} rows: got {separation.sentence()}, expected overlapping outcomes; "
            "use fit_firth_logit, fewer covariates or fewer levels"
        )


def _result(
    estimator: Estimator,
    levels: Sequence[str],
    design: pd.DataFrame,
    outcome: pd.Series,
    fitted: Any,
) -> ChoiceModel:
    if not fitted.mle_retvals["converged"]:
        raise UserError(f"{estimator} of {len(design)} rows did not converge; rescale or drop covariates")
    return ChoiceModel(
        estimator=estimator,
        levels=tuple(levels),
        covariates=tuple(map(str, design.columns)),
        design=design.to_numpy(dtype=float),
        codes=outcome.to_numpy(dtype=int),
        parameters=np.asarray(fitted.params, dtype=float).ravel(order="F"),
        covariance=np.asarray(fitted.cov_params(), dtype=float),
        log_likelihood=float(fitted.llf),
    )


def _logistic(z: NDArray[Any]) -> NDArray[Any]:
    # by tanh: no overflow, and analytic
    return np.asarray(0.5 * (1 + np.tanh(z / 2)))


def _thresholds(parameters: NDArray[Any], covariates: int) -> NDArray[Any]:
    first, *steps = parameters[covariates:]
    return np.cumsum(np.array([first, *np.exp(np.array(steps))]))


def _blocks(parameters: NDArray[Any], covariates: int) -> NDArray[Any]:
    return parameters.reshape(-1, covariates).T
