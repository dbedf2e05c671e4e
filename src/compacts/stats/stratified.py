"""The mean of a population from a stratified sample, of texts that may recur or stand in the same document."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm
from scipy.stats import t as student

from compendium.errors import UserError


@dataclass(frozen=True)
class Sampled:
    """A mean of a population, estimated from a stratified sample.

    Attributes
    ----------
    mean, low, high, standard_error
        The mean and its interval: Wilson's for shares, else Student's (normal where the population is finite).
    read, population, clusters
        Units read, units in the population, and groups of units that are not independent (units, where none is named).
    """

    mean: float
    low: float
    high: float
    standard_error: float
    read: int
    population: int
    clusters: int


def sampled_mean(
    sample: pd.DataFrame, confidence: float = 0.95, *, as_draws: bool = False, share: bool | None = None
) -> Sampled:
    r"""Return the mean of a population from a simple random sample within strata.

    The variance is that of a stratified sample, :math:`\sum_h W_h^2 (1 - n_h/N_h) s_h^2 / n_h`. With ``as_draws`` the
    population is itself taken as drawn from what could have been said: the factor :math:`1 - n_h/N_h` falls away, and a
    stratum that was read whole is uncertain too. With clusters the deviations from the stratum's mean, each times
    :math:`W_h / \sqrt{n_h (n_h - 1)}`, are summed within a cluster, whatever its strata, before they are squared.

    Parameters
    ----------
    sample : DataFrame
        The units read: ``value``, ``stratum``, ``stratum_size`` (units of the stratum in the population) and, where units
        are not independent, ``cluster``.
    confidence : float
        Of the interval, between 0 and 1. For a share it is Wilson's for the effective number of units: the number that
        would give the same variance; with ``as_draws`` at most Kish's number for the weights (of clusters, where nothing
        varies).
    as_draws : bool
        Whether the population counts as drawn.
    share : bool, optional
        Whether the values are shares; without it they are when all lie between 0 and 1.

    Raises
    ------
    UserError
        For no unit, a missing value, a stratum of which more units were read than there are or one alone of several, a
        confidence outside 0 to 1, or clusters in a finite population or fewer than two of them.

    References
    ----------
    Cochran, W. G. (1977), Sampling Techniques, 3rd ed., section 5.4. Korn, E. L. and Graubard, B. I. (1998), Confidence
    intervals for proportions with small expected number of positive counts estimated from survey data, Survey Methodology
    24, 193-201 (effective number). Kish, L. (1965), Survey Sampling, section 11.7.

    Examples
    --------
    >>> sample = pd.DataFrame({"value": [1.0, 3.0, 5.0], "stratum": ["a", "b", "b"], "stratum_size": [1, 3, 3]})
    >>> sampled_mean(sample).mean
    3.25
    """
    _require_units(sample, confidence)
    value, (stratum, names) = sample["value"].to_numpy(dtype=float), pd.factorize(sample["stratum"])
    first = np.unique(stratum, return_index=True)[1]
    size, read = sample["stratum_size"].to_numpy(dtype=float)[first], np.bincount(stratum)
    wrong = np.flatnonzero((read > size) | ((read == 1) & ((size > 1) | as_draws)))
    if len(wrong):
        raise UserError(
            f"stratum {names[wrong[0]]}: got {read[wrong[0]]} of {size[wrong[0]]:.0f} units read, expected two or more and no "
            "more than there are; merge strata"
        )
    population = float(size.sum())
    weight = (size / read / population)[stratum]
    mean = float(weight @ value)
    cluster = pd.factorize(sample["cluster"])[0] if "cluster" in sample else np.arange(len(value))
    clusters = int(cluster.max()) + 1
    if "cluster" in sample and (not as_draws or clusters < 2):
        raise UserError(
            f"clusters: got {clusters}, in a population that is {'drawn' if as_draws else 'finite'}; expected two or more, and as_draws"
        )
    left = (1.0 if as_draws else 1 - read / size) * read / np.maximum(read - 1, 1)
    pull = weight * (value - (np.bincount(stratum, value) / read)[stratum]) * np.sqrt(left)[stratum]
    variance = float((np.bincount(cluster, pull) ** 2).sum())
    if share or (share is None and bool(((value >= 0) & (value <= 1)).all())):
        weights = weight if variance > 0 else np.bincount(cluster, weight)
        whole = not as_draws and len(value) == population
        most = float(1 / (weights**2).sum())  # Kish's number
        low, high = (mean, mean) if whole else _wilson(mean, variance, most, confidence, capped=as_draws)
    else:
        free = max(clusters - len(size), 1)
        reach = float(np.sqrt(variance) * (student(free) if as_draws else norm).ppf(0.5 + confidence / 2))
        low, high = mean - reach, mean + reach
    return Sampled(mean, low, high, float(np.sqrt(variance)), len(sample), int(population), clusters)


def _require_units(sample: pd.DataFrame, confidence: float) -> None:
    if sample.empty:
        raise UserError("sampled mean: got no unit that was read, expected some; leave the group out")
    if sample["value"].isna().any():
        raise UserError("sampled mean: got a missing value, expected one for every unit; leave the unit out and say so")
    if not 0 < confidence < 1:
        raise UserError(f"sampled mean: got confidence {confidence}, expected a number between 0 and 1; correct it")


def _wilson(share: float, variance: float, most: float, confidence: float, *, capped: bool) -> tuple[float, float]:
    """Return Wilson's interval for the number of units that would have this variance."""
    clipped = min(max(share, 0.0), 1.0)
    number = clipped * (1 - clipped) / variance if variance > 0 and 0 < clipped < 1 else most
    number = min(number, most) if capped else number
    z = float(norm.ppf(0.5 + confidence / 2))
    middle = (clipped + z**2 / (2 * number)) / (1 + z**2 / number)
    half = z / (1 + z**2 / number) * float(np.sqrt(clipped * (1 - clipped) / number + z**2 / (4 * number**2)))
    return max(0.0, middle - half), min(1.0, middle + half)
