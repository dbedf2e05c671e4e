"""Average marginal effects of a batch against statsmodels, Stata's printed output, the single model and brute force."""

import numpy as np
import pandas as pd
import pytest

from compacts.stats.glm_batch import fit_glm_batch
from compacts.stats.glm_effects import batch_marginal_effects
from compacts.stats.margins import average_marginal_effects
from compacts.stats.models import fit_logit
from compendium.errors import UserError


def made_up(seed=5, rows=240, family="logit"):
    rng = np.random.default_rng(seed)
    design = pd.DataFrame(
        {
            "constant": 1.0,
            "year": rng.integers(-3, 4, rows).astype(float),
            "host": rng.integers(0, 2, rows).astype(float),
            "people": rng.normal(size=rows),
        }
    )
    group = rng.integers(0, 3, rows)
    design["African"], design["Asian"] = (group == 1) * 1.0, (group == 2) * 1.0
    eta = 0.2 * design["year"] + 0.5 * design["host"] - 0.4 * design["people"] + 0.3 * design["Asian"]
    outcome = rng.random(rows) < 1 / (1 + np.exp(-eta)) if family == "logit" else rng.poisson(np.exp(eta))
    return design, outcome.astype(int)


@pytest.mark.parametrize("family", ["logit", "poisson"])
def test_effects_and_errors_are_those_of_statsmodels(family):
    from statsmodels.discrete.discrete_model import Logit, Poisson

    design, outcome = made_up(family=family)
    model = {"logit": Logit, "poisson": Poisson}[family](outcome, design)
    theirs = model.fit(disp=False, method="newton", tol=1e-14).get_margeff(at="overall", dummy=True)
    ours = batch_marginal_effects(fit_glm_batch(design, outcome, family))
    assert ours.covariates == ("year", "host", "people", "African", "Asian")
    assert ours.estimates[0] == pytest.approx(theirs.margeff, rel=1e-9)
    assert ours.std_errors[0] == pytest.approx(theirs.margeff_se, rel=1e-9)
    assert ours.summary("host")["p_value"][0] == pytest.approx(theirs.pvalues[1], rel=1e-8)


@pytest.mark.parametrize("family", ["logit", "poisson"])
def test_robust_errors_of_effects_are_those_of_statsmodels(family):
    from statsmodels.discrete.discrete_model import Logit, Poisson

    design, outcome = made_up(family=family)
    groups = np.arange(len(design)) % 15
    model = {"logit": Logit, "poisson": Poisson}[family](outcome, design)
    fitted = model.fit(
        disp=False, method="newton", tol=1e-14, cov_type="cluster", cov_kwds={"groups": groups, "use_correction": True}
    )
    theirs = fitted.get_margeff(at="overall", dummy=True)
    batch = fit_glm_batch(design, outcome, family, clusters=groups, covariances=("CR1S",))
    ours = batch_marginal_effects(batch, "CR1S")
    assert ours.std_errors[0] == pytest.approx(theirs.margeff_se, rel=1e-9)


def test_a_fit_of_the_batch_has_the_effects_of_the_single_model_categories_included():
    design, outcome = made_up()
    categories = {"group": ["African", "Asian"]}
    single = average_marginal_effects(fit_logit(design, pd.Series(outcome)), categories)
    ours = batch_marginal_effects(fit_glm_batch(design, outcome, "logit"), categories=categories).of_fit(0)
    assert ours.covariates == single.covariates
    assert ours.estimates == pytest.approx(single.estimates, rel=1e-6)
    assert ours.covariance == pytest.approx(single.covariance, rel=1e-5)
    assert ours.jacobian == pytest.approx(single.jacobian, rel=1e-5, abs=1e-8)
    assert ours.summary()["std_error"].to_numpy() == pytest.approx(single.summary()["std_error"].to_numpy(), rel=1e-5)


@pytest.mark.parametrize("family", ["logit", "poisson"])
def test_weights_subsets_columns_and_offsets_are_respected(family):
    """Brute force: predictions with one covariate moved, averaged with the weights; derivatives by differences."""
    design, outcome = made_up(family=family)
    rng = np.random.default_rng(3)
    weights = rng.random((4, len(design))) * (rng.random((4, len(design))) < 0.7)
    columns = np.ones((4, 6), dtype=bool)
    columns[1, 3] = columns[2, 2] = False
    offset = rng.normal(size=len(design)) / 3
    batch = fit_glm_batch(
        design, outcome, family, weights=weights, weight_kind="sampling", columns=columns, offset=offset,
        covariances=("HC1",),
    )  # fmt: skip
    ours = batch_marginal_effects(batch, "HC1", {"group": ["African", "Asian"]}, memory=1)

    def mean(beta, frame):
        eta = frame.to_numpy() @ beta + offset
        return 1 / (1 + np.exp(-eta)) if family == "logit" else np.exp(eta)

    def effects(beta, fit):
        found = []
        for name in ours.covariates:
            if name in ("year", "people"):
                up, down = design.assign(**{name: design[name] + 5e-6}), design.assign(**{name: design[name] - 5e-6})
                change = (mean(beta, up) - mean(beta, down)) / 1e-5
            else:
                rest = {"African": 0.0, "Asian": 0.0} if name in ("African", "Asian") else {name: 0.0}
                without = design.assign(**rest)
                change = mean(beta, without.assign(**{name: 1.0})) - mean(beta, without)
            found.append(np.average(change, weights=weights[fit]))
        return np.array(found)

    for fit in range(4):
        beta = np.nan_to_num(batch.parameters[fit])
        have = columns[fit, 1:]
        assert ours.estimates[fit, have] == pytest.approx(effects(beta, fit)[have], rel=1e-6)
        assert np.isnan(ours.estimates[fit, ~have]).all()
        step = np.eye(6) * 1e-5
        slopes = np.array([(effects(beta + s, fit) - effects(beta - s, fit)) / 2e-5 for s in step]).T
        slopes[:, ~columns[fit]] = 0.0
        assert ours.jacobian[fit, have] == pytest.approx(slopes[have], rel=1e-3, abs=1e-4)
        variance = slopes @ np.nan_to_num(batch.covariances["HC1"][fit]) @ slopes.T
        assert ours.std_errors[fit, have] == pytest.approx(np.sqrt(np.diag(variance))[have], rel=1e-3)


def test_a_fit_with_a_problem_has_no_effects():
    design, outcome = made_up()
    weights = np.ones((2, len(design)), dtype=int)
    weights[0, (design["host"] == 1) & (outcome == 0)] = 0
    ours = batch_marginal_effects(fit_glm_batch(design, outcome, "logit", weights=weights))
    assert np.isnan(ours.estimates[0]).all()
    assert np.isnan(ours.std_errors[0]).all()
    assert ours.of_fit(0).covariates == ()
    assert np.isfinite(ours.estimates[1]).all()
    assert ours.summary("host").isna().all(axis=1).tolist() == [True, False]


def test_a_covariance_or_covariate_that_is_not_there_is_named():
    design, outcome = made_up()
    batch = fit_glm_batch(design, outcome, "logit")
    with pytest.raises(UserError, match="covariance: got HC1, expected one of the batch's"):
        batch_marginal_effects(batch, "HC1")
    with pytest.raises(UserError, match="covariates: got wealth, expected some of constant, year"):
        batch_marginal_effects(batch, covariates=["wealth"])
