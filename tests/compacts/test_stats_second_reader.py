"""Two readers' differences against statsmodels' McNemar test, least squares, and simulation."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.contingency_tables import mcnemar

from compacts.stats.second_reader import second_reader
from compendium.errors import UserError


def readings(seed: int, n: int = 300, generous: float = 0.0) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Two readers who slip in one of twelve codes; the second finds more in the second group."""
    rng = np.random.default_rng(seed)
    late = np.arange(n) % 2
    truth = rng.random(n) < 0.4
    first, second = (np.where(rng.random(n) < 1 / 12, ~truth, truth) for _ in range(2))
    second = second | ((late == 1) & (rng.random(n) < generous))
    return pd.Series(first * 1), pd.Series(second * 1), pd.Series(late)


def test_p_values_are_those_of_statsmodels():
    first, second, late = readings(1, generous=0.1)
    found = second_reader(first, second, late)
    for group in (0, 1):
        table = pd.crosstab(first[late == group], second[late == group])
        assert found.p_values[group] == pytest.approx(mcnemar(table, exact=True).pvalue)
        assert (found.only_first[group], found.only_second[group]) == (table.loc[1, 0], table.loc[0, 1])


def test_the_shift_is_the_coefficient_of_the_group_in_what_the_readers_differ_by():
    first, second, late = readings(2, generous=0.1)
    found = second_reader(first, second, late)
    fit = OLS(second - first, pd.DataFrame({"constant": 1.0, "late": late})).fit(cov_type="HC0")
    assert found.shift == pytest.approx(fit.params["late"])
    assert (found.low, found.high) == pytest.approx(tuple(fit.conf_int().loc["late"]))
    assert found.second_reader - found.first_reader == pytest.approx(found.shift)


def test_the_interval_covers_no_shift_where_there_is_none():
    inside = [one.low <= 0 <= one.high for one in (second_reader(*readings(seed)) for seed in range(400))]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.03)


def test_readers_who_agree_shift_nothing():
    first, _, late = readings(3)
    found = second_reader(first, first, late)
    assert (found.shift, found.low, found.high, found.p_values) == (0, 0, 0, (1.0, 1.0))


@pytest.mark.parametrize(
    ("first", "late", "message"),
    [
        ([1, 2], [0, 1], "first reader: got codes other than 0 and 1"),
        ([1, None], [0, 1], "first reader: got codes other than 0 and 1"),
        ([1, 0], [1, 1], "no unit in one of the two"),
    ],
)
def test_what_cannot_be_compared_is_named(first, late, message):
    with pytest.raises(UserError, match=message):
        second_reader(pd.Series(first), pd.Series([1, 0]), pd.Series(late))
