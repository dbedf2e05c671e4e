"""A line in time that steps and bends after a year, by least squares: for short series, with that said."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t as t_distribution

from compendium.errors import UserError

LEAST = 3  # years on each side of a bend


@dataclass(frozen=True)
class BrokenTrend:
    """A broken trend of a logarithm.

    Attributes
    ----------
    before, after
        Yearly growth (difference of logarithms) up to the break and after it.
    bend, low, high, p_value
        ``after`` less ``before``, with its interval (t, independent errors) and test.
    step
        Jump in the first year after the break, beyond both lines.
    years
        Years used.
    """

    before: float
    after: float
    bend: float
    low: float
    high: float
    p_value: float
    step: float
    years: int


def broken_trend(amounts: "pd.Series[float]", last_before: int, confidence: float = 0.95) -> BrokenTrend:
    """Fit a line with a step and a bend after `last_before` to the logarithm of the amounts.

    Parameters
    ----------
    amounts : Series
        Positive amount by year.
    last_before : int
        Last year of the first line.
    confidence : float
        Of the interval of the bend.

    Raises
    ------
    UserError
        For an amount that is not positive, or fewer than three years on a side.

    Examples
    --------
    >>> found = broken_trend(pd.Series(np.exp([0, 1, 2.0, 5, 7, 9.0, 11]), index=range(2010, 2017)), 2012)
    >>> round(found.before, 6), round(found.bend, 6), round(found.step, 6)
    (1.0, 1.0, 2.0)
    """
    if (amounts <= 0).any() or amounts.isna().any():
        raise UserError(
            "broken trend: got an amount that is missing or not positive, expected positive ones; choose other years"
        )
    years = amounts.index.to_numpy(dtype=float)
    later = years > last_before
    if min(later.sum(), (~later).sum()) < LEAST:
        raise UserError(
            f"broken trend: got {int((~later).sum())} years up to {last_before} and {int(later.sum())} after, expected {LEAST} on each side"
        )
    since = years - (last_before + 1)
    design = np.column_stack([np.ones_like(years), since, later, later * since])
    logs = np.log(amounts.to_numpy(dtype=float))
    found, *_ = np.linalg.lstsq(design, logs, rcond=None)
    residual, free = logs - design @ found, len(years) - design.shape[1]
    variance = float(residual @ residual) / free
    error = float(np.sqrt(variance * np.linalg.inv(design.T @ design)[3, 3]))
    reach = float(t_distribution.ppf(0.5 + confidence / 2, free)) * error
    p_value = float(2 * t_distribution.sf(abs(found[3]) / error, free)) if error > 0 else 0.0
    return BrokenTrend(
        before=float(found[1]), after=float(found[1] + found[3]), bend=float(found[3]), low=float(found[3] - reach),
        high=float(found[3] + reach), p_value=p_value, step=float(found[2]), years=len(years),
    )  # fmt: skip


def best_break(amounts: "pd.Series[float]") -> int:
    """Return the last year before the break that leaves the smallest sum of squares, of all years with three on each side.

    Examples
    --------
    >>> best_break(pd.Series(np.exp([0, 1, 2, 3, 7, 9.0, 11, 13]), index=range(2010, 2018)))
    2013
    """
    years = sorted(amounts.index)
    candidates = years[LEAST - 1 : len(years) - LEAST]
    if not candidates:
        raise UserError(f"best break: got {len(years)} years, expected {2 * LEAST} or more; choose other years")
    left = {}
    for last in candidates:
        sides = (amounts[amounts.index <= last], amounts[amounts.index > last])
        lines = [
            np.polyfit(side.index.to_numpy(dtype=float) - last, np.log(side.to_numpy(dtype=float)), 1, full=True)
            for side in sides
        ]
        left[last] = sum(float(line[1].sum()) for line in lines)
    return int(min(candidates, key=lambda last: left[last]))
