"""Several tests at once: Holm's correction."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]


def holm(p_values: "Sequence[float] | pd.Series[float]") -> Array:
    """Adjust p-values for each other by Holm's step-down method; shape and order of `p_values`.

    A test rejects at a level for the whole family when its adjusted p-value is not above it. (statsmodels has the same, but
    collects garbage before each call, which costs more than all models of a page.)

    References
    ----------
    Holm, S. (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6, 65-70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1.0)
    return adjusted
