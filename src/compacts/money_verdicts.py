"""The declared rules by which hypotheses on money are judged: supported, contradicted or undecided."""

from collections.abc import Mapping, Sequence

import pandas as pd

from compacts.stats.shares import SharesComparison
from compacts.stats.trend import BrokenTrend

SUPPORTED, CONTRADICTED, UNDECIDED = "supported", "contradicted", "undecided"


def faster_than_trend(found: BrokenTrend, peers: Mapping[str, BrokenTrend], best_break: int, last_before: int) -> str:
    """C1: supported when the bend is clear, positive and larger than each peer's.

    Contradicted when the bend is not positive and either clear or beside a best break before the cut.

    Examples
    --------
    >>> bend = BrokenTrend(before=0.1, after=0.2, bend=0.1, low=0.05, high=0.15, p_value=0.01, step=0.0, years=13)
    >>> faster_than_trend(bend, {}, 2016, 2016)
    'supported'
    """
    if found.bend > 0:
        alone = all(found.bend > other.bend for other in peers.values())
        return SUPPORTED if found.low > 0 and alone else UNDECIDED
    return CONTRADICTED if found.high < 0 or best_break < last_before else UNDECIDED


def small_share(bounds: pd.DataFrame, threshold: float) -> str:
    """C2: supported when the upper bound never passes the threshold (per cent), contradicted when a lower bound does.

    Examples
    --------
    >>> small_share(pd.DataFrame({"low": [0.0], "high": [3.6]}), 5)
    'supported'
    """
    if (bounds["low"] > threshold).any():
        return CONTRADICTED
    return SUPPORTED if (bounds["high"] <= threshold).all() else UNDECIDED


def earmarking_stays(rises: Sequence[float], threshold: float) -> str:
    """C3: supported when no unearmarked share rises by more than the threshold (points), contradicted when all do.

    Examples
    --------
    >>> earmarking_stays([0.3, -3.0], 5), earmarking_stays([6, 1], 5)
    ('supported', 'undecided')
    """
    above = [rise > threshold for rise in rises]
    return CONTRADICTED if all(above) else SUPPORTED if not any(above) else UNDECIDED


def champions_favoured(found: Mapping[str, SharesComparison], alpha: float) -> str:
    """C4: supported when champions have the clearly larger share with what is known and in the worst case.

    Examples
    --------
    >>> from compacts.stats.shares import compare_shares
    >>> even = compare_shares((5, 10), (20, 80))
    >>> champions_favoured({"known": even, "worst": even}, 0.05)
    'undecided'
    """
    clear = {name: shares.p_value < alpha for name, shares in found.items()}
    if clear["known"] and found["known"].difference < 0:
        return CONTRADICTED
    favoured = all(clear[name] and found[name].difference > 0 for name in ("known", "worst"))
    return SUPPORTED if favoured else UNDECIDED


def larger_share(found: SharesComparison, margin: float, alpha: float) -> str:
    """C5: supported when the first share is clearly larger; contradicted when clearly smaller, or alike within the margin.

    Examples
    --------
    >>> from compacts.stats.shares import compare_shares
    >>> larger_share(compare_shares((18, 2), (20, 20)), 0.1, 0.05)
    'supported'
    """
    if found.p_value < alpha:
        return SUPPORTED if found.difference > 0 else CONTRADICTED
    return CONTRADICTED if max(abs(found.low), abs(found.high)) <= margin else UNDECIDED


def slope_stays(change: "pd.Series[float]", margin: float) -> str:
    """C6: supported when the interval of the change lies below the margin, contradicted when above zero and not below it.

    Examples
    --------
    >>> slope_stays(pd.Series({"low": -0.1, "high": 0.05}), 0.1), slope_stays(pd.Series({"low": 0.02, "high": 0.3}), 0.1)
    ('supported', 'contradicted')
    """
    if change["high"] < margin:
        return SUPPORTED
    return CONTRADICTED if change["low"] > 0 else UNDECIDED
