"""Survival: against R's printed output, statsmodels, brute force and simulation; refusals of what cannot be judged."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compacts.stats.hazards import cox_hazard_ratio, firth_hazard_ratio
from compacts.stats.log_rank import log_rank_scores, permutation_log_rank
from compacts.stats.survival import (
    bound_if_none_ended,
    life_at,
    restricted_mean,
    survival_beyond,
    survival_curve,
)
from compendium.errors import UserError

# R's package survival, data set aml (Miller 1997): maintained, then not maintained
AML = {
    "maintained": ([9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161], [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0]),
    "not": ([5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45], [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]),
}
# the same package, data set ovarian (Edmunson and others 1979): futime, fustat, rx
OVARIAN = (
    [59, 115, 156, 421, 431, 448, 464, 475, 477, 563, 638, 744, 769, 770, 803, 855, 1040, 1106, 1129, 1206, 1227, 268, 329,
     353, 365, 377],
    [1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0],
    [1, 1, 1, 2, 1, 1, 2, 2, 1, 2, 1, 2, 2, 2, 1, 1, 1, 1, 2, 2, 2, 1, 1, 2, 2, 2],
)  # fmt: skip


def both():
    times = AML["maintained"][0] + AML["not"][0]
    ended = AML["maintained"][1] + AML["not"][1]
    return np.array(times, float), np.array(ended, float), np.array([True] * 11 + [False] * 12)


@pytest.mark.parametrize(
    ("group", "mean", "error", "median"), [("maintained", 52.6, 19.83, 31), ("not", 22.7, 4.18, 23)]
)
def test_restricted_means_and_medians_are_those_printed_by_r(group, mean, error, median):
    """print(survfit(Surv(time, status) ~ x, data = aml), print.rmean = TRUE), R's survival: upper limit 161."""
    curve = survival_curve(*AML[group])
    got, deviation = restricted_mean(curve, 161)
    assert (round(got, 1), round(deviation, 2)) == (mean, error)
    assert life_at(curve)[0] == median


def test_the_curve_is_that_printed_by_r():
    """summary(survfit(Surv(time, status) ~ x, data = aml)), x = Maintained."""
    curve = survival_curve(*AML["maintained"]).query("ended > 0")
    assert curve["time"].tolist() == [9, 13, 18, 23, 31, 34, 48]
    assert curve["at_risk"].tolist() == [11, 10, 8, 7, 5, 4, 2]
    assert curve["survival"].round(3).tolist() == [0.909, 0.818, 0.716, 0.614, 0.491, 0.368, 0.184]
    errors = curve["survival"] * np.sqrt(curve["variance"])
    assert errors.round(4).tolist() == [0.0867, 0.1163, 0.1397, 0.1526, 0.1642, 0.1627, 0.1535]


@pytest.mark.parametrize(
    ("data", "observed", "expected", "chi_square"),
    [(both(), 7, 10.69, 3.4), ((*map(np.array, OVARIAN[:2]), np.array(OVARIAN[2]) == 1), 7, 5.23, 1.1)],
    ids=["aml", "ovarian"],
)
def test_the_log_rank_difference_is_that_printed_by_r(data, observed, expected, chi_square):
    """survdiff(Surv(time, status) ~ x, data = aml); survdiff(Surv(futime, fustat) ~ rx, data = ovarian)."""
    times, ended, first = data
    test = permutation_log_rank(times, ended, first, draws=20_000, seed=1)
    assert test.difference == pytest.approx(observed - expected, abs=0.006)
    from scipy.stats import chi2

    assert test.p_value == pytest.approx(chi2.sf(chi_square, 1), abs=0.03)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=5, max_size=30))
def test_bounds_of_the_median_are_those_of_statsmodels(spells):
    from statsmodels.duration.survfunc import SurvfuncRight

    times, ended = map(np.array, zip(*spells, strict=True))
    if not ended.any():
        return
    curve = survival_curve(times, ended)
    theirs = SurvfuncRight(times, ended.astype(int))
    if (theirs.surv_prob == 0).any():  # statsmodels divides by zero there
        return
    _, low, _ = life_at(curve)
    with np.errstate(all="ignore"):
        expected = theirs.quantile_ci(0.5, method="cloglog")[0]
    # theirs transforms by delta method, as ours does: the first end whose lower bound is at or below one half
    if np.isfinite(expected):
        assert low == expected


def test_late_entry_gives_the_curve_of_a_count_by_hand():
    duration, ended = np.array([5.0, 6, 6, 8, 10, 12]), np.array([1, 1, 0, 1, 1, 0])
    entry = np.array([0.0, 2, 5, 3, 0, 7])
    curve = survival_curve(duration, ended, entry)
    survival = 1.0
    for time in (5.0, 6, 8, 10):
        at_risk = sum(e < time <= d for d, e in zip(duration, entry, strict=True))
        survival *= 1 - sum((duration == time) & (ended == 1)) / at_risk
        assert curve.loc[curve["time"] == time, "survival"].iloc[0] == pytest.approx(survival)


def test_survival_beyond_an_age_is_the_ratio_of_the_curve_at_both_ages():
    times, ended, _ = both()
    curve = survival_curve(times, ended).set_index("time")["survival"]
    found = survival_beyond(times, ended, age=12, ahead=19)
    assert found["survival"] == pytest.approx(curve[31] / curve[12])
    steps = np.append(np.arange(12, 31, 0.001), 31)
    heights = np.array([curve[curve.index <= t].iloc[-1] for t in steps[::500]])
    assert found["mean"] == pytest.approx(heights.mean() / curve[12] * 19, rel=0.03)


def test_the_exact_p_value_is_that_of_all_orders_of_the_labels():
    times, ended = np.array([1.0, 2, 2, 4, 5, 7]), np.array([1, 1, 0, 1, 1, 0])
    first = np.array([True, True, False, True, False, False])

    def difference(labels):
        total = 0.0
        for time in np.unique(times[ended == 1]):
            at_risk = times >= time
            dead = (times == time) & (ended == 1)
            total += (dead & labels).sum() - dead.sum() * (at_risk & labels).sum() / at_risk.sum()
        return total

    sums = [difference(first[list(order)]) for order in permutations(range(6))]
    expected = np.mean(np.abs(sums) >= abs(difference(first)) - 1e-9)
    test = permutation_log_rank(times, ended, first, draws=1, seed=1)
    assert test.exact
    assert test.p_value == pytest.approx(expected)
    assert test.difference == pytest.approx(difference(first))
    assert log_rank_scores(times, ended).sum() == pytest.approx(0)


def test_random_divisions_come_near_to_all_of_them(monkeypatch):
    times, ended, first = both()
    from compacts.stats import log_rank

    keep = np.r_[0:7, 11:19]
    exact = permutation_log_rank(times[keep], ended[keep], first[keep], draws=1, seed=1)
    monkeypatch.setattr(log_rank, "MOST_ENUMERATED", 10)
    drawn = permutation_log_rank(times[keep], ended[keep], first[keep], draws=20_000, seed=1)
    assert exact.exact
    assert not drawn.exact
    assert drawn.p_value == pytest.approx(exact.p_value, abs=0.012)
    assert drawn.smallest_p == 1 / 20_001


def test_log_log_intervals_cover_what_they_promise():
    rng = np.random.default_rng(5)
    held = []
    for _ in range(600):
        life, watched = rng.exponential(10, 40), rng.uniform(3, 30, 40)
        curve = survival_curve(np.minimum(life, watched), life <= watched)
        row = curve[curve["time"] <= 7].iloc[-1]
        held.append(row["low"] <= np.exp(-0.7) <= row["high"])
    assert np.mean(held) == pytest.approx(0.95, abs=0.025)


def test_cox_and_firth_agree_with_many_ends_and_firth_stays_finite_where_one_group_has_none():
    rng = np.random.default_rng(2)
    group = np.repeat([0.0, 1.0], 200)
    life = rng.exponential(np.where(group == 1, 5, 10))
    over = life < 15
    cox = cox_hazard_ratio(np.minimum(life, 15), over, group)
    firth = firth_hazard_ratio(np.minimum(life, 15), over, group)
    assert firth.ratio == pytest.approx(cox.ratio, rel=0.01)
    assert (firth.low, firth.high) == pytest.approx((cox.low, cox.high), rel=0.02)
    apart = ([1, 2, 3, 9, 9, 9], [1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0])
    assert 1 < firth_hazard_ratio(*apart).ratio < 1000
    with pytest.raises(UserError, match="firth_hazard_ratio"):
        cox_hazard_ratio(*apart)


def test_cox_is_that_printed_by_r():
    """coxph(Surv(time, status) ~ x, data = aml): coef 0.9155, exp(coef) 2.498, se 0.5119, p 0.0737."""
    times, ended, first = both()
    found = cox_hazard_ratio(times, ended, ~first)
    assert found.ratio == pytest.approx(2.498, abs=0.001)
    assert found.p_value == pytest.approx(0.0737, abs=0.0001)


def test_firth_maximises_the_penalised_likelihood_of_a_grid():
    times, ended, group = np.array([1.0, 2, 3, 4, 5]), np.array([1, 1, 1, 0, 0]), np.array([1.0, 1, 1, 0, 0])

    def penalised(beta):
        value, information = 0.0, 0.0
        for i in np.flatnonzero(ended):
            risk = times >= times[i]
            weight = np.exp(beta * group[risk])
            share = weight / weight.sum()
            value += beta * group[i] - np.log(weight.sum())
            information += share @ group[risk] ** 2 - (share @ group[risk]) ** 2
        return value + 0.5 * np.log(information)

    grid = np.arange(-2, 6, 0.001)
    best = grid[np.argmax([penalised(beta) for beta in grid])]
    assert np.log(firth_hazard_ratio(times, ended, group).ratio) == pytest.approx(best, abs=0.002)


def test_where_nothing_ended_there_is_a_curve_without_width_and_a_bound():
    curve = survival_curve([3, 4, 5], [0, 0, 0])
    assert curve["survival"].tolist() == [1.0, 1.0]
    assert curve[["low", "high"]].isna().all().all()
    assert life_at(curve) == (np.inf, np.inf, np.inf)
    bound = bound_if_none_ended(20)
    assert (1 - bound) ** 20 == pytest.approx(0.05)
    found = survival_beyond([3, 4, 5], [0, 0, 0], age=1, ahead=3)
    assert (found["survival"], found["mean"]) == (1.0, 3.0)
    assert np.isnan(found["mean_low"])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: survival_curve([], []), "got none"),
        (lambda: survival_curve([1, 0], [1, 1]), "row 1: got duration 0"),
        (lambda: survival_curve([1, np.nan], [1, 1]), "a duration above zero"),
        (lambda: survival_curve([1, 2], [1, 2]), "ended or not"),
        (lambda: survival_curve([1, 2], [1, 1], [0, 2]), "an entry before the exit"),
        (lambda: survival_curve([1, 2], [1]), "as many of each"),
        (lambda: survival_curve([1, 5, 9], [1, 1, 1], [0, 2, 3]), "no unit at risk after age 1"),
        (lambda: survival_beyond([1, 2], [1, 1], 1, 5), "look less far ahead"),
        (lambda: permutation_log_rank([1, 2], [1, 1], [True, True], draws=9, seed=1), "expected two groups"),
        (lambda: permutation_log_rank([1, 2], [0, 0], [True, False], draws=9, seed=1), "no end in either"),
        (lambda: cox_hazard_ratio([1, 2], [1, 1], [1, 1]), "the same everywhere"),
        (lambda: firth_hazard_ratio([1, 2], [0, 0], [1, 0]), "got no end"),
        (lambda: bound_if_none_ended(0), "got 0 units"),
    ],
)
def test_what_cannot_be_judged_is_refused_with_a_reason(call, words):
    with pytest.raises(UserError, match=words):
        call()


def test_ties_and_equal_times_give_a_p_value_of_one():
    assert permutation_log_rank([2, 2, 2, 2], [1, 1, 1, 1], [True, False, True, False], draws=9, seed=1).p_value == 1
