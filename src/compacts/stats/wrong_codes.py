"""How many codes would have to be wrong, in any way, to undo a difference of two shares."""

import numpy as np
from scipy.stats import fisher_exact

from compacts.stats.tipping_point import Pair, check_counts


def bounds_with_wrong_codes(yes: tuple[int, int], of: tuple[int, int], wrong: Pair) -> Pair:
    """Lowest and highest difference of the true shares when at most these shares of the codes are wrong, in any way.

    References
    ----------
    Horowitz, J. L. and Manski, C. F. (1995), Identification and robustness with contaminated and corrupted data,
    Econometrica 63, 281-302 (corrupted sampling); Molinari, F. (2008), Journal of Econometrics 144, 81-117
    (misclassified data).

    Examples
    --------
    >>> low, high = bounds_with_wrong_codes((30, 45), (100, 100), (0.05, 0.10))
    >>> round(low, 2), round(high, 2)
    (0.0, 0.3)
    """
    check_counts(yes, of)
    share, part = np.array(yes) / np.array(of), np.array(wrong)
    low, high = np.maximum(share - part, 0), np.minimum(share + part, 1)
    return float(low[1] - high[0]), float(high[1] - low[0])


def breakdown_share(yes: tuple[int, int], of: tuple[int, int]) -> float:
    """The share of wrong codes, the same in both groups, from which the difference may be zero: half its size.

    Examples
    --------
    >>> breakdown_share((25, 50), (100, 100))
    0.125
    """
    check_counts(yes, of)
    return abs(yes[1] / of[1] - yes[0] / of[0]) / 2


def codes_to_overturn(yes: tuple[int, int], of: tuple[int, int], alpha: float = 0.05) -> int:
    """The fewest codes of the second group that must be otherwise, all against the finding, for p above alpha.

    Fisher's exact test, two-sided; zero where it does not reject as it stands.

    References
    ----------
    Walsh, M. et al. (2014), The statistical significance of randomized controlled trial results is frequently fragile,
    Journal of Clinical Epidemiology 67, 622-628 (fragility index).

    Examples
    --------
    >>> codes_to_overturn((30, 50), (100, 100))
    6
    """
    check_counts(yes, of)
    step = -1 if yes[1] / of[1] > yes[0] / of[0] else 1
    for changed in range(of[1] + 1):
        second = yes[1] + step * changed
        table = [[yes[0], of[0] - yes[0]], [second, of[1] - second]]
        if fisher_exact(table)[1] > alpha:
            return changed
    raise AssertionError("equal shares are not rejected")
