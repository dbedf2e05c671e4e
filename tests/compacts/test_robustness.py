"""The curves and what is left out, against the main models, against fits by hand, and with units that are too few."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.formula.api import ols

from compacts import claim_models, coded_populations, left_out, robustness
from compacts.stats.curve_summary import influence_of_choices
from compendium.errors import UserError

CUTS = ("2016-09-19", "2018-12-10")


@pytest.fixture(scope="module")
def rows(table):
    return robustness.document_rows(table("documents"), table("document_readings"), *CUTS)


@pytest.fixture(scope="module")
def own(rows):
    return robustness.own_words_curve(rows).run()


@pytest.fixture(scope="module")
def speeches(table):
    names = ("speech_sentences", "speech_sample", "speech_readings")
    return robustness.speeches_curve(*(table(name) for name in names), coded_populations.GROUNDS, 0.95)


@pytest.fixture(scope="module")
def resolutions(table):
    names = ("mandate_paragraphs", "mandate_documents", "mandate_sample", "mandate_readings")
    return robustness.resolutions_curve(*(table(name) for name in names), 0.95)


@pytest.fixture(scope="module")
def paragraphs(table):
    names = ("mandate_paragraphs", "mandate_documents", "mandate_sample", "mandate_readings")
    return coded_populations.paragraphs_coded(*(table(name) for name in names))


def option(curve, **options):
    chosen = curve[np.logical_and.reduce([curve[name] == value for name, value in options.items()])]
    assert len(chosen) == 1
    return chosen.iloc[0]


@pytest.mark.parametrize("reader", ["A", "B"])
def test_a_specification_is_the_regression_that_its_options_say(table, own, reader):
    frame = claim_models.documents_coded(table("documents"), table("document_readings"), *CUTS, [reader])
    both = claim_models.documents_coded(table("documents"), table("document_readings"), *CUTS)
    frame[["words_read", "log_words"]] = both[["words_read", "log_words"]]  # each reader counts words for itself
    frame = frame[frame["era"].isin(claim_models.ERAS) & (frame["group"] != "peers") & (frame["words_read"] >= 200)]
    frame = frame.assign(iom=(frame["group"] == "IOM") * 1.0, late=(frame["era"] != "before") * 1.0)
    theirs = ols("moral ~ iom * late + log_words", frame.assign(moral=100 * frame["moral"])).fit(cov_type="HC1")
    ours = option(
        own, outcome="moral", reader=reader, controls="length", sample="200 words or more",
        **{"compared with": "UNHCR", "later from": "September 2016"},
    )  # fmt: skip
    assert ours["estimate"] == pytest.approx(theirs.params["iom:late"], abs=1e-8)
    assert ours["std_error"] == pytest.approx(theirs.bse["iom:late"], rel=1e-8)
    assert ours["n"] == theirs.nobs


def test_alone_the_change_is_that_of_iom_and_either_is_no_less_than_each(own):
    some = {"controls": "none", "sample": "all", "compared with": "nobody", "later from": "December 2018"}
    levels = {reader: option(own, outcome="moral", reader=reader, **some)["estimate"] for reader in ("A", "B", "all")}
    assert levels["all"] == pytest.approx((levels["A"] + levels["B"]) / 2)
    service = option(own, outcome="no service", reader="all", **some)["estimate"]
    demand = option(own, outcome="demand", reader="all", **some)["estimate"]
    assert option(own, outcome="autonomy", reader="all", **some)["estimate"] == pytest.approx(demand + service)


def test_the_grid_is_complete_and_its_first_row_is_the_main_one(own):
    assert len(own) == np.prod([len(options) for options in robustness.OWN_WORDS.values()])
    assert {name: own.iloc[0][name] for name in robustness.OWN_WORDS} == left_out.MAIN
    assert (own["excluded"] == "").all()


def test_the_main_specification_of_speeches_is_the_declared_model(table, speeches):
    sentences = coded_populations.sentences_coded(
        *(table(name) for name in ("speech_sentences", "speech_sample", "speech_readings"))
    )
    found = coded_populations.cell_means(sentences)
    main = coded_populations.cells_contrast(found, coded_populations.change_less("IOM", ["UNHCR", "peers"]), factor=100)
    first = speeches.iloc[0]
    assert first["estimate"] == pytest.approx(main.estimate)
    assert first["std_error"] == pytest.approx(main.std_error)


def test_combinations_without_meaning_are_not_run(speeches, resolutions):
    machine = speeches[speeches["code"] == "dictionary alone"]
    assert set(machine["reader"]) == {"all"}
    assert set(speeches.loc[speeches["code"] == "readers alone", "dictionary"]) == {"kept"}
    assert set(resolutions.loc[resolutions["code"] == "rules alone", "reader"]) == {"all"}
    # 3 periods and 4 comparisons: (12 + 3 readers alone + 4 layers alone), (2 organs by 3 + 3 readers and 1 machine)
    assert (len(speeches), len(resolutions)) == (12 * (12 + 3 + 4), 12 * 2 * (3 + 3 + 1))


def test_a_change_from_one_period_to_the_third_is_the_sum_of_both_steps(resolutions):
    some = resolutions[
        (resolutions["code"] == "DSL") & (resolutions["organ"] == "all") & (resolutions["reader"] == "A")
    ]
    steps = some[some["compared with"] == "UNHCR"].set_index("periods")["estimate"]
    assert steps["2019 on, to 2015"] == pytest.approx(steps["2019 on, 2016–2018"] + steps["2016–2018, to 2015"])


def test_leaving_one_out_is_the_regression_on_the_rest(rows):
    found = left_out.own_words_without(rows, "demand", {"year": "year", "reader": "reader"}).set_index("left_out")
    frame = rows.design.assign(y=rows.outcomes["demand, all"])[(rows.frame["year"] != 2017).to_numpy()]
    frame = frame.rename(columns=lambda name: name.replace(" ", "_"))
    theirs = ols(
        "y ~ IOM + UNHCR + late_December_2018 + IOM_late_December_2018 + log_words + speech + other_genre", frame
    ).fit()
    assert found.loc["2017", "estimate"] == pytest.approx(theirs.params["IOM_late_December_2018"])
    assert found.loc["2017", "n"] == len(frame)
    other = robustness.own_words_curve(rows).run()
    without_a = option(other, **{**left_out.MAIN, "outcome": "demand", "reader": "B"})
    assert found.loc["A", "estimate"] == pytest.approx(without_a["estimate"])


def test_the_change_without_errors_is_that_of_the_model_with_them(paragraphs):
    weights = coded_populations.change_less("IOM", ["peers"])
    part = robustness.within_part(paragraphs.units[paragraphs.units["target"] != "who"])
    means = coded_populations.cell_means(coded_populations.Coded(part, 0))
    assert left_out.corrected_change(part, weights) == pytest.approx(means.contrast(weights)[0])


def test_within_a_part_texts_count_for_those_of_their_stratum_that_are_left():
    units = pd.DataFrame({"stratum": list("aaaabb"), "coded": [1.0, None, 0, None, None, None], "probability": 0.5})
    part = robustness.within_part(units.drop(index=1))
    assert part["stratum"].unique().tolist() == ["a"]  # nothing of b was read
    assert part["probability"].tolist() == pytest.approx([2 / 3] * 3)


def test_extremes_name_what_was_left_out():
    table = pd.DataFrame(
        {"dimension": ["none", "year", "year", "year"], "left_out": ["nothing", "1", "2", "3"], "estimate": [2.0, 1, 5, np.nan],
         "n": 9, "excluded": ["", "", "", "too few"]}
    )  # fmt: skip
    row = left_out.extremes(table).iloc[0]
    assert row[["low", "without_low", "high", "without_high", "main", "number"]].tolist() == [
        1.0,
        "1",
        5.0,
        "2",
        2.0,
        2,
    ]


def test_what_cannot_be_left_out_is_a_row_with_its_reason(rows):
    alone = {**left_out.MAIN, "compared with": "nobody"}
    only = robustness.DocumentRows(
        rows.frame.assign(half=np.where(rows.frame["era"] == "since", "late", "early")), rows.design, rows.outcomes, rows.samples, rows.blocks
    )  # fmt: skip
    found = left_out.own_words_without(only, "moral", {"half": "half"}, alone).iloc[1:]
    assert found["estimate"].isna().all()
    assert found["excluded"].str.contains("got one value in").all()


def test_documents_without_a_group_are_refused(table):
    documents = table("documents")
    with pytest.raises(UserError, match="expected all three"):
        robustness.document_rows(documents[documents["organization"] != "UNHCR"], table("document_readings"), *CUTS)


def test_a_cut_with_documents_of_iom_on_one_side_only_is_refused(table):
    with pytest.raises(UserError, match="later from December 2018: got documents of IOM on one side only"):
        robustness.document_rows(table("documents"), table("document_readings"), "2016-09-19", "2026-01-01")


def test_the_committed_summary_is_that_of_the_curves(root, own, speeches, resolutions):
    committed = pd.read_csv(root / "results/tables/10_influence.csv").set_index(["face", "choice"])
    for name, curve, choices in (
        ("own words", own, robustness.OWN_WORDS), ("speeches", speeches, robustness.SPEECHES), ("resolutions", resolutions, robustness.RESOLUTIONS)
    ):  # fmt: skip
        fresh = influence_of_choices(curve, list(choices)).set_index("choice")
        assert committed.loc[name, "mean_difference"].to_dict() == pytest.approx(
            fresh["mean_difference"].to_dict(), rel=1e-5
        )


def test_a_reader_who_joins_counts_among_all_and_moves_neither_a_nor_b(table, rows):
    readings = table("document_readings")
    joined = readings[(readings["reader"] == "A") & (readings["main"] == 1)].head(40).assign(reader="human", moral=1)
    more = robustness.document_rows(table("documents"), pd.concat([readings, joined], ignore_index=True), *CUTS)
    read = rows.frame["document_id"].isin(joined["document_id"]).to_numpy()
    before, after = rows.outcomes["moral, all"], more.outcomes["moral, all"]
    assert after[read] == pytest.approx((2 * before[read] + 100) / 3)
    assert after[~read] == pytest.approx(before[~read])
    assert more.outcomes["moral, A"] == pytest.approx(rows.outcomes["moral, A"])
    assert more.outcomes["moral, without human"] == pytest.approx(before)
    left = left_out.own_words_without(more, "moral", {"reader": "reader"})
    assert left["left_out"].tolist() == ["nothing", "A", "B", "human"]
