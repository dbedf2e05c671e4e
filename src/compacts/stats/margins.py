"""Average marginal effects: by how many percentage points a probability differs, on average over the states.

For a 0/1 covariate (or a category) the effect is the change from 0 to 1 (from the reference category); for the others it is
the slope. Intervals by the delta method; the derivatives are exact (complex steps), not differences.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2, norm

from compacts.stats.models import ChoiceModel

Array = NDArray[np.float64]
STEP = 1e-30


@dataclass(frozen=True)
class MarginalEffects:
    """Average marginal effects with their joint covariance (probabilities, not percentage points).

    Attributes
    ----------
    covariates, outcomes
        Of each effect.
    estimates
        Shape (number of effects,).
    covariance
        Of the estimates.
    jacobian
        Derivative of the estimates by the model's parameters: carries another covariance of these over.
    n
        Number of observations averaged over.
    """

    covariates: tuple[str, ...]
    outcomes: tuple[str, ...]
    estimates: Array
    covariance: Array
    jacobian: Array
    n: int

    def summary(self, confidence: float = 0.95) -> pd.DataFrame:
        """In percentage points: covariate, outcome, estimate, std_error, low, high; and p_value, n."""
        errors = np.sqrt(np.diag(self.covariance))
        reach = norm.ppf(0.5 + confidence / 2) * errors
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.abs(self.estimates / errors)
        return pd.DataFrame(
            {
                "covariate": list(self.covariates),
                "outcome": list(self.outcomes),
                "estimate": 100 * self.estimates,
                "std_error": 100 * errors,
                "low": 100 * (self.estimates - reach),
                "high": 100 * (self.estimates + reach),
                "p_value": 2 * norm.sf(z),
                "n": self.n,
            }
        )


def average_marginal_effects(
    model: ChoiceModel,
    categories: Mapping[str, Sequence[str]] | None = None,
    outcomes: Sequence[str] | None = None,
) -> MarginalEffects:
    """Average marginal effect of every covariate on the probability of every outcome.

    Parameters
    ----------
    model
        Any model of :mod:`compacts.stats.models` or :mod:`compacts.stats.firth`.
    categories
        Indicator columns that exclude one another (``{"un_group": ["African", ...]}``): the effect of one is then the change
        from the reference category, with the others set to 0. Other columns that hold only 0 and 1 are switched alone.
    outcomes
        Which levels; by default the last one of a logit ("yes") and all of the other models.

    References
    ----------
    Greene, W. H. (2018), Econometric Analysis, 8th ed., section 17.3.2 (delta method). Squire, W. and Trapp, G. (1998),
    SIAM Review 40, 110-112 (complex step).

    Examples
    --------
    >>> from compacts.stats.models import fit_logit
    >>> design = pd.DataFrame({"constant": 1.0, "host": [0.0, 0, 0, 1, 1, 1]})
    >>> model = fit_logit(design, pd.Series([0, 0, 1, 0, 1, 1]))
    >>> average_marginal_effects(model).summary().estimate.round(1).tolist()  # 2/3 against 1/3
    [33.3]
    """
    wanted = tuple(outcomes) if outcomes else (model.levels if len(model.levels) > 2 else model.levels[-1:])
    columns = [model.levels.index(level) for level in wanted]
    names = [name for place, name in enumerate(model.covariates) if np.ptp(model.design[:, place]) > 0]

    places = [model.covariates.index(name) for name in names]
    switched = [bool(np.isin(model.design[:, place], (0.0, 1.0)).all()) for place in places]
    sloping = [place for place, switch in zip(places, switched, strict=True) if not switch]
    pairs = [
        _switch(model, name, place, categories or {})
        for name, place, switch in zip(names, places, switched, strict=True)
        if switch
    ]
    tried = np.concatenate([np.empty((0, model.design.shape[1])), *pairs])

    def effects(parameters: NDArray[Any]) -> NDArray[Any]:
        found = np.empty((len(names), len(model.levels)), dtype=parameters.dtype)
        if sloping:
            found[~np.array(switched)] = model.slopes(sloping, parameters).mean(axis=1)
        if pairs:
            chances = model.probabilities(parameters, tried).reshape(len(pairs), 2, model.n, -1)
            found[switched] = (chances[:, 1] - chances[:, 0]).mean(axis=1)
        return found[:, columns].ravel()

    jacobian = derivative(effects, model.parameters)
    return MarginalEffects(
        covariates=tuple(name for name in names for _ in wanted),
        outcomes=tuple(level for _ in names for level in wanted),
        estimates=effects(model.parameters).astype(float),
        covariance=jacobian @ model.covariance @ jacobian.T,
        jacobian=jacobian,
        n=model.n,
    )


def wald_test(estimates: Array, covariance: Array) -> tuple[float, int, float]:
    """Wald test that all these estimates are zero: statistic, degrees of freedom, p-value."""
    statistic = float(estimates @ np.linalg.solve(covariance, estimates))
    return statistic, len(estimates), float(chi2.sf(statistic, len(estimates)))


def derivative(function: Any, at: Array) -> Array:
    """Jacobian of an analytic vector function, shape (values, parameters), to machine precision."""
    steps = np.eye(len(at)) * STEP * 1j
    return np.column_stack([np.imag(function(at + step)) / STEP for step in steps])


def _switch(model: ChoiceModel, name: str, place: int, categories: Mapping[str, Sequence[str]]) -> Array:
    """All observations with this covariate (and its family) at 0, then with it at 1; shape (2n, covariates)."""
    without = model.design.copy()
    without[:, [model.covariates.index(other) for other in _family(name, categories)]] = 0.0
    switched = without.copy()
    switched[:, place] = 1.0
    return np.concatenate([without, switched])


def _family(name: str, categories: Mapping[str, Sequence[str]]) -> Sequence[str]:
    return next((members for members in categories.values() if name in members), [name])
