"""Specification curves against fits one by one, closed forms, full enumeration, exact tests of scipy, and simulation."""

from itertools import combinations, permutations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, chisquare, fisher_exact, norm, permutation_test
from scipy.stats import t as student

from compacts.stats.curve_inference import curve_statistics, deal_treatment, joint_permutation_test
from compacts.stats.curve_summary import influence_of_choices, summarise_curve
from compacts.stats.specification_curve import GLMCurve, GLMSpecification, run_specifications, specifications
from compendium.errors import UserError

CHOICES = {"outcome": ["strict", "wide"], "coding": ["any", "dose"], "size": ["no", "yes"], "period": ["all", "late"]}


@pytest.fixture(scope="module")
def states():
    """120 made-up rows in 15 clusters: two codings of one treatment, a control, two outcomes."""
    rng = np.random.default_rng(12)
    frame = pd.DataFrame({"constant": 1.0, "any": rng.integers(0, 2, 120) * 1.0, "size": rng.normal(size=120)})
    frame["dose"] = frame["any"] * rng.integers(1, 4, 120)
    frame["late"] = rng.random(120) < 0.6
    frame["cluster"] = np.arange(120) % 15
    frame["wide"] = (rng.random(120) < 1 / (1 + np.exp(-0.6 * frame["any"] - 0.5 * frame["size"]))).astype(int)
    frame["strict"] = frame["wide"] * (rng.random(120) < 0.8)
    return frame


def curve_of(states, covariance="HC1", family="logit", **options):
    def specify(chosen):
        return GLMSpecification(
            states[chosen["outcome"]],
            chosen["coding"],
            ["constant", "size"] if chosen["size"] == "yes" else ["constant"],
            weights=states["late"] if chosen["period"] == "late" else None,
            family=family,
            covariance=covariance,
        )

    return GLMCurve(CHOICES, specify, states[["constant", "any", "dose", "size"]], **options)


def test_the_grid_holds_every_combination_that_is_allowed_once():
    grid = specifications(CHOICES, lambda chosen: not (chosen["outcome"] == "wide" and chosen["coding"] == "dose"))
    assert len(grid) == 12
    assert not grid.duplicated().any()
    assert grid.iloc[0].tolist() == ["strict", "any", "no", "all"]
    assert not ((grid["outcome"] == "wide") & (grid["coding"] == "dose")).any()


@pytest.mark.parametrize(
    ("choices", "allowed", "message"),
    [
        ({"a": []}, None, r"choice a: got options \[\], expected one or more"),
        ({"a": [1, 1]}, None, r"choice a: got options \[1, 1\]"),
        ({"n": [1]}, None, "choice n: got a name that results have too"),
        ({"a": [1]}, lambda chosen: chosen["a"] > 1, "got no combination that is allowed"),
    ],
)
def test_a_grid_that_makes_no_sense_is_refused(choices, allowed, message):
    with pytest.raises(UserError, match=message):
        specifications(choices, allowed)


def test_a_specification_without_an_estimate_is_kept_with_its_reason():
    def estimate(chosen):
        if chosen["years"] == 1:
            raise UserError("one year: nothing to compare")
        return {"estimate": 1.0, "std_error": np.nan if chosen["years"] == 2 else 0.5, "n": 40, "degrees": 9}

    curve = run_specifications({"years": [1, 2, 3]}, estimate, confidence=0.9)
    assert curve["excluded"].tolist() == ["one year: nothing to compare", "estimate 1.0, standard error nan", ""]
    assert curve.loc[:1, ["estimate", "low", "p_value"]].iloc[0].isna().all()
    last = curve.iloc[2]
    assert (last["low"], last["high"]) == pytest.approx(student.interval(0.9, 9, 1.0, 0.5))
    assert last["p_value"] == pytest.approx(2 * student.sf(2, 9))


def test_a_function_that_returns_no_estimate_is_named():
    with pytest.raises(UserError, match=r"estimate: got no estimate of \{'a': 1\}"):
        run_specifications({"a": [1]}, lambda _: {"std_error": 1.0})


@pytest.mark.parametrize("covariance", ["HC1", "CR1S"])
@pytest.mark.parametrize("family", ["logit", "poisson"])
def test_the_curve_is_each_specification_fitted_alone_by_statsmodels(states, covariance, family):
    from statsmodels.discrete.discrete_model import Logit, Poisson

    curve = curve_of(states, covariance, family, clusters=states["cluster"]).run()
    effects = curve_of(states, covariance, family, clusters=states["cluster"], estimand="effect").run()
    assert (curve["excluded"] == "").all()
    for place, row in curve.iterrows():
        part = states[states["late"]] if row["period"] == "late" else states
        columns = ["constant", row["coding"], *(["size"] if row["size"] == "yes" else [])]
        options = {"cov_type": "HC1"} if covariance == "HC1" else {
            "cov_type": "cluster", "cov_kwds": {"groups": part["cluster"]}}  # fmt: skip
        model = {"logit": Logit, "poisson": Poisson}[family](part[row["outcome"]], part[columns])
        fitted = model.fit(disp=False, method="newton", tol=1e-13, **options)
        n, k = len(part), len(columns)
        # statsmodels leaves out the factor of HC1 here
        error = fitted.bse[row["coding"]] * (np.sqrt(n / (n - k)) if covariance == "HC1" else 1)
        assert row["estimate"] == pytest.approx(fitted.params[row["coding"]], rel=1e-8)
        assert row["std_error"] == pytest.approx(error, rel=1e-8)
        degrees = part["cluster"].nunique() - 1
        sure = norm.interval(0.95) if covariance == "HC1" else student.interval(0.95, degrees)
        assert (row["low"], row["high"]) == pytest.approx(tuple(row["estimate"] + error * np.array(sure)), rel=1e-7)
        tail = norm.sf if covariance == "HC1" else lambda z, degrees=degrees: student.sf(z, degrees)
        assert row["p_value"] == pytest.approx(2 * tail(abs(row["estimate"] / error)), rel=1e-6)
        assert (row["n"], row["clusters"]) == (n, degrees + 1)
        margin = fitted.get_margeff(dummy=True)
        place_of = columns[1:].index(row["coding"])
        assert effects.loc[place, "estimate"] == pytest.approx(margin.margeff[place_of], rel=1e-8)


def test_a_separated_specification_is_excluded_with_its_reason_and_the_others_are_not(states):
    spoiled = states.assign(strict=np.where(states["any"] == 1, 1, states["strict"]))
    curve = curve_of(spoiled).run()
    assert set(curve.loc[curve["outcome"] == "strict", "excluded"]) == {"separation"}
    assert set(curve.loc[curve["outcome"] == "wide", "excluded"]) == {""}
    assert curve.loc[curve["outcome"] == "strict", ["estimate", "low", "high", "p_value"]].isna().all(axis=None)
    assert summarise_curve(curve)[["usable", "excluded"]].tolist() == [8, 8]


def test_a_specification_that_names_no_column_is_refused(states):
    with pytest.raises(UserError, match="design: got no column wealth"):
        GLMCurve({"a": [1]}, lambda _: GLMSpecification(states["wide"], "wealth", ["constant"]), states[["constant"]])


def test_the_summary_is_counted_by_hand():
    curve = pd.DataFrame(
        {
            "estimate": [0.1, 0.2, 0.3, -0.4, np.nan],
            "p_value": [0.5, 0.04, 0.001, 0.03, np.nan],
            "excluded": ["", "", "", "", "separation"],
        }
    )
    found = summarise_curve(curve)
    assert found[["specifications", "usable", "excluded"]].tolist() == [5, 4, 1]
    assert found["median"] == pytest.approx(0.15)
    assert found[["share_positive", "share_same_sign"]].tolist() == [0.75, 0.75]
    assert found[["share_significant_positive", "share_significant_negative"]].tolist() == [0.5, 0.25]
    with pytest.raises(UserError, match=r"got no estimate \(separation\)"):
        summarise_curve(curve.iloc[4:])


def test_shares_of_variance_are_the_sobol_indices_of_a_function_with_an_interaction():
    """x + 2 y + x z over -1 and 1: variance 6; first-order 1, 4, 0; total 2, 4, 1 (all of 6)."""
    grid = specifications({"x": [-1, 1], "y": [-1, 1], "z": [-1, 1]})
    curve = grid.assign(estimate=grid["x"] + 2 * grid["y"] + grid["x"] * grid["z"], excluded="")
    found = influence_of_choices(curve, ["x", "y", "z"]).set_index("choice")
    assert found.index[0] == "y"
    assert found.loc[["x", "y", "z"], "share_alone"].to_numpy() * 6 == pytest.approx([1, 4, 0])
    assert found.loc[["x", "y", "z"], "share_total"].to_numpy() * 6 == pytest.approx([2, 4, 1])
    assert found.loc[["x", "y", "z"], "mean_difference"].to_numpy() == pytest.approx([2, 4, 2])
    assert found.loc[["x", "y", "z"], "range_of_means"].to_numpy() == pytest.approx([2, 4, 0])
    assert found.loc["y", "sign_changes"] == 0.5  # -4 to 0 and 0 to 4 do not change the sign; -2 to 2 do


@settings(max_examples=10)
@given(st.integers(0, 10**6))
def test_matched_pairs_are_those_a_double_loop_finds_also_where_specifications_are_missing(seed):
    rng = np.random.default_rng(seed)
    grid = specifications({"a": [1, 2, 3], "b": ["x", "y"], "c": [0, 1]})
    curve = grid.assign(estimate=rng.normal(size=12), excluded=np.where(rng.random(12) < 0.3, "separation", ""))
    usable = curve[curve["excluded"] == ""]
    if usable.empty:
        return
    found = influence_of_choices(curve, ["a", "b", "c"]).set_index("choice")
    for choice in "abc":
        others = [other for other in "abc" if other != choice]
        gaps = [
            abs(one["estimate"] - two["estimate"])
            for (_, one), (_, two) in combinations(usable.iterrows(), 2)
            if (one[others] == two[others]).all()
        ]
        assert found.loc[choice, "pairs"] == len(gaps)
        assert found.loc[choice, "mean_difference"] == pytest.approx(np.mean(gaps) if gaps else np.nan, nan_ok=True)


def treated_by(values, deals):
    return {tuple(row) for row in np.asarray(values)[deals.orders].tolist()}


@pytest.mark.parametrize("values", [[1, 1, 0, 0, 0], [2, 1, 0, 0], ["a", "b", "a"], [0.5, 0.5, 1.5]])
def test_all_deals_are_the_distinct_permutations(values):
    deals = deal_treatment(values, draws=1000, seed=1)
    assert treated_by(values, deals) == set(permutations(values))
    assert len(deals.orders) == len(set(permutations(values))) == deals.possible
    assert deals.complete


def test_deals_stay_within_blocks_and_keep_units_whole():
    treatment = np.array([1, 1, 0, 0, 0, 1, 1, 0, 0, 1])
    units = np.array(["a", "a", "b", "c", "c", "d", "d", "e", "e", "f"])
    block = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
    deals = deal_treatment(treatment, draws=1000, seed=1, within=block, units=units)
    dealt = treatment[deals.orders]
    assert len(deals.orders) == 3 * 3  # one of a, b, c; two of d, e, f
    for unit in "abcdef":
        assert (np.ptp(dealt[:, units == unit], axis=1) == 0).all()
    first = {"a": 0, "b": 2, "c": 3, "d": 5, "e": 7, "f": 9}
    assert (dealt[:, [first[u] for u in "abc"]].sum(axis=1) == 1).all()
    assert (dealt[:, [first[u] for u in "def"]].sum(axis=1) == 2).all()
    few = deal_treatment(treatment, draws=8, seed=1, within=block, units=units)
    assert not few.complete
    assert treated_by(treatment, few) <= treated_by(treatment, deals)


def test_two_codings_of_one_treatment_move_together(states):
    deals = deal_treatment(states[["any", "dose"]], draws=20, seed=3)
    for order in deals.orders:
        moved = states[["any", "dose"]].to_numpy()[order]
        assert ((moved[:, 1] > 0) == (moved[:, 0] == 1)).all()
        assert sorted(moved[:, 1]) == sorted(states["dose"])


def test_random_deals_are_all_equally_likely_and_the_seed_decides_them():
    treatment = [1, 1, 1, 0, 0, 0]
    seen = pd.Series(
        [tuple(row) for seed in range(300) for row in np.array(treatment)[deal_treatment(treatment, 19, seed).orders]]
    ).value_counts()
    assert len(seen) == 20
    assert chisquare(seen).pvalue > 0.001
    one, two = deal_treatment(treatment, 19, 5), deal_treatment(treatment, 19, 5)
    assert (one.orders == two.orders).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"treatment": [1, 1, 1]}, "got one value in each block"),
        ({"treatment": [1, 1, 0, 0], "within": [1, 1, 2, 2]}, "got one value in each block"),
        ({"treatment": [1, 0, 0], "units": ["a", "a", "b"]}, "unit a: got two values of treatment"),
        ({"treatment": [1, 1, 0], "units": ["a", "a", "b"], "within": [1, 2, 2]}, "unit a: got two values of block"),
    ],
)
def test_a_treatment_that_cannot_be_dealt_is_named(arguments, message):
    with pytest.raises(UserError, match=message):
        deal_treatment(draws=10, seed=1, **arguments)


def difference_of_means(y, treatment):
    """A curve of one specification in closed form."""

    def estimates(order):
        treated = treatment[order] == 1
        gap = y[treated].mean() - y[~treated].mean()
        return np.array([gap]), np.array([2 * norm.sf(abs(gap))])

    return estimates


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.sampled_from([1, -1]))
def test_with_one_specification_it_is_the_exact_permutation_test_of_scipy(seed, direction):
    rng = np.random.default_rng(seed)
    y, treatment = rng.integers(0, 6, 8).astype(float), np.array([1, 1, 1, 0, 0, 0, 0, 0])
    test = joint_permutation_test(difference_of_means(y, treatment), deal_treatment(treatment, 100, 1), direction)
    theirs = permutation_test(
        (y[:3], y[3:]), lambda a, b: a.mean() - b.mean(), n_resamples=np.inf,
        alternative="greater" if direction > 0 else "less",
    )  # fmt: skip
    p_value = test.summary.set_index("statistic")["p_value"]
    assert p_value["median"] == pytest.approx(theirs.pvalue)
    assert p_value["stouffer_z"] == pytest.approx(theirs.pvalue)
    assert (test.deals, test.complete, test.smallest_p) == (56, True, 1 / 56)


def test_of_two_shares_it_is_fishers_exact_test():
    y, treatment = np.array([1, 1, 1, 1, 0, 1, 0, 0, 0, 0.0]), np.repeat([1, 0], 5)
    test = joint_permutation_test(difference_of_means(y, treatment), deal_treatment(treatment, 300, 1), 1)
    assert test.summary["p_value"][0] == pytest.approx(fisher_exact([[4, 1], [1, 4]], alternative="greater")[1])
    both = joint_permutation_test(difference_of_means(y, treatment), deal_treatment(treatment, 300, 1), 0)
    assert both.summary["p_value"][0] == pytest.approx(fisher_exact([[4, 1], [1, 4]])[1])


def test_a_batch_gives_the_p_values_of_every_deal_fitted_one_by_one_by_statsmodels():
    """All 35 ways to treat 3 of 7, four specifications of a Poisson regression, two-sided."""
    from statsmodels.discrete.discrete_model import Poisson

    rng = np.random.default_rng(4)
    design = pd.DataFrame({"constant": 1.0, "t": [1.0, 0, 0, 1, 0, 1, 0], "x": rng.normal(size=7)})
    counts = {"few": rng.poisson(4, 7) + 1, "many": rng.poisson(9, 7) + 1}
    choices = {"outcome": list(counts), "x": [False, True]}
    curve = GLMCurve(
        choices,
        lambda chosen: GLMSpecification(
            counts[chosen["outcome"]], "t", ["constant", *(["x"] * chosen["x"])], family="poisson", covariance="model"
        ),
        design,
    )
    test = joint_permutation_test(curve.shuffled, deal_treatment(design["t"], 99, seed=1))

    def statistics(treated):
        fitted = [
            Poisson(counts[outcome], np.column_stack([np.ones(7), treated, *([design["x"]] * x)])).fit(
                disp=False, method="newton", tol=1e-12
            )
            for outcome, x in product(*choices.values())
        ]
        b, p = np.array([fit.params[1] for fit in fitted]), np.array([fit.pvalues[1] for fit in fitted])
        z = np.sign(b) * norm.isf(p / 2)
        return (
            abs(np.median(b)),
            max(((p < 0.05) & (b > 0)).mean(), ((p < 0.05) & (b < 0)).mean()),
            abs(z.sum()) / np.sqrt(len(z)),
        )

    observed = statistics(design["t"])
    null = np.array([statistics(np.isin(np.arange(7), treated) * 1.0) for treated in combinations(range(7), 3)])
    assert test.summary["observed"].to_numpy() == pytest.approx(observed, rel=1e-7)
    assert np.sort(test.null.to_numpy(), axis=0) == pytest.approx(np.sort(null, axis=0), rel=1e-6, abs=1e-9)
    assert test.summary["p_value"].to_numpy() == pytest.approx((null >= np.array(observed) - 1e-7).mean(axis=0))
    assert (test.summary["ties"] >= 1).all()
    assert (test.complete, test.deals, test.lost) == (True, 35, 0)


def test_the_statistics_of_a_curve_follow_their_definitions():
    curve = np.array([0.3, 0.2, -0.1, np.nan]), np.array([0.01, 0.2, 0.04, np.nan])
    z = np.array([norm.isf(0.005), norm.isf(0.1), -norm.isf(0.02)])
    up, down, both = (curve_statistics(*curve, direction) for direction in (1, -1, 0))
    assert list(up.values()) == pytest.approx([0.2, 1 / 3, z.sum() / np.sqrt(3)])
    assert list(down.values()) == pytest.approx([-0.2, 1 / 3, -z.sum() / np.sqrt(3)])
    assert list(both.values()) == pytest.approx([0.2, 1 / 3, abs(z.sum()) / np.sqrt(3)])
    assert set(curve_statistics(curve[0][3:], curve[1][3:]).values()) == {np.inf}


def test_a_deal_without_any_estimate_counts_against_the_finding():
    treatment = np.array([1, 1, 0, 0, 0, 0])

    def estimates(order):
        known = (treatment[order] == treatment).all()
        return np.array([5.0 if known else np.nan]), np.array([0.001 if known else np.nan])

    test = joint_permutation_test(estimates, deal_treatment(treatment, 100, 1))
    assert (test.summary["p_value"] == 1).all()
    assert test.lost == pytest.approx(14 / 15)
    with pytest.raises(UserError, match="got no specification with an estimate"):
        joint_permutation_test(lambda _: (np.array([np.nan]),) * 2, deal_treatment(treatment, 100, 1))
    with pytest.raises(UserError, match="direction: got 2"):
        joint_permutation_test(estimates, deal_treatment(treatment, 100, 1), direction=2)


def test_under_the_null_it_rejects_as_often_as_it_says():
    """Four logits of one made-up outcome; 19 deals: a p-value of 1/20 comes up once in twenty."""
    rng = np.random.default_rng(2020)
    rows, trials = 60, 80
    rejected = np.zeros(2)
    for trial in range(trials):
        x, z = rng.normal(size=rows), rng.normal(size=rows)
        design = pd.DataFrame({"constant": 1.0, "t": rng.permutation(rows) < rows / 2, "x": x, "z": z}).astype(float)
        yes = rng.random(rows) < 1 / (1 + np.exp(-x - 0.5 * z))

        def specify(chosen, yes=yes):
            return GLMSpecification(yes, "t", ["constant", *(name for name in "xz" if chosen[name])])

        curve = GLMCurve({"x": [0, 1], "z": [0, 1]}, specify, design)
        test = joint_permutation_test(curve.shuffled, deal_treatment(design["t"], 19, seed=trial))
        p_value = test.summary.set_index("statistic")["p_value"]
        rejected += p_value[["median", "stouffer_z"]].to_numpy() <= 0.05 + 1e-12
    low, high = binom.interval(0.999, trials, 0.05)
    assert (low <= rejected).all()
    assert (rejected <= high).all()


def test_where_rows_of_a_unit_are_alike_dealing_by_units_keeps_the_size_and_by_rows_does_not():
    rng = np.random.default_rng(7)
    unit, trials = np.repeat(np.arange(12), 10), 100
    rejected = {"units": 0, "rows": 0}
    for trial in range(trials):
        treatment = (rng.permutation(12) < 6)[unit].astype(int)
        y = rng.normal(size=12)[unit] + rng.normal(size=120)
        for way, units in (("units", unit), ("rows", None)):
            deals = deal_treatment(treatment, 19, trial, units=units)
            test = joint_permutation_test(difference_of_means(y, treatment), deals)
            rejected[way] += test.summary["p_value"][0] <= 0.05 + 1e-12
    low, high = binom.interval(0.999, trials, 0.05)
    assert low <= rejected["units"] <= high
    assert rejected["rows"] > 2 * high


def test_an_effect_that_is_there_gets_the_smallest_p_value_that_there_is(states):
    clear = states.assign(strict=states["any"].astype(int) ^ (np.arange(120) % 7 == 0))
    clear["wide"] = clear["strict"]
    test = joint_permutation_test(curve_of(clear).shuffled, deal_treatment(clear[["any", "dose"]], 39, seed=1), 1)
    assert test.summary.set_index("statistic").loc[["median", "stouffer_z"], "p_value"].tolist() == [1 / 40] * 2
    assert test.smallest_p == 1 / 40
    assert not test.complete
