"""Proportions: Wilson's interval, and a machine's share corrected by readings of a known sample."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint

from compendium.errors import UserError


@dataclass(frozen=True)
class Proportion:
    """A share of a population.

    Attributes
    ----------
    share, low, high
        The share and its interval.
    standard_error
        Of the share; 0 where every unit was read.
    naive
        The machine's share of the whole population, uncorrected.
    read, population
        Units read and units in the population.
    """

    share: float
    low: float
    high: float
    standard_error: float
    naive: float
    read: int
    population: int


def wilson(yes: int, of: int, confidence: float = 0.95) -> tuple[float, float, float]:
    """Return a share with Wilson's interval, which does not leave 0 to 1 and keeps its coverage where few say yes.

    Raises
    ------
    UserError
        For no unit, or more yes than units.

    Examples
    --------
    >>> [round(part, 3) for part in wilson(15, 148)]  # Newcombe 1998, Statistics in Medicine 17, table I
    [0.101, 0.062, 0.16]
    """
    if of < 1 or not 0 <= yes <= of:
        raise UserError(
            f"wilson: got {yes} of {of}, expected at least one unit and no more yes than units; leave the group out"
        )
    low, high = proportion_confint(yes, of, alpha=1 - confidence, method="wilson")
    return yes / of, float(low), float(high)


def corrected_share(machine: pd.Series, sample: pd.DataFrame, confidence: float = 0.95) -> Proportion:
    """Return the share of units with a code: what a machine finds in all, corrected by what readers find in a sample.

    The difference estimator: the machine's share of the population plus the weighted mean of reader less machine in
    the sample. It is unbiased whatever the machine's errors are, because the sample was drawn with known probabilities; good machine codes
    only make it more precise. The interval is Wilson's with the number of units that would give the same variance.

    Parameters
    ----------
    machine : Series of bool
        The machine's code of every unit of the population.
    sample : DataFrame
        The units read: ``machine`` and ``reader`` (bool or share of readers), ``stratum`` and ``stratum_size``; a simple random sample
        within each stratum.
    confidence : float
        Of the interval.

    Raises
    ------
    UserError
        For an empty sample, a missing code, more units read than a stratum holds, and a stratum of which one of several units was
        read, where no variance can be known.

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, section 6.3; Korn and Graubard (1998), Survey
    Methodology 24, for the effective number.

    Examples
    --------
    >>> every = pd.Series([True, False, False, False])
    >>> read = pd.DataFrame({"machine": [True, False], "reader": [1.0, 1.0], "stratum": "a", "stratum_size": 4})
    >>> found = corrected_share(every, read)
    >>> found.naive, found.share
    (0.25, 0.75)
    """
    if sample.empty:
        raise UserError("corrected share: got no unit that was read, expected some; leave the group out")
    if sample[["machine", "reader"]].isna().to_numpy().any() or machine.isna().any():
        raise UserError(
            "corrected share: got a missing code, expected one for every unit; leave the unit out and say so"
        )
    size = sample.groupby("stratum")["stratum_size"].first()
    population = int(size.sum())
    error = sample["reader"].astype(float) - sample["machine"].astype(float)
    by = error.groupby(sample["stratum"]).agg(["mean", "var", "size"]).join(size)
    wrong = by.index[(by["size"] > by["stratum_size"]) | ((by["size"] == 1) & (by["stratum_size"] > 1))]
    if len(wrong):
        row = by.loc[wrong[0]]
        raise UserError(
            f"corrected share, stratum {wrong[0]}: got {row['size']:.0f} of {row['stratum_size']:.0f} units read, expected two or more "
            "and no more than there are; merge strata"
        )
    share = float(machine.mean() + (by["mean"] * by["stratum_size"]).sum() / population)
    left = 1 - by["size"] / by["stratum_size"]
    variance = float((by["stratum_size"] ** 2 * left * by["var"].fillna(0) / by["size"]).sum() / population**2)
    low, high = _interval(share, variance, len(sample), population, float(norm.ppf(0.5 + confidence / 2)))
    return Proportion(share, low, high, float(np.sqrt(variance)), float(machine.mean()), len(sample), population)


def _interval(share: float, variance: float, read: int, population: int, z: float) -> tuple[float, float]:
    """Return Wilson's interval for the number of units that would have this variance."""
    if read == population:
        return share, share
    clipped = min(max(share, 0.0), 1.0)
    number = clipped * (1 - clipped) / variance if variance > 0 and 0 < clipped < 1 else float(read)
    middle = (clipped + z**2 / (2 * number)) / (1 + z**2 / number)
    half = z / (1 + z**2 / number) * np.sqrt(clipped * (1 - clipped) / number + z**2 / (4 * number**2))
    return float(max(0.0, middle - half)), float(min(1.0, middle + half))
