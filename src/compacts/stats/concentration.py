"""How concentrated money is on few givers or places: Herfindahl-Hirschman index, Gini, Lorenz curve, without the largest."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compendium.errors import UserError


def shares(amounts: "pd.Series[float]") -> "pd.Series[float]":
    """Return each amount divided by the total.

    Raises
    ------
    UserError
        For no amounts, a negative or missing one, or a total of zero: shares of such a total say nothing.

    Examples
    --------
    >>> shares(pd.Series({"A": 3.0, "B": 1.0})).tolist()
    [0.75, 0.25]
    """
    if not len(amounts):
        raise UserError("shares: got no amounts, expected at least one; choose other years or units")
    wrong = amounts.isna() | (amounts < 0)
    if wrong.any():
        first = amounts[wrong].head(1)
        raise UserError(
            f"shares: got {first.iloc[0]} for {first.index[0]}, expected amounts of zero or more; leave it out before"
        )
    total = float(amounts.sum())
    if total == 0:
        raise UserError(
            f"shares: got a total of zero over {len(amounts)} units, expected some money; choose other years"
        )
    return amounts / total


def herfindahl(amounts: "pd.Series[float]") -> float:
    """Return the Herfindahl-Hirschman index, the sum of squared shares: 1/n for equal units, 1 for a single one.

    References
    ----------
    Hirschman, A. O. (1964), The paternity of an index, American Economic Review 54, 761.

    Examples
    --------
    >>> round(herfindahl(pd.Series([30.0, 30.0, 20.0, 20.0])), 4)  # the example of the US merger guidelines of 2010, 2,600 points
    0.26
    """
    return float((shares(amounts) ** 2).sum())


def gini(amounts: "pd.Series[float]") -> float:
    """Return the Gini coefficient of the units that are there: 0 for equal amounts, (n − 1)/n where one has all.

    No correction for small numbers, as in R's ``ineq::Gini``.

    Examples
    --------
    >>> round(gini(pd.Series([541.0, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261])), 7)  # ineq's help: 0.4620911
    0.4620911
    """
    return _gini(np.sort(shares(amounts).to_numpy(dtype=float)))


def _gini(parts: NDArray[np.floating[Any]]) -> float:
    """Of shares in rising order."""
    number = len(parts)
    return float(2 * (np.arange(1, number + 1) * parts).sum() / number - (number + 1) / number)


def lorenz(amounts: "pd.Series[float]") -> pd.DataFrame:
    """Return the Lorenz curve: the share of the total that the smallest units hold together.

    Returns
    -------
    DataFrame
        ``units`` and ``amount``, cumulated shares from (0, 0) to (1, 1), a row a unit and one for the origin.

    Examples
    --------
    >>> lorenz(pd.Series([3.0, 1.0]))["amount"].tolist()
    [0.0, 0.25, 1.0]
    """
    parts = np.sort(shares(amounts).to_numpy())
    return pd.DataFrame({
        "units": np.arange(len(parts) + 1) / len(parts),
        "amount": np.concatenate([[0.0], np.cumsum(parts)]),
    })  # fmt: skip


def concentration(amounts: "pd.Series[float]", largest: int = 5) -> "pd.Series[float]":
    """Return the measures of concentration of one set of units.

    Parameters
    ----------
    amounts : Series
        Amount by unit, zero or more.
    largest : int
        How many of the largest units ``largest_share`` adds up.

    Returns
    -------
    Series
        ``units``, ``herfindahl``, ``effective`` (1/Herfindahl: how many equal units would be as concentrated), ``gini``,
        ``first`` (share of the largest), ``largest_share``, and ``herfindahl_without`` and ``gini_without`` the largest
        (missing where it is the only one).

    Examples
    --------
    >>> concentration(pd.Series([2.0, 1.0, 1.0]), largest=2).round(3).tolist()
    [3.0, 0.375, 2.667, 0.167, 0.5, 0.75, 0.5, 0.0]
    """
    parts = np.sort(shares(amounts).to_numpy(dtype=float))
    rest = parts[:-1] / total if (total := parts[:-1].sum()) else None
    index = float((parts**2).sum())
    measures: dict[str, float] = {
        "units": float(len(parts)), "herfindahl": index, "effective": 1 / index, "gini": _gini(parts),
        "first": float(parts[-1]), "largest_share": float(parts[-largest:].sum()),
        "herfindahl_without": np.nan if rest is None else float((rest**2).sum()), "gini_without": np.nan if rest is None else _gini(rest),
    }  # fmt: skip
    return pd.Series(measures)


def concentration_by(frame: pd.DataFrame, by: Sequence[str], unit: str, amount: str, largest: int = 5) -> pd.DataFrame:
    """Return the measures of `concentration` for each group, and who is largest.

    Parameters
    ----------
    frame
        A row a group and unit; rows with a negative or zero amount are left out.
    by, unit, amount
        Names of the columns of the group, the unit and the amount.
    largest
        As in `concentration`.

    Returns
    -------
    DataFrame
        The columns of ``by``, those of `concentration`, ``largest`` (the unit) and ``negative`` (rows left out for their sign).

    Raises
    ------
    UserError
        Where a unit has two rows in a group.
    """
    keys = list(by)
    twice = frame.duplicated([*keys, unit])
    if twice.any():
        told = " ".join(str(value) for value in frame.loc[twice, [*keys, unit]].iloc[0])
        raise UserError(f"concentration_by: got {told} in two rows, expected one a group and unit; add them up before")
    rows: list[dict[str, Any]] = []
    for group, part in frame.groupby(keys, sort=True):
        amounts = part.set_index(unit)[amount]
        positive = amounts[amounts > 0]
        if positive.empty:
            continue
        names = dict(zip(keys, group if isinstance(group, tuple) else (group,), strict=True))
        rows.append({
            **names, **{str(name): value for name, value in concentration(positive, largest).items()}, "largest": positive.idxmax(), "negative": int((amounts < 0).sum()),
        })  # fmt: skip
    if not rows:
        raise UserError(
            f"concentration_by: got no positive {amount} in {len(frame)} rows, expected some; choose other years"
        )
    return pd.DataFrame(rows)
