"""Populations with a machine's and readers' codes: probabilities, means and changes counted by hand on made-up tables."""

import numpy as np
import pandas as pd
import pytest
from made_up_texts import YEARS, paragraphs, sentences

from compacts.authority import GROUPS, PERIODS
from compacts.coded_populations import (
    Coded,
    cell_means,
    cells_contrast,
    change_less,
    paragraphs_coded,
    sentences_coded,
)
from compendium.errors import UserError

CELLS = [f"{group} {period}" for group in GROUPS for period in PERIODS]


def cell(units: pd.DataFrame) -> pd.Series:
    return units["group"] + " " + units["period"]


def test_where_all_was_read_corrected_means_are_the_readers_plain_means():
    table, sample, readings = sentences()
    found = cell_means(sentences_coded(table, sample, readings))
    codes = readings.merge(sample, on="item")
    group = codes["target"].str.upper().where(codes["target"].isin(["iom", "unhcr"]), "peers")
    plain = codes.groupby(group + " " + codes["year"].map(YEARS))["recognition"].mean()
    assert found.covariates == tuple(CELLS)
    for estimator in ("DSL", "gold"):
        assert found.estimates[estimator].parameters == pytest.approx(plain[CELLS].to_numpy())


def test_where_some_was_read_the_corrected_mean_is_that_of_each_unit_corrected_by_its_probability():
    table, sample, readings = sentences(each=6, read=4)
    coded = sentences_coded(table, sample, readings)
    units = coded.units
    assert units["probability"].unique() == pytest.approx([4 / 6])
    by_hand = units["machine"] + (units["coded"] - units["machine"]).fillna(0) / (4 / 6)
    found = cell_means(coded)
    assert found.estimates["DSL"].parameters == pytest.approx(by_hand.groupby(cell(units)).mean()[CELLS].to_numpy())
    assert found.estimates["gold"].parameters == pytest.approx(
        units.groupby(cell(units))["coded"].mean()[CELLS].to_numpy()
    )
    assert found.estimates["naive"].parameters == pytest.approx(
        units.groupby(cell(units))["machine"].mean()[CELLS].to_numpy()
    )
    assert (found.n, found.coded, found.clusters) == (72, 48, table["iso3"].nunique())


def test_the_error_of_a_mean_is_the_sum_of_squares_of_states():
    table, sample, readings = sentences(each=6, read=4)
    coded = sentences_coded(table, sample, readings)
    units = coded.units
    value = units["machine"] + (units["coded"] - units["machine"]).fillna(0) / (4 / 6)
    gap = value - value.groupby(cell(units)).transform("mean")
    weight = cell(units).map({"IOM 2019 on": 1.0, "IOM to 2015": -1.0}).fillna(0) / 6
    by_hand = np.sqrt((gap * weight).groupby(units["cluster"]).sum().pow(2).sum())
    found = cells_contrast(cell_means(coded), {"IOM 2019 on": 1, "IOM to 2015": -1}, factor=100)
    assert found.std_error == pytest.approx(100 * by_hand)
    assert found.clusters == units["cluster"].nunique()


def test_a_change_less_that_of_others_is_counted_from_the_cells():
    found = cell_means(sentences_coded(*sentences(each=6, read=4)))
    mean = dict(zip(CELLS, found.estimates["gold"].parameters, strict=True))

    def change(group: str) -> float:
        return mean[f"{group} 2019 on"] - mean[f"{group} to 2015"]

    expected = change("IOM") - (change("UNHCR") + change("peers")) / 2
    assert cells_contrast(found, change_less("IOM", ["UNHCR", "peers"]), "gold", 100).estimate == pytest.approx(
        100 * expected
    )
    assert cells_contrast(found, change_less("UNHCR", []), "gold").estimate == pytest.approx(change("UNHCR"))
    assert cells_contrast(found, {}, "naive").n == 72


def test_the_machine_counts_a_sentence_where_the_dictionary_keeps_a_category_asked_for():
    table, sample, readings = sentences()
    moral = sentences_coded(table, sample, readings, "ground_moral", ["moral"]).units.set_index(["document", "target"])
    kept = table.set_index(["document", "targets"])["kept"]
    assert moral["machine"].to_dict() == {key: float("moral" in str(words)) for key, words in kept.items()}
    either = sentences_coded(table, sample, readings).units["machine"].sum()
    assert either == kept.isin(["praise", "moral criticism"]).sum()  # demands and criticism alone grant no standing
    mean = readings.groupby("item")["ground_moral"].mean()
    sampled = sample.assign(code=sample["item"].map(mean)).set_index(["document", "target"])["code"]
    assert moral.loc[sampled.index, "coded"].to_dict() == sampled.to_dict()


def test_a_sentence_on_two_organizations_is_one_unit_of_each_and_others_are_none():
    table, sample, readings = sentences()
    more = pd.DataFrame(
        {
            "document": ["X_0", "X_1", "X_2"],
            "iso3": "ZZZ",
            "year": [2020, 2020, 1970],
            "position": 9,
            "targets": ["iom wfp", "unctad", "iom"],
            "kept": None,
        }
    )
    coded = sentences_coded(pd.concat([table, more], ignore_index=True), sample, readings)
    assert set(coded.units.loc[coded.units["cluster"] == "ZZZ", "target"]) == {"iom", "wfp"}
    assert coded.beyond == 2  # of a stratum of four, five are in the table


def test_one_reader_alone_gives_that_readers_codes():
    table, sample, readings = sentences()
    alone = sentences_coded(table, sample, readings, readers=["B"]).units
    codes = readings[readings["reader"] == "B"].set_index("item")["recognition"]
    assert alone["coded"].sum() == codes.sum()
    with pytest.raises(UserError, match="readers: got 'Z'"):
        sentences_coded(table, sample, readings, readers=["Z"])


def test_paragraphs_have_the_rules_strength_the_readers_strength_and_the_series_as_cluster():
    table, documents, sample, readings = paragraphs(each=6, read=4)
    coded = paragraphs_coded(table, documents, sample, readings)
    units = coded.units.set_index(["document", "target"])
    assert units["machine"].to_dict() == table.set_index(["document", "organization"])["strength"].to_dict()
    mean = readings.groupby("item")["strength"].mean()
    sampled = sample.assign(code=sample["item"].map(mean)).set_index(["document", "target"])["code"]
    assert units["coded"].dropna().to_dict() == sampled.to_dict()
    series = documents.set_index("document")["series"]
    expected = {name: one if isinstance(one, str) else name for name, one in series.items()}
    assert coded.units.set_index("document")["cluster"].to_dict() == expected
    assert coded.agreement == pytest.approx(
        np.corrcoef(*units.dropna(subset=["coded"])[["machine", "coded"]].to_numpy().T)[0, 1]
    )


def test_a_paragraph_whose_document_may_be_of_two_periods_or_undated_is_left_out():
    table, documents, sample, readings = paragraphs()
    more = pd.DataFrame({"document": ["V1", "V2", "V3"], "position": 0, "organization": "iom", "strength": 5})
    dates = pd.DataFrame({"document": ["V1", "V2", "V3"], "organ": "Council", "series": None,
                          "date_earliest": pd.to_datetime(["2015-06-01", None, "2020-01-01"]),
                          "date_latest": pd.to_datetime(["2016-02-01", None, "2021-01-01"])})  # fmt: skip
    coded = paragraphs_coded(pd.concat([table, more]), pd.concat([documents, dates]), sample, readings)
    assert {"V1", "V2", "V3"} & set(coded.units["document"]) == {"V3"}


def test_readings_of_texts_that_the_table_lacks_are_refused():
    table, sample, readings = sentences()
    with pytest.raises(UserError, match="got 4 texts that the table does not hold"):
        sentences_coded(table[table["document"] != "S2020_1"], sample, readings)


def test_a_stratum_of_which_nothing_was_read_is_refused():
    table, sample, readings = sentences()
    lost = sample[(sample["target"] == "wfp") & (sample["year"] == 2017)]["item"]
    with pytest.raises(UserError, match="stratum wfp 2016–2018: got no text that was read"):
        sentences_coded(table, sample[~sample["item"].isin(lost)], readings[~readings["item"].isin(lost)])


def test_cells_without_texts_and_codes_too_few_are_refused():
    coded = sentences_coded(*sentences())
    units = coded.units[cell(coded.units) != "UNHCR 2016–2018"]
    with pytest.raises(UserError, match="got no text of UNHCR 2016–2018"):
        cell_means(Coded(units, 0))
    few = coded.units.groupby(cell(coded.units)).head(1)
    with pytest.raises(UserError, match="got 9 units for 9 parameters"):
        cell_means(Coded(few, 0))
