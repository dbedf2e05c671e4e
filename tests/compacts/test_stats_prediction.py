"""Leave-one-out predictions against fits made one by one, and scores by hand."""

import numpy as np
import pandas as pd
import pytest

from compacts.stats.firth import fit_firth_logit
from compacts.stats.prediction import leave_one_out, score
from compendium.errors import UserError


def sample(rows=60, ones=0.85, seed=3):
    rng = np.random.default_rng(seed)
    design = pd.DataFrame(
        {"constant": 1.0, "x": rng.normal(size=rows), "group": (rng.random(rows) < 0.3).astype(float)}
    )
    return design, pd.Series((rng.random(rows) < ones).astype(int))


def brute_force(design, outcome, row):
    """Firth's logit without the row, then the intercept by maximum likelihood with the rest as offset (statsmodels)."""
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    others = design.index != row
    beta = fit_firth_logit(design[others], outcome[others]).parameters
    offset = design[others].to_numpy() @ beta
    shift = GLM(outcome[others], np.ones(others.sum()), family=Binomial(), offset=offset).fit(tol=1e-12).params.iloc[0]
    return 1 / (1 + np.exp(-(design.loc[row].to_numpy() @ beta + shift)))


@pytest.mark.parametrize("ones", [0.5, 0.93])
def test_a_batch_of_fits_gives_what_one_fit_a_row_gives(ones):
    design, outcome = sample(ones=ones)
    expected = [brute_force(design, outcome, row) for row in design.index]
    assert leave_one_out(design, outcome) == pytest.approx(expected, abs=2e-6)


def test_rows_are_foretold_also_where_a_covariate_separates_the_outcomes():
    design, outcome = sample()
    outcome[design["group"] == 1] = 1
    expected = [brute_force(design, outcome, row) for row in design.index]
    assert leave_one_out(design, outcome) == pytest.approx(expected, abs=2e-6)


def test_a_covariate_that_only_one_row_varies_is_refused_with_that_row():
    design, outcome = sample()
    design["alone"] = (design.index == 7).astype(float)
    with pytest.raises(UserError, match="without 7 a covariate does not vary"):
        leave_one_out(design, outcome)


def test_noise_foretells_unseen_rows_worse_on_average():
    """Twenty samples in which three further covariates mean nothing."""
    gains = []
    for seed in range(20):
        design, outcome = sample(seed=seed)
        noise = pd.DataFrame(np.random.default_rng(100 + seed).normal(size=(60, 3)), columns=list("abc"))
        scores = [score(leave_one_out(d, outcome), outcome.to_numpy()).log for d in (design, design.join(noise))]
        gains.append(scores[1] - scores[0])
    assert np.mean(gains) > 0


def test_scores_are_those_of_the_textbook_formulas():
    p, y = np.array([0.9, 0.2, 0.6]), np.array([1, 0, 0])
    found = score(p, y)
    assert found.brier == pytest.approx((0.01 + 0.04 + 0.36) / 3)
    assert found.log == pytest.approx(-(np.log(0.9) + np.log(0.8) + np.log(0.4)) / 3)


def test_a_probability_of_nought_is_refused_instead_of_an_infinite_score():
    with pytest.raises(UserError, match="expected between 0 and 1"):
        score(np.array([0.0, 0.5]), np.array([0, 1]))
