"""What an index can be when some of its facts are missing: the worst and the best case.

No assumption is made on why a fact is missing. Where all facts are known, both ends meet.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compendium.errors import UserError


def worst_case_bounds(facts: pd.DataFrame, weights: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Lower and upper bound of a weighted mean of facts between 0 and 1.

    Parameters
    ----------
    facts
        One row a unit, one column a fact: between 0 and 1, missing where not known.
    weights
        Weight of each column; by default all weigh the same.

    Returns
    -------
    DataFrame
        On the index of ``facts``: lower (missing facts count 0), upper (missing facts count 1),
        known (weighted share of the facts that are known).

    Raises
    ------
    UserError
        If a fact lies outside 0 to 1, or a column has no weight.

    References
    ----------
    Manski, C. F. (1989), Anatomy of the selection problem, Journal of Human Resources 24, 343-360 (worst-case bounds).

    Examples
    --------
    >>> facts = pd.DataFrame({"voted yes": [1.0, 0.0], "attended": [None, 1.0]}, index=["AAA", "BBB"], dtype=float)
    >>> worst_case_bounds(facts)
         lower  upper  known
    AAA    0.5    1.0    0.5
    BBB    0.5    0.5    1.0
    """
    row, column = np.nonzero((facts.lt(0) | facts.gt(1)).to_numpy())
    if len(row):
        where = f"row {facts.index[row[0]]}, column {facts.columns[column[0]]}"
        got = facts.to_numpy(dtype=float)[row[0], column[0]]
        raise UserError(f"facts, {where}: got {got}, expected 0 to 1 or missing; correct it")
    if weights is not None and set(facts.columns) - set(weights):
        missing = min(set(facts.columns) - set(weights))
        raise UserError(f"facts, column {missing}: got no weight, expected one for each column; add it")
    share = pd.Series(1.0 if weights is None else dict(weights), index=facts.columns, dtype=float)
    share = share / share.sum()
    return pd.DataFrame(
        {
            "lower": facts.fillna(0.0).to_numpy() @ share.to_numpy(),
            "upper": facts.fillna(1.0).to_numpy() @ share.to_numpy(),
            "known": np.asarray(facts.notna(), dtype=float) @ share.to_numpy(),
        },
        index=facts.index,
    )


@dataclass(frozen=True)
class WeightSensitivity:
    """What becomes of worst-case bounds when the weights of the facts are drawn at random.

    Attributes
    ----------
    pairs
        Number of pairs of units that can be ranked for sure, a number a draw.
    lower, upper
        Mean bounds over the units, a number a draw.
    always
        Pairs ranked whatever the weights: one unit is nowhere below the other, and somewhere above.
    turned
        Pairs that some draw ranks one way and some other draw the other way.
    without
        Pairs ranked with equal weights when one fact is left out, by fact.
    """

    pairs: NDArray[np.int_]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    always: int
    turned: int
    without: pd.Series


def vary_weights(facts: pd.DataFrame, draws: int, seed: int) -> WeightSensitivity:
    """Draw weights evenly from all that add up to one (Dirichlet with parameters 1) and bound the index anew.

    Parameters
    ----------
    facts
        As for :func:`worst_case_bounds`; at least two columns.
    draws, seed
        Number of draws and the seed of the generator.

    Raises
    ------
    UserError
        With fewer than two facts or without draws.

    Examples
    --------
    >>> facts = pd.DataFrame({"voted yes": [1.0, 0.0], "attended": [1.0, 0.0]}, index=["AAA", "BBB"])
    >>> found = vary_weights(facts, 5, seed=1)
    >>> found.pairs.tolist(), found.always, found.turned
    ([1, 1, 1, 1, 1], 1, 0)
    """
    if facts.shape[1] < 2 or draws < 1:
        raise UserError(
            f"vary_weights: got {facts.shape[1]} facts and {draws} draws, expected two and one or more; add some"
        )
    patterns = facts.fillna(-1.0).value_counts(sort=False)  # states with the same facts have the same bounds
    kinds = patterns.index.to_frame(index=False).to_numpy(dtype=float)
    low, high = np.where(kinds < 0, 0.0, kinds), np.where(kinds < 0, 1.0, kinds)
    number = patterns.to_numpy()
    together = np.outer(number, number)

    def ranked(weights: NDArray[np.float64]) -> NDArray[np.bool_]:
        return np.asarray((low @ weights)[:, None] > (high @ weights)[None, :] + 1e-12)

    weights = np.random.default_rng(seed).dirichlet(np.ones(facts.shape[1]), draws)
    seen, pairs = np.zeros_like(together, dtype=bool), []
    for row in weights:
        over = ranked(row)
        seen |= over
        pairs.append(int(together[over].sum()))
    apart = low[:, None, :] - high[None, :, :]
    always = (apart >= 0).all(axis=2) & (apart > 0).any(axis=2)
    equal = np.ones((facts.shape[1], facts.shape[1])) - np.eye(facts.shape[1])
    share = number / number.sum()
    return WeightSensitivity(
        pairs=np.array(pairs),
        lower=np.asarray(share @ low @ weights.T),
        upper=np.asarray(share @ high @ weights.T),
        always=int(together[always].sum()),
        turned=int(together[seen & seen.T].sum()) // 2,
        without=pd.Series([int(together[ranked(row / row.sum())].sum()) for row in equal], index=facts.columns),
    )
