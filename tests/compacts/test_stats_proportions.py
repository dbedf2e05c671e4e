"""Shares and the corrected share: against statsmodels, a published table, a case by hand, and simulation."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta
from statsmodels.stats.proportion import proportion_confint

from compacts.stats.proportions import corrected_share, shares, wilson
from compendium.errors import UserError


@pytest.mark.parametrize(("yes", "of"), [(0, 9), (1, 29), (15, 148), (81, 263), (9, 9)])
def test_wilson_equals_statsmodels(yes, of):
    assert wilson(yes, of) == pytest.approx(proportion_confint(yes, of, method="wilson"), abs=1e-9)


def test_wilson_equals_newcombes_table_one():
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3
    published = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for counts, bounds in published.items():
        assert wilson(*counts) == pytest.approx(bounds, abs=5e-5)


@pytest.mark.parametrize(("yes", "of"), [(0, 0), (3, 2), (-1, 4)])
def test_impossible_counts_are_named(yes, of):
    with pytest.raises(UserError, match=f"got {yes} of {of}"):
        wilson(yes, of)


def test_shares_of_an_empty_frame_or_an_unknown_outcome_are_named():
    with pytest.raises(UserError, match="got 0 rows"):
        shares(pd.DataFrame({"a": [], "b": []}), ["a"], "b")
    with pytest.raises(UserError, match="1 of them without a value"):
        shares(pd.DataFrame({"a": ["x", "x"], "b": [True, None]}), ["a"], "b")


def sample_of(rows):
    return pd.DataFrame(rows, columns=["stratum", "size", "machine", "reader"])


def test_the_corrected_share_of_a_case_computed_by_hand():
    # 10 units, machine says yes for 2 (0.2). Stratum a: 4 units, 2 read, gaps 0 and 1; stratum b: 6 units, 2 read, gaps 0 and 0.
    # gap = 0.4 * 0.5 + 0.6 * 0 = 0.2; share 0.4. Weights of units .2 .2 .3 .3;
    # S2 = (.2 * .04 + .2 * .64 + .3 * .04 + .3 * .04) * 4 / 3 = .16 * 4 / 3
    # sum W2 (1 - f) / n = .16 * .5 / 2 + .36 * (2 / 3) / 2 = .04 + .12 = .16; SE = sqrt(.16 * 4 / 3 * .16) = .184752
    read = sample_of([("a", 4, 1, 1), ("a", 4, 0, 1), ("b", 6, 0, 0), ("b", 6, 0, 0)])
    found = corrected_share(pd.Series([1, 0, 0, 0, 1, 0, 0, 0, 0, 0]), read)
    assert (found.machine, found.share, found.differ) == (0.2, pytest.approx(0.4), 1)
    assert found.high == pytest.approx(0.4 + 1.959964 * 0.184752, abs=1e-5)
    assert found.low == pytest.approx(0.4 - 1.959964 * 0.184752, abs=1e-5)


def test_where_all_units_are_read_the_share_is_the_readers_and_has_no_width():
    read = sample_of([("a", 3, 1, 0), ("a", 3, 0, 1), ("a", 3, 0, 1)])
    found = corrected_share(pd.Series([1, 0, 0]), read)
    assert found.share == pytest.approx(2 / 3)
    assert found.low == found.high == pytest.approx(found.share)


def test_a_sample_without_disagreement_keeps_a_width():
    read = sample_of([("a", 100, 0, 0)] * 20)
    found = corrected_share(pd.Series([0] * 100), read)
    assert found.share == 0
    assert found.high == pytest.approx(beta.ppf(0.95, 1, 20))  # exact one-sided bound of 0 of 20


@pytest.mark.parametrize(
    ("machine", "rows", "words"),
    [
        ([], [("a", 2, 0, 0)] * 2, "got 0 units"),
        ([0, 1], [("a", 2, 0, 0)], "1 of them read"),
        ([0, 2], [("a", 2, 0, 0)] * 2, "other than 0 and 1"),
        ([0, 1], [("a", 1, 0, 0)] * 2, "stratum a: got 2 units read of 1"),
    ],
)
def test_degenerate_samples_are_named(machine, rows, words):
    with pytest.raises(UserError, match=words):
        corrected_share(pd.Series(machine, dtype=float), sample_of(rows))


def test_the_corrected_share_is_unbiased_and_its_interval_covers_while_the_machine_share_does_neither():
    generator = np.random.default_rng(20261126)
    sizes, draws = {"a": 1200, "b": 500, "c": 300}, {"a": 40, "b": 40, "c": 40}
    stratum = np.repeat(list(sizes), list(sizes.values()))
    truth = generator.random(len(stratum)) < np.where(stratum == "a", 0.15, 0.4)
    machine = (truth & (generator.random(len(stratum)) < 0.6)).astype(int)  # misses two in five
    frame = pd.DataFrame(
        {"stratum": stratum, "size": [sizes[s] for s in stratum], "machine": machine, "reader": truth.astype(int)}
    )
    found = []
    for _ in range(400):
        rows = np.concatenate(
            [generator.choice(np.flatnonzero(stratum == s), n, replace=False) for s, n in draws.items()]
        )
        found.append(corrected_share(frame["machine"], frame.iloc[rows]))
    estimates = np.array([f.share for f in found])
    covered = np.mean([f.low <= truth.mean() <= f.high for f in found])
    assert abs(estimates.mean() - truth.mean()) < 3 * estimates.std() / np.sqrt(400)
    assert 0.92 <= covered <= 0.99
    assert truth.mean() - machine.mean() > 3 * estimates.std()
