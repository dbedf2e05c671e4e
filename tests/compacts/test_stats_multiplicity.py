"""Holm's correction against statsmodels."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from compacts.stats.multiplicity import holm


@settings(max_examples=20)  # statsmodels collects garbage at every call
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_adjusted_p_values_are_those_of_statsmodels(p_values):
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1], rel=1e-12)


def test_no_test_has_no_adjusted_value_and_order_is_kept():
    assert holm([]).shape == (0,)
    assert holm([0.5, 0.001]).tolist() == [0.5, 0.002]
