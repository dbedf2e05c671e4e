"""The log-rank test by permutation: exact in small groups, where its normal approximation is not to be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray

from compacts.stats.survival import check_spells
from compendium.errors import UserError

Array = NDArray[np.float64]
MOST_ENUMERATED = 200_000
_SAME = 1e-9  # statistics closer than this count as ties


@dataclass(frozen=True)
class LogRank:
    """A permutation log-rank test of two groups.

    Attributes
    ----------
    difference
        Ends in the first group less those expected if both groups ended alike.
    p_value
        Share of the divisions of the units into groups of these sizes with a difference at least as large, either way.
    smallest_p
        The smallest p-value that the test could give.
    divisions
        Divisions looked at: all of them if `exact`, else the random ones and the one seen.
    exact
        Whether all divisions were looked at.
    """

    difference: float
    p_value: float
    smallest_p: float
    divisions: int
    exact: bool


def log_rank_scores(duration: ArrayLike, ended: ArrayLike, entry: ArrayLike | None = None) -> Array:
    """Ended less the hazard passed through: the sum over a group is its observed less its expected ends.

    Examples
    --------
    >>> log_rank_scores([1, 2, 3], [1, 1, 0]).round(3).tolist()
    [0.667, 0.167, -0.833]
    """
    length, over, late = check_spells(duration, ended, entry)
    times = np.unique(length[over == 1])
    at_risk = ((length[:, None] >= times) & (late[:, None] < times)).sum(axis=0)
    hazard = ((length[:, None] == times) & (over[:, None] == 1)).sum(axis=0) / at_risk
    passed = ((length[:, None] >= times) & (late[:, None] < times)) @ hazard
    return np.asarray(over - passed, dtype=float)


def permutation_log_rank(
    duration: ArrayLike,
    ended: ArrayLike,
    first: Sequence[bool] | NDArray[np.bool_],
    *,
    draws: int,
    seed: int,
    entry: ArrayLike | None = None,
) -> LogRank:
    """Log-rank test of two groups by permutation: exact where all divisions can be looked at.

    It holds the spells fixed and asks which units could have been in the first group. It is exact if ends do not depend on
    the group, and time of watching does not either; where one group is watched for longer, p is approximate.

    Parameters
    ----------
    duration, ended, entry
        As in `survival_curve`.
    first
        Whether a unit is in the first group.
    draws, seed
        Random divisions, used when there are more than 200,000 divisions.

    Raises
    ------
    UserError
        If a group is empty or nothing ended.

    References
    ----------
    Heinze, G., Gnant, M. and Schemper, M. (2003), Exact log-rank tests for unequal follow-up, Biometrics 59, 1151-1157.

    Examples
    --------
    >>> test = permutation_log_rank([1, 2, 3, 7, 8, 9], [1, 1, 1, 1, 1, 0], [True] * 3 + [False] * 3, draws=100, seed=1)
    >>> test.exact, test.divisions, round(test.p_value, 2), round(test.smallest_p, 2)
    (True, 20, 0.1, 0.1)
    """
    scores, chosen = log_rank_scores(duration, ended, entry), np.asarray(first, dtype=bool)
    if len(chosen) != len(scores) or chosen.all() or not chosen.any():
        raise UserError(
            f"log-rank test: got {int(chosen.sum())} units in the first group of {len(scores)}, expected two groups; choose others"
        )
    if not np.asarray(ended, dtype=float).any():
        raise UserError("log-rank test: got no end in either group, expected at least one; use a bound instead")
    seen, size = float(scores[chosen].sum()), int(chosen.sum())
    exact = comb(len(scores), size) <= MOST_ENUMERATED
    if exact:
        picked = np.array(list(combinations(range(len(scores)), size)))
        sums = scores[picked].sum(axis=1)
    else:
        order = np.random.default_rng(seed).permuted(np.tile(scores, (draws, 1)), axis=1)
        sums = np.append(order[:, :size].sum(axis=1), seen)
    extreme = np.abs(sums) >= abs(seen) - _SAME
    widest = np.abs(sums) >= np.abs(sums).max() - _SAME
    smallest = float(widest.mean()) if exact else 1 / len(sums)
    return LogRank(seen, float(extreme.mean()), smallest, len(sums), exact)
