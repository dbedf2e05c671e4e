"""The fourth face as a model: the share of its money that an organization may spend as it sees fit, IOM against all others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from compendium.errors import UserError

FREE = ("assessed", "voluntary core")


def free_shares(finance: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
    """Return the free share of revenue (dues and core gifts, 0 to 1), a row a year, a column an entity with revenue in every year.

    Entities without any free or earmarked gift are left out, as are shares outside 0 to 1 (negative amounts).
    """
    revenue = finance[(finance["flow"] == "revenue") & finance["year"].between(first, last)]
    if revenue.empty:
        raise UserError(
            f"finance_entity_year: got no revenue from {first} to {last}, expected some; choose other years"
        )
    share = share_free(revenue, ["year", "entity"]).unstack("entity").dropna(axis=1)
    return share.loc[:, share.gt(0).any() & share.lt(1).any() & share.ge(0).all() & share.le(1).all()]


def share_free(revenue: pd.DataFrame, by: Sequence[str]) -> pd.Series:
    """Return dues and core gifts over all revenue, for each group of rows; missing where the sum is not above zero.

    Examples
    --------
    >>> rows = pd.DataFrame({"entity": "A", "revenue_type": ["assessed", "voluntary earmarked"], "amount_usd": [1.0, 3.0]})
    >>> share_free(rows, ["entity"]).to_dict()
    {'A': 0.25}
    """
    total = revenue.groupby(list(by))["amount_usd"].sum()
    free = revenue[revenue["revenue_type"].isin(FREE)].groupby(list(by))["amount_usd"].sum()
    return free.reindex(total.index, fill_value=0.0) / total.where(total > 0)


@dataclass(frozen=True)
class PlaceboInterval:
    """One unit's change against those of units on which nothing acted.

    Attributes
    ----------
    estimate : float
        The unit's change less the mean change of the others.
    low, high : float
        The shifts of the unit's change that the same test does not reject at 1 − confidence; infinite where the units are too few.
    p_value, smallest_p : float
        Share of units at least as far from the mean of the rest; the least possible.
    units : int
    """

    estimate: float
    low: float
    high: float
    p_value: float
    smallest_p: float
    units: int


def placebo_interval(changes: "pd.Series[float]", unit: str, confidence: float) -> PlaceboInterval:
    """Compare one unit's change with those of all others, each in turn taken for the treated one.

    Parameters
    ----------
    changes
        By unit.
    unit
        The treated one.
    confidence
        Of the interval.

    Raises
    ------
    UserError
        For a unit that is not there, or fewer than three.

    References
    ----------
    Conley, T. G. and Taber, C. R. (2011), Inference with "difference in differences" with a small number of policy changes, Review of
    Economics and Statistics 93, 113-125.

    Examples
    --------
    >>> found = placebo_interval(pd.Series({"a": 5.0, "b": 0.0, "c": 1.0, "d": -1.0}), "a", 0.5)
    >>> found.estimate, found.p_value, found.smallest_p
    (5.0, 0.25, 0.25)
    """
    if unit not in changes.index or len(changes) < 3:
        raise UserError(
            f"changes: got {len(changes)} units, expected {unit} and two others or more; choose other years"
        )
    n = len(changes)
    apart = (changes * n - changes.sum()) / (n - 1)  # each less the mean of the others
    distance = apart.abs()
    p_value = float((distance >= distance[unit] - 1e-12).mean())
    estimate = float(apart[unit])
    allowed = int(
        np.floor((1 - confidence) * n + 1e-9)
    )  # units as far, the treated one counted, with which a shift is rejected
    if not allowed:
        return PlaceboInterval(estimate, -np.inf, np.inf, p_value, 1 / n, n)
    # with the treated one shifted to a above the others' mean, one of these at r lies (n r - a) / (n - 1) from the mean of its rest:
    # as far as a where r is a or more, or -a (n - 2) / n or less
    rest = (changes.drop(unit) - changes.drop(unit).mean()).to_numpy()
    below, above = (np.sort(np.maximum(side, -side * n / (n - 2)))[-allowed] for side in (rest, -rest))
    return PlaceboInterval(estimate, estimate - float(below), estimate + float(above), p_value, 1 / n, n)


def change_between(shares: pd.DataFrame, after: int) -> "pd.Series[float]":
    """Return each entity's mean free share from a year on less the mean before it."""
    late = shares.index >= after
    if late.all() or not late.any():
        raise UserError(f"free money: got no year on one side of {after}, expected some; choose another year")
    return (shares[late].mean() - shares[~late].mean()).rename("change").sort_values()
