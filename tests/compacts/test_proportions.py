"""Proportions: against published values, a survey worked by hand, and simulation."""

import numpy as np
import pandas as pd
import pytest

from compacts.stats.proportions import corrected_share, wilson
from compendium.errors import UserError


@pytest.mark.parametrize(
    ("yes", "of", "low", "high"),
    # Newcombe (1998), Two-sided confidence intervals for the single proportion, Statistics in Medicine 17, table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_is_the_published_one(yes: int, of: int, low: float, high: float) -> None:
    assert wilson(yes, of) == pytest.approx((yes / of, low, high), abs=5e-5)


def population(rng: np.random.Generator) -> pd.DataFrame:
    """3,000 units in two strata; the machine finds 60 % of the codes and invents some, in one stratum only."""
    stratum = np.repeat(["a", "b"], [2400, 600])
    truth = rng.random(3000) < np.where(stratum == "a", 0.08, 0.3)
    machine = np.where(truth, rng.random(3000) < 0.6, rng.random(3000) < np.where(stratum == "a", 0.1, 0.0))
    frame = pd.DataFrame({"stratum": stratum, "reader": truth, "machine": machine.astype(bool)})
    frame["stratum_size"] = frame.groupby("stratum")["stratum"].transform("size")
    return frame


def test_the_correction_removes_the_machines_error_and_its_intervals_cover() -> None:
    rng = np.random.default_rng(20261126)
    every = population(rng)
    truth = every["reader"].mean()
    found = [
        corrected_share(every["machine"], pd.concat([part.sample({"a": 120, "b": 60}[str(s)], random_state=int(rng.integers(2**31)))
                                                     for s, part in every.groupby("stratum")]))
        for _ in range(1500)
    ]  # fmt: skip
    assert abs(every["machine"].mean() - truth) > 0.02, (
        "the machine alone would have to be wrong for this test to say anything"
    )
    assert np.mean([one.share for one in found]) == pytest.approx(truth, abs=0.0025)
    assert np.std([one.share for one in found]) == pytest.approx(
        np.mean([one.standard_error for one in found]), rel=0.1
    )
    assert 0.93 <= np.mean([one.low <= truth <= one.high for one in found]) <= 0.98


def test_a_small_survey_is_as_worked_by_hand() -> None:
    machine = pd.Series([1] * 3 + [0] * 17, dtype=bool)
    sample = pd.DataFrame({
        "machine": [True, False, False, True, False], "reader": [1.0, 1.0, 0.0, 0.0, 0.0], "stratum": list("aaabb"), "stratum_size": [12] * 3 + [8] * 2,
    })  # fmt: skip
    found = corrected_share(machine, sample)
    # errors: a 0, 1, 0 (mean 1/3, variance 1/3), b -1, 0 (mean -1/2, variance 1/2)
    assert found.share == pytest.approx(3 / 20 + (12 / 3 - 8 / 2) / 20)
    assert found.standard_error**2 == pytest.approx(
        (144 * (1 - 3 / 12) * (1 / 3) / 3 + 64 * (1 - 2 / 8) * (1 / 2) / 2) / 400
    )


def test_where_every_unit_was_read_there_is_no_sampling_error() -> None:
    sample = pd.DataFrame({"machine": [False] * 4, "reader": [1.0, 0, 0, 0], "stratum": "a", "stratum_size": 4})
    found = corrected_share(sample["machine"], sample)
    assert (found.share, found.low, found.high, found.standard_error) == (0.25, 0.25, 0.25, 0.0)


def test_no_reading_with_the_code_still_leaves_room_for_some() -> None:
    sample = pd.DataFrame({"machine": False, "reader": 0.0, "stratum": "a", "stratum_size": 100}, index=range(20))
    found = corrected_share(pd.Series([False] * 100), sample)
    assert found.share == 0
    assert (found.low, found.high) == pytest.approx((0, wilson(0, 20)[2]))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"drop": True}, "no unit that was read"),
        ({"reader": [np.nan, 0.0]}, "a missing code"),
        ({"stratum_size": 1}, "got 2 of 1 units read"),
        ({"stratum": ["a", "b"], "stratum_size": 9}, "got 1 of 9 units read"),
    ],
)
def test_what_cannot_be_estimated_is_an_error(change: dict[str, object], told: str) -> None:
    sample = pd.DataFrame({"machine": [True, False], "reader": [1.0, 0.0], "stratum": "a", "stratum_size": 5})
    sample = sample.iloc[:0] if change.pop("drop", False) else sample.assign(**change)
    with pytest.raises(UserError, match=told):
        corrected_share(pd.Series([True, False]), sample)


@pytest.mark.parametrize("given", [(1, 0), (3, 2), (-1, 2)])
def test_a_share_of_nothing_is_an_error(given: tuple[int, int]) -> None:
    with pytest.raises(UserError, match="expected at least one unit"):
        wilson(*given)
