"""How far two lists agree: units in common, shares in common, and the order of those in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import kendalltau, spearmanr, weightedtau

from compacts.stats.concentration import shares
from compendium.errors import UserError

LEAST = 3  # units in common below which an order says nothing


@dataclass(frozen=True)
class Agreement:
    """Agreement of two sets of amounts.

    Attributes
    ----------
    first, second, common
        Units with money in the first, in the second, in both.
    jaccard
        Units in both, divided by units in either.
    overlap
        Sum over units of the smaller of the two shares: 0 for nothing in common, 1 for the same shares.
    spearman, kendall
        Rank correlations over the units in both (ties at their mean rank; tau-b).
    weighted_tau
        Kendall's tau in which exchanges at the top weigh more (Vigna 2015, hyperbolic weights); missing, as the other
        two, where fewer than three units are in both or one side has no order.
    """

    first: int
    second: int
    common: int
    jaccard: float
    overlap: float
    spearman: float
    kendall: float
    weighted_tau: float


def overlap(one: "pd.Series[float]", other: "pd.Series[float]") -> float:
    """Return the sum over units of the smaller of the two shares, which is one less half the sum of their distances.

    References
    ----------
    Schoener, T. W. (1968), The Anolis lizards of Bimini, Ecology 49, 704-726. Duncan, O. D. and Duncan, B. (1955), A
    methodological analysis of segregation indexes, American Sociological Review 20, 210-217: the dissimilarity index is one less it.

    Examples
    --------
    >>> overlap(pd.Series({"A": 50.0, "B": 50.0}), pd.Series({"B": 25.0, "C": 75.0}))
    0.25
    """
    both = pd.concat([shares(one), shares(other)], axis=1).fillna(0.0)
    return float(both.min(axis=1).sum())


def agreement(one: "pd.Series[float]", other: "pd.Series[float]") -> Agreement:
    """Compare two sets of amounts by unit; units with zero or a negative amount count as absent.

    Parameters
    ----------
    one, other : Series
        Amount by unit.

    Raises
    ------
    UserError
        Where one side has no positive amount.

    References
    ----------
    Vigna, S. (2015), A weighted correlation index for rankings with ties, WWW '15, 1166-1176 (scipy's weightedtau).

    Examples
    --------
    >>> found = agreement(pd.Series({"A": 4.0, "B": 2.0, "C": 1.0}), pd.Series({"A": 9.0, "B": 2.0, "C": 1.0, "D": 1.0}))
    >>> found.common, found.jaccard, found.spearman
    (3, 0.75, 1.0)
    """
    one, other = one[one > 0], other[other > 0]
    for name, side in {"first": one, "second": other}.items():
        if side.empty:
            raise UserError(f"agreement: got no positive amount in the {name} list, expected some; choose other years")
    common = one.index.intersection(other.index)
    first, second = one[common].to_numpy(dtype=float), other[common].to_numpy(dtype=float)
    ranked = len(common) >= LEAST and len(set(first)) > 1 and len(set(second)) > 1
    return Agreement(
        first=len(one),
        second=len(other),
        common=len(common),
        jaccard=len(common) / len(one.index.union(other.index)),
        overlap=overlap(one, other),
        spearman=float(spearmanr(first, second).statistic) if ranked else np.nan,
        kendall=float(kendalltau(first, second).statistic) if ranked else np.nan,
        weighted_tau=float(weightedtau(first, second).statistic) if ranked else np.nan,
    )


def agreement_by_year(
    frame: pd.DataFrame, pair: tuple[str, str], unit: str, amount: str = "amount_usd"
) -> pd.DataFrame:
    """Return the agreement of two entities by year, for years in which both have money.

    Parameters
    ----------
    frame
        entity, year, the unit and the amount, a row a unit.
    pair
        The two entities.
    unit, amount
        Names of the columns.

    Returns
    -------
    DataFrame
        ``year`` and the attributes of `Agreement`.
    """
    rows = []
    for year, part in frame[frame["entity"].isin(pair)].groupby("year"):
        sides = [part[part["entity"] == entity].groupby(unit)[amount].sum() for entity in pair]
        if all((side > 0).any() for side in sides):
            rows.append({"year": year, **vars(agreement(*sides))})
    if not rows:
        raise UserError(
            f"agreement_by_year: got no year with money of both {pair[0]} and {pair[1]}; choose other entities or years"
        )
    return pd.DataFrame(rows)


def range_of_pairs(
    frame: pd.DataFrame, entities: Sequence[str], without: tuple[str, str], unit: str, amount: str = "amount_usd"
) -> pd.DataFrame:
    """Return by year the lowest, middle and highest agreement of all pairs of entities but one: what such a pair looks like.

    Parameters
    ----------
    frame
        As for `agreement_by_year`.
    entities
        Entities that are paired.
    without
        The pair to leave out.
    unit, amount
        Names of the columns.

    Returns
    -------
    DataFrame
        ``year``, ``measure`` (jaccard, overlap, weighted_tau), ``low``, ``middle``, ``high``, ``pairs``.
    """
    chosen = frame[frame["entity"].isin(entities) & (frame[amount] > 0)]
    rows = []
    for year, part in chosen.groupby("year"):
        wide = part.pivot_table(index=unit, columns="entity", values=amount, aggfunc="sum", fill_value=0.0)
        amounts = {entity: wide[entity].to_numpy(dtype=float) for entity in wide.columns}
        for pair in combinations([entity for entity in entities if entity in amounts], 2):
            if set(pair) != set(without):
                rows += [(year, name, value) for name, value in _three(*(amounts[entity] for entity in pair)).items()]
    long = pd.DataFrame(rows, columns=["year", "measure", "value"]).dropna()
    return (
        long.groupby(["measure", "year"])["value"]
        .agg(low="min", middle="median", high="max", pairs="size")
        .reset_index()
    )


def _three(one: "NDArray[np.float64]", other: "NDArray[np.float64]") -> dict[str, float]:
    """Return three measures of two aligned arrays, as `agreement` has them."""
    common = (one > 0) & (other > 0)
    first, second = one[common], other[common]
    ranked = common.sum() >= LEAST and len(set(first)) > 1 and len(set(second)) > 1
    return {
        "jaccard": float(common.sum() / ((one > 0) | (other > 0)).sum()),
        "overlap": float(np.minimum(one / one.sum(), other / other.sum()).sum()),
        "weighted_tau": float(weightedtau(first, second).statistic) if ranked else np.nan,
    }
