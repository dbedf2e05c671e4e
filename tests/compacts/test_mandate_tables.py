"""The committed tables of mandate documents: against published dates, other counts, raw files and two readers."""

import hashlib
import json
import re

import numpy as np
import pandas as pd
import pytest

from compacts.ingest.mandate_paragraphs import ORGANIZATIONS

COMPACT_FOR_MIGRATION = pd.Timestamp("2018-12-17")


@pytest.fixture(scope="module")
def mandates(table):
    return table("mandate_documents")


@pytest.fixture(scope="module")
def said(table):
    return table("mandate_paragraphs")


@pytest.fixture(scope="module")
def coded(table, said):
    """The sampled paragraphs beside our codes and each reader's."""
    sample = table("mandate_sample")
    keys = ["document", "position", "organization"]
    found = sample.rename(columns={"target": "organization", "sha1": "sampled"}).merge(
        said, on=keys, how="left", validate="m:1"
    )
    found["held_out"] = [int(text[-1], 16) % 2 == 1 and int(text[0], 16) >= 8 for text in found["sampled"]]
    return found.merge(table("mandate_readings"), on="item", suffixes=("", "_reader"), validate="1:m")


def test_every_sampled_paragraph_is_met_at_its_place_with_its_hash(coded):
    assert coded["item"].nunique() == 403
    assert (coded["sha1"] == coded["sampled"]).all()


def alpha(first, second):
    """Krippendorff's alpha for nominal codes of two readers without gaps."""
    values = pd.Series([*first, *second]).value_counts().to_numpy()
    total = values.sum()
    expected = 1 - (values * (values - 1)).sum() / (total * (total - 1))
    return 1 - np.mean(np.array(first) != np.array(second)) / expected


def test_alpha_equals_a_published_example():
    # Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section B: nominal, two observers, alpha .692
    first = ["a", "a", "b", "b", "d", "c", "c", "c", "e", "d", "d", "a"]
    second = ["b", "a", "b", "b", "b", "c", "c", "c", "e", "d", "d", "d"]
    assert alpha(first, second) == pytest.approx(0.692, abs=0.0005)


# floors a little under what the rules reach on the paragraphs that were held out, and on those they were made on
FLOORS = {
    "strength": (0.78, 0.84), "role": (0.55, 0.74), "task": (0.60, 0.74), "object": (0.66, 0.72),
    "reporting": (0.30, 0.90), "term": (-0.05, 0.60),
}  # fmt: skip


@pytest.mark.parametrize("code", FLOORS)
def test_codes_agree_with_each_reader(coded, code):
    ours = coded[code].astype("int64") if code == "reporting" else coded[code]
    # the instrument's none (no people at all) is other here
    theirs = coded[f"{code}_reader"].replace("none", "other") if code == "object" else coded[f"{code}_reader"]
    for reader in ("A", "B"):
        for held_out, floor in zip((True, False), FLOORS[code], strict=True):
            rows = (coded["reader"] == reader) & (coded["held_out"] == held_out)
            assert alpha(ours[rows].tolist(), theirs[rows].tolist()) >= floor, (reader, held_out)


def test_all_documents_and_paragraphs_are_counted(mandates, table):
    # counts of the raw files by another program: 3,064 files, 212,100 paragraphs, 86,594 operative, 55,728 preambular
    assert len(mandates) == 3064
    assert mandates[["paragraphs", "operative", "preambular", "other_language"]].sum().tolist() == [
        212100,
        86594,
        55728,
        1230,
    ]
    log = table("ingest_mandate_paragraphs")
    assert log.loc[log["table"] == "mandate_paragraphs", "rows"].sum() == 212100


def test_documents_have_the_dates_that_the_united_nations_published(mandates):
    days = mandates.set_index("symbol")["date"]
    published = {
        "A/RES/73/195": "2018-12-19", "A/RES/73/151": "2018-12-17", "A/RES/73/326": "2019-07-19", "S/RES/1325(2000)": "2000-10-31",
        "A/RES/217(III)": "1948-12-10", "A/RES/428(V)": "1950-12-14", "A/RES/50/152": "1995-12-21", "A/RES/70/1": "2015-09-25",
    }  # fmt: skip
    assert days[list(published)].dt.strftime("%Y-%m-%d").to_dict() == published


def test_few_documents_are_undated(mandates):
    assert (mandates["date_rule"] == "undated").sum() <= 17
    assert mandates["date"].notna().sum() >= 2895


def test_days_of_the_general_assembly_fall_into_their_session(mandates):
    rows = mandates[
        (mandates["organ"] == "General Assembly")
        & mandates["date"].notna()
        & mandates["session"].fillna("").str.isdigit()
    ]
    opened = 1945 + rows["session"].astype("int64")
    assert len(rows) > 1500
    # the first session ran from January to December 1946
    assert (rows["date"].dt.year - opened).between(0, 1).all()


def test_resolutions_of_the_security_council_bear_their_year(mandates):
    rows = mandates[mandates["symbol"].str.fullmatch(r"S/RES/\d+\(\d{4}\)")]
    assert len(rows) == 322
    assert (rows["symbol"].str.extract(r"\((\d{4})\)")[0].astype("int64") == rows["year"]).all()


def test_organizations_are_named_as_often_as_by_one_pattern_each(mandates, said):
    """Counts by one regular expression each, made apart: our names add predecessors and other spellings."""
    documents_by_pattern = {
        "iom": 55,
        "unhcr": 144,
        "wfp": 92,
        "unicef": 201,
        "ohchr": 782,
        "ilo": 278,
        "undp": 303,
        "who": 271,
    }
    paragraphs_by_pattern = {
        "iom": 67,
        "unhcr": 172,
        "wfp": 62,
        "unicef": 186,
        "ohchr": 1072,
        "ilo": 286,
        "undp": 272,
        "who": 367,
    }
    named = mandates["organizations"].fillna("").str.split().explode().value_counts()
    labelled = said.loc[said["found_by"] == "label", "organization"].value_counts()
    for org, number in documents_by_pattern.items():
        assert number <= named[org] <= number * 1.08, org
    for org, number in paragraphs_by_pattern.items():
        assert number <= labelled[org] <= number * 1.15, org
    assert (labelled["iom"], labelled["unhcr"]) == (67, 172)


def test_iom_is_named_as_often_before_as_after_the_compact(mandates, said):
    days = said[(said["organization"] == "iom") & (said["found_by"] == "label")].merge(mandates, on="document")
    after = days["date_earliest"] >= COMPACT_FOR_MIGRATION
    before = days["date_latest"] < COMPACT_FOR_MIGRATION
    # 33, 33 and 1 undated by a rule that dates fewer documents
    assert (int(before.sum()), int(after.sum())) == (33, 34)


def test_the_resolutions_on_unhcr_are_one_series(mandates):
    series = mandates.set_index("symbol")["series"]
    title = "Office of the United Nations High Commissioner for Refugees"
    assert all(title in series[of] for of in ("A/RES/50/152", "A/RES/73/151", "A/RES/78/184"))


def test_paragraphs_keep_to_their_document(mandates, said):
    assert set(said["organization"]) == set(ORGANIZATIONS)
    size = said["document"].map(mandates.set_index("document")["paragraphs"])
    assert (said["position"] < size).all()


def test_a_paragraph_that_recurs_has_the_same_codes(said):
    codes = ["verb", "strength", "role", "task", "reporting", "term", "object"]
    again = said.fillna({"verb": ""}).groupby(["sha1", "organization"])[codes].nunique()
    assert (again == 1).all(axis=None)


def test_names_and_hashes_equal_a_plain_search_of_some_raw_files(raw, said, table):
    folder = raw("texts_un_mandate_paragraphs")
    patterns = table("target_patterns").set_index("target")["pattern"]
    found = set()
    for stem in ("A_RES_71_1", "A_RES_73_151", "A_RES_73_195", "A_RES_78_184", "A_RES_79_156", "A_HRC_RES_35_17"):
        for position, entry in enumerate(json.loads((folder / f"{stem}.json").read_text(encoding="utf-8"))):
            text = " ".join(entry["text"].split())
            if entry["paragraph_type"] == "operative":
                digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
                found |= {
                    (stem, position, org, digest) for org in ("iom", "unhcr", "ohchr") if re.search(patterns[org], text)
                }
    rows = said[
        said["document"].isin({stem for stem, *_ in found})
        & said["organization"].isin(["iom", "unhcr", "ohchr"])
        & (said["found_by"] == "label")
    ]
    assert found == set(rows[["document", "position", "organization", "sha1"]].itertuples(index=False, name=None))
    assert len(found) > 20
