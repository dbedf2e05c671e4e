"""The declared rule: every case of it, Holm's correction against printed output, and the committed tables and claims judged again."""

import tomllib

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.power import NormalIndPower

from compacts import authority_verdicts as verdicts
from compacts.authority_verdicts import CONTRADICTED, SUPPORTED, UNDECIDED, UNTESTED, judge, judged
from compacts.stats.contrasts import Contrast

GAP = float("nan")


def found(
    estimate: float, low: float, high: float, p_value: float = 0.5, problem: str = "", error: float = 1.0
) -> verdicts.Tested:
    return verdicts.Tested(estimate, low, high, p_value, error, 100, 0, "made up", problem)


# expects, estimate, low, high, p after Holm, verdict; the effect that counts is 1, the level 0.05
CASES = {
    "more, clear and large": (1, 2.0, 1.2, 2.8, 0.01, SUPPORTED),
    "more, clear and small": (1, 0.5, 0.2, 0.8, 0.01, SUPPORTED),
    "more, clear the other way": (1, -2.0, -2.8, -1.2, 0.01, CONTRADICTED),
    "more, clear the other way and small": (1, -0.5, -0.8, -0.2, 0.01, CONTRADICTED),
    "more, clear before the correction only": (1, 2.0, 0.2, 3.8, 0.3, UNDECIDED),
    "more, wide": (1, 0.3, -1.5, 2.1, 0.8, UNDECIDED),
    "more, within what counts": (1, 0.3, -0.2, 0.8, 0.3, CONTRADICTED),
    "more, within to the very edge": (1, 0.0, -1.0, 1.0, 1.0, CONTRADICTED),
    "more, one end beyond": (1, 0.3, -0.2, 1.1, 0.3, UNDECIDED),
    "more, p at the level": (1, 2.0, 0.0, 4.0, 0.05, UNDECIDED),
    "less, clear": (-1, -2.0, -2.8, -1.2, 0.01, SUPPORTED),
    "less, clear the other way": (-1, 2.0, 1.2, 2.8, 0.01, CONTRADICTED),
    "less, within what counts": (-1, -0.3, -0.8, 0.2, 0.3, CONTRADICTED),
    "less, wide": (-1, -0.3, -2.1, 1.5, 0.8, UNDECIDED),
    "none, within what counts": (0, 0.3, -0.2, 0.8, 0.3, SUPPORTED),
    "none, within though clear": (0, 0.5, 0.2, 0.8, 0.01, SUPPORTED),
    "none, clear and large": (0, -2.0, -2.8, -1.2, 0.01, CONTRADICTED),
    "none, clear, not as large": (0, 0.7, 0.1, 1.3, 0.04, UNDECIDED),
    "none, wide": (0, 0.3, -1.5, 2.1, 0.8, UNDECIDED),
    "none, endless": (0, 0.3, -np.inf, np.inf, 0.3, UNDECIDED),
    "more, endless": (1, 0.3, -np.inf, np.inf, 0.3, UNDECIDED),
}


@pytest.mark.parametrize("case", CASES)
def test_each_case_of_the_rule_has_the_verdict_that_is_declared(case):
    expects, estimate, low, high, p_holm, verdict = CASES[case]
    assert judge(found(estimate, low, high), p_holm, expects, 1.0, 0.05) == verdict


@pytest.mark.parametrize(
    "test", [found(2, 1, 3, 0.001, "no texts"), found(2, 1, 3, GAP), verdicts.Tested.impossible("no texts", 4)]
)
@pytest.mark.parametrize("expects", [1, -1, 0])
def test_what_could_not_be_tested_is_not_judged(test, expects):
    assert judge(test, 0.001, expects, 1.0, 0.05) == UNTESTED


def family(p_values: dict[str, float], expects: str = "more") -> pd.DataFrame:
    tests = {
        name: verdicts.Tested.impossible("no texts") if np.isnan(p) else found(2.0, 1.5, 2.5, p)
        for name, p in p_values.items()
    }
    return judged(tests, {name: {"expects": expects, "plausible": 1, "unit": "points"} for name in p_values}, 0.05)


@pytest.mark.parametrize(
    ("p_values", "printed"),
    [
        # pingouin.holm, its documentation
        ([0.50, 0.003, 0.32, 0.054, 0.0003], [0.64, 0.012, 0.64, 0.162, 0.0015]),
        # stdlib's padjust(pvalues, 'holm'), its documentation, after R's p.adjust
        ([0.319, 0.201, 0.4, 0.374, 0.113], [0.957, 0.804, 0.957, 0.957, 0.565]),
    ],
)  # fmt: skip
def test_corrected_p_values_are_those_printed_for_holm(p_values, printed):
    table = family({f"H{i}": p for i, p in enumerate(p_values)})
    assert table["p_holm"].tolist() == pytest.approx(printed)


def test_tests_that_could_not_be_done_do_not_count_in_the_correction():
    table = family({"A": 0.03, "B": GAP, "C": 0.01})
    assert table["p_holm"].tolist() == pytest.approx([0.03, GAP, 0.02], nan_ok=True)
    assert table["verdict"].tolist() == [SUPPORTED, UNTESTED, SUPPORTED]
    assert table.loc["B", "problem"] == "no texts"
    assert table.loc["B", ["estimate", "low", "high", "p_value", "detectable", "power"]].isna().all()
    assert family({"A": GAP})["verdict"].tolist() == [UNTESTED]


def test_the_correction_turns_a_verdict():
    assert family({"A": 0.03})["verdict"].tolist() == [SUPPORTED]
    assert family({"A": 0.03, "B": 0.5})["verdict"].tolist() == [UNDECIDED, UNDECIDED]
    assert family({"A": 0.01}, "less")["verdict"].tolist() == [CONTRADICTED]


def test_power_is_reckoned_at_the_declared_effect_from_the_error_of_the_test():
    design = {"expects": "more", "plausible": 0.5, "unit": "points"}
    error = float(np.sqrt(2 / 50))
    tests = {
        "normal": found(0.1, -1, 1, error=error),
        "t": verdicts.Tested(0.1, -1, 1, 0.5, error, 100, 11, ""),
        "exact": found(0.1, -1, 1, error=GAP),
    }
    table = judged(tests, dict.fromkeys(tests, design), 0.05)
    assert table.loc["normal", "power"] == pytest.approx(NormalIndPower().power(0.5, 50, 0.05), abs=1e-9)
    assert table.loc["normal", "detectable"] == pytest.approx(2.8016 * error, abs=1e-4)
    assert table.loc["t", "detectable"] > table.loc["normal", "detectable"]
    assert table.loc["exact", ["power", "detectable"]].isna().all()


def test_a_contrast_becomes_a_test_in_its_unit():
    contrast = Contrast(0.2, 0.1, 60, 11, "least squares")
    test = verdicts.Tested.of(contrast, 0.9, 100)
    low, high = contrast.interval(0.9)
    assert (test.estimate, test.low, test.high, test.std_error) == pytest.approx((20, 100 * low, 100 * high, 10))
    assert (test.p_value, test.n, test.clusters, test.method, test.problem) == (
        contrast.p_value,
        60,
        11,
        "least squares",
        "",
    )


@pytest.mark.parametrize("error", [0.0, GAP])
def test_a_contrast_without_an_error_is_a_reason_and_no_number(error):
    test = verdicts.Tested.of(Contrast(0.2, error, 60, 0, "least squares"), 0.95)
    assert np.isnan([test.estimate, test.low, test.high, test.p_value, test.std_error]).all()
    assert test.problem.startswith("got no variation")
    assert test.n == 60


# what is committed


@pytest.fixture(scope="module")
def designs(root):
    return tomllib.loads((root / "compendium.toml").read_text(encoding="utf-8"))["design"]


@pytest.fixture(scope="module")
def alpha(root):
    """One less the confidence of the run, which its claims tell."""
    claims = pd.read_csv(root / "results/claims/07_authority_models.csv", dtype=str).set_index("name")
    return round(1 - float(claims.loc["claimed_effect", "interval"].split(" %")[0]) / 100, 9)


@pytest.fixture(scope="module", params=["07_models", "07_hypotheses"])
def committed(request, root):
    table = pd.read_csv(root / f"results/tables/{request.param}.csv")
    names = table["test"] if "test" in table else table["hypothesis"].str.split(":").str[0]
    return table.assign(name=names).set_index("name")


def test_committed_verdicts_follow_the_rule_from_the_columns_beside_them(committed, designs, alpha):
    for name, row in committed.iterrows():
        design = designs[name]
        within = row["low"] >= -design["plausible"] and row["high"] <= design["plausible"]
        passes = row["p_holm"] < alpha
        if np.isnan(row["p_value"]):
            expected = "not tested"
        elif design["expects"] == "none":
            expected = (
                "supported"
                if within
                else "contradicted"
                if passes and abs(row["estimate"]) >= design["plausible"]
                else "undecided"
            )
        else:
            wanted = (row["estimate"] > 0) == (design["expects"] == "more")
            expected = "supported" if passes and wanted else "contradicted" if passes or within else "undecided"
        assert (name, row["verdict"]) == (name, expected)
        assert row["unit"] == design["unit"]


def test_committed_p_values_are_corrected_within_their_table(committed):
    p_values = committed["p_value"].dropna().sort_values()
    least = 0.0
    for rank, (name, p_value) in enumerate(p_values.items()):
        least = max(least, min(1.0, (len(p_values) - rank) * p_value))
        assert committed.loc[name, "p_holm"] == pytest.approx(least)


def test_committed_intervals_hold_their_estimates_and_zero_only_where_p_is_large(committed, alpha):
    done = committed.dropna(subset=["p_value"])
    assert ((done["low"] <= done["estimate"]) & (done["estimate"] <= done["high"])).all()
    normal = done.drop(index=["E1", "E2", "E5"], errors="ignore")  # two tests at once, and exact tests
    holds = (normal["low"] <= 0) & (normal["high"] >= 0)
    assert (holds == (normal["p_value"] >= alpha)).all()


def told(words: str, value: float) -> bool:
    """Whether a number in words is this one, to the digits that it has."""
    digits = len(words.partition(".")[2])
    return abs(float(words) - value) <= 0.5 * 10.0**-digits + 1e-9


def test_committed_claims_say_what_the_tables_say(root):
    claims = pd.read_csv(root / "results/claims/07_authority_models.csv", dtype=str).set_index("name")["value"]
    table = pd.read_csv(root / "results/tables/07_hypotheses.csv")
    table = table.assign(name=table["hypothesis"].str.split(":").str[0]).set_index("name")
    faces = pd.read_csv(root / "results/tables/07_models.csv").set_index("test")
    for verdict in ("supported", "contradicted"):
        assert claims[f"hypotheses_{verdict}"] == (", ".join(table.index[table["verdict"] == verdict]) or "none")
    assert claims["faces_gained"] == (", ".join(faces.index[faces["verdict"] == "supported"]) or "none")
    assert int(claims["hypotheses_undecided"]) == (table["verdict"] == "undecided").sum()
    shown = pd.concat([faces, table])
    assert sum(f"{name.lower()}_effect" in claims for name in shown.index) >= 16
    for name, row in shown.iterrows():
        key = f"{name.lower()}_effect"
        if key in claims:
            assert told(claims[key], row["estimate"])
    power = pd.read_csv(root / "results/tables/07_power.csv").set_index("test")
    assert int(claims["tests_with_power"]) == (power["power"] >= 0.8).sum()
    assert told(claims["face_power"], 100 * power.loc[list(faces.index.drop("resourced")), "power"].max())
