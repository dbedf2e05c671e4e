"""Krippendorff's alpha against the published examples, the package krippendorff, the definition, and resampling by hand."""

import io
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compacts.stats.agreement import agreement_table, krippendorff_alpha
from compendium.errors import UserError

# Krippendorff (2011), Computing Krippendorff's alpha-reliability, sections A to C; R's irr 0.84.1 and DescTools print the
# same for C, which their reference pages of kripp.alpha and KrippAlpha call "the C data from Krippendorff"
JON_HAN = pd.DataFrame({"Jon": [1, 1, 0, 0, 0, 0, 0, 0, 0, 0], "Han": [0, 1, 1, 0, 0, 1, 0, 1, 0, 0]})
BEN_GERRY = pd.DataFrame({"Ben": list("aabbdcccedda"), "Gerry": list("babbbccceddd")})
C_DATA = pd.read_csv(
    io.StringIO("1,1,,1\n2,2,3,2\n3,3,3,3\n3,3,3,3\n2,2,2,2\n1,2,3,4\n4,4,4,4\n1,1,2,1\n2,2,2,2\n,5,5,5\n,,1,1\n,,3,"),
    header=None,
)
# Hayes and Krippendorff (2007), table 1: the tone of 40 articles on a candidate, by five observers; alpha (ordinal) .7598.
# As transcribed in data-raw/news_tone_hayes2007.csv of github.com/jucor/krippendorff, commit 7c39c38
HAYES = pd.read_csv(
    io.StringIO(
        "1,1,2,.,2 1,1,0,1,. 2,3,3,3,. .,0,0,.,0 0,0,0,.,0 0,0,0,.,0 1,0,2,.,1 1,.,2,0,. 2,2,2,.,2 2,1,1,1,. "
        ".,1,0,0,. 0,0,0,0,. 1,2,2,2,. 3,3,2,2,3 1,1,1,.,1 1,1,1,.,1 2,1,2,.,2 1,2,3,3,. 1,1,0,1,. 0,0,0,.,0 "
        "0,0,1,1,. 0,0,.,0,0 2,3,3,3,. 0,0,0,0,. 1,2,.,2,2 0,1,1,1,. 0,0,0,1,0 1,2,1,2,. 1,1,2,2,. 1,1,2,.,2 "
        "1,1,0,.,0 2,1,2,1,. 2,2,.,2,2 3,2,2,2,. 2,2,2,.,2 2,2,3,.,2 2,2,2,.,2 2,2,.,1,2 2,2,2,2,. 1,1,1,.,1".replace(
            " ", "\n"
        )
    ),
    header=None,
    na_values=".",
)
# krippendorff 0.9.0 (Castro) on the data of made_up()
PACKAGE = {"nominal": 0.2381054436348049, "ordinal": 0.26352492524018567, "interval": 0.2667079207920793}


def made_up() -> pd.DataFrame:
    rng = np.random.default_rng(41)
    codes = rng.integers(0, 4, (30, 3)).astype(float)
    codes[:, 1] = np.where(rng.random(30) < 0.6, codes[:, 0], codes[:, 1])
    codes[rng.random((30, 3)) < 0.15] = np.nan
    return pd.DataFrame(codes)


def by_definition(codes: pd.DataFrame, distance) -> float:
    """One less the mean distance within units over that of all pairs, pair by pair."""
    units = [row.dropna().tolist() for _, row in codes.iterrows() if row.notna().sum() > 1]
    every = [value for unit in units for value in unit]
    within = sum(distance(a, b) / (len(unit) - 1) for unit in units for a, b in permutations(unit, 2)) / len(every)
    overall = sum(distance(a, b) for a, b in permutations(every, 2)) / (len(every) * (len(every) - 1))
    return 1 - within / overall


@pytest.mark.parametrize(
    ("codes", "level", "printed", "digits"),
    [
        (JON_HAN, "nominal", 0.095, 3),
        (BEN_GERRY, "nominal", 0.692, 3),
        (C_DATA, "nominal", 0.743, 3),
        (C_DATA, "ordinal", 0.815, 3),
        (C_DATA, "interval", 0.849, 3),
        (HAYES, "ordinal", 0.7598, 4),
    ],
)
def test_alpha_is_the_published_one(codes, level, printed, digits):
    assert round(krippendorff_alpha(codes, level).alpha, digits) == printed


@pytest.mark.parametrize("level", PACKAGE)
def test_alpha_is_that_of_the_package_krippendorff(level):
    assert krippendorff_alpha(made_up(), level).alpha == pytest.approx(PACKAGE[level], abs=1e-12)


@pytest.mark.parametrize("codes", [C_DATA, HAYES, made_up()], ids=["C", "Hayes", "made up"])
def test_alpha_is_what_its_definition_gives_pair_by_pair(codes):
    assert krippendorff_alpha(codes).alpha == pytest.approx(by_definition(codes, lambda a, b: a != b), abs=1e-12)
    interval = by_definition(codes, lambda a, b: (a - b) ** 2)
    assert krippendorff_alpha(codes, "interval").alpha == pytest.approx(interval, abs=1e-12)


def test_the_interval_is_that_of_resampling_units_one_by_one():
    rng = np.random.default_rng(5)
    truth = rng.random(80) < 0.3
    a, b = (np.where(rng.random(80) < 0.1, ~truth, truth) for _ in range(2))
    units = rng.integers(0, 80, (20000, 80))
    share = (a[units] + 1.0 * b[units]).mean(axis=1) / 2
    # two readers, two values: expected disagreement is that of drawing two of the 160 codes
    alphas = 1 - (a != b)[units].mean(axis=1) / (2 * share * (1 - share) * 160 / 159)
    found = krippendorff_alpha(pd.DataFrame({"A": a * 1, "B": b * 1}), draws=20000)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(alphas, [0.025, 0.975])), abs=0.01)


def test_the_bootstrap_interval_covers_the_alpha_of_the_population():
    # 200 samples of 400 units from two readers with 15 per cent of random codes each
    rng = np.random.default_rng(7)

    def readings(number: int) -> pd.DataFrame:
        truth = rng.random(number) < 0.3
        blurred = [np.where(rng.random(number) < 0.15, rng.random(number) < 0.3, truth) for _ in range(2)]
        return pd.DataFrame(np.column_stack(blurred).astype(float))

    population = krippendorff_alpha(readings(200_000), draws=1).alpha
    found = [krippendorff_alpha(readings(400), draws=300, seed=k) for k in range(200)]
    assert np.mean([one.low <= population <= one.high for one in found]) == pytest.approx(0.95, abs=0.04)


@settings(max_examples=12)
@given(seed=st.integers(0, 10**6))
def test_names_ranks_and_units_of_measurement_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    codes = pd.DataFrame(rng.integers(0, 4, (25, 2)).astype(float))
    named = codes.replace({0.0: "d", 1.0: "a", 2.0: "c", 3.0: "b"})
    assert krippendorff_alpha(named, draws=1).alpha == pytest.approx(krippendorff_alpha(codes, draws=1).alpha)
    for level, changed in (("ordinal", codes**3), ("interval", 7 - 2 * codes)):
        first, second = (krippendorff_alpha(frame, level, draws=1).alpha for frame in (codes, changed))
        assert second == pytest.approx(first, abs=1e-12)
    swapped = krippendorff_alpha(codes.iloc[::-1, ::-1], draws=1).alpha
    assert swapped == pytest.approx(krippendorff_alpha(codes, draws=1).alpha, abs=1e-12)


def test_without_variation_alpha_is_undefined_and_says_why():
    same = krippendorff_alpha(pd.DataFrame({"A": [0, 0, 0], "B": [0, 0, 0]}))
    assert np.isnan([same.alpha, same.low, same.high]).all()
    assert same.undefined == "every code is 0: nothing varies"
    assert (same.verdict, same.observed) == ("undefined", 1.0)
    flat = krippendorff_alpha(pd.DataFrame({"A": [0, 1, 0, 1], "B": [0, 0, 0, 0]}))
    assert np.isnan(flat.alpha)
    assert flat.undefined == "reader B gave one code only (0)"


def test_bootstrap_samples_without_variation_are_left_out_and_counted():
    rare = pd.DataFrame({"A": [1] + [0] * 9, "B": [1] + [0] * 9})
    found = krippendorff_alpha(rare, draws=1000)
    assert found.alpha == found.low == found.high == 1
    assert found.undefined_draws == pytest.approx(1000 * 0.9**10, abs=60)


def test_units_that_repeat_each_other_widen_the_interval_when_they_are_drawn_together():
    once = made_up()
    thrice = pd.concat([once] * 3, ignore_index=True)
    clusters = pd.Series(list(once.index) * 3)
    alone, together = (krippendorff_alpha(thrice, clusters=given, draws=3000) for given in (None, clusters))
    assert together.alpha == alone.alpha
    assert together.high - together.low > 1.4 * (alone.high - alone.low)


def test_units_with_one_code_say_nothing():
    alone = pd.DataFrame({0: [9.0], 1: [np.nan], 2: [np.nan], 3: [np.nan]})
    longer = krippendorff_alpha(pd.concat([C_DATA, alone], ignore_index=True))
    assert longer.alpha == krippendorff_alpha(C_DATA).alpha
    assert (longer.units, longer.codes) == (11, 40)
    assert 9.0 not in longer.prevalence


def test_a_table_of_codes_has_a_verdict_a_code():
    table = agreement_table(
        {"tone": HAYES, "same": pd.DataFrame({"A": [0, 0], "B": [0, 0]}), "presence": JON_HAN}, {"tone": "ordinal"}
    ).set_index("code")
    assert table["verdict"].tolist() == ["tentative", "undefined", "too low"]
    assert table.loc["presence", "prevalence"] == pytest.approx(6 / 20)


@pytest.mark.parametrize(
    ("codes", "level", "message"),
    [
        (pd.DataFrame({"A": [1, 0]}), "nominal", "got 1 reader"),
        (pd.DataFrame({"A": [1, None], "B": [None, 1]}), "nominal", "no unit with two codes among 2"),
        (pd.DataFrame({"A": ["low", "high"], "B": ["low", "low"]}), "ordinal", "got .low. for the level ordinal"),
    ],
)
def test_what_cannot_be_compared_is_named(codes, level, message):
    with pytest.raises(UserError, match=message):
        krippendorff_alpha(codes, level)


def test_clusters_of_other_rows_are_named():
    with pytest.raises(UserError, match="clusters: got none for some units"):
        krippendorff_alpha(C_DATA, clusters=pd.Series([1, 2, 3]))
