"""Asylum: new applications as published; rates by UNHCR's definition; appeals are not added to the first instance."""

import pandas as pd
import pyreadr
import pytest

from compacts.ingest.asylum import asylum_year, recognition_rates
from compendium.errors import UserError

# UNHCR Global Trends: new individual applications, millions
PUBLISHED = {2022: 2.6, 2023: 3.6, 2024: 3.1}


@pytest.fixture
def files(tmp_path):
    """A function that writes applications and decisions on people of one origin in one country."""

    def write(applications=None, decisions=None):
        keys = {"year": 2020.0, "coo_iso": "SYR", "coa_iso": "DEU", "procedure_type": "G"}
        filed = pd.DataFrame({
            "app_type": ["N", "N", "A", "NR"], "dec_level": ["FI", "FI", "AR", "FI"], "app_pc": ["P", "C", "P", "P"],
            "applied": [10.0, 5.0, 100.0, 5.0],
        }).assign(**keys)  # fmt: skip
        decided = pd.DataFrame({
            "dec_level": ["FI", "FA", "AR"], "dec_pc": "P", "dec_recognized": [3.0, 3.0, 50.0],
            "dec_other": [1.0, 0.0, 0.0], "dec_rejected": [2.0, 1.0, 0.0], "dec_closed": [7.0, 0.0, 0.0],
            "dec_total": [13.0, 4.0, 50.0],
        }).assign(**keys)  # fmt: skip
        paths = {"applications": tmp_path / "a.rda", "decisions": tmp_path / "d.rda"}
        pyreadr.write_rdata(paths["applications"], filed.assign(**(applications or {})), df_name="asylum_applications")
        pyreadr.write_rdata(paths["decisions"], decided.assign(**(decisions or {})), df_name="asylum_decisions")
        return paths

    return write


def test_new_applications_and_first_decisions_are_counted_where_and_from_where(files):
    rows = asylum_year(**files())["asylum_year"].set_index("code")
    for place, side in {"DEU": "asylum", "SYR": "origin"}.items():
        row = rows.loc[place]
        assert row[f"{side}_applications"] == 20
        assert row[f"{side}_applications_all"] == 120
        assert row[f"{side}_applications_in_cases"] == 0.25
        assert row[[f"{side}_{name}" for name in ("recognized", "complementary", "rejected", "closed")]].tolist() == [
            6,
            1,
            3,
            7,
        ]
        assert row[f"{side}_recognition_rate"] == 0.6
        assert row[f"{side}_protection_rate"] == pytest.approx(0.7)
        assert row[f"{side}_decisions_with_appeals"] == pytest.approx(0.4)
    assert rows.loc["SYR", "asylum_applications"] is pd.NA


def test_types_were_not_told_apart_before_2006(files):
    rows = asylum_year(**files(applications={"year": 2005.0}))["asylum_year"].query("code == 'DEU' and year == 2005")
    assert rows["asylum_applications"].isna().all()
    assert rows["asylum_applications_all"].tolist() == [120]


def test_a_rate_without_decisions_is_missing():
    none = pd.DataFrame({"asylum_recognized": [0], "asylum_complementary": [0], "asylum_rejected": [0]})
    assert recognition_rates(none, "asylum").isna().all(axis=None)


FAULTS = {
    "a new type": ({"applications": {"app_type": ["Z", "N", "A", "NR"]}}, "a.rda, row 1, column app_type: got 'Z', expected one of N, NR"),
    "a new level": ({"decisions": {"dec_level": ["FI", "XX", "AR"]}}, "row 2, column dec_level: got 'XX', expected one of FI"),
    "a new unit": ({"decisions": {"dec_pc": "H"}}, "row 1, column dec_pc: got 'H', expected one of C, P"),
    "a row twice": ({"decisions": {"dec_level": "FI"}}, "d.rda, row 2: got '2020.0 SYR DEU G FI P' a second time"),
    "a negative count": ({"decisions": {"dec_rejected": [2.0, -1.0, 0.0]}}, "row 2, column dec_rejected: got -1.0"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named(files, fault):
    changes, message = FAULTS[fault]
    with pytest.raises(UserError, match=message):
        asylum_year(**files(**changes))


@pytest.mark.parametrize("year", PUBLISHED)
def test_new_applications_are_the_published_ones(table, year):
    rows = table("asylum_year").query("year == @year")
    assert round(rows["asylum_applications"].sum() / 1e6, 1) == PUBLISHED[year]
    assert rows["asylum_applications"].sum() == rows["origin_applications"].sum()


def test_both_sides_add_up_to_the_same_decisions(table):
    rows = table("asylum_year")
    for outcome in ("recognized", "complementary", "rejected", "closed"):
        assert rows[f"asylum_{outcome}"].sum() == rows[f"origin_{outcome}"].sum()


def test_germany_in_2016_is_as_its_federal_office_says(table):
    # BAMF, Das Bundesamt in Zahlen 2016: 722,370 new applications; of 695,733 decisions on new and repeat
    # applications 62.4 percent gave a protection, closed cases counted; without them 71.4 percent
    row = table("asylum_year").set_index(["code", "year"]).loc[("DEU", 2016)]
    assert row["asylum_applications"] == pytest.approx(722_370, rel=0.001)
    assert row["asylum_protection_rate"] == pytest.approx(0.714, abs=0.01)
