"""How long things last when some are still there: curves and remaining life.

Kaplan-Meier comes from statsmodels, with late entry (left truncation). Here is what it lacks: log-log intervals of the
curve, survival and mean life from an age on, and a bound where nothing ended (the permutation test is in `log_rank`).
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm
from statsmodels.duration.survfunc import SurvfuncRight

from compendium.errors import UserError

Array = NDArray[np.float64]
_SAME = 1e-9  # statistics closer than this count as ties


def check_spells(duration: ArrayLike, ended: ArrayLike, entry: ArrayLike | None = None) -> tuple[Array, Array, Array]:
    """Return duration, ended (0 or 1) and entry as arrays.

    Raises
    ------
    UserError
        If there are no spells, a length differs, a time is not finite or not above zero, or a spell is entered when it
        is already over.
    """
    length, over = np.asarray(duration, dtype=float), np.asarray(ended, dtype=float)
    late = np.zeros_like(length) if entry is None else np.asarray(entry, dtype=float)
    if not len(length):
        raise UserError("spells: got none, expected at least one; widen the selection")
    if not len(length) == len(over) == len(late):
        raise UserError(
            f"spells: got {len(length)} durations, {len(over)} ends, {len(late)} entries, expected as many of each; correct the call"
        )
    for wrong, words in (
        (~np.isfinite(length) | (length <= 0), "a duration above zero"),
        (~np.isin(over, (0.0, 1.0)), "ended or not (1 or 0)"),
        (~np.isfinite(late) | (late < 0), "an entry of zero or later"),
        (late >= length, "an entry before the exit"),
    ):
        if wrong.any():
            at = int(np.flatnonzero(wrong)[0])
            raise UserError(
                f"spells, row {at}: got duration {length[at]:g}, ended {over[at]:g}, entry {late[at]:g}, "
                f"expected {words}; correct or leave out the spell"
            )
    return length, over, late


def survival_curve(
    duration: ArrayLike, ended: ArrayLike, entry: ArrayLike | None = None, confidence: float = 0.95
) -> pd.DataFrame:
    """Kaplan-Meier estimate with log-log intervals.

    Parameters
    ----------
    duration
        Age at the end of observation, in years or any unit.
    ended
        1 where the unit ended at that age, 0 where it was last seen alive.
    entry
        Age from which the unit is watched (left truncation); from birth by default.
    confidence
        Of the pointwise interval.

    Returns
    -------
    DataFrame
        time (0, then each age at which a unit ended, then the last age watched), at_risk, ended, survival, low, high, variance
        (Greenwood's sum, of the logarithm of survival). The interval is missing where survival is 1 or 0: the data then give
        a point and no width, see `bound_if_none_ended`.

    Raises
    ------
    UserError
        For spells that `check_spells` refuses, or where late entry leaves no unit at risk between two ends.

    References
    ----------
    Kalbfleisch, J. D. and Prentice, R. L. (2002), The statistical analysis of failure time data, section 1.4.1.

    Examples
    --------
    >>> curve = survival_curve([9, 13, 13, 18, 23], [1, 1, 0, 1, 1])
    >>> curve["survival"].round(2).tolist()
    [1.0, 0.8, 0.6, 0.3, 0.0]
    """
    length, over, late = check_spells(duration, ended, entry)
    if over.any():
        fit = SurvfuncRight(length, over, entry=None if entry is None else late)
        times, survival = np.asarray(fit.surv_times, dtype=float), np.asarray(fit.surv_prob, dtype=float)
        at_risk, ends = np.asarray(fit.n_risk, dtype=float), np.asarray(fit.n_events, dtype=float)
    else:
        times = survival = at_risk = ends = np.array([])
    gone = np.flatnonzero((at_risk == ends) & (times < length.max()))
    if len(gone):
        raise UserError(
            f"spells: got no unit at risk after age {times[gone[0]]:g} although others are watched later, expected an unbroken "
            "risk set; start the curve at a later age"
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(ends / (at_risk * (at_risk - ends)))
        z = float(norm.ppf(0.5 + confidence / 2)) * np.sqrt(variance) / np.abs(np.log(survival))
        low, high = survival ** np.exp(z), survival ** np.exp(-z)
    low[~np.isfinite(z) | (survival <= 0)] = np.nan
    high[~np.isfinite(z) | (survival <= 0)] = np.nan
    table = pd.DataFrame(
        {"time": times, "at_risk": at_risk, "ended": ends, "survival": survival, "low": low, "high": high, "variance": variance}
    )  # fmt: skip
    start = float(late.min())
    first = {"time": start, "at_risk": float((late <= start).sum()), "ended": 0.0, "survival": 1.0, "variance": 0.0}
    rows = [pd.DataFrame([first]), table]
    if not len(times) or length.max() > times[-1]:
        end = dict(rows[1].iloc[-1]) if len(times) else dict(first)
        last = float(length.max())
        rows.append(pd.DataFrame([end | {"time": last, "at_risk": float((length >= last).sum()), "ended": 0.0}]))
    columns = ["time", "at_risk", "ended", "survival", "low", "high", "variance"]
    return pd.concat([part for part in rows if len(part)], ignore_index=True).reindex(columns=columns)


def life_at(curve: pd.DataFrame, share: float = 0.5) -> tuple[float, float, float]:
    """Age at which survival falls to a share, with its interval; infinite where the curve or its bound stays above.

    The bounds are where the log-log bounds of the curve cross the share (Brookmeyer and Crowley 1982).

    Examples
    --------
    >>> life_at(survival_curve([9, 13, 13, 18, 23], [1, 1, 0, 1, 1]))
    (18.0, 9.0, inf)
    """

    def crossing(heights: pd.Series) -> float:
        below = curve["time"][(heights <= share + _SAME) & (curve["ended"] > 0)]
        return float(below.iloc[0]) if len(below) else np.inf

    return crossing(curve["survival"]), crossing(curve["low"]), crossing(curve["high"])


def survival_beyond(
    duration: ArrayLike,
    ended: ArrayLike,
    age: float,
    ahead: float,
    entry: ArrayLike | None = None,
    confidence: float = 0.95,
) -> dict[str, float]:
    """Of units that reach an age: the share that is still there some time later, and the mean time until then.

    A unit that reaches the age is watched from it on, so this is the curve with late entry at that age.

    Parameters
    ----------
    duration, ended, entry, confidence
        As in `survival_curve`.
    age
        The age reached.
    ahead
        How far ahead; the mean counts no time beyond it.

    Returns
    -------
    dict
        at_risk (units watched at some time after the age), ended (of these, within ``ahead``), survival, low, high (log-log),
        mean, mean_low, mean_high (restricted mean, normal interval cut to 0 and ``ahead``). Intervals are missing where
        nothing ended.

    Raises
    ------
    UserError
        If no unit is watched until ``age + ahead``.

    References
    ----------
    Klein, J. P. and Moeschberger, M. L. (2003), Survival analysis, 2nd edition, sections 4.5 and 4.6.

    Examples
    --------
    >>> found = survival_beyond([2, 9, 13, 13, 18, 23], [1, 1, 1, 0, 1, 1], age=5, ahead=10)
    >>> found["at_risk"], round(found["survival"], 2), round(found["mean"], 2)
    (5.0, 0.6, 8.4)
    """
    length, over, late = check_spells(duration, ended, entry)
    longest = float(length.max())
    if not longest >= age + ahead:
        raise UserError(
            f"spells: got a longest of {longest:g}, expected at least {age + ahead:g} (age {age:g} and {ahead:g} ahead); "
            "look less far ahead"
        )
    reach = length > age
    exits = np.minimum(length[reach], age + ahead)
    ends = np.where(length[reach] <= age + ahead, over[reach], 0.0)
    curve = survival_curve(exits, ends, np.maximum(late[reach], age), confidence)
    last = curve.iloc[-1]
    mean, error = _restricted_mean(curve, age, age + ahead)
    reach_of = float(norm.ppf(0.5 + confidence / 2)) * error if ends.any() else np.nan
    return {
        "at_risk": float(reach.sum()), "ended": float(ends.sum()), "survival": float(last["survival"]), "low": float(last["low"]),
        "high": float(last["high"]), "mean": mean, "mean_low": max(mean - reach_of, 0.0) if ends.any() else np.nan,
        "mean_high": min(mean + reach_of, ahead) if ends.any() else np.nan,
    }  # fmt: skip


def _restricted_mean(curve: pd.DataFrame, start: float, stop: float) -> tuple[float, float]:
    """Return the area under a curve between two ages and its standard error (as R's survival: no small-sample factor)."""
    times = np.append(np.clip(curve["time"].to_numpy(float), start, stop), stop)
    height = curve["survival"].to_numpy(float)
    times[0] = start
    pieces = height * np.diff(times)
    after = np.cumsum(pieces[::-1])[::-1]  # area from each step on
    at_risk, ends = curve["at_risk"].to_numpy(float), curve["ended"].to_numpy(float)
    left = at_risk - ends
    weight = np.divide(ends, at_risk * left, out=np.zeros_like(ends), where=left > 0)
    return float(pieces.sum()), float(np.sqrt((after**2 * weight).sum()))


def restricted_mean(curve: pd.DataFrame, until: float) -> tuple[float, float]:
    """Mean life that counts no time beyond ``until``, and its standard error.

    Examples
    --------
    >>> restricted_mean(survival_curve([1, 2, 3, 4], [1, 1, 1, 1]), 4)[0]
    2.5
    """
    return _restricted_mean(curve[curve["time"] <= until], float(curve["time"].iloc[0]), until)


def bound_if_none_ended(units: int, confidence: float = 0.95) -> float:
    """Largest share of ends that still lets none be seen among ``units`` with probability 1 - confidence.

    The exact form of the rule of three (3/n at 95 per cent).

    Raises
    ------
    UserError
        If there are no units.

    References
    ----------
    Hanley, J. A. and Lippman-Hand, A. (1983), If nothing goes wrong, is everything all right?, JAMA 249, 1743-1745.

    Examples
    --------
    >>> round(bound_if_none_ended(30), 3)
    0.095
    """
    if units < 1:
        raise UserError(f"bound: got {units} units, expected at least one; widen the selection")
    return float(1 - (1 - confidence) ** (1 / units))
