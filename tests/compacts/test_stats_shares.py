"""Shares compared: Newcombe's interval against statsmodels, and the verdict rules at their edges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compacts.stats.shares import SharesComparison, compare_shares, verdict_of_no_difference, verdict_of_smaller_share


def found(difference, low, high, p_value) -> SharesComparison:
    return SharesComparison(0.5 + difference, 0.5, difference, low, high, p_value)


@pytest.mark.parametrize(
    ("yes", "of", "low", "high"),
    [((56, 48), (70, 80), 0.0524, 0.3339), ((9, 3), (10, 10), 0.1705, 0.8090), ((6, 2), (7, 7), 0.0582, 0.8062)],
)
def test_intervals_are_those_printed_by_newcombe(yes, of, low, high):
    """Newcombe (1998), table II, examples a, b and c, method 10."""
    got = compare_shares(yes, of)
    assert (round(got.low, 4), round(got.high, 4)) == (low, high)


@given(st.integers(0, 20), st.integers(0, 15))
def test_intervals_are_those_of_statsmodels(first, second):
    from statsmodels.stats.proportion import confint_proportions_2indep

    got = compare_shares((first, second), (20, 15), 0.9)
    assert (got.yes, got.of) == ((first, second), (20, 15))
    theirs = confint_proportions_2indep(first, 20, second, 15, method="newcomb", compare="diff", alpha=0.1)
    assert (got.low, got.high) == pytest.approx(theirs, abs=1e-9)
    assert got.low - 1e-12 <= got.difference <= got.high + 1e-12


@pytest.mark.parametrize(
    ("comparison", "verdict"),
    [
        (found(0.02, -0.05, 0.09, 0.7), "supported"),
        (found(0.02, -0.05, 0.11, 0.7), "undecided"),
        (found(0.02, 0.01, 0.03, 0.01), "contradicted"),
    ],
)
def test_no_difference_needs_a_narrow_interval_and_not_only_a_large_p(comparison, verdict):
    assert verdict_of_no_difference(comparison, margin=0.10, alpha=0.05) == verdict


@pytest.mark.parametrize(
    ("comparison", "verdict"),
    [
        (found(-0.2, -0.3, -0.1, 0.01), "supported"),
        (found(0.2, 0.1, 0.3, 0.01), "contradicted"),
        (found(-0.01, -0.05, 0.04, 0.8), "contradicted"),
        (found(-0.18, -0.30, 0.05, 0.16), "undecided"),
    ],
)
def test_a_smaller_share_is_judged_by_sign_test_and_margin(comparison, verdict):
    assert verdict_of_smaller_share(comparison, margin=0.10, alpha=0.05) == verdict
