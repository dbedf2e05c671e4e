"""What a second reader of the same units makes of a difference between two groups.

Agreement as such says little about a difference: readers who disagree often may find the same one, and a reader who is
more generous in one period than in the other makes one. Here the difference is taken by both readers, with the interval
of what lies between them.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binomtest, norm

from compendium.errors import UserError


@dataclass(frozen=True)
class SecondReader:
    """What two readers of the same units make of a difference between two groups.

    Attributes
    ----------
    first_reader, second_reader
        Difference (second group less first) by each.
    shift, low, high
        Second reader's less the first's, with a normal interval for paired codes.
    only_first, only_second
        In each group: units that only the first, or only the second, reader coded 1.
    p_values
        Exact McNemar test in each group that neither reader is more generous.
    """

    first_reader: float
    second_reader: float
    shift: float
    low: float
    high: float
    only_first: tuple[int, int]
    only_second: tuple[int, int]
    p_values: tuple[float, float]


def second_reader(first: pd.Series, second: pd.Series, late: pd.Series, confidence: float = 0.95) -> SecondReader:
    """Compare the difference between two groups by two readers of the same units.

    Parameters
    ----------
    first, second
        Codes 0 or 1 of each unit by each reader.
    late
        True for the units of the second group.

    Raises
    ------
    UserError
        For other codes, or a group without units.

    Examples
    --------
    >>> a, b = pd.Series([1, 0, 0, 1, 1, 0]), pd.Series([1, 0, 0, 1, 0, 0])
    >>> round(second_reader(a, b, pd.Series([0, 0, 0, 1, 1, 1])).shift, 4)
    -0.3333
    """
    for name, codes in (("first", first), ("second", second)):
        if not codes.isin((0, 1)).all():
            raise UserError(f"{name} reader: got codes other than 0 and 1 (or none), expected these; recode them")
    a, b, group = (column.to_numpy(dtype=int) for column in (first, second, late))
    parts = [group == 0, group == 1]
    if not all(part.any() for part in parts):
        raise UserError("groups: got no unit in one of the two, expected some in both; choose another cut")
    gap = (b - a).astype(float)
    shift = float(gap[parts[1]].mean() - gap[parts[0]].mean())
    reach = float(norm.ppf(0.5 + confidence / 2) * np.sqrt(sum(gap[part].var() / part.sum() for part in parts)))
    only = [(int((gap[part] < 0).sum()), int((gap[part] > 0).sum())) for part in parts]
    p_values = [binomtest(x, x + y).pvalue if x + y else 1.0 for x, y in only]
    by_reader = [float(codes[parts[1]].mean() - codes[parts[0]].mean()) for codes in (a, b)]
    return SecondReader(
        by_reader[0], by_reader[1], shift, shift - reach, shift + reach, (only[0][0], only[1][0]), (only[0][1], only[1][1]),
        (float(p_values[0]), float(p_values[1])),
    )  # fmt: skip
