"""Worst-case bounds hold for every way in which the missing facts may turn out, and are reached."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compacts.stats.bounds import vary_weights, worst_case_bounds
from compendium.errors import UserError

FACTS = st.lists(
    st.tuples(*[st.one_of(st.none(), st.floats(0, 1))] * 4), min_size=1, max_size=5
).map(lambda rows: pd.DataFrame(rows, columns=list("abcd"), dtype=float))  # fmt: skip


@given(FACTS, st.integers(0, 10**6))
def test_the_truth_lies_between_the_bounds_whatever_the_missing_facts_are(facts, seed):
    rng = np.random.default_rng(seed)
    truth = facts.where(facts.notna(), pd.DataFrame(rng.random(facts.shape), columns=facts.columns)).mean(axis=1)
    bounds = worst_case_bounds(facts)
    assert (bounds["lower"] - 1e-12 <= truth).all()
    assert (truth <= bounds["upper"] + 1e-12).all()


@given(FACTS)
def test_the_bounds_are_as_far_apart_as_facts_are_missing(facts):
    bounds = worst_case_bounds(facts)
    assert (bounds["upper"] - bounds["lower"]).to_numpy() == pytest.approx(1 - bounds["known"].to_numpy())
    assert bounds["known"].to_numpy() == pytest.approx(facts.notna().mean(axis=1).to_numpy())


def test_weights_count():
    facts = pd.DataFrame({"vote": [1.0], "attendance": [np.nan]})
    assert worst_case_bounds(facts, {"vote": 3, "attendance": 1}).iloc[0].tolist() == [0.75, 1.0, 0.75]


def test_a_fact_outside_zero_to_one_is_named():
    facts = pd.DataFrame({"vote": [1.0, 2.0]}, index=["AAA", "BBB"])
    with pytest.raises(UserError, match=r"row BBB, column vote: got 2.0"):
        worst_case_bounds(facts)


def test_a_column_without_weight_is_named():
    with pytest.raises(UserError, match=r"column vote: got no weight"):
        worst_case_bounds(pd.DataFrame({"vote": [1.0]}), {"attendance": 1})


def test_pairs_ranked_under_a_draw_are_those_of_the_bounds_with_its_weights():
    """Brute force: the same weights through the bounds of every unit, pair by pair."""
    rng = np.random.default_rng(2)
    facts = pd.DataFrame(rng.choice([0.0, 1.0, np.nan], (15, 4)), columns=list("abcd"))
    found = vary_weights(facts, 6, seed=9)
    for draw, weights in enumerate(np.random.default_rng(9).dirichlet(np.ones(4), 6)):
        index = worst_case_bounds(facts, dict(zip(facts.columns, weights, strict=True)))
        over = [(i, j) for i in index.index for j in index.index if index["lower"][i] > index["upper"][j] + 1e-12]
        assert found.pairs[draw] == len(over)
        assert found.lower[draw] == pytest.approx(index["lower"].mean())
        assert found.upper[draw] == pytest.approx(index["upper"].mean())


def test_a_pair_counts_as_always_ranked_only_if_no_fact_speaks_against_it():
    facts = pd.DataFrame({"a": [1.0, 0.0, 1.0], "b": [1.0, 0.0, 0.0], "c": [np.nan, 0.0, 1.0]})
    assert vary_weights(facts, 50, seed=1).always == 2  # first and third over second
    assert vary_weights(facts, 50, seed=1).turned == 0


@pytest.mark.parametrize(("columns", "draws"), [(1, 5), (3, 0)])
def test_weights_of_one_fact_or_no_draws_are_refused(columns, draws):
    facts = pd.DataFrame(np.ones((2, columns)), columns=list("abc")[:columns])
    with pytest.raises(UserError, match="vary_weights: got"):
        vary_weights(facts, draws, seed=1)
