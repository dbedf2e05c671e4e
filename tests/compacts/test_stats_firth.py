"""Firth logit against R's logistf, closed forms, and its promised coverage."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compacts.stats.firth import fit_firth_logit, likelihood_ratio, profile_intervals
from compacts.stats.margins import average_marginal_effects
from compendium.errors import UserError

PUBLISHED = Path(__file__).parent / "published"

# R logistf 1.26, summary(logistf(case ~ age+oc+vic+vicl+vis+dia, data = sex2, alpha = 0.1)), as printed in the reference
# page of logistfPrint (github.com/TRA-CRG/biostatUtil); columns coef, lower 0.9, upper 0.9, Chisq, p
SEX2_90 = {
    "constant": (0.12025405, -0.6673577, 0.9177303, 0.06286298, 8.020268e-01),
    "age": (-1.10598131, -1.8277045, -0.4328451, 7.50773092, 6.143472e-03),
    "oc": (-0.06881673, -0.7986318, 0.6507581, 0.02467044, 8.751911e-01),
    "vic": (2.26887464, 1.4248338, 3.2325326, 22.93139022, 1.678877e-06),
    "vicl": (-2.11140817, -3.0613215, -1.2704704, 19.10407252, 1.237805e-05),
    "vis": (-0.78831694, -1.4743338, -0.1137542, 3.69740975, 5.449701e-02),
    "dia": (3.09601166, 1.0835108, 6.8752016, 7.89693139, 4.951873e-03),
}
# logistf on the endometrial data, as recorded in the tests of firthlogist (github.com/jzluo/firthlogist, commit 0b24e49),
# coef, lower 0.95, upper 0.95; firthmodels 0.8.2 gives the same to eight digits and the log-likelihood below
ENDOMETRIAL_95 = {
    "constant": (3.77455951, 1.0825371, 7.20928050),
    "NV": (2.92927330, 0.6097244, 7.85463171),
    "PI": (-0.03475175, -0.1244587, 0.04045547),
    "EH": (-2.60416387, -4.3651832, -1.23272106),
}
ENDOMETRIAL_LOG_LIKELIHOOD = -24.037267800697908


def with_constant(frame: pd.DataFrame) -> pd.DataFrame:
    design = frame.astype(float)
    design.insert(0, "constant", 1.0)
    return design


@pytest.fixture(scope="module")
def sex2():
    counts = pd.read_csv(PUBLISHED / "sex2_counts.csv")
    women = counts.loc[counts.index.repeat(counts["count"])].drop(columns="count").reset_index(drop=True)
    return fit_firth_logit(with_constant(women.drop(columns="case")), women["case"])


@pytest.fixture(scope="module")
def endometrial():
    patients = pd.read_csv(PUBLISHED / "endometrial.csv")
    return fit_firth_logit(with_constant(patients[["NV", "PI", "EH"]]), patients["HG"])


def test_sex2_gives_the_numbers_printed_by_logistf(sex2):
    got = profile_intervals(sex2, 0.90).set_index("parameter")
    for name, (estimate, low, high, statistic, p_value) in SEX2_90.items():
        row = got.loc[name]
        assert row["estimate"] == pytest.approx(estimate, abs=1e-6)
        assert (row["low"], row["high"]) == pytest.approx((low, high), abs=2e-6)
        assert row["statistic"] == pytest.approx(statistic, abs=2e-6)
        assert row["p_value"] == pytest.approx(p_value, rel=1e-5)


def test_the_joint_test_of_sex2_is_the_one_printed_by_logistf(sex2):
    test = likelihood_ratio(sex2, ["age", "oc", "vic", "vicl", "vis", "dia"])
    assert test.statistic == pytest.approx(49.09064, abs=5e-6)
    assert test.degrees == 6
    assert test.p_value == pytest.approx(7.15089e-9, rel=1e-5)


def test_endometrial_data_have_finite_estimates_although_one_covariate_separates(endometrial):
    assert endometrial.log_likelihood == pytest.approx(ENDOMETRIAL_LOG_LIKELIHOOD, abs=1e-9)
    got = profile_intervals(endometrial, 0.95).set_index("parameter")
    for name, printed in ENDOMETRIAL_95.items():
        assert tuple(got.loc[name, ["estimate", "low", "high"]]) == pytest.approx(printed, abs=2e-6)


def test_covariance_is_the_inverse_curvature_of_the_unpenalised_likelihood(endometrial):
    x, y, step = endometrial.design, endometrial.codes, 1e-4

    def log_likelihood(beta):
        return y @ (x @ beta) - np.logaddexp(0, x @ beta).sum()

    eye = np.eye(4) * step
    curvature = [
        [
            log_likelihood(endometrial.parameters + a + b)
            - log_likelihood(endometrial.parameters + a - b)
            - log_likelihood(endometrial.parameters - a + b)
            + log_likelihood(endometrial.parameters - a - b)
            for b in eye
        ]
        for a in eye
    ]
    assert np.linalg.inv(-np.array(curvature) / (4 * step**2)) == pytest.approx(
        endometrial.covariance, rel=1e-3, abs=1e-6
    )


@settings(max_examples=40)
@given(st.tuples(*[st.integers(0, 12)] * 4).filter(lambda cells: cells[0] + cells[1] > 0 and cells[2] + cells[3] > 0))
def test_in_a_two_by_two_table_the_penalty_adds_half_to_each_cell(cells):
    """Closed form of the saturated model (Firth 1993, section 3), zero cells included."""
    no_0, yes_0, no_1, yes_1 = cells
    design = with_constant(pd.DataFrame({"x": [0] * (no_0 + yes_0) + [1] * (no_1 + yes_1)}))
    outcome = pd.Series([0] * no_0 + [1] * yes_0 + [0] * no_1 + [1] * yes_1)
    model = fit_firth_logit(design, outcome)
    base = np.log((yes_0 + 0.5) / (no_0 + 0.5))
    assert model.parameters == pytest.approx([base, np.log((yes_1 + 0.5) / (no_1 + 0.5)) - base], abs=1e-6)


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_swapping_the_outcomes_names_turns_every_sign_and_nothing_else(seed):
    rng = np.random.default_rng(seed)
    design = with_constant(pd.DataFrame({"x": rng.normal(size=30), "host": rng.integers(0, 2, 30)}))
    outcome = pd.Series(rng.integers(0, 2, 30))
    if design["host"].nunique() < 2:
        return
    one, other = fit_firth_logit(design, outcome), fit_firth_logit(design, 1 - outcome)
    assert one.parameters == pytest.approx(-other.parameters, abs=1e-6)
    assert one.covariance == pytest.approx(other.covariance, rel=1e-5, abs=1e-8)


def test_an_unknown_covariate_is_named(endometrial):
    with pytest.raises(UserError, match=r"'HG'.*constant, NV, PI, EH"):
        likelihood_ratio(endometrial, ["HG"])


def test_intervals_cover_the_truth_as_often_as_they_say():
    """193 states, a rare refusal (about one in eight): effects and profile interval at 95 per cent."""
    rng = np.random.default_rng(20181219)
    design = with_constant(pd.DataFrame({"x": rng.normal(size=193), "group": rng.integers(0, 2, 193)}))
    truth = np.array([2.2, 0.7, -0.6])
    chance = 1 / (1 + np.exp(-design.to_numpy() @ truth))
    switched = [1 / (1 + np.exp(-design.assign(group=g).to_numpy() @ truth)) for g in (0, 1)]
    effects = {
        "x": 100 * (chance * (1 - chance)).mean() * truth[1],
        "group": 100 * (switched[1] - switched[0]).mean(),
    }
    draws, inside, profile = 150, {"x": 0, "group": 0}, 0
    for _ in range(draws):
        model = fit_firth_logit(design, pd.Series((rng.random(193) < chance).astype(int)))
        summary = average_marginal_effects(model).summary(0.95).set_index("covariate")
        for name, effect in effects.items():
            inside[name] += summary.loc[name, "low"] <= effect <= summary.loc[name, "high"]
        profile += profile_holds(model, "x", truth[1])
    # binomial error of 150 draws: 1.8 points; the delta method may be off by a little more in so rare an outcome
    assert 0.90 <= inside["x"] / draws <= 0.985
    assert 0.90 <= inside["group"] / draws <= 0.985
    assert 0.915 <= profile / draws <= 0.985


def profile_holds(model, name, value):
    row = profile_intervals(model, 0.95, [name]).iloc[0]
    return row["low"] <= value <= row["high"]


def test_a_climb_without_a_top_is_refused_in_one_sentence():
    from compacts.stats.ascent import ascend

    one = np.eye(1)
    with pytest.raises(UserError, match=r"slope of 3 rows did not converge; rescale or drop covariates"):
        ascend(np.zeros(1), lambda b: float(b[0]), lambda _: np.ones(1), lambda _: one, 1e-9, "slope of 3 rows")
