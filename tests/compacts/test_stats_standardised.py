"""The standardised difference: against scipy's Welch test, a saturated regression, a case by hand, and simulation."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind
from statsmodels.regression.linear_model import OLS

from compacts.stats.standardised import standardised_difference
from compendium.errors import UserError


@pytest.fixture
def drawn():
    generator = np.random.default_rng(7)
    later = np.repeat([False, True], [30, 45])
    cells = generator.choice(list("abc"), 75)
    values = (generator.random(75) < np.where(later, 0.5, 0.3)).astype(float)
    return pd.Series(values), pd.Series(later), pd.Series(cells)


def test_without_cells_it_is_welchs_test(drawn):
    values, later, _ = drawn
    theirs = ttest_ind(values[later], values[~later], equal_var=False)
    interval = theirs.confidence_interval(0.9)
    found = standardised_difference(values, later, confidence=0.9)
    assert (found.p_value, found.low, found.high) == pytest.approx((theirs.pvalue, interval.low, interval.high))
    assert found.freedom == pytest.approx(theirs.df)


def test_the_estimate_is_that_of_a_saturated_regression_averaged_over_all_units(drawn):
    values, later, cells = drawn
    dummies = pd.get_dummies(cells).astype(float)
    saturated = pd.concat([dummies, dummies.mul(later.astype(float), axis=0).add_suffix(" later")], axis=1)
    fitted = OLS(values.to_numpy(), saturated.to_numpy()).fit().params
    by_cell = pd.Series(fitted[3:], index=dummies.columns)
    assert standardised_difference(values, later, cells).difference == pytest.approx(float(by_cell[cells].mean()))


def test_a_mixture_that_changes_moves_nothing():
    # both cells stay as they were (0.25 and 0.75); the mixture turns from three in four of the first to one in four
    cells = pd.Series(list("a" * 12 + "b" * 4 + "a" * 4 + "b" * 12))
    later = pd.Series([False] * 16 + [True] * 16)
    values = pd.Series([1, 0, 0, 0] * 3 + [1, 1, 1, 0] + [1, 0, 0, 0] + [1, 1, 1, 0] * 3, dtype=float)
    assert standardised_difference(values, later).difference == pytest.approx(0.25)
    assert standardised_difference(values, later, cells).difference == pytest.approx(0)


def test_units_without_a_match_are_counted_and_left_out():
    values, later = pd.Series([0.0, 1, 0, 1, 1, 1]), pd.Series([False, False, False, True, True, True])
    found = standardised_difference(values, later, pd.Series(list("aabaac")))
    assert (found.used, found.left_out, found.cells) == (4, 2, 1)
    assert found.difference == pytest.approx(0.5)


def test_where_nothing_varies_within_cells_there_is_no_interval():
    found = standardised_difference(pd.Series([0.0, 0, 1, 1]), pd.Series([False, False, True, True]))
    assert found.difference == 1
    assert np.isnan([found.low, found.high, found.p_value]).all()


@pytest.mark.parametrize(
    ("values", "cells", "words"),
    [
        ([0.0, None, 1, 1], None, "missing"),
        ([0.0, 1, 0, 1], list("aabb"), "got 0 cells"),
        ([0.0, 1, 0, 1], list("abab"), "2 and 2"),
    ],
)
def test_degenerate_input_is_named(values, cells, words):
    with pytest.raises(UserError, match=words):
        standardised_difference(
            pd.Series(values), pd.Series([False, False, True, True]), None if cells is None else pd.Series(cells)
        )


def test_intervals_cover_as_they_promise_when_the_mixture_changes():
    generator = np.random.default_rng(20261126)
    later, share = np.repeat([False, True], [36, 81]), {"a": 0.1, "b": 0.4, "c": 0.2}
    held, runs = 0, 800
    for _ in range(runs):
        cells = np.concatenate(
            [generator.choice(list("abc"), 36, p=[0.4, 0.5, 0.1]), generator.choice(list("abc"), 81, p=[0.6, 0.1, 0.3])]
        )
        chance = np.array([share[c] for c in cells]) + 0.2 * later
        values = (generator.random(117) < chance).astype(float)
        found = standardised_difference(pd.Series(values), pd.Series(later), pd.Series(cells))
        held += found.low <= 0.2 <= found.high
    assert 0.92 <= held / runs <= 0.98
