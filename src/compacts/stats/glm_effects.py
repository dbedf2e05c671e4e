"""Average marginal effects of every fit of a batch, by the delta method."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from compacts.stats.glm_results import GLMBatch
from compacts.stats.glm_sandwich import CovarianceKind
from compacts.stats.glm_stack import LIKELIHOODS, MEMORY, Array
from compacts.stats.margins import MarginalEffects
from compendium.errors import UserError

# arrays of one number a row and fit that live at the same time
ROW_ARRAYS = 9


@dataclass(frozen=True)
class BatchEffects:
    """Average marginal effects of the fits of a batch: on the probability (logit) or the expected count (Poisson).

    Attributes
    ----------
    covariates
        Of each effect.
    estimates, std_errors
        Shape (fits, effects); missing where a fit has a problem or lacks the covariate.
    jacobian
        Derivative by the parameters, shape (fits, effects, covariates of the design); missing as above.
    covariance
        Shape (fits, effects, effects).
    n
        Observations of each fit.
    """

    covariates: tuple[str, ...]
    estimates: Array
    std_errors: Array
    jacobian: Array
    covariance: Array
    n: Array

    def of_fit(self, fit: int, outcome: str = "yes") -> MarginalEffects:
        """The effects that one fit has, as those of a single model."""
        have = ~np.isnan(self.estimates[fit])
        return MarginalEffects(
            covariates=tuple(name for name, there in zip(self.covariates, have, strict=True) if there),
            outcomes=(outcome,) * int(have.sum()),
            estimates=self.estimates[fit, have],
            covariance=self.covariance[fit][np.ix_(have, have)],
            jacobian=self.jacobian[fit, have],
            n=int(self.n[fit]),
        )

    def summary(self, covariate: str, confidence: float = 0.95) -> pd.DataFrame:
        """One row a fit: estimate, std_error, low, high, p_value of one covariate's effect (not in percentage points)."""
        place = self.covariates.index(covariate)
        estimate, error = self.estimates[:, place], self.std_errors[:, place]
        reach = norm.ppf(0.5 + confidence / 2) * error
        with np.errstate(divide="ignore", invalid="ignore"):
            p_value = 2 * norm.sf(np.abs(estimate / error))
        return pd.DataFrame(
            {
                "estimate": estimate,
                "std_error": error,
                "low": estimate - reach,
                "high": estimate + reach,
                "p_value": p_value,
            }
        )


def batch_marginal_effects(
    batch: GLMBatch,
    covariance: CovarianceKind = "model",
    categories: Mapping[str, Sequence[str]] | None = None,
    covariates: Sequence[str] | None = None,
    memory: float = MEMORY,
) -> BatchEffects:
    """Average marginal effect of covariates in every fit, averaged with the fit's weights over the fit's rows.

    Parameters
    ----------
    batch
        Fits with the covariance wanted.
    covariance
        Which of its covariances.
    categories
        Indicators that exclude one another, as in :func:`compacts.stats.margins.average_marginal_effects`. Other columns of
        0 and 1 are switched alone; for all others the effect is the slope.
    covariates
        Which; by default all that vary.
    memory
        Bytes of the working arrays.

    Returns
    -------
    BatchEffects
        The weights of a sample enter the average as they are; the delta method takes the covariates as given.

    References
    ----------
    Greene, W. H. (2018), Econometric Analysis, 8th ed., section 17.3.2.

    Examples
    --------
    >>> from compacts.stats.glm_batch import fit_glm_batch
    >>> design = pd.DataFrame({"constant": 1.0, "host": [0, 0, 0, 1, 1, 1]})
    >>> batch = fit_glm_batch(design, [0, 0, 1, 0, 1, 1], "logit")
    >>> batch_marginal_effects(batch).estimates.round(3)  # 2/3 against 1/3
    array([[0.333]])
    """
    stack = batch.stack
    if covariance not in batch.covariances:
        raise UserError(
            f"covariance: got {covariance}, expected one of the batch's ({', '.join(batch.covariances)}); fit it"
        )
    if unknown := set(covariates or ()) - set(stack.covariates):
        raise UserError(f"covariates: got {min(unknown)}, expected some of {', '.join(stack.covariates)}; correct it")
    varying = np.ptp(stack.design, axis=0) > 0
    names = tuple(covariates or (name for name, varies in zip(stack.covariates, varying, strict=True) if varies))
    size, width = batch.parameters.shape
    estimates, jacobian = np.full((size, len(names)), np.nan), np.full((size, len(names), width), np.nan)
    length = max(1, int(memory // (8 * ROW_ARRAYS * len(stack.design))))
    for block in stack.blocks(length * stack.bytes_a_fit()):
        part = _Average(batch, block.fits, block.weights)
        for effect, name in enumerate(names):
            family = next((members for members in (categories or {}).values() if name in members), [name])
            found = part.effect(stack.covariates.index(name), [stack.covariates.index(other) for other in family])
            estimates[block.fits, effect], jacobian[block.fits, effect] = found
    known = np.nan_to_num(jacobian)
    variance = known @ np.nan_to_num(batch.covariances[covariance]) @ known.transpose(0, 2, 1)
    missing = np.isnan(estimates)
    variance[missing[:, :, None] | missing[:, None, :]] = np.nan
    errors = np.sqrt(np.einsum("bjj->bj", variance))
    return BatchEffects(names, estimates, errors, jacobian, variance, batch.n_used)


class _Average:
    """Weighted averages over the rows of a block of fits."""

    def __init__(self, batch: GLMBatch, fits: slice, weights: Array) -> None:
        self.stack, self.parameters = batch.stack, batch.parameters[fits]
        self.beta = np.nan_to_num(self.parameters)
        self.likelihood = LIKELIHOODS[self.stack.family]
        self.eta = self.beta @ self.stack.design.T + self.stack.offset
        with np.errstate(invalid="ignore", divide="ignore"):
            self.weights = weights / weights.sum(axis=1, keepdims=True)

    def effect(self, place: int, family: Sequence[int]) -> tuple[Array, Array]:
        """Effects and their derivatives by the parameters, shapes (fits,) and (fits, covariates)."""
        found = (
            self._switch(place, family) if np.isin(self.stack.design[:, place], (0, 1)).all() else self._slope(place)
        )
        missing = np.isnan(self.parameters[:, place])
        derivative = np.where(np.isnan(self.parameters), 0.0, found[1])
        return np.where(missing, np.nan, found[0]), np.where(missing[:, None], np.nan, derivative)

    def _slope(self, place: int) -> tuple[Array, Array]:
        if not hasattr(self, "steepness"):
            mean = self.likelihood.mean(self.eta)
            variance = self.likelihood.variance(mean) * self.weights
            bend = variance * (1 - 2 * mean) if self.stack.family == "logit" else variance
            self.steepness, self.bending = variance.sum(axis=1), bend @ self.stack.design
        beta = self.beta[:, place]
        derivative = beta[:, None] * self.bending
        derivative[:, place] += self.steepness
        return beta * self.steepness, derivative

    def _switch(self, place: int, family: Sequence[int]) -> tuple[Array, Array]:
        design = self.stack.design
        without = self.eta - self.beta[:, family] @ design[:, family].T
        effect: Array = np.zeros(len(self.beta))
        derivative = np.zeros_like(self.beta)
        for sign, shift in ((1, self.beta[:, [place]]), (-1, 0.0)):
            mean = self.likelihood.mean(without + shift)
            effect += sign * np.einsum("bn,bn->b", self.weights, mean)
            slope = self.likelihood.variance(mean) * self.weights
            pull = slope @ design
            pull[:, family] = 0.0
            if sign > 0:
                pull[:, place] = slope.sum(axis=1)
            derivative += sign * pull
        return effect, derivative
