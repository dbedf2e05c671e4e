"""Separation: the linear programme against tables whose answer is known, and against diverging fits."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from compacts.stats.models import fit_logit, fit_multinomial_logit, fit_ordered_logit
from compacts.stats.separation import detect_separation
from compendium.errors import UserError

PUBLISHED = Path(__file__).parent / "published"


def with_constant(**columns) -> pd.DataFrame:
    frame = pd.DataFrame(columns).astype(float)
    frame.insert(0, "constant", 1.0)
    return frame


def test_one_covariate_has_no_finite_estimate_in_the_endometrial_data():
    """Published: Heinze and Schemper (2002), table II; R detectseparation gives 0, Inf, 0, 0."""
    patients = pd.read_csv(PUBLISHED / "endometrial.csv")
    found = detect_separation(with_constant(NV=patients["NV"], PI=patients["PI"], EH=patients["EH"]), patients["HG"])
    assert (found.kind, found.directions) == ("quasi-complete", {"NV": 1})


@settings(max_examples=60)
@given(st.tuples(*[st.integers(0, 4)] * 4))
def test_a_two_by_two_table_is_separated_exactly_when_a_cell_is_empty(cells):
    no_0, yes_0, no_1, yes_1 = cells
    assume(no_0 + yes_0 > 0 and no_1 + yes_1 > 0)
    design = with_constant(x=[0] * (no_0 + yes_0) + [1] * (no_1 + yes_1))
    found = detect_separation(design, [0] * no_0 + [1] * yes_0 + [0] * no_1 + [1] * yes_1)
    assert (found.kind == "none") == (min(cells) > 0)
    sorted_without_error = (no_0 == 0 or yes_0 == 0) and (no_1 == 0 or yes_1 == 0)
    assert (found.kind == "complete") == sorted_without_error


def test_a_combination_of_two_covariates_can_sort_what_neither_sorts_alone():
    x, z = np.array([0, 1, 2, 3, 0, 1, 2, 3.0]), np.array([1, 2, 3, 4, -1, 0, 1, 2.0])
    outcome = (z > x).astype(int)
    assert detect_separation(with_constant(x=x), outcome).kind == "none"
    assert detect_separation(with_constant(z=z), outcome).kind == "none"
    found = detect_separation(with_constant(x=x, z=z), outcome)
    assert found.kind == "complete"
    assert (found.directions["x"], found.directions["z"]) == (-1, 1)


def test_a_maximum_likelihood_fit_is_refused_with_the_covariate_named():
    design, outcome = with_constant(host=[0, 0, 0, 1, 1]), pd.Series([0, 1, 1, 1, 1])
    with pytest.raises(UserError, match=r"host \(\+infinity\).*use fit_firth_logit"):
        fit_logit(design, outcome)


def test_a_group_that_never_says_no_separates_the_multinomial_logit_at_no_alone():
    group = [0] * 9 + [1] * 9
    outcome = pd.Series([0, 0, 0, 1, 1, 1, 2, 2, 2, 0, 0, 0, 0, 0, 2, 2, 2, 2])
    found = detect_separation(with_constant(group=group), outcome, "multinomial")
    assert found.directions == {"group: 1 against 0": -1}
    with pytest.raises(UserError, match=r"group: 1 against 0"):
        fit_multinomial_logit(with_constant(group=group), outcome, ["yes", "no", "not voting"])


def test_the_ordered_logit_is_separated_when_a_group_sits_in_the_top_level_alone():
    outcome = pd.Series([0, 1, 2, 2, 2, 2])
    found = detect_separation(with_constant(group=[0, 0, 0, 1, 1, 1]), outcome, "ordered")
    assert found.directions == {"group": 1}
    with pytest.raises(UserError, match=r"ordered logit of 6 rows"):
        fit_ordered_logit(with_constant(group=[0, 0, 0, 1, 1, 1]), outcome, ["no", "abstain", "yes"])


def test_the_ordered_logit_survives_an_empty_middle_cell_that_breaks_the_multinomial():
    group = [0, 0, 0, 0, 1, 1, 1, 1]
    outcome = pd.Series([0, 1, 2, 2, 0, 0, 2, 2])
    assert detect_separation(with_constant(group=group), outcome, "ordered").kind == "none"
    assert detect_separation(with_constant(group=group), outcome, "multinomial").kind == "quasi-complete"


@pytest.mark.parametrize("model", ["binary", "ordered", "multinomial"])
def test_random_overlapping_outcomes_are_never_called_separated(model):
    """Foreign evidence: a maximum that statsmodels reaches with a vanishing gradient and bounded estimates."""
    from statsmodels.discrete.discrete_model import MNLogit

    for seed in range(8):
        rng = np.random.default_rng(seed)
        design = with_constant(x=rng.normal(size=40), group=rng.integers(0, 2, 40))
        outcome = rng.integers(0, 2 if model == "binary" else 3, 40)
        fitted = MNLogit(outcome, design.to_numpy()).fit(disp=False, maxiter=100)
        assert np.abs(fitted.params).max() < 8
        assert detect_separation(design, outcome, model).kind == "none"


def test_collinear_covariates_are_refused_as_another_illness():
    with pytest.raises(UserError, match=r"collinear: got rank 2, expected 3"):
        detect_separation(with_constant(a=[0, 1, 0, 1], b=[1, 0, 1, 0]), [0, 1, 1, 0])
