"""Each hypothesis on made-up texts whose truth is known, by hand where a hand can, and on texts that cannot tell: a reason, no number."""

import numpy as np
import pandas as pd
import pytest
from made_up_texts import documents, paragraphs, sentences
from scipy.stats import binom, hypergeom

from compacts import authority_hypotheses as hypotheses
from compacts import claim_models, delegation_models
from compacts.authority import CLAIMS, PERIODS
from compacts.coded_populations import Coded, paragraphs_coded, sentences_coded
from compendium.errors import UserError

ENTERED, ADOPTED = "2016-09-19", "2018-12-10"


def texts(seed: int = 3, each: int = 24) -> pd.DataFrame:
    return claim_models.documents_coded(*documents(each, seed), ENTERED, ADOPTED)


def of(frame: pd.DataFrame, group: str, *eras: str) -> pd.Series:
    return (frame["group"] == group) & frame["era"].isin(eras)


def nothing(test) -> bool:
    return bool(np.isnan([test.estimate, test.low, test.high, test.p_value]).all()) and test.problem != ""


@pytest.fixture(scope="module")
def tested():
    return hypotheses.claimed_tests(texts(), 0.9, 300, 1)


def test_the_tests_of_own_words_are_the_nine_declared_and_all_but_e4_give_a_number(tested):
    assert list(tested) == ["A1", "A2", "A3", "A4", "A5", "A6", "E1", "E4", "E5"]
    assert [name for name, test in tested.items() if nothing(test)] == ["E4"]


def test_in_balanced_texts_differences_are_those_of_raw_means_in_the_declared_unit(tested):
    frame = texts()
    mean = {name: frame.groupby(["group", "era"])[name].mean() for name in claim_models.OUTCOMES}
    others = ("UNHCR", "peers")

    def rise(name: str, group: str, after: str, before: str) -> float:
        return mean[name][group, after] - mean[name][group, before]

    # least squares: exact; the Poisson holds length and genre, which are balanced, on the logarithm: near
    assert tested["A3"].estimate == pytest.approx(100 * rise("moral_over_other", "IOM", "since", "before"))
    assert tested["A4"].estimate == pytest.approx(100 * rise("leadership_over_service", "IOM", "since", "before"))
    for name, group, after, before, less in (
        ("A1", "IOM", "between", "before", others), ("A2", "IOM", "since", "between", others), ("A5", "UNHCR", "since", "before", ("peers",)),
    ):  # fmt: skip
        expected = rise("claims", group, after, before) - np.mean([rise("claims", one, after, before) for one in less])
        assert tested[name].estimate == pytest.approx(expected, abs=0.01)
        assert tested[name].n == len(frame)
    assert tested["A6"].n == 48


@pytest.mark.parametrize(
    ("name", "era", "group"), [("A1", "between", "IOM"), ("A2", "since", "IOM"), ("A5", "since", "UNHCR")]
)
def test_two_claims_more_of_one_organization_in_one_era_are_found_where_they_are(name, era, group):
    frame = texts(each=12)
    moved = frame.assign(claims=frame["claims"] + 2.0 * of(frame, group, era))
    test = hypotheses.claimed_tests(moved, 0.95, 100, 1)[name]
    assert test.estimate == pytest.approx(2, abs=4 * test.std_error)
    assert test.p_value < 0.001
    assert test.low > 0


def test_a_turn_to_moral_claims_and_to_demands_is_found_by_the_tests_of_both():
    table, readings = documents(24)
    late = readings["document_id"].isin(
        table.loc[(table["organization"] == "IOM") & (table["date"] > ADOPTED), "document_id"]
    )
    readings = readings.assign(
        moral=readings["moral"].mask(late, 1), expert=readings["expert"].mask(late, 0), demand=readings["demand"].mask(late, 1),
        service=readings["service"].mask(late & (readings["reader"] == "A"), 0),
    )  # fmt: skip
    found = hypotheses.claimed_tests(claim_models.documents_coded(table, readings, ENTERED, ADOPTED), 0.95, 100, 1)
    for name in ("A3", "A4"):
        assert found[name].low > 0
        assert found[name].p_value < 0.01


def test_both_must_rise_for_e1():
    frame = texts()
    quiet = frame.assign(
        refugees=np.where(frame.index % 5 == 0, 1.0, 0.0), migrants=np.where(frame.index % 5 == 0, 1.0, 0.0)
    )
    loud = np.where(frame.index % 7, 1.0, 0.0)
    iom, unhcr = of(frame, "IOM", "since"), of(frame, "UNHCR", "since")
    one = quiet.assign(refugees=quiet["refugees"].mask(iom, loud))
    both = one.assign(migrants=one["migrants"].mask(unhcr, loud))
    alone, together = hypotheses.both_rise(one, 0.95), hypotheses.both_rise(both, 0.95)
    assert alone.p_value > 0.3
    assert abs(alone.estimate) < 10
    assert together.p_value < 1e-4
    own = both[both["group"] == "UNHCR"].groupby("era")["migrants"].mean()
    other = both[both["group"] == "IOM"].groupby("era")["refugees"].mean()
    smaller = min(own["since"] - own["before"], other["since"] - other["before"])
    assert together.estimate == pytest.approx(100 * smaller, abs=0.5)
    assert together.n == 2 * 72


@pytest.mark.parametrize(
    ("speaking", "told"), [(0, "none of UNHCR's 2 texts on one country"), (1, "only 1 of UNHCR's 2 texts")]
)
def test_e4_is_never_a_number_and_says_how_many_texts_speak(speaking, told):
    frame = pd.DataFrame(
        {
            "group": ["UNHCR", "UNHCR", "UNHCR", "IOM"],
            "place": ["KEN", "UGA", "global", "KEN"],
            "migrants": [speaking, 0, 1, 1],
        }
    )
    test = hypotheses.mixed_words_where(frame)
    assert nothing(test)
    assert test.problem.startswith(told)
    assert test.n == 2


def test_e5_is_the_exact_binomial_test_against_one_half():
    frame = pd.DataFrame({"group": ["IOM"] * 14 + ["peers"] * 3, "demarcate": [1.0] * 3 + [0.5] + [0.0] * 10 + [1.0] * 3,
                          "cooperate": [0.0] * 3 + [0.5] + [1.0] * 8 + [0.0] * 5})  # fmt: skip
    test = hypotheses.demarcates(frame, 0.95)
    # 3 set apart, 9 cooperate (one of them does both), 2 do neither; peers do not count
    assert test.n == 12
    assert test.estimate == pytest.approx(100 * (3 / 12 - 0.5))
    assert test.p_value == pytest.approx(2 * binom.cdf(3, 12, 0.5))
    # Wilson (1927), written out
    z, n, share = 1.959964, 12, 0.25
    middle, reach = (
        (share + z**2 / 2 / n) / (1 + z**2 / n),
        z / (1 + z**2 / n) * np.sqrt(share * 0.75 / n + z**2 / 4 / n**2),
    )
    assert (test.low, test.high) == pytest.approx(
        (100 * (middle - reach - 0.5), 100 * (middle + reach - 0.5)), abs=1e-4
    )


def plans(late: tuple[int, int], early: tuple[int, int]) -> pd.DataFrame:
    """Plans that name both, of all, after 2018 and before."""
    rows = [
        (f"P{year}{i}", year, i < both) for year, (both, all_of) in ((2020, late), (2015, early)) for i in range(all_of)
    ]
    frame = pd.DataFrame(rows, columns=["plan", "year", "both"]).assign(
        source=hypotheses.TRACKED, in_plan=True, names_migrants=True
    )
    return frame.assign(names_refugees=frame["both"])


def test_e2_is_fishers_exact_test_of_plans_counted_once_a_year():
    test = hypotheses.joint_plans(pd.concat([plans((6, 10), (1, 12))] * 2), ADOPTED, 0.95)
    assert test.estimate == pytest.approx(100 * (6 / 10 - 1 / 12))
    chances = hypergeom.pmf(np.arange(8), 22, 7, 10)
    assert test.p_value == pytest.approx(chances[chances <= chances[6] * (1 + 1e-9)].sum())
    assert test.n == 22
    assert test.low < test.estimate < test.high


def test_e2_counts_one_source_and_plans_only():
    more = plans((6, 10), (1, 12))
    copied = more.assign(source="UNHCR refugee response plans")
    outside = more.head(5).assign(plan="Not specified", in_plan=False)
    assert hypotheses.joint_plans(pd.concat([more, copied, outside]), ADOPTED, 0.95).n == 22


def test_e2_leaves_out_years_beyond_and_without_a_year():
    more = plans((6, 10), (1, 12))
    strange = more.head(3).assign(year=[2010.0, 2026.0, np.nan])
    assert hypotheses.joint_plans(pd.concat([more, strange]), ADOPTED, 0.95).n == 22


@pytest.mark.parametrize(
    ("frame", "day"),
    [(plans((0, 0), (1, 12)), ADOPTED), (plans((6, 10), (1, 12)), "2010-01-01"), (plans((0, 0), (0, 0)), ADOPTED)],
)
def test_e2_without_plans_on_both_sides_is_a_reason(frame, day):
    test = hypotheses.joint_plans(frame, day, 0.95)
    assert nothing(test)
    assert day[:4] in test.problem


def debate(growth: float) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    rows = pd.DataFrame([(f"C{s}", year) for s in range(20) for year in range(2008, 2024)], columns=["iso3", "year"])
    chance = np.where(rows["year"] >= 2017, 0.2 * growth, 0.2)
    return rows.assign(organization="iom", group="IOM", named=(rng.random(len(rows)) < chance).astype(float))


def test_mentions_that_treble_are_found_and_compared_with_claims_on_the_logarithm():
    frame = texts()
    found = hypotheses.mention_tests(frame, debate(3), 2017, 0.95)
    assert found["D1"].low > 0
    assert found["D1"].estimate == pytest.approx(np.log(3), abs=0.35)
    own = frame[frame["group"] == "IOM"].groupby("era")["claims"].agg(["mean", "var", "size"])
    weights = own["size"].drop("before") / own["size"].drop("before").sum()
    growth = weights @ np.log(own["mean"].drop("before")) - np.log(own.loc["before", "mean"])
    assert found["D2"].estimate == pytest.approx(found["D1"].estimate - growth, abs=0.01)
    # the delta method by hand, without the controls, which tell nothing here
    of_era = own["var"] / own["size"] / own["mean"] ** 2
    error = np.sqrt((weights**2 * of_era.drop("before")).sum() + of_era["before"])
    assert found["D2"].std_error == pytest.approx(np.hypot(found["D1"].std_error, error), rel=0.05)


def test_mentions_that_never_come_and_claims_that_are_missing_are_reasons():
    silent = hypotheses.mention_tests(texts(), debate(3).assign(named=0.0), 2017, 0.95)
    assert nothing(silent["D1"])
    assert nothing(silent["D2"])
    frame = texts()
    gap = hypotheses.mention_tests(frame[~of(frame, "peers", "between")], debate(3), 2017, 0.95)
    assert not nothing(gap["D1"])
    assert nothing(gap["D2"])
    assert "peers in the era 'between'" in gap["D2"].problem


@pytest.fixture(scope="module")
def coded():
    table, held, sample, readings = paragraphs(each=10, read=8)
    read = delegation_models.strengths_read(paragraphs_coded(table, held, sample, readings), sample, readings)
    return read, sentences_coded(*sentences(each=8, read=8), "ground_moral", ["moral"])


def test_d4_is_the_gap_of_moral_standing_over_all_sentences_where_all_were_read(coded):
    read, moral = coded
    found = hypotheses.coded_tests(read, moral, 0.95)
    mean = moral.units.groupby("group")["coded"].mean()
    assert found["D4"].estimate == pytest.approx(100 * (mean["UNHCR"] - mean["IOM"]))
    assert found["D4"].clusters == moral.units["cluster"].nunique()
    own = read[read["group"] == "IOM"]
    share = own["autonomy"].isin(["lead", "jointly"]).mean() - (own["role"] == "source").mean()
    assert found["D3"].estimate == pytest.approx(100 * share)


def test_coded_texts_without_a_cell_or_without_variation_are_reasons(coded):
    read, moral = coded
    units = moral.units
    empty = Coded(units[(units["group"] != "IOM") | (units["period"] != list(PERIODS)[1])], 0)
    found = hypotheses.coded_tests(read.assign(autonomy="lead", role="actor"), empty, 0.95)
    assert nothing(found["D3"])
    assert "the same outcome" in found["D3"].problem
    assert nothing(found["D4"])
    assert "no text of IOM 2016–2018" in found["D4"].problem


def degenerate(case: str) -> pd.DataFrame:
    frame = texts()
    return {
        "no texts": frame[:0],
        "no texts of IOM": frame[frame["group"] != "IOM"],
        "no dates": frame.assign(era=np.nan),
        "no claims": frame.assign(
            **dict.fromkeys((*CLAIMS, "claims", "moral_over_other", "leadership_over_service"), 0.0)
        ),
        "one text each": frame.groupby(["group", "era"]).head(1),
    }[case]


@pytest.mark.parametrize("case", ["no texts", "no texts of IOM", "no dates", "no claims", "one text each"])
def test_own_words_that_cannot_tell_give_a_reason_for_every_test_of_claims(case):
    found = hypotheses.claimed_tests(degenerate(case), 0.95, 50, 1)
    assert [name for name in ("A1", "A2", "A3", "A4", "A5", "A6") if not nothing(found[name])] == []
    if case not in ("no claims", "one text each"):
        assert nothing(found["E1"])
    assert nothing(found["E5"]) == (case == "no texts")


def test_one_reader_alone_gives_numbers_and_another_error(tested):
    table, readings = documents(24)
    alone = claim_models.documents_coded(table, readings, ENTERED, ADOPTED, ["A"])
    found = hypotheses.claimed_tests(alone, 0.95, 100, 1)
    assert [name for name, test in found.items() if nothing(test)] == ["E4"]
    assert found["A3"].std_error > tested["A3"].std_error


def test_only_errors_of_the_user_become_reasons():
    def wrong():
        raise UserError("E9: got nothing, expected some; choose other years")

    assert hypotheses.attempt(wrong).problem == "E9: got nothing, expected some; choose other years"
    with pytest.raises(ZeroDivisionError):
        hypotheses.attempt(lambda: 1 / 0)
