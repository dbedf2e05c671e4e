"""Curves of least squares against statsmodels, one specification at a time, and under deals of the treatment."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import OLS

from compacts.stats.curve_inference import deal_treatment, joint_permutation_test
from compacts.stats.linear_curve import LinearCurve, LinearSpecification
from compendium.errors import UserError

CHOICES = {"outcome": ["a", "b"], "late": ["one", "two"], "controls": ["size", "none"], "sample": ["all", "half"]}


@pytest.fixture(scope="module")
def made():
    rng = np.random.default_rng(3)
    n = 150
    size, own = rng.normal(size=n), rng.random(n) < 0.5
    one, two = rng.random(n) < 0.5, rng.random(n) < 0.3
    design = pd.DataFrame(
        {"constant": 1.0, "own": own, "size": size, "one": one, "two": two, "own one": own & one, "own two": own & two}
    ).astype(float)
    outcomes = {"a": 0.4 * design["own one"] + size + rng.normal(size=n) * (1 + own), "b": rng.integers(0, 2, n)}
    samples = {"all": np.ones(n, dtype=bool), "half": np.arange(n) % 2 == 0}
    return design, outcomes, samples


def specify(options):
    controls = ("constant", "own", options["late"], *(["size"] if options["controls"] == "size" else []))
    return LinearSpecification(options["outcome"], f"own {options['late']}", controls, options["sample"])


@pytest.fixture(scope="module")
def curve(made):
    return LinearCurve(CHOICES, specify, *made)


def by_statsmodels(made, options, design=None):
    table, outcomes, samples = made
    spec = specify(options)
    rows = samples[spec.sample]
    x = (table if design is None else design)[[spec.treatment, *spec.controls]].to_numpy()[rows]
    return OLS(np.asarray(outcomes[spec.outcome], dtype=float)[rows], x).fit(cov_type="HC1")


def test_every_estimate_error_and_interval_is_that_of_statsmodels(curve, made):
    found = curve.run(0.9)
    assert len(found) == 16
    for row in found.to_dict("records"):
        theirs = by_statsmodels(made, row)
        assert row["estimate"] == pytest.approx(theirs.params[0], abs=1e-10)
        assert row["std_error"] == pytest.approx(theirs.bse[0], rel=1e-9)
        assert (row["low"], row["high"]) == pytest.approx(tuple(theirs.conf_int(0.1)[0]), abs=1e-9)
        assert row["p_value"] == pytest.approx(theirs.pvalues[0], abs=1e-9)
        assert row["n"] == theirs.nobs


def test_a_deal_moves_all_codings_of_the_treatment_together(curve, made):
    order = np.random.default_rng(8).permutation(len(made[0]))
    moved = made[0].copy()
    treated = ["own one", "own two"]
    moved[treated] = made[0].iloc[order][treated].to_numpy()
    estimate, p_value = curve.shuffled(order)
    for place, options in enumerate(curve.grid.to_dict("records")):
        theirs = by_statsmodels(made, options, moved)
        assert estimate[place] == pytest.approx(theirs.params[0], abs=1e-10)
        assert p_value[place] == pytest.approx(theirs.pvalues[0], abs=1e-9)


def test_the_joint_test_is_even_where_the_treatment_means_nothing():
    rng = np.random.default_rng(21)
    p_values = []
    for _ in range(120):
        treated = rng.permutation(np.repeat([0.0, 1.0], 20))
        design = pd.DataFrame({"constant": 1.0, "treated": treated, "size": rng.normal(size=40)})
        outcomes = {"a": rng.normal(size=40), "b": rng.exponential(size=40)}
        one = LinearCurve(
            {"outcome": ["a", "b"], "controls": ["none", "size"]},
            lambda options: LinearSpecification(options["outcome"], "treated", ("constant",) if options["controls"] == "none" else ("constant", "size"), "all"),
            design, outcomes, {"all": np.ones(40, dtype=bool)},
        )  # fmt: skip
        test = joint_permutation_test(one.shuffled, deal_treatment(treated, 39, int(rng.integers(1e6))))
        p_values.append(float(test.summary.set_index("statistic").loc["stouffer_z", "p_value"]))
    assert np.mean(np.array(p_values) <= 0.25) == pytest.approx(0.25, abs=0.12)  # three errors of 120 draws
    assert np.mean(p_values) == pytest.approx(0.51, abs=0.08)


@pytest.mark.parametrize("values", [[1.0, 1, 1, 1, 1], [0.0, 1, 0, 1, 0]], ids=["constant", "combination"])
def test_a_treatment_that_the_controls_tell_has_no_estimate_and_says_why(values):
    design = pd.DataFrame({"constant": 1.0, "treated": values, "same": [0.0, 1, 0, 1, 0]})
    curve = LinearCurve(
        {"outcome": ["a"]}, lambda _: LinearSpecification("a", "treated", ("constant", "same"), "all"), design,
        {"a": [1.0, 2, 3, 4, 9]}, {"all": [True] * 5},
    )  # fmt: skip
    row = curve.run().iloc[0]
    assert np.isnan(row["estimate"])
    assert "combination of the controls" in row["excluded"]


def test_residuals_of_nought_give_no_error_of_nought():
    design = pd.DataFrame({"constant": 1.0, "treated": [0.0, 0, 1, 1, 1]})
    curve = LinearCurve(
        {"outcome": ["a"]}, lambda _: LinearSpecification("a", "treated", ("constant",), "all"), design,
        {"a": [2.0, 2, 5, 5, 5]}, {"all": [True] * 5},
    )  # fmt: skip
    assert np.isnan(curve.run()["std_error"].iloc[0])


@pytest.mark.parametrize(
    ("spec", "outcome", "message"),
    [
        (LinearSpecification("z", "treated", ("constant",), "all"), [1.0, 2, 3], "got z, which is not among"),
        (LinearSpecification("a", "nothing", ("constant",), "all"), [1.0, 2, 3], "got nothing, which is not among"),
        (LinearSpecification("a", "treated", ("constant",), "some"), [1.0, 2, 3], "got some, which is not among"),
        (LinearSpecification("a", "treated", ("constant",), "all"), [1.0, None, 3], "got missing values"),
    ],
)
def test_undeclared_names_and_missing_values_are_refused(spec, outcome, message):
    design = pd.DataFrame({"constant": 1.0, "treated": [0.0, 1, 1]})
    with pytest.raises(UserError, match=message):
        LinearCurve({"outcome": ["a"]}, lambda _: spec, design, {"a": outcome}, {"all": [True] * 3})
