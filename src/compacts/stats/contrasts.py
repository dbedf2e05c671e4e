"""Regression standardisation: mean predictions for the same rows under other values of a trait, and their contrasts.

A contrast is a weighted sum of mean predictions, so that differences, differences in differences and ratios (on the logarithm) come from
one fit, with errors by the delta method.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm
from scipy.stats import t as t_distribution

from compacts.stats.margins import derivative
from compacts.stats.models import ChoiceModel
from compacts.stats.separation import detect_separation
from compendium.errors import UserError

Array = NDArray[np.float64]
Family = Literal["linear", "logit", "poisson", "ordered logit"]

ROUNDING = 1e-9  # an error smaller than this, by the estimate or one, is none: the fit is perfect
CEILINGS = {"logit": 1.0, "poisson": np.inf}  # of outcomes that zeros may separate


@dataclass(frozen=True)
class Contrast:
    """An estimate with its error, and what it rests on.

    Attributes
    ----------
    estimate, std_error
        In the unit of the prediction, or on its logarithm.
    n, clusters
        Observations, and clusters of the covariance (0 where each observation is its own).
    method
        In words.
    """

    estimate: float
    std_error: float
    n: int
    clusters: int
    method: str

    @property
    def p_value(self) -> float:
        """Two-sided: normal, or t with clusters − 1 degrees of freedom; missing without an error."""
        if not self.std_error > 0:
            return float("nan")
        return float(2 * self._distribution().sf(abs(self.estimate) / self.std_error))

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Both ends, by the distribution of the p-value."""
        reach = float(self._distribution().ppf(0.5 + confidence / 2)) * self.std_error
        return self.estimate - reach, self.estimate + reach

    def _distribution(self) -> Any:
        return t_distribution(self.clusters - 1) if self.clusters else norm


@dataclass(frozen=True)
class Fit:
    """A generalised linear model with a robust covariance.

    Attributes
    ----------
    family
        ``linear``, ``logit``, ``poisson`` or ``ordered logit``.
    design
        Covariates, one row an observation.
    parameters, covariance
        Of the fit; for the ordered logit its thresholds come last.
    clusters
        Number of clusters, 0 for HC1.
    ordered
        The ordered logit behind it.
    """

    family: Family
    design: pd.DataFrame
    parameters: Array
    covariance: Array
    clusters: int
    ordered: ChoiceModel | None = None

    def coefficient(self, covariate: str) -> "Contrast":
        """Return one coefficient with its error, on the scale of the linear predictor."""
        place = list(self.design.columns).index(covariate)
        error = float(np.sqrt(self.covariance[place, place]))
        return Contrast(
            float(self.parameters[place]), error, len(self.design), self.clusters, f"{self.family}, coefficient"
        )

    def predict(self, parameters: NDArray[Any], design: Array) -> NDArray[Any]:
        """Predicted mean of each row; analytic in the parameters."""
        if self.ordered is not None:
            shares = self.ordered.probabilities(parameters, design)
            return np.asarray(shares @ np.array([float(level) for level in self.ordered.levels]))
        index = design @ parameters
        if self.family == "poisson":
            return np.asarray(np.exp(index))
        return np.asarray(0.5 * (1 + np.tanh(index / 2)) if self.family == "logit" else index)


def fit_robust(
    family: Family, design: pd.DataFrame, outcome: pd.Series, clusters: pd.Series | None = None, name: str = "model"
) -> Fit:
    """Fit a model with a sandwich covariance: HC1 (factor n/(n − k)), or clustered with the factor G/(G − 1) x (n − 1)/(n − k).

    Parameters
    ----------
    family
        ``logit`` takes shares between 0 and 1 (quasi-likelihood), ``poisson`` anything from 0, ``ordered logit`` whole numbers; its design
        holds no constant.
    design, outcome, clusters
        On the same index.
    name
        Said in errors.

    Raises
    ------
    UserError
        For other rows, missing values, an outcome that is constant or outside its range, one cluster, no more rows than covariates,
        collinear covariates, or separation (for ``poisson``: a combination of covariates with zeros only).

    References
    ----------
    Papke, L. E. and Wooldridge, J. M. (1996), Journal of Applied Econometrics 11, 619-632 (shares as outcomes).

    Examples
    --------
    >>> design = pd.DataFrame({"constant": 1.0, "late": [0.0, 0, 0, 1, 1, 1]})
    >>> fit = fit_robust("linear", design, pd.Series([1.0, 2, 3, 4, 5, 6]))
    >>> fit.parameters.round(9).tolist(), round(float(fit.covariance[1, 1]), 9)
    ([2.0, 3.0], 0.666666667)
    """
    _check(design, outcome, clusters, name)
    _within(family, outcome, name)
    if family == "ordered logit":
        return _ordered(design, outcome, clusters, name)
    from statsmodels.genmod.families import Binomial, Gaussian, Poisson
    from statsmodels.genmod.generalized_linear_model import GLM
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    if family in CEILINGS:
        _overlapping(design, outcome, CEILINGS[family], name)
    kind = {"linear": Gaussian, "logit": Binomial, "poisson": Poisson}[family]()
    how: dict[str, Any] = (
        {"cov_type": "HC1"}
        if clusters is None
        else {"cov_type": "cluster", "cov_kwds": {"groups": pd.factorize(clusters)[0]}}
    )
    with warnings.catch_warnings():  # separation was looked for above; a perfect line is told by its error of zero
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        fitted = GLM(outcome.to_numpy(dtype=float), design.to_numpy(dtype=float), family=kind).fit(**how)
    if not fitted.converged:
        raise UserError(f"{name}: the {family} of {len(design)} rows did not converge; rescale or drop covariates")
    covariance, (n, k) = np.asarray(fitted.cov_params()), design.shape
    if clusters is None:  # statsmodels' GLM gives HC0 by the name of HC1
        return Fit(family, design, np.asarray(fitted.params), covariance * n / (n - k), 0)
    return Fit(family, design, np.asarray(fitted.params), covariance, int(clusters.nunique()))


def contrast(fit: Fit, parts: Mapping[str, tuple[pd.DataFrame, float]], *, logarithm: bool = False) -> Contrast:
    """Return a weighted sum of mean predictions.

    Parameters
    ----------
    fit
        The model.
    parts
        By name, rows to predict for (same columns as the design) and their weight: 1 and −1 for a difference.
    logarithm
        Sum the logarithms of the means: a difference is then the logarithm of a ratio.

    Returns
    -------
    Contrast
        The covariates are taken as given; the error is that of the parameters.

    Raises
    ------
    UserError
        For a part without rows, or the logarithm of a mean that is not above zero.

    References
    ----------
    Muller, C. J. and MacLehose, R. F. (2014), Estimating predicted probabilities from logistic regression, International Journal of
    Epidemiology 43, 962-970; Puhani, P. A. (2012), Economics Letters 115, 85-87 (differences in differences).

    Examples
    --------
    >>> design = pd.DataFrame({"constant": 1.0, "late": [0.0, 0, 0, 0, 1, 1, 1, 1]})
    >>> fit = fit_robust("logit", design, pd.Series([0.0, 0, 0, 1, 0, 1, 1, 1]))
    >>> found = contrast(fit, {"late": (design.assign(late=1.0), 1), "early": (design.assign(late=0.0), -1)})
    >>> round(found.estimate, 9)
    0.5
    """
    for name, (rows, _) in parts.items():
        if rows.empty:
            raise UserError(f"contrast: got no rows of {name}, expected some; choose other groups or periods")
    columns = list(fit.design.columns)
    arrays = [(rows[columns].to_numpy(dtype=float), weight) for rows, weight in parts.values()]

    def combined(parameters: NDArray[Any]) -> NDArray[Any]:
        means = [fit.predict(parameters, rows).mean() for rows, _ in arrays]
        terms = [np.log(mean) if logarithm else mean for mean in means]
        return np.array([sum(weight * term for (_, weight), term in zip(arrays, terms, strict=True))])

    for name, (array, _) in zip(parts, arrays, strict=True):
        mean = float(fit.predict(fit.parameters, array).mean())
        if logarithm and not mean > 0:
            raise UserError(
                f"contrast: got a mean of {mean:.3g} for {name}, expected one above zero; take no logarithm"
            )
    jacobian = derivative(combined, fit.parameters)
    error = float(np.sqrt(max(float((jacobian @ fit.covariance @ jacobian.T)[0, 0]), 0.0)))
    clustered = f"covariance clustered on {fit.clusters} groups" if fit.clusters else "HC1 covariance"
    value = float(np.real(combined(fit.parameters)[0]))
    if error <= ROUNDING * max(1.0, abs(value)):
        error = 0.0
    return Contrast(value, error, len(fit.design), fit.clusters, f"{fit.family}, standardised, {clustered}")


def _check(design: pd.DataFrame, outcome: pd.Series, clusters: pd.Series | None, name: str) -> None:
    for what, column in (("outcome", outcome), ("clusters", clusters)):
        if column is None:
            continue
        if not column.index.equals(design.index):
            raise UserError(f"{name}, {what}: got other rows than the covariates, expected the same index; align them")
        if column.isna().any():
            raise UserError(
                f"{name}, {what}: got {int(column.isna().sum())} missing values, expected none; leave those rows out and say so"
            )
    finite = np.isfinite(design.to_numpy(dtype=float)).all(axis=0)
    if not finite.all():
        lost = design.columns[~finite][0]
        raise UserError(
            f"{name}, covariate {lost}: got missing or infinite values, expected none; leave those rows out and say so"
        )
    if outcome.nunique() < 2:
        raise UserError(
            f"{name}: got the same outcome in all {len(outcome)} rows, expected two values or more; leave the model out"
        )
    if clusters is not None and clusters.nunique() < 2:
        raise UserError(f"{name}: got one cluster, expected two or more; cluster on something finer")
    rank = int(np.linalg.matrix_rank(design.to_numpy(dtype=float)))
    if rank < design.shape[1]:
        raise UserError(
            f"{name}: got {design.shape[1]} covariates of which {rank} are independent, expected all; drop or merge some (an empty group?)"
        )
    if len(design) <= rank:
        raise UserError(f"{name}: got {len(design)} rows for {rank} covariates, expected more; drop or merge some")


def _within(family: Family, outcome: pd.Series, name: str) -> None:
    """Refuse an outcome that the family does not know."""
    values = outcome.to_numpy(dtype=float)
    wrong, expected = {
        "linear": (~np.isfinite(values), "numbers"),
        "logit": (~((values >= 0) & (values <= 1)), "shares from 0 to 1"),
        "poisson": (~((values >= 0) & np.isfinite(values)), "zero or more"),
        "ordered logit": (values != np.round(values), "whole numbers"),
    }[family]
    if wrong.any():
        raise UserError(
            f"{name}, outcome: got {values[wrong][0]:g}, expected {expected}; correct it or take another family"
        )


def _overlapping(design: pd.DataFrame, outcome: pd.Series, ceiling: float, name: str) -> None:
    """Refuse separation; an outcome between zero and the ceiling is both a no and a yes (for counts every one above zero is)."""
    both = pd.concat([design[outcome < ceiling], design[outcome > 0]], ignore_index=True)
    codes = pd.Series([0] * int((outcome < ceiling).sum()) + [1] * int((outcome > 0).sum()))
    found = detect_separation(both, codes, "binary")
    if found.kind != "none":
        raise UserError(
            f"{name}: got {found.sentence()}, expected overlapping outcomes; drop the covariate or merge groups"
        )


def _ordered(design: pd.DataFrame, outcome: pd.Series, clusters: pd.Series | None, name: str) -> Fit:
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    from compacts.stats.models import fit_ordered_logit

    levels = sorted(int(value) for value in outcome.unique())
    codes = outcome.map({level: place for place, level in enumerate(levels)})
    model = fit_ordered_logit(design, codes, [str(level) for level in levels])
    if model.design.shape[1] != design.shape[1]:
        raise UserError(f"{name}: got a constant among the covariates of an ordered logit, expected none; drop it")
    machine = OrderedModel(codes.to_numpy(dtype=int), model.design, distr="logit")
    scores = np.asarray(machine.score_obs(model.parameters), dtype=float)
    bread, (n, k) = model.covariance, scores.shape
    if clusters is None:
        sums, factor, groups = scores, n / (n - k), 0
    else:
        places, found = pd.factorize(clusters)
        sums = np.zeros((len(found), k))
        np.add.at(sums, places, scores)
        groups = len(found)
        factor = groups / (groups - 1) * (n - 1) / (n - k)
    return Fit("ordered logit", design, model.parameters, factor * bread @ sums.T @ sums @ bread, groups, model)
