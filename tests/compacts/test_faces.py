"""The dictionary's errors and the faces side by side: against counts by hand, spearmanr and all orders."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata, spearmanr

from compacts import authority, dictionary_errors, faces
from compendium.errors import UserError


@pytest.fixture(scope="module")
def sentences(table):
    return authority.recognised(table("speech_sample"), table("speech_readings"))


@pytest.fixture(scope="module")
def pairs(table, sentences):
    return dictionary_errors.dictionary_codes(sentences, table("speech_sentences"))


def test_precision_recall_and_f1_are_those_of_a_count_by_hand(pairs):
    frame = pairs[pairs["code"] == "thanks"]
    hit = said = there = 0.0
    for row in frame.itertuples():
        weight = 1 / row.inclusion_probability
        hit, said, there = (
            hit + weight * row.machine * row.reader,
            said + weight * row.machine,
            there + weight * row.reader,
        )
    found = dictionary_errors.dictionary_scores(pairs).set_index("code").loc["thanks"]
    assert (found["precision"], found["recall"]) == pytest.approx((hit / said, hit / there))
    assert found["f1"] == pytest.approx(2 / (said / hit + there / hit))


def test_a_code_that_nobody_found_has_no_scores_and_one_never_shared_has_an_f1_of_zero(pairs):
    part = pairs[pairs["code"] == "moral"].head(4)
    none = dictionary_errors.dictionary_scores(part.assign(machine=0.0, reader=0.0)).iloc[0]
    assert none[["precision", "recall", "f1"]].isna().all()
    apart = dictionary_errors.dictionary_scores(part.assign(machine=[1.0, 0, 0, 0], reader=[0.0, 1, 0, 0])).iloc[0]
    assert apart["f1"] == 0


def test_bias_is_the_dictionarys_share_less_the_readers_and_never_without_width(pairs):
    bias = dictionary_errors.dictionary_bias(pairs, "group", 0.95)
    part = pairs[(pairs["code"] == "expert") & (pairs["group"] == "IOM")]
    row = bias[(bias["code"] == "expert") & (bias["part"] == "IOM")].iloc[0]
    assert row["bias"] == pytest.approx((part["machine"] - part["reader"]).mean())
    assert (bias["high"] > bias["low"]).all()
    same = dictionary_errors.dictionary_bias(pairs.assign(machine=pairs["reader"]), "group", 0.95)
    assert (same["low"] < 0).all()
    assert (same["high"] > 0).all()


def test_drift_is_the_last_bias_less_the_first(pairs):
    bias = dictionary_errors.dictionary_bias(pairs, "period", 0.95)
    by = bias.set_index(["code", "part"])["bias"]
    drift = dictionary_errors.dictionary_drift(bias, 0.95)
    assert drift.loc["thanks", "drift"] == pytest.approx(by["thanks", "2019 on"] - by["thanks", "to 2015"])


def test_rank_correlations_are_spearmans_with_the_p_value_of_all_orders():
    table = pd.DataFrame(
        {"a": [1.0, 2, 3, 4, 5, 6], "b": [2.0, 1, 4, 3, 6, 6], "c": [1.0] * 6, "d": [1.0, 2, 3, 4, None, None]}
    )
    found = faces.rank_agreement(table, ["a"], ["b", "c", "d"], 1).set_index("theirs")
    assert found.loc["b", "rho"] == pytest.approx(spearmanr(table["a"], table["b"]).statistic)
    ranks = rankdata(table["b"])
    every = [abs(np.corrcoef(order, ranks)[0, 1]) for order in itertools.permutations(table["a"])]
    assert found.loc["b", "p_value"] == pytest.approx(np.mean(np.array(every) >= found.loc["b", "rho"] - 1e-9))
    assert found.loc[["c", "d"], "p_value"].isna().all()  # no variation; four organizations


def test_free_money_is_dues_and_core_gifts_over_revenue(table):
    finance = table("finance_entity_year")
    free = faces.free_money(finance, ["IOM"], 2024, 2024)["IOM"]
    rows = finance[(finance["entity"] == "IOM") & (finance["year"] == 2024) & (finance["flow"] == "revenue")]
    core = rows.loc[rows["revenue_type"].isin(["assessed", "voluntary core"]), "amount_usd"].sum()
    assert free == pytest.approx(core / rows["amount_usd"].sum())
    with pytest.raises(UserError, match="in 2090 to 2091"):
        faces.free_money(finance, ["IOM"], 2090, 2091)


def test_faces_of_organizations_that_were_not_read_are_missing(table):
    own = authority.claimed(table("documents"), table("document_readings"))
    side = faces.side_by_side(
        {"autonomy": own}, pd.Series({"IOM": 0.03}),
        faces.outside_measures(table("piip_year"), table("authority_reference")), 2016, 0.95,
    )  # fmt: skip
    assert side.index.tolist() == list(faces.ENTITIES)
    assert pd.isna(side.loc["FAO", "autonomy"])
    assert pd.isna(side.loc["UNHCR", "mia_delegation"])
    assert (side["autonomy_low"] <= side["autonomy"].fillna(9)).sum() == side["autonomy"].notna().sum()
