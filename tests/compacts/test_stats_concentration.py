"""Concentration, agreement of rankings and broken trends, against published values, closed forms, R's output and brute force."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from compacts.stats.concentration import concentration, concentration_by, gini, herfindahl, lorenz, shares
from compacts.stats.rankings import agreement, agreement_by_year, overlap, range_of_pairs
from compacts.stats.trend import best_break, broken_trend
from compendium.errors import UserError

AMOUNTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(lambda numbers: sum(numbers) > 0)


def series(*numbers: float) -> "pd.Series[float]":
    return pd.Series(numbers, dtype=float)


@pytest.mark.parametrize(
    ("numbers", "printed"),
    [
        ((1, 3, 2, 1, 1, 1, 4), 0.3076923),  # R, phylotools::gini, which takes its algorithm from ineq
        ((50, 50, 70, 70, 70, 90, 150, 150, 150, 150), 0.226),  # R, DescTools::Gini(unbiased = FALSE), statology.org
        (np.repeat([10, 20, 25, 55, 70, 90, 110, 115, 130], [9, 7, 7, 14, 22, 20, 8, 4, 1]), None),
    ],
)
def test_gini_is_what_r_prints(numbers, printed):
    found = gini(series(*numbers))
    if printed is None:  # brute force: half the relative mean absolute difference
        gaps = [abs(one - other) for one, other in itertools.product(numbers, repeat=2)]
        printed = np.mean(gaps) / (2 * np.mean(numbers))
    assert found == pytest.approx(printed, abs=5e-4 if printed == 0.226 else 5e-8)


@pytest.mark.parametrize("number", [2, 5, 193])
def test_gini_and_herfindahl_have_their_closed_forms(number):
    assert gini(series(*range(1, number + 1))) == pytest.approx((number - 1) / (3 * number))
    assert gini(series(*[7.0] * number)) == pytest.approx(0, abs=1e-12)
    assert gini(series(1, *[0.0] * (number - 1))) == pytest.approx((number - 1) / number)
    assert herfindahl(series(*[7.0] * number)) == pytest.approx(1 / number)


def test_herfindahl_of_the_merger_guidelines():
    assert 10_000 * herfindahl(series(30, 30, 20, 20)) == pytest.approx(
        2_600
    )  # US Horizontal Merger Guidelines 2010, note 9


@given(AMOUNTS)
def test_gini_is_twice_the_area_between_the_lorenz_curve_and_equality(numbers):
    curve = lorenz(series(*numbers))
    area = np.trapezoid(curve["amount"], curve["units"])
    assert gini(series(*numbers)) == pytest.approx(1 - 2 * area, abs=1e-9)
    assert curve["amount"].is_monotonic_increasing


def test_the_largest_is_left_out_and_a_single_unit_leaves_nothing():
    found = concentration(pd.Series({"A": 6.0, "B": 2.0, "C": 2.0}), largest=2)
    assert (found["first"], found["largest_share"], found["herfindahl_without"]) == (0.6, 0.8, 0.5)
    assert np.isnan(concentration(pd.Series({"A": 6.0}))["herfindahl_without"])


def test_negative_amounts_are_counted_and_left_out_by_group():
    frame = pd.DataFrame({"year": [1, 1, 1, 2], "donor": ["A", "B", "C", "A"], "usd": [3.0, 1.0, -5.0, -1.0]})
    found = concentration_by(frame, ["year"], "donor", "usd")
    assert found[["year", "units", "largest", "negative"]].to_numpy().tolist() == [[1, 2.0, "A", 1]]


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ((), "got no amounts"),
        ((0.0, 0.0), "a total of zero"),
        ((1.0, -1.0), "got -1.0 for 1"),
        ((1.0, np.nan), "got nan for 1"),
    ],
)
def test_totals_that_say_nothing_are_refused(numbers, told):
    with pytest.raises(UserError, match=told):
        shares(series(*numbers))


def test_two_rows_of_one_unit_and_groups_without_money_are_refused():
    frame = pd.DataFrame({"year": [1, 1], "donor": ["A", "A"], "usd": [3.0, 1.0]})
    with pytest.raises(UserError, match="got 1 A in two rows"):
        concentration_by(frame, ["year"], "donor", "usd")
    with pytest.raises(UserError, match="got no positive usd"):
        concentration_by(frame.assign(donor=["A", "B"], usd=0.0), ["year"], "donor", "usd")


@given(AMOUNTS, AMOUNTS)
def test_overlap_is_one_less_the_dissimilarity_index(one, other):
    width = max(len(one), len(other))
    first, second = (np.pad(np.array(side, dtype=float), (0, width - len(side))) for side in (one, other))
    dissimilarity = np.abs(first / first.sum() - second / second.sum()).sum() / 2  # Duncan and Duncan (1955)
    assert overlap(pd.Series(first), pd.Series(second)) == pytest.approx(1 - dissimilarity)


def test_agreement_counts_what_is_in_both_and_ranks_only_that():
    one, other = (
        pd.Series({"A": 5.0, "B": 4.0, "C": 3.0, "D": 0.0}),
        pd.Series({"B": 9.0, "C": 1.0, "A": 2.0, "E": 7.0}),
    )
    found = agreement(one, other)
    assert (found.first, found.second, found.common, found.jaccard) == (3, 4, 3, 0.75)
    by_hand = [
        np.sign(a - b) * np.sign(c - d) for (a, c), (b, d) in itertools.combinations([(5, 2), (4, 9), (3, 1)], 2)
    ]
    assert found.kendall == pytest.approx(np.mean(by_hand)) == pytest.approx(kendalltau([5, 4, 3], [2, 9, 1]).statistic)


@pytest.mark.parametrize(
    ("one", "other"), [({"A": 1.0}, {"B": 1.0}), ({"A": 1.0, "B": 1.0, "C": 1.0}, {"A": 1.0, "B": 2.0, "C": 3.0})]
)
def test_too_few_in_common_or_ties_throughout_have_no_order(one, other):
    found = agreement(pd.Series(one), pd.Series(other))
    assert np.isnan([found.spearman, found.kendall, found.weighted_tau]).all()


def test_a_side_without_money_is_refused():
    with pytest.raises(UserError, match="no positive amount in the second list"):
        agreement(pd.Series({"A": 1.0}), pd.Series({"A": 0.0}))
    frame = pd.DataFrame({"entity": ["IOM"], "year": [2020], "donor": ["A"], "amount_usd": [1.0]})
    with pytest.raises(UserError, match="no year with money of both"):
        agreement_by_year(frame, ("IOM", "UNHCR"), "donor")


def test_the_range_of_pairs_is_that_of_every_pair_but_one():
    generator = np.random.default_rng(1)
    entities = ["IOM", "UNHCR", "WFP", "UNDP"]
    frame = pd.DataFrame(
        [(entity, year, f"d{i}", generator.integers(0, 5)) for entity in entities for year in (1, 2) for i in range(9)],
        columns=["entity", "year", "donor", "amount_usd"],
    ).astype({"amount_usd": float})
    found = range_of_pairs(frame, entities, ("UNHCR", "IOM"), "donor").set_index(["measure", "year"])
    pairs = [pair for pair in itertools.combinations(entities, 2) if pair != ("IOM", "UNHCR")]
    each = pd.concat([agreement_by_year(frame, pair, "donor") for pair in pairs]).groupby("year")
    for measure in ("jaccard", "overlap", "weighted_tau"):
        expected = each[measure].agg(["min", "median", "max", "size"])
        assert found.loc[measure, ["low", "middle", "high", "pairs"]].to_numpy() == pytest.approx(expected.to_numpy())


def test_a_broken_trend_is_two_separate_lines():
    generator = np.random.default_rng(3)
    amounts = pd.Series(np.exp(0.1 * np.arange(13) + generator.normal(0, 0.05, 13)), index=range(2012, 2025))
    found = broken_trend(amounts, 2016)
    first, second = (np.polyfit(part.index, np.log(part), 1) for part in (amounts.loc[:2016], amounts.loc[2017:]))
    assert (found.before, found.after) == (pytest.approx(first[0]), pytest.approx(second[0]))
    assert found.step == pytest.approx(np.polyval(second, 2017) - np.polyval(first, 2017))


def test_the_interval_of_a_bend_is_that_of_another_package_and_covers_as_promised():
    from statsmodels.regression.linear_model import OLS

    generator, years, inside = np.random.default_rng(4), np.arange(2012, 2025), 0
    later = (years > 2016).astype(float)
    design = np.column_stack([np.ones(13), years - 2017.0, later, later * (years - 2017.0)])
    for draw in range(300):
        logs = 0.05 * (years - 2012) + 0.04 * later * (years - 2017) + generator.normal(0, 0.1, 13)
        found = broken_trend(pd.Series(np.exp(logs), index=years), 2016, 0.9)
        inside += found.low <= 0.04 <= found.high
        if draw == 0:
            low, high = OLS(logs, design).fit().conf_int(0.1)[3]
            assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
    assert 0.85 <= inside / 300 <= 0.95


def test_the_best_break_is_found_by_trying_all():
    amounts = pd.Series(np.exp([0, 1, 2, 3, 5, 5.1, 5.2, 5.3]), index=range(2000, 2008))
    assert best_break(amounts) == 2003


@pytest.mark.parametrize(
    ("amounts", "last", "told"),
    [((1, 2, 3, 4, 5, 6), 2000, "1 years up to 2000"), ((1, 2, 0, 4, 5, 6), 2002, "not positive")],
)
def test_short_sides_and_zeros_have_no_trend(amounts, last, told):
    with pytest.raises(UserError, match=told):
        broken_trend(pd.Series(amounts, index=range(2000, 2006), dtype=float), last)
    with pytest.raises(UserError, match="got 5 years, expected 6"):
        best_break(pd.Series([1.0] * 5, index=range(5)))
