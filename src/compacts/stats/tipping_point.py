"""How wrong would codes have to be?  A difference of two shares under errors that differ between the groups.

Sensitivity is the share of true cases that are coded so, specificity the share of others that are not. If both are the
same in both periods, error shrinks a difference but keeps its sign; if they differ, it can make one. This module
corrects a difference for errors that are assumed, and finds the error at which the difference (or its interval) reaches
zero. Where only the share of wrong codes is known: :mod:`compacts.stats.wrong_codes`; what a second reader makes of it:
:mod:`compacts.stats.second_reader`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import norm

from compendium.errors import UserError

Pair = tuple[float, float]
Error = Literal["sensitivity", "specificity"]


@dataclass(frozen=True)
class CorrectedDifference:
    """Share of the second group less that of the first, corrected for errors of coding.

    Attributes
    ----------
    first, second
        Corrected shares; outside 0 to 1 where the errors assumed could not have given the codes.
    difference, low, high
        Second less first, with its delta-method interval, the errors taken as known.
    possible
        Whether both shares lie between 0 and 1.
    """

    first: float
    second: float
    difference: float
    low: float
    high: float
    possible: bool


@dataclass(frozen=True)
class TippingPoint:
    """The error in the second group at which a finding goes, the first group's errors being as given.

    Attributes
    ----------
    error, baseline
        Which error is varied, and its value in the first group.
    to_zero, to_interval
        Its value in the second group at which the difference is zero, and the one, nearest the baseline, at which the
        interval holds zero; NaN where no possible value does it.
    """

    error: Error
    baseline: float
    to_zero: float
    to_interval: float

    def sentence(self) -> str:
        """The finding in words."""
        if np.isnan(self.to_zero):
            return f"no {self.error} in the second group alone brings the difference to zero"
        return (
            f"the difference would be zero if {self.error} had gone from {self.baseline:.1%} to {self.to_zero:.1%}, and its "
            f"interval would hold zero at {self.to_interval:.1%}"
        )


def corrected_difference(
    yes: tuple[int, int], of: tuple[int, int], sensitivity: Pair, specificity: Pair, confidence: float = 0.95
) -> CorrectedDifference:
    """Difference of two shares, each corrected for its group's sensitivity and specificity.

    Parameters
    ----------
    yes, of
        Units coded 1, and units, of the first and second group.
    sensitivity, specificity
        Of the codes in each group, taken as known.

    Raises
    ------
    UserError
        For an empty group, counts that do not fit, errors outside 0 to 1, or codes no better than chance.

    References
    ----------
    Rogan, W. J. and Gladen, B. (1978), Estimating prevalence from the results of a screening test, American Journal of
    Epidemiology 107, 71-76.

    Examples
    --------
    >>> found = corrected_difference((30, 42), (100, 100), (0.8, 0.8), (0.9, 0.9))
    >>> round(found.first, 4), round(found.second, 4), round(found.difference, 4)
    (0.2857, 0.4571, 0.1714)
    """
    check_counts(yes, of)
    share, size = np.array(yes) / np.array(of), np.array(of)
    sens, spec = np.array(sensitivity), np.array(specificity)
    if ((sens < 0) | (sens > 1) | (spec < 0) | (spec > 1)).any():
        raise UserError(
            f"errors: got sensitivity {sensitivity} and specificity {specificity}, expected 0 to 1; correct them"
        )
    power = sens + spec - 1
    if (power <= 0).any():
        raise UserError(
            f"errors: got sensitivity {sensitivity} and specificity {specificity}, which tell nothing (their sum must exceed 1)"
        )
    true = (share + spec - 1) / power
    gap = float(true[1] - true[0])
    reach = float(norm.ppf(0.5 + confidence / 2) * np.sqrt(np.sum(share * (1 - share) / size / power**2)))
    inside = bool(((true >= -1e-12) & (true <= 1 + 1e-12)).all())
    return CorrectedDifference(float(true[0]), float(true[1]), gap, gap - reach, gap + reach, inside)


def tipping_grid(
    yes: tuple[int, int],
    of: tuple[int, int],
    sensitivities: Sequence[float],
    specificities: Sequence[float],
    baseline: Pair = (1.0, 1.0),
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Corrected difference for every error in the second group.

    Parameters
    ----------
    sensitivities, specificities
        Of the second group, crossed.
    baseline
        Sensitivity and specificity of the first group.

    Returns
    -------
    DataFrame
        sensitivity, specificity, difference, low, high, possible, and finding: ``impossible`` (no true share gives
        these codes), ``kept`` (interval on the same side of zero as without correction), ``lost`` (holds zero),
        ``turned``.

    Examples
    --------
    >>> tipping_grid((30, 50), (100, 100), [1.0, 0.8], [1.0, 0.8])["finding"].tolist()
    ['kept', 'lost', 'kept', 'kept']
    """
    sign = np.sign(corrected_difference(yes, of, (1.0, 1.0), (1.0, 1.0)).difference)
    rows = []
    for sens in sensitivities:
        for spec in specificities:
            found = corrected_difference(yes, of, (baseline[0], sens), (baseline[1], spec), confidence)
            side = np.sign(found.low) if found.low * found.high > 0 else 0.0
            finding = "lost" if side == 0 else "kept" if side == sign else "turned"
            rows.append(
                (
                    sens,
                    spec,
                    found.difference,
                    found.low,
                    found.high,
                    found.possible,
                    finding if found.possible else "impossible",
                )
            )
    return pd.DataFrame(
        rows, columns=["sensitivity", "specificity", "difference", "low", "high", "possible", "finding"]
    )


def tipping_point(
    yes: tuple[int, int], of: tuple[int, int], error: Error, baseline: Pair = (1.0, 1.0), confidence: float = 0.95
) -> TippingPoint:
    """The error of the second group at which the corrected difference, and its interval, reach zero.

    The other error, and both of the first group, stay at the baseline (sensitivity, specificity).

    Raises
    ------
    UserError
        If the codes cannot come from the errors of the baseline, or as in :func:`corrected_difference`.

    Examples
    --------
    >>> tipping_point((30, 45), (100, 100), "specificity").sentence()
    'the difference would be zero if specificity had gone from 100.0% to 78.6%, and its interval would hold zero at 97.3%'
    """
    start = corrected_difference(yes, of, (baseline[0],) * 2, (baseline[1],) * 2, confidence)
    if not start.possible:
        raise UserError(
            f"baseline: got sensitivity {baseline[0]} and specificity {baseline[1]}, which cannot give {yes} of {of}; take others"
        )
    place = 0 if error == "sensitivity" else 1
    share, target = yes[1] / of[1], start.first
    if error == "sensitivity":
        zero = (share - (1 - baseline[1]) * (1 - target)) / target if target > 0 else np.nan
    else:
        zero = 1 - (share - baseline[0] * target) / (1 - target) if target < 1 else np.nan

    def at(value: float) -> CorrectedDifference:
        errors = [list(baseline), list(baseline)]
        errors[1][place] = value
        (sens1, spec1), (sens2, spec2) = errors
        return corrected_difference(yes, of, (sens1, sens2), (spec1, spec2), confidence)

    # beyond the point at which codes tell nothing there is no answer
    if not (0 <= zero <= 1 and zero + baseline[1 - place] > 1):
        return TippingPoint(error, baseline[place], np.nan, np.nan)

    def nearest(value: float) -> float:
        found = at(value)
        return found.low if start.difference > 0 else -found.high

    inner = baseline[place]
    edge = inner if nearest(inner) <= 0 else float(brentq(nearest, inner, zero, xtol=1e-12))
    return TippingPoint(error, inner, float(zero), edge)


def check_counts(yes: tuple[int, int], of: tuple[int, int]) -> None:
    """Raise a UserError where counts do not fit their groups, or a group is empty."""
    if min(of) < 1 or min(yes) < 0 or any(some > whole for some, whole in zip(yes, of, strict=True)):
        raise UserError(f"counts: got {yes} of {of}, expected from 0 to all of a group with units; correct them")
