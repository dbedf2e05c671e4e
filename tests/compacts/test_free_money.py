"""Free shares by hand on a made-up ledger; one unit among many against its own test turned round, and simulation."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compacts.free_money import change_between, free_shares, placebo_interval
from compendium.errors import UserError


def ledger(*rows: tuple) -> pd.DataFrame:
    return (
        pd.DataFrame(rows, columns=["entity", "year", "revenue_type", "amount_usd"])
        .assign(flow="revenue")
        .astype({"amount_usd": float})
    )


def rank_p(changes: pd.Series, unit: str, shift: float = 0.0) -> float:
    """Share of units as far from the mean of their rest as the unit, once the shift is taken off it: in plain loops."""
    values = changes.to_dict()
    values[unit] -= shift

    def distance(name: str) -> float:
        return abs(values[name] - np.mean([other for key, other in values.items() if key != name]))

    return float(np.mean([distance(name) >= distance(unit) - 1e-9 for name in values]))


def units(values) -> pd.Series:
    return pd.Series(list(values), index=[f"u{i}" for i in range(len(values))], dtype=float)


@pytest.mark.parametrize("seed", range(12))
def test_estimate_and_p_value_are_those_of_loops_over_units(seed):
    changes = units(np.random.default_rng(seed).standard_t(3, 9))
    found = placebo_interval(changes, "u4", 0.8)
    assert found.estimate == pytest.approx(changes["u4"] - changes.drop("u4").mean())
    assert found.p_value == pytest.approx(rank_p(changes, "u4"))
    assert (found.smallest_p, found.units) == (1 / 9, 9)


@pytest.mark.parametrize(("number", "confidence"), [(8, 0.75), (10, 0.9), (40, 0.95), (34, 0.95), (3, 0.6)])
def test_the_interval_holds_the_shifts_that_the_test_does_not_reject_and_no_others(number, confidence):
    for seed in range(8):
        changes = units(np.random.default_rng(seed).standard_t(3, number))
        found = placebo_interval(changes, "u0", confidence)
        alpha = 1 - confidence + 1e-9
        for end, outward in ((found.low, -1), (found.high, 1)):
            assert rank_p(changes, "u0", end - outward * 1e-6) > alpha
            assert rank_p(changes, "u0", end + outward * 1e-6) <= alpha


@settings(max_examples=40)
@given(st.lists(st.integers(-40, 40), min_size=4, max_size=14), st.sampled_from([0.5, 0.75, 0.9]))
def test_the_interval_leaves_out_zero_only_where_the_p_value_is_within_the_level(values, confidence):
    found = placebo_interval(units(values), "u1", confidence)
    if not found.low - 1e-9 <= 0 <= found.high + 1e-9:
        assert found.p_value <= 1 - confidence + 1e-9
    elif found.low < -1e-9 and found.high > 1e-9:
        assert found.p_value > 1 - confidence - 1e-9


def test_of_forty_units_alike_nineteen_in_twenty_intervals_hold_the_truth():
    rng, inside, draws = np.random.default_rng(7), 0, 600
    index = [f"u{i}" for i in range(40)]
    for values in rng.standard_t(4, (draws, 40)):
        values[0] += 2.5
        found = placebo_interval(pd.Series(values, index=index), "u0", 0.95)
        inside += found.low <= 2.5 <= found.high
    assert 0.93 <= inside / draws <= 0.975


def test_units_too_few_for_the_level_give_an_endless_interval():
    found = placebo_interval(units(range(8)), "u7", 0.95)
    assert (found.low, found.high, found.smallest_p) == (-np.inf, np.inf, 0.125)


def test_units_all_alike_are_no_sign_of_a_change():
    found = placebo_interval(units([2.0] * 20), "u3", 0.95)
    assert (found.estimate, found.low, found.high, found.p_value) == (0.0, 0.0, 0.0, 1.0)


@pytest.mark.parametrize(("values", "unit"), [([1.0, 2.0], "u0"), ([1.0, 2.0, 3.0], "elsewhere")])
def test_an_unknown_unit_or_one_without_two_others_is_refused(values, unit):
    with pytest.raises(UserError, match=f"got {len(values)} units, expected {unit} and two others"):
        placebo_interval(units(values), unit, 0.9)


def test_free_is_the_share_of_dues_and_core_gifts_in_all_revenue():
    rows = [
        ("A", 2011, "assessed", 10), ("A", 2011, "voluntary core", 20), ("A", 2011, "voluntary earmarked", 60), ("A", 2011, "other revenue", 10),
        ("A", 2012, "assessed", 5), ("A", 2012, "voluntary earmarked", 15),
        ("B", 2011, "voluntary core", 1), ("B", 2011, "voluntary earmarked", 3), ("B", 2012, "voluntary core", 1), ("B", 2012, "voluntary core", 1),
    ]  # fmt: skip
    expense = ledger(("A", 2011, "assessed", 999)).assign(flow="expense")
    found = free_shares(pd.concat([ledger(*rows), expense]), 2011, 2012)
    assert found.to_dict() == {"A": {2011: 0.3, 2012: 0.25}, "B": {2011: 0.25, 2012: 1.0}}
    assert change_between(found, 2012).to_dict() == pytest.approx({"A": -0.05, "B": 0.75})


@pytest.mark.parametrize(
    "rows",
    [
        [("C", 2011, "assessed", 5), ("C", 2011, "voluntary earmarked", 5)],
        [("C", year, "assessed", 5) for year in (2011, 2012)],
        [("C", year, "voluntary earmarked", 5) for year in (2011, 2012)],
        [("C", 2011, "assessed", 5), ("C", 2011, "voluntary earmarked", 5), ("C", 2012, "assessed", 9), ("C", 2012, "voluntary earmarked", -3)],
        [("C", 2011, "assessed", 5), ("C", 2011, "voluntary earmarked", 5), ("C", 2012, "assessed", -9), ("C", 2012, "voluntary earmarked", 4)],
    ],
    ids=["a year is missing", "nothing earmarked", "nothing free", "more than all", "total below zero"],
)  # fmt: skip
def test_an_entity_whose_share_is_not_known_or_cannot_move_is_left_out(rows):
    kept = [("A", 2011, "assessed", 1), ("A", 2011, "other revenue", 1), ("A", 2012, "other revenue", 1)]
    assert list(free_shares(ledger(*kept, *rows), 2011, 2012).columns) == ["A"]


def test_years_without_money_or_on_one_side_only_are_refused():
    with pytest.raises(UserError, match="no revenue from 2030 to 2031"):
        free_shares(ledger(("A", 2011, "assessed", 1)), 2030, 2031)
    shares = pd.DataFrame({"A": [0.1, 0.2]}, index=[2011, 2012])
    for year in (2011, 2013):
        with pytest.raises(UserError, match=f"no year on one side of {year}"):
            change_between(shares, year)
