"""Two shares compared: the difference with its interval, and Fisher's exact test."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.stats import fisher_exact

from compacts.stats.proportions import wilson


@dataclass(frozen=True)
class SharesComparison:
    """Share one less share two.

    Attributes
    ----------
    first, second
        The two shares.
    difference, low, high
        First less second, with Newcombe's interval.
    p_value
        Fisher's exact test, two-sided.
    yes, of
        The counts that the shares come from, as :func:`compare_shares` got them.
    """

    first: float
    second: float
    difference: float
    low: float
    high: float
    p_value: float
    yes: tuple[int, int] = (0, 0)
    of: tuple[int, int] = (0, 0)


@cache  # leaving out each state in turn asks for the same few tables again and again
def compare_shares(yes: tuple[int, int], of: tuple[int, int], confidence: float = 0.95) -> SharesComparison:
    """Compare ``yes[0]`` of ``of[0]`` with ``yes[1]`` of ``of[1]``.

    The interval is Newcombe's hybrid of two Wilson intervals, which stays honest with few events.

    References
    ----------
    Newcombe, R. G. (1998), Interval estimation for the difference between independent proportions,
    Statistics in Medicine 17, 873-890, method 10.

    Examples
    --------
    >>> found = compare_shares((56, 48), (70, 80))  # Newcombe's table II, example (a)
    >>> round(found.difference, 4), round(found.low, 4), round(found.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    share = np.array(yes) / np.array(of)
    low, high = zip(*(wilson(some, every, confidence) for some, every in zip(yes, of, strict=True)), strict=True)
    gap = float(share[0] - share[1])
    return SharesComparison(
        first=float(share[0]),
        second=float(share[1]),
        difference=gap,
        low=gap - float(np.hypot(share[0] - low[0], high[1] - share[1])),
        high=gap + float(np.hypot(high[0] - share[0], share[1] - low[1])),
        p_value=float(fisher_exact([[yes[0], of[0] - yes[0]], [yes[1], of[1] - yes[1]]])[1]),
        yes=yes,
        of=of,
    )


def verdict_of_no_difference(found: SharesComparison, margin: float, alpha: float) -> str:
    """Judge the hypothesis that two shares do not differ.

    ``contradicted`` when the exact test rejects equality; ``supported`` when the whole interval lies within the margin
    (a large p-value alone supports nothing); ``undecided`` otherwise.
    """
    if found.p_value < alpha:
        return "contradicted"
    return "supported" if max(abs(found.low), abs(found.high)) <= margin else "undecided"


def verdict_of_smaller_share(found: SharesComparison, margin: float, alpha: float) -> str:
    """Judge the hypothesis that the first share is smaller.

    ``supported`` when the exact test rejects equality and the first share is smaller; ``contradicted`` when it rejects
    and the first is larger, or when the whole interval lies within the margin; ``undecided`` otherwise.
    """
    if found.p_value < alpha:
        return "supported" if found.difference < 0 else "contradicted"
    return "contradicted" if max(abs(found.low), abs(found.high)) <= margin else "undecided"
