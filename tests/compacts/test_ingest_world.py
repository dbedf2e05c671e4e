"""Totals of the world: as UNHCR, IDMC and IOM published them, or differing for a known reason; shares by group of countries."""

import pandas as pd
import pyreadr
import pytest

from compacts.ingest.displacement import COUNTS
from compacts.ingest.world import displacement_by_group, world_year
from compendium.errors import UserError

# UNHCR Global Trends 2016-2024, millions, first published
PUBLISHED = {
    ("refugees", 2017): 19.9, ("refugees", 2020): 20.7, ("refugees", 2023): 31.6, ("asylum_seekers", 2021): 4.6,
    ("asylum_seekers", 2022): 5.4, ("others_in_need", 2024): 5.9, ("unrwa_refugees", 2019): 5.6,
    ("unrwa_refugees", 2022): 5.9, ("asylum_applications", 2023): 3.6, ("migrants", 2024): 304.0,
    ("population", 2023): 8091.7,
}  # fmt: skip
# percent: countries of low and middle income; countries next to one's own (Global Trends 2018-2024)
LOW_AND_MIDDLE = {2018: 84, 2021: 83, 2022: 76, 2024: 73}
NEXT_DOOR = {2020: 73, 2021: 72, 2023: 69, 2024: 67}


@pytest.mark.parametrize(("column", "year"), PUBLISHED)
def test_totals_are_the_published_ones(table, column, year):
    value = table("world_year").set_index("year").loc[year, column] / 1e6
    assert abs(value - PUBLISHED[column, year]) <= 0.0501


@pytest.mark.parametrize("year", LOW_AND_MIDDLE)
def test_the_share_of_countries_of_low_and_middle_income_is_the_published_one(table, year):
    rows = table("displacement_by_income_year").query("year == @year and grouping == 'income'")
    share = rows[rows["group"].isin(["low", "lower middle", "upper middle"])]["share"].sum()
    assert round(100 * share) == LOW_AND_MIDDLE[year]


@pytest.mark.parametrize("year", NEXT_DOOR)
def test_the_share_next_door_is_the_published_one(table, year):
    assert round(100 * table("world_year").set_index("year").loc[year, "refugees_next_door_share"]) == NEXT_DOOR[year]


def test_the_share_of_least_developed_countries_in_2016_is_the_published_one(table):
    rows = table("displacement_by_income_year").set_index(["year", "group"])
    assert round(100 * rows.loc[(2016, "least developed"), "share"]) == 28


def test_shares_of_a_grouping_add_up_to_one(table):
    sums = table("displacement_by_income_year").groupby(["year", "grouping"])["share"].sum()
    assert (sums - 1).abs().max() < 1e-8
    totals = table("displacement_by_income_year").groupby(["grouping", "year"])["refugees_hosted"].sum()
    assert totals["income"].equals(totals["least developed"])


def test_forcibly_displaced_is_the_sum_of_its_parts_and_near_the_published_total(table):
    rows = table("world_year").set_index("year")
    parts = ["refugees", "asylum_seekers", "idps_idmc", "unrwa_refugees"]
    sums = rows[parts].sum(axis=1, skipna=False) + rows["others_in_need"].fillna(0)
    assert (
        rows["forcibly_displaced"]
        .dropna()
        .equals(sums[rows["forcibly_displaced"].notna()].rename("forcibly_displaced"))
    )
    # first published in millions; earlier years are revised, 2024 counts displaced Palestine refugees twice
    for year, published in {2013: 51.2, 2014: 59.5, 2015: 65.3, 2023: 117.3, 2024: 123.2}.items():
        assert rows.loc[year, "forcibly_displaced"] / 1e6 == pytest.approx(published, rel=0.013)


def test_deaths_are_those_that_iom_gave_and_the_open_year_is_empty(table):
    # IOM, 21 March 2025: 2024 the deadliest year on record, at least 8,938; revised upward since
    rows = table("world_year").set_index("year")["dead_or_missing_migrants"]
    assert rows[2024] >= 8938
    assert rows.idxmax() == 2024
    assert pd.isna(rows[2025])


def test_twenty_six_countries_took_resettled_refugees_in_2019(table):
    assert table("world_year").set_index("year").loc[2019, "resettlement_countries"] == 26


@pytest.fixture
def small(tmp_path):
    """Frames of three countries: KEN next to UGA, DEU next to neither."""
    counts = dict.fromkeys(COUNTS.values(), 0)
    pairs = pd.DataFrame([
        {"year": 2020, "asylum_iso3": "UGA", "origin_iso3": "KEN", **counts, "refugees": 30, "others_in_need": 10},
        {"year": 2020, "asylum_iso3": "DEU", "origin_iso3": "KEN", **counts, "refugees": 60},
    ]).astype({"others_in_need": "Int64"})  # fmt: skip
    names = [
        "refugees_hosted", "asylum_seekers_hosted", "others_in_need_hosted", "others_of_concern_hosted", "stateless_hosted",
        "idps_unhcr", "idps_idmc", "unrwa_refugees", "returned_refugees", "returned_idps", "resettlement_arrivals",
        "naturalised_refugees", "displacements_by_conflict", "displacements_by_disaster",
    ]  # fmt: skip
    by_country = pd.DataFrame({"code": ["DEU", "UGA"], "year": 2020, **dict.fromkeys(names, 1)})
    by_country[["refugees_hosted", "others_in_need_hosted"]] = [[60, 0], [30, 10]]
    by_country[names] = by_country[names].astype("Int64")
    path = tmp_path / "mmp.rda"
    days = ["2020-01-05", "2025-02-01"]
    pyreadr.write_rdata(path, pd.DataFrame({"t": days, "dead": [4.0, 9.0]}), df_name="iom_mmp")
    return {
        "missing_migrants": path,
        "displacement_year": by_country,
        "unhcr_displacement": pairs,
        "country_borders": pd.DataFrame({"code": ["KEN", "UGA"], "neighbour": ["UGA", "KEN"]}, dtype="str"),
        "asylum_year": pd.DataFrame({"code": ["DEU"], "year": [2020], "asylum_applications": [7]}),
        "migrant_stock_year": pd.DataFrame({"code": ["DEU", "DEU"], "year": [2020, 2024], "migrants": [10, 14]}),
        "economy_year": pd.DataFrame({"code": ["KEN", "DEU"], "year": 2020, "population": [100, 300], "remittances_received": [5.0, 2.0]}),
        "income_groups": pd.DataFrame({"code": ["KEN", "UGA", "DEU"], "data_year": 2019, "fiscal_year": 2021, "income_group": ["lower middle", "low", "high"]}),
        "un_members": pd.DataFrame({"iso3": ["DEU", "KEN", "UGA"], "ldc": [False, False, True]}),
    }  # fmt: skip


def test_three_countries_by_hand(small):
    made = world_year(**small)
    row = made["world_year"].set_index("year").loc[2020]
    assert row[["refugees", "refugees_next_door", "asylum_applications", "dead_or_missing_migrants"]].tolist() == [
        90,
        40,
        7,
        4,
    ]
    assert row["refugees_next_door_share"] == pytest.approx(0.4)
    assert row["migrants_share"] == pytest.approx(10 / 400)
    assert row[
        ["remittances_received", "remittances_received_low_and_middle", "economies_with_remittances"]
    ].tolist() == [7, 5, 2]
    assert made["world_year"].set_index("year").loc[2021, "migrants_interpolated"] == 11
    shares = made["displacement_by_income_year"].set_index(["grouping", "group"])["share"].to_dict()
    assert shares == {
        ("income", "high"): 0.6, ("income", "low"): 0.4, ("least developed", "least developed"): 0.4, ("least developed", "other"): 0.6,
    }  # fmt: skip


def test_a_country_without_a_group_is_not_classified(small):
    made = displacement_by_group(small["displacement_year"], small["income_groups"].iloc[:2], small["un_members"])
    assert made.set_index("group").loc["not classified", "share"] == 0.6


def test_a_negative_number_of_dead_is_named(small):
    frame = pyreadr.read_r(small["missing_migrants"])["iom_mmp"].assign(dead=[4.0, -1.0])
    pyreadr.write_rdata(small["missing_migrants"], frame, df_name="iom_mmp")
    with pytest.raises(UserError, match=r"mmp.rda, row 2, column dead: got -1.0, expected a whole number not below 0"):
        world_year(**small)
