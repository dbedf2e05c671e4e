"""The difference of a mean between two times at the same composition: direct standardisation."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t as student

from compendium.errors import UserError


@dataclass(frozen=True)
class StandardisedDifference:
    """A mean later less a mean before, both over the same mixture of cells.

    Attributes
    ----------
    difference, low, high, p_value
        The difference, Student's interval with Welch's degrees of freedom, and the p-value of no difference; all but the
        first are NaN where no value varies within a cell.
    standard_error, freedom
        Of the difference.
    cells, used, left_out
        Cells that hold units of both times, units in them, and units in other cells.
    """

    difference: float
    low: float
    high: float
    p_value: float
    standard_error: float
    freedom: float
    cells: int
    used: int
    left_out: int


def standardised_difference(
    values: pd.Series, later: pd.Series, cells: pd.Series | None = None, confidence: float = 0.95
) -> StandardisedDifference:
    r"""Compare two times within cells (a genre, a length), and average over the cells as both times together fill them.

    Each time's mean is :math:`\sum_c w_c \bar y_c` with the weights of both times together, so that a mixture of cells that
    changes moves nothing. Each time has one variance within cells, because many cells hold few units:
    :math:`S_t^2 \sum_c w_c^2 / n_{tc}`. Without cells this is Welch's test.

    Parameters
    ----------
    values : Series
        One a unit.
    later : Series of bool
        Whether the unit is of the later time; same index.
    cells : Series, optional
        Cell of each unit; one cell for all without it.
    confidence : float
        Of the interval, between 0 and 1.

    Raises
    ------
    UserError
        For a missing value, no cell with units of both times, or as many cells as units of one time.

    References
    ----------
    Breslow, N. E. and Day, N. E. (1987), Statistical Methods in Cancer Research II, section 2.3 (direct standardisation);
    Welch, B. L. (1947), Biometrika 34, 28-35.

    Examples
    --------
    >>> values, later = pd.Series([0, 0, 1, 1, 1, 0.0]), pd.Series([False, False, False, True, True, True])
    >>> round(standardised_difference(values, later, pd.Series(list("aabaab"))).difference, 3)  # b falls, a rises: 4/6 - 2/6
    0.333
    """
    if values.isna().any():
        raise UserError("standardised difference: got a missing value, expected one for every unit; leave the unit out")
    value, time = values.to_numpy(dtype=float), later.to_numpy(dtype=int)
    cell = np.zeros(len(value), dtype=int) if cells is None else pd.factorize(cells)[0]
    counts = np.zeros((2, cell.max(initial=0) + 1))  # times in rows, cells in columns
    np.add.at(counts, (time, cell), 1)
    shared = np.asarray((counts > 0).all(axis=0))
    inside = shared[cell]
    value, time, cell = value[inside], time[inside], (np.cumsum(shared) - 1)[cell[inside]]
    counts = counts[:, shared]
    freedom = counts.sum(axis=1) - shared.sum()
    if not shared.any() or (freedom < 1).any():
        raise UserError(
            f"standardised difference: got {shared.sum()} cells with both times, {' and '.join(f'{n:.0f}' for n in counts.sum(axis=1))} "
            "units in them, expected one or more, and more units of each time than cells; merge cells"
        )
    weight = counts.sum(axis=0) / counts.sum()
    sums = np.zeros_like(counts)
    np.add.at(sums, (time, cell), value)
    means = sums / counts
    scatter = np.bincount(time, (value - means[time, cell]) ** 2, minlength=2) / freedom
    parts = scatter * (weight**2 / counts).sum(axis=1)
    difference, variance = float(weight @ (means[1] - means[0])), float(parts.sum())
    low = high = p_value = free = np.nan
    if variance > 0:
        free = variance**2 / float((parts**2 / freedom).sum())
        reach = float(student.ppf(0.5 + confidence / 2, free)) * np.sqrt(variance)
        low, high = difference - reach, difference + reach
        p_value = float(2 * student.sf(abs(difference) / np.sqrt(variance), free))
    error = float(np.sqrt(variance))
    return StandardisedDifference(
        difference,
        float(low),
        float(high),
        p_value,
        error,
        free,
        int(shared.sum()),
        len(value),
        len(values) - len(value),
    )
