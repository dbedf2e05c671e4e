"""Authority on four faces: the frames, the intervals, the ways of asking, and what the notebook claims."""

import csv

import numpy as np
import pandas as pd
import pytest

from compacts import authority, own_words, reading_quality
from compacts.exhibits.authority_notes import NOTES, note_on
from compacts.stats.proportions import wilson
from compendium.errors import UserError

SET = {"draws": 200, "seed": 1, "confidence": 0.95}


@pytest.fixture(scope="module")
def own(table):
    return table("documents"), table("document_readings")


@pytest.fixture(scope="module")
def said(table):
    return table("speech_sample"), table("speech_readings")


@pytest.fixture(scope="module")
def ruled(table):
    return table("mandate_sample"), table("mandate_readings")


@pytest.fixture(scope="module")
def texts(own, said, ruled):
    return {
        "own words": authority.claimed(*own), "speeches": authority.recognised(*said), "resolutions": authority.delegated(*ruled),
    }  # fmt: skip


@pytest.fixture(scope="module")
def changes(own):
    return own_words.changes(*own, ["moral", "demand", "autonomy"], ["IOM", "UNHCR"], 0.95)


@pytest.fixture(scope="module")
def stated(root):
    with open(root / "results/claims/06_authority_claims.csv", encoding="utf-8", newline="") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def test_every_dated_text_that_two_readers_read_is_in_its_frame(texts):
    assert [len(frame) for frame in texts.values()] == [419, 480, 391]
    assert texts["own words"]["group"].value_counts().to_dict() == {"IOM": 187, "UNHCR": 143, "peers": 89}


def test_codes_on_which_readers_differ_count_half(own, texts):
    readings = own[1]
    main = readings[readings["main"] == 1].pivot(index="document_id", columns="reader", values="moral")
    differing = main.index[main["A"] != main["B"]]
    got = texts["own words"].set_index("document_id").loc[differing, "moral"]
    assert len(differing)
    assert (got == 0.5).all()


def test_the_index_is_demand_less_service_and_any_claim_the_largest_claim(own):
    frame = authority.claimed(*own, ["A"])
    assert (frame["autonomy"] == frame["demand"] - frame["service"]).all()
    assert (frame["any_claim"] == frame[list(authority.CLAIMS)].max(axis=1)).all()


def test_one_reader_alone_is_that_readers_codes(said):
    sample, readings = said
    frame = authority.recognised(sample, readings, ["B"]).set_index("item")
    codes = readings[readings["reader"] == "B"].set_index("item")["recognition"].dropna()
    assert (frame["recognition"] == codes.reindex(frame.index)).all()


def test_a_reader_that_does_not_exist_is_named(own, said, ruled):
    for shape, frames in ((authority.claimed, own), (authority.recognised, said), (authority.delegated, ruled)):
        with pytest.raises(UserError, match="readers: got 'Z', expected some of A, B"):
            shape(*frames, ["A", "Z"])


@pytest.mark.parametrize(
    ("shape", "frames", "code", "value"),
    [
        ("claimed", "own", "moral", 2),
        ("recognised", "said", "relation", "adores"),
        ("delegated", "ruled", "strength", 6),
    ],
)
def test_a_code_outside_the_instrument_is_named(request, shape, frames, code, value):
    texts_of, readings = request.getfixturevalue(frames)
    readings = readings.copy()
    row = readings.index[readings[code].notna()][0]
    if code == "relation":  # a sentence on an organization
        row = readings.index[readings["recognition"].notna()][0]
    readings.loc[row, code] = value
    with pytest.raises(UserError, match=f"readings, column {code}: got {value} by reader A"):
        getattr(authority, shape)(texts_of, readings)


def test_the_codes_allowed_are_those_of_the_codebook(table):
    book = table("codebooks")
    for code, allowed in authority.ALLOWED.items():
        name = "speeches" if code == "relation" else "mandates"
        rows = book[(book["codebook"] == name) & (book["code"] == code) & book["applies_to"].isna()]
        rows = rows if len(rows) else book[(book["codebook"] == name) & (book["code"] == code)]
        assert set(map(str, allowed)) == set(rows.iloc[0]["values"].split())


def test_years_without_a_period_have_none():
    found = authority.period_of(pd.Series([1990, 2015, 2016, 2019, None]))
    assert found.tolist()[:4] == ["to 2015", "to 2015", "2016–2018", "2019 on"]
    assert pd.isna(found.iloc[4])


def test_texts_of_a_document_or_equal_in_wording_are_bound_through_chains():
    frame = pd.DataFrame({"document": list("abbcd"), "sha1": ["1", "1", "2", "2", "3"]})
    found = authority.bound_together(frame)
    assert found.nunique() == 2
    assert found[:4].tolist() == [0, 0, 0, 0]


def test_repeated_texts_are_counted_as_python_counts_them(texts):
    found = reading_quality.samples(texts).set_index("texts")
    for name in ("speeches", "resolutions"):
        hashes = texts[name]["sha1"].tolist()
        assert found.loc[name, "repeated"] == sum(hashes.count(one) > 1 for one in hashes)
    assert found["clusters"].lt(found["read"]).all()


def test_a_profile_of_documents_is_wilsons_interval_where_nothing_recurs(texts):
    frame = texts["own words"].assign(cluster=range(419))
    frame = frame[frame["moral"] != 0.5]
    row = authority.profile(frame, ["moral"], 0.95).set_index(["group", "period"]).loc[("IOM", "2019 on")]
    assert (row["low"], row["high"]) == pytest.approx(wilson(round(row["share"] * row["read"]), row["read"]), abs=0.002)


def test_a_profile_weights_sentences_to_the_population(texts):
    frame = texts["speeches"]
    part = frame[(frame["group"] == "peers") & (frame["period"] == "to 2015")]
    by_hand = np.average(part["recognition"], weights=1 / part["inclusion_probability"])
    row = authority.profile(frame, ["recognition"], 0.95).set_index(["group", "period"]).loc[("peers", "to 2015")]
    assert row["share"] == pytest.approx(by_hand, rel=1e-4)  # probabilities are kept with six decimals
    assert row["population"] == 1937


def test_clusters_widen_the_interval_of_resolutions(texts):
    ways = reading_quality.three_ways(texts["resolutions"], "jointly", "IOM", "2019 on", 0.95)
    width = {way: found["high"] - found["low"] for way, found in ways.items()}
    assert width["clustered"] > width["alone"]
    assert ways["distinct"]["read"] < ways["alone"]["read"]


def test_an_interval_stays_on_its_scale(texts):
    found = authority.profile(texts["resolutions"], ["strength"], 0.999)
    assert found["low"].ge(0).all()
    assert found["high"].le(5).all()


def test_a_group_without_texts_is_named(texts):
    table = authority.profile(texts["own words"][texts["own words"]["group"] != "UNHCR"], ["moral"], 0.95)
    with pytest.raises(UserError, match="got no text of UNHCR, 2019 on"):
        authority.of_profile(table, "UNHCR", "2019 on", "moral")


def test_a_change_is_that_of_welch_where_texts_are_independent(texts):
    from scipy.stats import ttest_ind

    frame = texts["own words"].assign(cluster=range(419))
    found = authority.change(authority.profile(frame, ["demand"], 0.95), "IOM", "demand", 0.95, 1)
    iom = frame[frame["group"] == "IOM"]
    first, last = (iom.loc[iom["period"] == p, "demand"] for p in ("to 2015", "2019 on"))
    theirs = ttest_ind(last, first, equal_var=False)
    assert found["p_value"] == pytest.approx(theirs.pvalue)
    assert found["low"] == pytest.approx(theirs.confidence_interval(0.95).low)


def test_agreement_is_what_the_readme_of_the_codes_says(texts, own, said, ruled):
    readings = {"own words": own[1][own[1]["main"] == 1], "speeches": said[1], "resolutions": ruled[1]}
    found = (
        reading_quality.agreement_of_sets(readings, texts, reading_quality.readers_by_set(readings, []), **SET)
        .set_index(["set", "code"])["alpha"]
        .round(2)
    )
    assert found["own words"][["moral", "demand", "service", "lasting"]].tolist() == [0.91, 0.93, 0.94, 0.55]
    assert found["speeches"][["recognition", "ground_convening", "relation"]].tolist() == [0.74, 0.94, 0.83]
    assert found["resolutions"]["reporting"] == 1


def test_with_one_reader_agreement_is_undefined_and_every_code_flagged(texts, said):
    found = reading_quality.agreement(
        said[1][said[1]["reader"] == "A"], "item", ["recognition"], texts["speeches"], **SET
    )
    assert found["undefined"].tolist() == ["one reader only"]
    flagged = reading_quality.flagged(found.assign(set="speeches"))
    assert flagged["why"].tolist() == ["not known"]


def test_a_person_who_read_one_set_decides_there_alone_and_an_unknown_name_is_refused(own, said, ruled):
    human = said[1][said[1]["reader"] == "A"].assign(reader="maria")
    readings = {"own words": own[1], "speeches": pd.concat([said[1], human]), "resolutions": ruled[1]}
    who = reading_quality.readers_by_set(readings, ["maria"])
    assert who == {"own words": [], "speeches": ["maria"], "resolutions": []}
    both = authority.recognised(said[0], readings["speeches"], who["speeches"])
    assert both["recognition"].isin([0, 1]).all()
    with pytest.raises(UserError, match="got 'maria', expected some of A, B"):
        reading_quality.readers_by_set({"own words": own[1]}, ["maria"])


def test_a_code_is_flagged_for_its_lower_end_or_within_a_group():
    rows = [("a", 0.9, 0.8, 0.9, ""), ("b", 0.7, 0.6, 0.9, "unsure"), ("c", 0.9, 0.8, 0.5, "")]
    table = pd.DataFrame(rows, columns=["code", "alpha", "low", "IOM", "flag"])
    table = table.assign(set="speeches", UNHCR=0.9, peers=np.nan, prevalence=0.1)
    found = reading_quality.flagged(table)
    assert list(found[["code", "where"]].itertuples(index=False, name=None)) == [("b", "all"), ("c", "IOM")]


@pytest.mark.parametrize("wrong", [{"draws": 5}, {"confidence": 1}])
def test_impossible_parameters_of_the_bootstrap_are_named(texts, said, wrong):
    with pytest.raises(UserError, match="expected 100 or more"):
        reading_quality.agreement(said[1], "item", ["recognition"], texts["speeches"], **(SET | wrong))


def test_the_plain_way_is_the_difference_of_shares_and_each_reader_has_a_way(changes, texts):
    iom = texts["own words"][texts["own words"]["group"] == "IOM"].groupby("period")["moral"].mean()
    rows = changes[(changes["group"] == "IOM") & (changes["code"] == "moral")].set_index("way")
    assert rows.loc["all documents", "difference"] == pytest.approx(iom["2019 on"] - iom["to 2015"])
    assert rows.loc["queries as clusters", "difference"] == pytest.approx(iom["2019 on"] - iom["to 2015"])
    assert {"reader A alone", "reader B alone"} <= set(rows.index)
    assert (rows["used"] + rows["left_out"]).le(117).all()


def test_a_single_reader_has_no_ways_of_its_own_and_a_period_without_documents_no_row(own):
    documents, readings = own
    assert not any(w.startswith("reader") for w in own_words.changes(*own, ["moral"], ["IOM"], 0.95, ["A"])["way"])
    late = documents[documents["date"].str[:4].astype(int) > 2015]
    assert own_words.changes(late, readings, ["moral"], ["IOM"], 0.95).empty


def test_a_rise_beyond_another_groups_is_refused_where_one_is_missing(changes):
    found = own_words.difference_of_changes(changes, "moral", "IOM", "UNHCR", 0.95)
    assert found["low"] < found["value"] < found["high"]
    with pytest.raises(UserError, match="got no row for IOM and peers"):
        own_words.difference_of_changes(changes, "moral", "IOM", "peers", 0.95)


def test_every_note_answers_the_eight_questions():
    assert {tuple(note) for note in NOTES.values()} == {tuple(NOTES["samples"])}
    assert len(NOTES["samples"]) == 8
    assert note_on("flagged", n=7, codes=30, level="95 %")["observations"].startswith("7 rows from 30 codes")


def test_the_notebook_claims_what_the_tables_say(stated, texts, changes):
    rows = changes[(changes["group"] == "IOM") & (changes["code"] == "moral")].set_index("way")
    assert len(stated) >= 20
    assert float(stated["iom_moral_gain"]["value"]) == round(100 * rows.loc["all documents", "difference"])
    assert int(stated["ways_moral_rises"]["value"]) == (rows["low"] > 0).sum()
    assert int(stated["iom_named_in_debate"]["value"]) == (texts["speeches"]["group"] == "IOM").sum()


def test_a_code_without_enough_agreement_is_in_no_headline(stated):
    answer = [row["text"] for row in stated.values() if row["cell"] == "answer"]
    assert 5 <= len(answer) <= 8
    assert not any("grant it standing" in text or "lasting" in text for text in answer)
