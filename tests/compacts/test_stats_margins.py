"""Average marginal effects against statsmodels, closed forms, brute force and simulation."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compacts.stats.firth import fit_firth_logit
from compacts.stats.margins import average_marginal_effects, wald_test
from compacts.stats.models import fit_logit, fit_multinomial_logit, fit_ordered_logit

VOTES = ["no or abstain", "not voting", "yes"]


@pytest.fixture(scope="module")
def states() -> tuple[pd.DataFrame, pd.Series]:
    """193 made-up states: a slope, a 0/1 covariate, and an outcome of three levels."""
    rng = np.random.default_rng(193)
    design = pd.DataFrame(
        {"constant": 1.0, "hosted": rng.normal(size=193), "ldc": rng.integers(0, 2, 193).astype(float)}
    )
    latent = 0.8 * design["hosted"] - 0.7 * design["ldc"] + rng.logistic(size=193)
    return design, pd.Series(np.digitize(latent, [-1.2, 0.1]))


def test_logit_effects_and_errors_are_those_of_statsmodels(states):
    from statsmodels.discrete.discrete_model import Logit

    design, outcome = states[0], (states[1] == 2).astype(int)
    theirs = Logit(outcome, design).fit(disp=False).get_margeff(at="overall", dummy=True)
    ours = average_marginal_effects(fit_logit(design, outcome)).summary()
    assert ours["estimate"].to_numpy() == pytest.approx(100 * theirs.margeff, rel=1e-6)
    assert ours["std_error"].to_numpy() == pytest.approx(100 * theirs.margeff_se, rel=1e-6)
    assert ours["p_value"].to_numpy() == pytest.approx(theirs.pvalues, rel=1e-5)


def test_multinomial_effects_and_errors_are_those_of_statsmodels(states):
    from statsmodels.discrete.discrete_model import MNLogit

    design, outcome = states
    theirs = MNLogit(outcome, design).fit(disp=False).get_margeff(at="overall", dummy=True)
    ours = average_marginal_effects(fit_multinomial_logit(design, outcome, VOTES)).summary()
    assert ours["outcome"].tolist() == VOTES * 2
    assert ours["estimate"].to_numpy() == pytest.approx(100 * theirs.margeff.ravel(), rel=1e-5)
    assert ours["std_error"].to_numpy() == pytest.approx(100 * theirs.margeff_se.ravel(), rel=1e-5)


def test_an_ordered_logit_of_two_levels_is_the_logit(states):
    design, outcome = states[0], (states[1] == 2).astype(int)
    logit = average_marginal_effects(fit_logit(design, outcome))
    ordered = average_marginal_effects(fit_ordered_logit(design, outcome, ["not yes", "yes"]), outcomes=["yes"])
    assert ordered.estimates == pytest.approx(logit.estimates, rel=1e-4)
    assert ordered.covariance == pytest.approx(logit.covariance, rel=1e-3)


def test_ordered_effects_are_the_differences_that_statsmodels_predicts(states):
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    design, outcome = states
    exog = design[["hosted", "ldc"]]
    theirs = OrderedModel(outcome, exog, distr="logit").fit(method="bfgs", disp=False, gtol=1e-8)

    def predicted(**changes):
        return theirs.model.predict(theirs.params, exog=exog.assign(**changes).to_numpy())

    step = 1e-5
    slope = (predicted(hosted=exog["hosted"] + step) - predicted(hosted=exog["hosted"] - step)).mean(axis=0) / (
        2 * step
    )
    change = (predicted(ldc=1.0) - predicted(ldc=0.0)).mean(axis=0)
    ours = average_marginal_effects(fit_ordered_logit(design, outcome, VOTES))
    assert ours.estimates == pytest.approx(np.concatenate([slope, change]), abs=1e-5)


@pytest.mark.parametrize("fit", [fit_ordered_logit, fit_multinomial_logit, fit_firth_logit])
def test_delta_method_errors_are_the_spread_of_effects_over_drawn_parameters(states, fit):
    design, outcome = states
    outcome = outcome if fit is not fit_firth_logit else (outcome == 2).astype(int)
    model = fit(design, outcome, VOTES[: outcome.nunique()])
    # parameters drawn close to the estimate: there the effects are linear in them, and the two must agree
    near = replace(model, covariance=model.covariance * 1e-6)
    draws = np.random.default_rng(7).multivariate_normal(near.parameters, near.covariance, size=1500)
    spread = np.std([average_effects_only(near, draw) for draw in draws], axis=0)
    errors = np.sqrt(np.diag(average_marginal_effects(near).covariance))
    assert spread == pytest.approx(errors, rel=0.08)


def average_effects_only(model, parameters):
    """Brute force: predicted probabilities with one covariate moved, averaged."""
    wanted = range(len(model.levels)) if len(model.levels) > 2 else [1]
    result = []
    for place, name in enumerate(model.covariates):
        if name == "constant":
            continue
        high, low = model.design.copy(), model.design.copy()
        if name == "ldc":
            high[:, place], low[:, place], width = 1, 0, 1.0
        else:
            high[:, place] += 5e-5
            low[:, place] -= 5e-5
            width = 1e-4
        change = model.probabilities(parameters, high) - model.probabilities(parameters, low)
        result.extend(change.mean(axis=0)[list(wanted)] / width)
    return result


def test_with_groups_alone_the_effects_are_differences_of_shares_with_their_textbook_error():
    """The linear-probability limit: a saturated logit reproduces the group means exactly."""
    yes, n = np.array([30, 12, 20]), np.array([40, 30, 25])
    group = np.repeat([0, 1, 2], n)
    outcome = pd.Series(
        np.concatenate([np.arange(size) < count for count, size in zip(yes, n, strict=True)]).astype(int)
    )
    design = pd.DataFrame({"constant": 1.0, "African": (group == 1) * 1.0, "Asia-Pacific": (group == 2) * 1.0})
    effects = average_marginal_effects(fit_logit(design, outcome), {"un_group": ["African", "Asia-Pacific"]})
    share = yes / n
    variance = share * (1 - share) / n
    assert effects.estimates == pytest.approx(share[1:] - share[0], abs=1e-8)
    assert np.sqrt(np.diag(effects.covariance)) == pytest.approx(np.sqrt(variance[1:] + variance[0]), rel=1e-6)
    assert effects.covariance[0, 1] == pytest.approx(variance[0], rel=1e-6)


def test_small_slopes_agree_with_least_squares():
    rng = np.random.default_rng(11)
    design = pd.DataFrame({"constant": 1.0, "x": rng.normal(size=4000)})
    outcome = pd.Series((rng.random(4000) < 0.5 + 0.02 * design["x"]).astype(int))
    slope = np.linalg.lstsq(design.to_numpy(), outcome.to_numpy(), rcond=None)[0][1]
    assert average_marginal_effects(fit_logit(design, outcome)).estimates[0] == pytest.approx(slope, rel=0.01)


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.floats(0.01, 100))
def test_measuring_a_covariate_in_other_units_rescales_its_effect_and_nothing_else(seed, factor):
    rng = np.random.default_rng(seed)
    design = pd.DataFrame({"constant": 1.0, "x": rng.normal(size=60), "z": rng.normal(size=60)})
    outcome = pd.Series(rng.integers(0, 2, 60))
    one = average_marginal_effects(fit_firth_logit(design, outcome)).estimates
    two = average_marginal_effects(fit_firth_logit(design.assign(x=design["x"] * factor), outcome)).estimates
    assert two == pytest.approx([one[0] / factor, one[1]], rel=1e-4, abs=1e-7)


def test_effects_on_all_outcomes_of_a_covariate_cancel(states):
    for fit in (fit_ordered_logit, fit_multinomial_logit):
        effects = average_marginal_effects(fit(*states, VOTES)).estimates.reshape(2, 3)
        assert effects.sum(axis=1) == pytest.approx([0, 0], abs=1e-12)


def test_wald_test_of_one_estimate_is_the_squared_z():
    from scipy.stats import norm

    statistic, degrees, p_value = wald_test(np.array([0.2]), np.array([[0.01]]))
    assert (statistic, degrees) == (pytest.approx(4.0), 1)
    assert p_value == pytest.approx(2 * norm.sf(2.0))
