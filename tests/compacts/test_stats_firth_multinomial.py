"""Firth's multinomial logit against its closed form, Firth's logit, and its own symmetries."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from compacts.stats import firth_multinomial
from compacts.stats.firth import fit_firth_logit
from compacts.stats.firth_multinomial import fit_firth_multinomial
from compacts.stats.models import fit_multinomial_logit
from compacts.stats.separation import detect_separation

VOTES = ["yes", "no or abstain", "not voting"]


@pytest.fixture(scope="module")
def states():
    rng = np.random.default_rng(326)
    design = pd.DataFrame({"constant": 1.0, "hosted": rng.normal(size=150), "ldc": rng.integers(0, 2, 150) * 1.0})
    return design, pd.Series(rng.choice(3, 150, p=[0.7, 0.1, 0.2]))


@settings(max_examples=25)
@given(st.lists(st.integers(0, 9), min_size=6, max_size=6).filter(lambda c: sum(c[:3]) > 0 and sum(c[3:]) > 0))
def test_with_groups_alone_the_penalty_adds_half_to_each_cell(cells):
    """Closed form: within a group Jeffreys' prior is Dirichlet(1/2), zero cells included."""
    counts = np.array(cells).reshape(2, 3)
    design = pd.DataFrame({"constant": 1.0, "group": np.repeat([0.0, 1.0], counts.sum(axis=1))})
    outcome = pd.Series(np.concatenate([np.repeat([0, 1, 2], row) for row in counts]))
    got = fit_firth_multinomial(design, outcome, VOTES).probabilities(design=np.array([[1.0, 0.0], [1.0, 1.0]]))
    assert got == pytest.approx((counts + 0.5) / (counts.sum(axis=1, keepdims=True) + 1.5), abs=1e-5)


def test_the_score_is_the_numerical_gradient_of_the_penalised_likelihood(states):
    x, chosen = states[0].to_numpy(), np.eye(3)[states[1]]
    at = np.random.default_rng(5).normal(size=6) / 2
    numerical = approx_fprime(at, lambda theta: firth_multinomial._penalised(x, chosen, theta), 1e-6)
    assert firth_multinomial._score(x, chosen, at) == pytest.approx(numerical, abs=1e-4)


def test_with_two_levels_it_is_the_logit_of_firth(states):
    design, outcome = states[0], (states[1] == 2).astype(int)
    one = fit_firth_multinomial(design, outcome, ["not yes", "yes"])
    other = fit_firth_logit(design, outcome)
    assert one.parameters == pytest.approx(other.parameters, abs=1e-6)
    assert one.covariance == pytest.approx(other.covariance, rel=1e-5)
    assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-8)


def test_another_base_gives_the_same_probabilities(states):
    design, outcome = states
    first = fit_firth_multinomial(design, outcome, VOTES).probabilities()
    turned = fit_firth_multinomial(design, outcome.map({0: 1, 1: 2, 2: 0}), ["not voting", "yes", "no or abstain"])
    assert turned.probabilities()[:, [1, 2, 0]] == pytest.approx(first, abs=1e-5)


def test_it_shrinks_the_maximum_likelihood_estimate_a_little(states):
    one, other = fit_firth_multinomial(*states, VOTES), fit_multinomial_logit(*states, VOTES)
    assert np.linalg.norm(one.parameters) < np.linalg.norm(other.parameters)
    assert one.parameters == pytest.approx(other.parameters, abs=0.6)


def test_a_group_that_never_chose_a_level_has_a_finite_estimate():
    design = pd.DataFrame({"constant": 1.0, "group": np.repeat([0.0, 1.0], 12)})
    outcome = pd.Series([0] * 6 + [1] * 3 + [2] * 3 + [0] * 9 + [2] * 3)
    model = fit_firth_multinomial(design, outcome, VOTES)
    assert detect_separation(design, outcome, "multinomial", VOTES).covariates == ("group: no or abstain against yes",)
    assert np.abs(model.parameters).max() < 5
