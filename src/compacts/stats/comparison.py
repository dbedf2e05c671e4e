"""Two outcomes of the same units: whether the effects of the same covariates differ.

The two logits are stacked: one regression of both outcomes with every covariate interacted with the outcome's name.
Its coefficients are those of the two separate fits; what the stack adds is how the two sets of estimates vary
together, by a covariance clustered on the unit (a state that stays away on Monday may stay away on Wednesday).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compacts.stats.firth import firth_residuals
from compacts.stats.margins import MarginalEffects, average_marginal_effects, wald_test
from compacts.stats.models import ChoiceModel
from compacts.stats.prediction import parameters_without_each
from compendium.errors import UserError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class StackedComparison:
    """Effects on two outcomes of the same units and the differences, with clustered covariance.

    Attributes
    ----------
    first, second, difference
        Average marginal effects; ``difference`` is first minus second.
    statistic, degrees, p_value
        Wald test that no effect differs.
    covariance
        Of both models' parameters together, clustered on the unit.
    """

    first: MarginalEffects
    second: MarginalEffects
    difference: MarginalEffects
    statistic: float
    degrees: int
    p_value: float
    covariance: Array

    def summary(self, names: Sequence[str], confidence: float = 0.95) -> pd.DataFrame:
        """The three sets of effects in percentage points, one below the other, with column ``model``."""
        parts = zip((*names, "difference"), (self.first, self.second, self.difference), strict=True)
        return pd.concat([part.summary(confidence).assign(model=name) for name, part in parts], ignore_index=True)


def compare_outcomes(
    first: ChoiceModel, second: ChoiceModel, categories: Mapping[str, Sequence[str]] | None = None
) -> StackedComparison:
    """Compare the average marginal effects of two logits (or Firth logits) fitted to the same units.

    Parameters
    ----------
    first, second
        Row i of both must be the same unit, and the covariates the same.
    categories
        As in :func:`compacts.stats.margins.average_marginal_effects`.

    Raises
    ------
    UserError
        If units or covariates differ.

    References
    ----------
    Weesie, J. (1999), Seemingly unrelated estimation and the cluster-adjusted sandwich estimator, Stata Technical
    Bulletin 52, 34-47. Small-sample factor as in statsmodels and Stata: G/(G-1) x (N-1)/(N-K).
    """
    if first.covariates != second.covariates or not np.array_equal(first.design, second.design):
        raise UserError(
            f"compare_outcomes: got {first.n} and {second.n} rows of {len(first.covariates)} and {len(second.covariates)} "
            "covariates; expected the same units and covariates in both models; fit both to one design"
        )
    covariance = stacked_covariance(first, second)
    cut = len(first.parameters)
    one, two = (average_marginal_effects(model, categories) for model in (first, second))
    contrast = np.hstack([one.jacobian, -two.jacobian])
    difference = replace(
        one,
        estimates=one.estimates - two.estimates,
        covariance=contrast @ covariance @ contrast.T,
        jacobian=contrast,
    )
    return StackedComparison(
        _clustered(one, covariance[:cut, :cut]),
        _clustered(two, covariance[cut:, cut:]),
        difference,
        *wald_test(difference.estimates, difference.covariance),
        covariance,
    )


def coefficients_differ(first: ChoiceModel, second: ChoiceModel) -> dict[str, float]:
    """Test that no slope differs on the scale of log odds, where a Firth logit's effects do not depend on how rare the outcome is.

    Returns
    -------
    dict of float
        p-values of Wald tests with the ``sandwich`` of :func:`stacked_covariance`, and with a ``jackknife`` that leaves out each
        unit in turn: with few units of one outcome the sandwich is too small.

    References
    ----------
    MacKinnon, J. G., Nielsen, M. Ø. and Webb, M. D. (2024), Cluster-robust jackknife and bootstrap inference for logistic
    regression models, arXiv 2406.00650.
    """
    without = [
        parameters_without_each(
            pd.DataFrame(model.design, columns=list(model.covariates)), pd.Series(model.codes), model
        )
        for model in (first, second)
    ]
    spread = np.hstack(without) - np.hstack([first.parameters, second.parameters])
    jackknife = (first.n - 1) / first.n * spread.T @ spread
    size = len(first.parameters)
    contrast = np.hstack([np.eye(size), -np.eye(size)])[1:]  # the constant tells how rare the outcome is
    slopes = (first.parameters - second.parameters)[1:]
    return {
        name: wald_test(slopes, contrast @ covariance @ contrast.T)[2]
        for name, covariance in (("sandwich", stacked_covariance(first, second)), ("jackknife", jackknife))
    }


def stacked_covariance(first: ChoiceModel, second: ChoiceModel) -> Array:
    """Covariance of both models' parameters, clustered on the unit; shape (2k, 2k)."""
    scores = np.hstack([model.design * _residuals(model)[:, None] for model in (first, second)])
    size = len(first.parameters)
    bread = np.zeros((2 * size, 2 * size))
    bread[:size, :size], bread[size:, size:] = first.covariance, second.covariance
    units, rows, parameters = len(scores), 2 * len(scores), 2 * size
    factor = units / (units - 1) * (rows - 1) / (rows - parameters)
    return np.asarray(factor * bread @ scores.T @ scores @ bread)


def _residuals(model: ChoiceModel) -> Array:
    if model.estimator == "Firth logit":
        return firth_residuals(model)
    return np.asarray(model.codes - model.probabilities()[:, 1])


def _clustered(effects: MarginalEffects, covariance: Array) -> MarginalEffects:
    return replace(effects, covariance=effects.jacobian @ covariance @ effects.jacobian.T)
