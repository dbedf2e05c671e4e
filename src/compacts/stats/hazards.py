"""Hazard ratios of one covariate: Cox's partial likelihood from statsmodels, and Firth's penalty where few units ended."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.stats import chi2, norm
from statsmodels.duration.hazard_regression import PHReg

from compacts.stats.survival import check_spells
from compendium.errors import UserError

Array = NDArray[np.float64]
_FAR = 30.0  # log hazard ratios are sought between minus and plus this, in standard deviations of the covariate


@dataclass(frozen=True)
class HazardRatio:
    """A hazard ratio with its interval and p-value (Wald for Cox, likelihood ratio for Firth)."""

    ratio: float
    low: float
    high: float
    p_value: float


def cox_hazard_ratio(
    duration: ArrayLike,
    ended: ArrayLike,
    covariate: ArrayLike,
    entry: ArrayLike | None = None,
    confidence: float = 0.95,
) -> HazardRatio:
    """Cox's hazard ratio of one covariate, ties by Efron's method.

    Raises
    ------
    UserError
        If the covariate does not vary, nothing ended, or a group without ends makes the estimate infinite.

    Examples
    --------
    >>> found = cox_hazard_ratio([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 0, 1], [1, 0, 1, 1, 0, 0])
    >>> found.low < 1 < found.ratio < found.high
    True
    """
    length, over, late = check_spells(duration, ended, entry)
    values = _varying(covariate, over)
    if _monotone(length, over, late, values):
        raise UserError(
            "Cox model: got ends that one side of the covariate has alone, expected some on both; use firth_hazard_ratio"
        )
    fit = PHReg(length, values[:, None], status=over, entry=None if entry is None else late, ties="efron").fit()
    beta, error = float(fit.params[0]), float(fit.bse[0])
    reach = float(norm.ppf(0.5 + confidence / 2)) * error
    p_value = float(2 * norm.sf(abs(beta / error)))
    return HazardRatio(float(np.exp(beta)), float(np.exp(beta - reach)), float(np.exp(beta + reach)), p_value)


def firth_hazard_ratio(
    duration: ArrayLike,
    ended: ArrayLike,
    covariate: ArrayLike,
    entry: ArrayLike | None = None,
    confidence: float = 0.95,
    *,
    point_only: bool = False,
) -> HazardRatio:
    """Hazard ratio of one covariate with Firth's penalty: finite also where one group has no ends.

    Ties by Breslow's method; interval and p-value from the penalised likelihood, or missing if ``point_only`` (a third of the work).

    Raises
    ------
    UserError
        If the covariate does not vary or nothing ended.

    References
    ----------
    Heinze, G. and Schemper, M. (2001), A solution to the problem of monotone likelihood in Cox regression, Biometrics 57,
    114-119.

    Examples
    --------
    >>> found = firth_hazard_ratio([1, 2, 3, 4, 5, 6], [1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0])
    >>> 1 < found.ratio < found.high < float("inf")
    True
    """
    length, over, late = check_spells(duration, ended, entry)
    raw = _varying(covariate, over)
    scale = float(raw.std())
    values = (raw - raw.mean()) / scale
    times, ends = np.unique(length[over == 1], return_counts=True)
    there = (length[:, None] >= times) & (late[:, None] < times)
    total = float(values[over == 1].sum())

    def parts(beta: float) -> tuple[float, float]:
        """Penalised log-likelihood and penalised score."""
        shift = np.exp(beta * values - np.max(beta * values))
        weight = shift @ there
        share = np.where(there, shift[:, None], 0.0) / weight
        mean = values @ share
        apart = values[:, None] - mean  # central moments: raw ones cancel where one group has all the weight
        second = share * apart * apart
        information = max(float(ends @ second.sum(axis=0)), 1e-300)
        slope = float(ends @ (second * apart).sum(axis=0))
        likelihood = beta * total - float(ends @ (np.log(weight) + np.max(beta * values)))
        return likelihood + 0.5 * np.log(information), total - float(ends @ mean) + 0.5 * slope / information

    best = float(brentq(lambda beta: parts(beta)[1], -_FAR, _FAR, xtol=1e-10))
    if point_only:
        return HazardRatio(float(np.exp(best / scale)), np.nan, np.nan, np.nan)
    top = parts(best)[0]
    depth = float(chi2.ppf(confidence, 1)) / 2

    def below(beta: float) -> float:
        return parts(beta)[0] - top + depth

    low = float(brentq(below, -_FAR, best)) if below(-_FAR) < 0 else -np.inf
    high = float(brentq(below, best, _FAR)) if below(_FAR) < 0 else np.inf
    p_value = float(chi2.sf(2 * (top - parts(0.0)[0]), 1))
    ratio, lower, upper = (float(np.exp(beta / scale)) for beta in (best, low, high))
    return HazardRatio(ratio, lower, upper, p_value)


def _varying(covariate: ArrayLike, over: Array) -> Array:
    values = np.asarray(covariate, dtype=float)
    if not np.isfinite(values).all() or len(values) != len(over) or np.ptp(values) == 0:
        raise UserError("hazard ratio: got a covariate that is the same everywhere, missing or too short, expected one that varies; choose another")  # fmt: skip
    if not over.any():
        raise UserError("hazard ratio: got no end, expected at least one; use a bound instead")
    return values


def _monotone(length: Array, over: Array, late: Array, values: Array) -> bool:
    """Return whether each end has the largest (or each the smallest) value among those at risk."""
    times = length[over == 1]
    there = (length[:, None] >= times) & (late[:, None] < times)
    own = values[over == 1]
    largest = np.where(there, values[:, None], -np.inf).max(axis=0)
    smallest = np.where(there, values[:, None], np.inf).min(axis=0)
    return bool((own == largest).all() or (own == smallest).all())
