"""Errors of coding that differ between groups: closed forms, all wrong codes by hand, and simulation."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from compacts.stats.tipping_point import corrected_difference, tipping_grid, tipping_point
from compacts.stats.wrong_codes import bounds_with_wrong_codes, breakdown_share, codes_to_overturn
from compendium.errors import UserError

YES, OF = (30, 52), (100, 110)


def test_a_corrected_share_is_the_one_that_epir_gives():
    # reference page of epi.prev, R epiR 2.0: brucellosis in 23 of 150 cows, sensitivity 96 and specificity 89 per cent,
    # "the estimated true prevalence ... is 5.1 cases per 100 cows"
    found = corrected_difference((23, 0), (150, 150), (0.96, 1), (0.89, 1))
    assert round(100 * found.first, 1) == 5.1


def test_without_error_it_is_the_difference_of_two_shares_with_walds_interval():
    found = corrected_difference(YES, OF, (1, 1), (1, 1))
    gap = 52 / 110 - 0.3
    reach = 1.959964 * np.sqrt(0.3 * 0.7 / 100 + 52 / 110 * 58 / 110 / 110)
    assert (found.difference, found.low, found.high) == pytest.approx((gap, gap - reach, gap + reach), abs=1e-6)


@settings(max_examples=60)
@given(
    shares=st.tuples(st.floats(0.02, 0.98), st.floats(0.02, 0.98)),
    sensitivity=st.tuples(st.floats(0.55, 1), st.floats(0.55, 1)),
    specificity=st.tuples(st.floats(0.55, 1), st.floats(0.55, 1)),
)
def test_it_gives_back_the_shares_that_were_coded_with_error(shares, sensitivity, specificity):
    coded = [round(1e9 * (p * a + (1 - p) * (1 - b))) for p, a, b in zip(shares, sensitivity, specificity, strict=True)]
    found = corrected_difference(tuple(coded), (10**9, 10**9), sensitivity, specificity)
    assert (found.first, found.second) == pytest.approx(shares, abs=1e-7)
    assert found.possible


def test_its_interval_covers_the_true_difference():
    rng = np.random.default_rng(1978)
    sensitivity, specificity, true = (0.9, 0.7), (0.95, 0.9), np.array([0.3, 0.5])
    chance = true * sensitivity + (1 - true) * (1 - np.array(specificity))
    inside = [
        found.low <= 0.2 <= found.high
        for yes in rng.binomial([400, 500], chance, (2000, 2))
        for found in [corrected_difference(tuple(yes), (400, 500), sensitivity, specificity)]
    ]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.02)


@settings(max_examples=60)
@given(
    yes=st.tuples(st.integers(5, 95), st.integers(5, 95)),
    baseline=st.tuples(st.sampled_from([0.8, 0.9, 1.0]), st.sampled_from([0.9, 0.95, 1.0])),
    error=st.sampled_from(["sensitivity", "specificity"]),
)
def test_at_the_tipping_point_the_difference_is_zero_and_at_the_nearer_one_the_interval_ends_there(
    yes, baseline, error
):
    of = (100, 100)
    start = corrected_difference(yes, of, (baseline[0],) * 2, (baseline[1],) * 2)
    assume(start.possible and yes[0] != yes[1])
    found = tipping_point(yes, of, error, baseline)

    def at(value):
        pairs = [baseline, baseline]
        pairs[1] = (value, baseline[1]) if error == "sensitivity" else (baseline[0], value)
        return corrected_difference(yes, of, (pairs[0][0], pairs[1][0]), (pairs[0][1], pairs[1][1]))

    if np.isnan(found.to_zero):
        tried = [v for v in np.linspace(0, 1, 201) if v + baseline[1 if error == "sensitivity" else 0] > 1 + 1e-9]
        assert len({np.sign(at(value).difference) for value in tried}) == 1
        assert found.sentence().startswith(f"no {error} in the second group")
        return
    assert at(found.to_zero).difference == pytest.approx(0, abs=1e-9)
    end = at(found.to_interval)
    nearer = end.low if start.difference > 0 else end.high
    if start.low * start.high > 0:
        assert nearer == pytest.approx(0, abs=1e-7)
    else:
        assert found.to_interval == found.baseline


def test_the_tipping_point_of_perfect_first_codes_is_the_closed_form():
    # a rise from .30 to .45 is false if 15 of the 70 others were coded so; a fall from .45 to .30 if 15 of 45 were missed
    assert tipping_point((30, 45), (100, 100), "specificity").to_zero == pytest.approx(1 - 15 / 70)
    assert tipping_point((45, 30), (100, 100), "sensitivity").to_zero == pytest.approx(30 / 45)
    assert np.isnan(tipping_point((30, 45), (100, 100), "sensitivity").to_zero)


def test_the_grid_turns_where_the_tipping_point_says():
    found = tipping_point(YES, OF, "specificity")
    steps = [1.0, found.to_interval + 1e-6, found.to_interval - 1e-6, found.to_zero, 0.55, 0.5]
    grid = tipping_grid(YES, OF, [1.0], steps)
    assert grid["finding"].tolist() == ["kept", "kept", "lost", "lost", "turned", "impossible"]
    assert grid.loc[3, "difference"] == pytest.approx(0, abs=1e-12)


def test_bounds_are_those_of_all_codes_that_may_be_wrong():
    first, second = [1, 0, 0, 0], [1, 1, 1, 0, 0]
    differences = []
    for wrong in product([0, 1], repeat=9):
        if sum(wrong[:4]) <= 1 and sum(wrong[4:]) <= 2:
            flipped = [code ^ w for code, w in zip(first + second, wrong, strict=True)]
            differences.append(np.mean(flipped[4:]) - np.mean(flipped[:4]))
    assert bounds_with_wrong_codes((1, 3), (4, 5), (1 / 4, 2 / 5)) == pytest.approx(
        (min(differences), max(differences))
    )


def test_half_the_difference_is_the_share_of_wrong_codes_that_undoes_it():
    share = breakdown_share(YES, OF)
    assert share == pytest.approx((52 / 110 - 0.3) / 2)
    assert bounds_with_wrong_codes(YES, OF, (share - 1e-9,) * 2)[0] > 0
    assert bounds_with_wrong_codes(YES, OF, (share + 1e-9,) * 2)[0] < 0


@pytest.mark.parametrize("yes", [(10, 30), (30, 10), (0, 40), (20, 22), (40, 0)])
def test_one_code_fewer_than_needed_to_overturn_leaves_the_test_rejecting(yes):
    number = codes_to_overturn(yes, (40, 50))
    step = -1 if yes[1] / 50 > yes[0] / 40 else 1

    def p_value(changed):
        second = yes[1] + step * changed
        return fisher_exact([[yes[0], 40 - yes[0]], [second, 50 - second]])[1]

    assert p_value(number) > 0.05
    assert number == 0 or p_value(number - 1) <= 0.05
    assert (number == 0) == (yes == (20, 22))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: corrected_difference((1, 2), (0, 4), (1, 1), (1, 1)), "counts: got"),
        (lambda: corrected_difference((5, 2), (4, 4), (1, 1), (1, 1)), "counts: got"),
        (lambda: corrected_difference((1, 2), (4, 4), (1.2, 1), (1, 1)), "expected 0 to 1"),
        (lambda: corrected_difference((1, 2), (4, 4), (0.4, 1), (0.6, 1)), "which tell nothing"),
        (lambda: tipping_point((1, 2), (40, 40), "sensitivity", (1.0, 0.5)), "cannot give"),
        (lambda: bounds_with_wrong_codes((1, -2), (4, 4), (0, 0)), "counts: got"),
    ],
)
def test_what_cannot_be_is_named(call, message):
    with pytest.raises(UserError, match=message):
        call()
