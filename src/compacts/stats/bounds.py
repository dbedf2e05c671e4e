"""What an index can be when some of its facts are missing: the worst and the best case.

No assumption is made on why a fact is missing. Where all facts are known, both ends meet.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

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
