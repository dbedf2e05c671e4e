"""The stacked comparison against one big regression by statsmodels with clustered covariance."""

import numpy as np
import pandas as pd
import pytest

from compacts.stats.comparison import coefficients_differ, compare_outcomes, stacked_covariance
from compacts.stats.firth import fit_firth_logit
from compacts.stats.models import fit_logit
from compendium.errors import UserError


@pytest.fixture(scope="module")
def states():
    rng = np.random.default_rng(73195)
    design = pd.DataFrame(
        {"constant": 1.0, "hosted": rng.normal(size=193), "ldc": rng.integers(0, 2, 193).astype(float)}
    )
    habit = rng.normal(size=193)  # what makes a state stay away from both votes

    def vote(slope):
        return (1.2 + slope * design["hosted"] + habit + rng.logistic(size=193) > 0).astype(int)

    return design, vote(0.8), vote(0.2)


def test_stacked_covariance_is_that_of_one_regression_clustered_on_the_state(states):
    from statsmodels.discrete.discrete_model import Logit

    design, gcm, gcr = states
    zero = design * 0
    stack = np.vstack([np.hstack([design, zero]), np.hstack([zero, design])])
    ids = np.tile(np.arange(193), 2)
    theirs = Logit(np.concatenate([gcm, gcr]), stack).fit(disp=False, cov_type="cluster", cov_kwds={"groups": ids})
    ours = stacked_covariance(fit_logit(design, gcm), fit_logit(design, gcr))
    assert ours == pytest.approx(np.asarray(theirs.cov_params()), rel=1e-6, abs=1e-9)


def test_a_vote_compared_with_itself_does_not_differ(states):
    design, gcm, _ = states
    found = compare_outcomes(fit_firth_logit(design, gcm), fit_firth_logit(design, gcm - 0))
    assert found.difference.estimates == pytest.approx(0)
    assert found.difference.covariance == pytest.approx(0, abs=1e-12)


def test_the_difference_has_the_spread_seen_when_states_are_resampled(states):
    """Bootstrap of whole states: what a clustered covariance approximates."""
    design, gcm, gcr = states
    found = compare_outcomes(fit_logit(design, gcm), fit_logit(design, gcr))
    rng = np.random.default_rng(3)
    gaps = []
    for _ in range(150):
        rows = rng.integers(0, 193, 193)
        pair = [
            fit_firth_logit(design.iloc[rows].reset_index(drop=True), vote.iloc[rows].reset_index(drop=True))
            for vote in (gcm, gcr)
        ]
        gaps.append(compare_outcomes(*pair).difference.estimates)
    errors = np.sqrt(np.diag(found.difference.covariance))
    assert np.std(gaps, axis=0) == pytest.approx(errors, rel=0.25)
    assert np.mean(gaps, axis=0) == pytest.approx(found.difference.estimates, abs=errors.max() / 2)


def test_the_jackknife_on_log_odds_is_the_one_made_by_leaving_states_out_by_hand(states):
    from scipy.stats import chi2

    design, *votes = states
    fits = [fit_firth_logit(design, vote) for vote in votes]
    rows = []
    for row in design.index:
        rest = design.index != row
        one, two = (fit_firth_logit(design[rest], vote[rest]).parameters for vote in votes)
        rows.append((one - two)[1:])
    gap = (fits[0].parameters - fits[1].parameters)[1:]
    spread = np.array(rows) - gap
    statistic = gap @ np.linalg.inv(192 / 193 * spread.T @ spread) @ gap
    assert coefficients_differ(*fits)["jackknife"] == pytest.approx(chi2.sf(statistic, 2), abs=1e-5)


def test_with_rare_outcomes_the_jackknife_errs_less_often_than_the_sandwich():
    """Simulated truth: no difference, 193 states of which about 15 do not say yes."""
    rng, wrong = np.random.default_rng(151), []
    for _ in range(60):
        design = pd.DataFrame({"constant": 1.0, "hosted": rng.normal(size=193), "missed": rng.normal(size=193)})
        votes = [(rng.logistic(size=193) < 2.6 + 0.3 * design["hosted"]).astype(int) for _ in "ab"]
        wrong.append(list(coefficients_differ(*(fit_firth_logit(design, vote) for vote in votes)).values()))
    sandwich, jackknife = (np.array(wrong) < 0.05).mean(axis=0)
    assert jackknife < sandwich
    assert jackknife < 0.15  # 0.05 within what sixty draws tell


def test_the_summary_names_both_votes_and_the_difference(states):
    design, gcm, gcr = states
    table = compare_outcomes(fit_logit(design, gcm), fit_logit(design, gcr)).summary(["GCM", "GCR"])
    estimates = table.pivot_table(index="covariate", columns="model", values="estimate")
    assert (estimates["GCM"] - estimates["GCR"]).to_numpy() == pytest.approx(estimates["difference"].to_numpy())


def test_other_units_are_refused(states):
    design, gcm, gcr = states
    with pytest.raises(UserError, match=r"193 and 192 rows.*same units"):
        compare_outcomes(fit_logit(design, gcm), fit_logit(design.iloc[1:], gcr.iloc[1:]))
