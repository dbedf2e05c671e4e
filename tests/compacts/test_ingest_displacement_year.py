"""Displaced people by country and year: sums as published, returns equal in two files, nobody is not the same as unknown."""

import pandas as pd
import pyreadr
import pytest

from compacts.ingest.displacement import COUNTS
from compacts.ingest.displacement_year import displacement_year
from compendium.errors import UserError

# UNHCR Global Trends: arrivals for resettlement, rounded to hundreds
RESETTLED = {2018: 92_400, 2019: 107_800, 2020: 34_400, 2021: 57_500, 2022: 114_300, 2024: 188_800}
# Internal Displacement Monitoring Centre, Global Reports: displacements in the year, millions
MOVEMENTS = {("conflict", 2022): 28.3, ("disaster", 2022): 32.6, ("conflict", 2023): 20.5, ("disaster", 2023): 26.4}


@pytest.fixture
def files(tmp_path):
    """A function that writes the four raw files beside two rows of UNHCR's figures."""

    def write(**frames):
        places = {"year": [2020.0], "coo_iso": ["SYR"], "coa_iso": ["TUR"]}
        given = {
            "solutions": pd.DataFrame(
                {**places, "returned_refugees": [7.0], "resettlement": [3.0], "naturalisation": [None], "returned_idps": [None]}
            ).astype({"naturalisation": float, "returned_idps": float}),
            "idmc": pd.DataFrame({"year": [2020.0], "coo_iso": ["SYR"], "coa_iso": ["SYR"], "total": [50.0]}),
            "unrwa": pd.DataFrame({"year": [2020.0], "coo_iso": ["PSE"], "coa_iso": ["SYR"], "total": [9.0]}),
            "idmc_flows": pd.DataFrame({"geo": ["SYR"] * 3, "t": [2020.0] * 3, "cause": ["conflict", "flood", "storm"], "n": [4.0, 5.0, 6.0]}),
        }  # fmt: skip
        paths = {}
        for name, frame in {**given, **frames}.items():
            paths["displacements" if name == "idmc_flows" else name] = tmp_path / f"{name}.rda"
            pyreadr.write_rdata(tmp_path / f"{name}.rda", frame, df_name=name)
        counts = dict.fromkeys(COUNTS.values(), 0)
        rows = [
            {
                "year": 2020,
                "asylum_iso3": "TUR",
                "origin_iso3": "SYR",
                **counts,
                "refugees": 100,
                "returned_refugees": 7,
            },
            {"year": 2020, "asylum_iso3": "SYR", "origin_iso3": "SYR", **counts, "idps": 60},
        ]
        return {**paths, "unhcr_displacement": pd.DataFrame(rows).astype({"others_in_need": "Int64"})}

    return write


def test_people_are_counted_where_they_are_and_where_they_come_from(files):
    rows = displacement_year(**files())["displacement_year"].set_index("code")
    assert rows.loc["TUR", ["refugees_hosted", "refugees_originating", "resettlement_arrivals"]].tolist() == [100, 0, 3]
    syria = rows.loc["SYR"]
    assert syria[
        ["refugees_originating", "returned_refugees", "idps_unhcr", "idps_idmc", "unrwa_refugees"]
    ].tolist() == [100, 7, 60, 50, 9]
    assert syria[["displacements_by_conflict", "displacements_by_disaster"]].tolist() == [4, 11]
    assert syria["resettled_originating"] == 3
    assert syria["refugees_hosted"] == 0


def test_a_category_that_nobody_in_the_world_is_in_was_not_reported(files):
    rows = displacement_year(**files())["displacement_year"]
    assert rows["stateless_hosted"].isna().all()


def test_returns_must_be_those_of_the_other_file(files):
    paths = files()
    paths["unhcr_displacement"].loc[0, "returned_refugees"] = 8
    with pytest.raises(
        UserError, match=r"solutions.rda, column returned_refugees: got 7 in 2020, expected 8 as in unhcr_displacement"
    ):
        displacement_year(**paths)


def test_a_new_cause_is_named(files):
    flows = pd.DataFrame({"geo": ["SYR"], "t": [2020.0], "cause": ["locusts"], "n": [4.0]})
    with pytest.raises(
        UserError, match=r"idmc_flows.rda, row 1, column cause: got 'locusts', expected one of conflict"
    ):
        displacement_year(**files(idmc_flows=flows))


@pytest.mark.parametrize("year", RESETTLED)
def test_resettlement_is_as_published(table, year):
    rows = table("displacement_year").query("year == @year")
    assert abs(rows["resettlement_arrivals"].sum() - RESETTLED[year]) < 101
    assert rows["resettlement_arrivals"].sum() == rows["resettled_originating"].sum()


@pytest.mark.parametrize(("cause", "year"), MOVEMENTS)
def test_displacements_in_a_year_are_as_published(table, cause, year):
    rows = table("displacement_year").query("year == @year")
    assert round(rows[f"displacements_by_{cause}"].sum() / 1e6, 1) == MOVEMENTS[cause, year]


def test_sums_are_those_of_the_figures_by_asylum_and_origin(table):
    pairs, rows = table("unhcr_displacement").query("year >= 1990"), table("displacement_year")
    for one, two in {
        "refugees": "refugees",
        "asylum_seekers": "asylum_seekers",
        "others_in_need": "others_in_need",
    }.items():
        for side in ("hosted", "originating"):
            assert rows[f"{two}_{side}"].sum() == pairs[one].sum()
    assert rows["idps_unhcr"].sum() == pairs["idps"].sum()


def test_syria_and_its_neighbour_in_2023(table):
    rows = table("displacement_year").set_index(["code", "year"])
    assert rows.loc[("SYR", 2023), "refugees_originating"] == 6_355_788
    assert rows.loc[("TUR", 2023), "refugees_hosted"] == 3_251_127
