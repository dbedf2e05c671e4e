"""Irregular migration: the totals that Frontex, Panama, the United States and IOM published; open years are told by their months."""

import pandas as pd
import pyreadr
import pytest

from compacts.ingest.irregular_migration import irregular_migration
from compendium.errors import UserError

# Frontex 2015; Migración Panamá; US Customs and Border Protection, fiscal years
PUBLISHED = {
    ("detections", 2015): 1_822_102, ("crossings", 2023): 520_085, ("crossings", 2024): 302_203,
    ("encounters", 2021): 1_734_686, ("encounters", 2022): 2_378_944, ("encounters", 2023): 2_475_669,
    ("encounters", 2024): 2_135_005,
}  # fmt: skip
JANUARY, FEBRUARY, OCTOBER = 18262.0, 18293.0, 18536.0  # of 2020, in days since 1970


@pytest.fixture
def files(tmp_path):
    """A function that writes the six files."""

    def write(**changes):
        frames = {
            "frontex": ("frontex", {"route": ["Black Sea Route"] * 2, "type": ["Sea"] * 2, "nat": ["SYR"] * 2, "t": [JANUARY, FEBRUARY], "n": [3.0, 4.0]}),
            "darien": ("irreg_darien_nat", {"nat": ["VEN"] * 2, "t": [14610.0, JANUARY], "n": [5.0, 6.0]}),
            "darien_groups": ("irreg_darien_dmg", {"demog": ["men", "girls"], "t": [JANUARY] * 2, "n": [4.0, 2.0]}),
            "usa": ("irreg_usa", {**{key: ["x"] for key in ("component", "area", "authority", "type", "demog", "nat")}, "t": [OCTOBER], "t_fy": [18901.0], "n": [9.0]}),
            "missing_migrants": ("iom_mmp", {"t": ["2020-01-05"], "route": ["Undefined"], "dead": [2.0]}),
            "asylum_eu": ("eu_asyapp", {"geo": ["EU27", "DEU"], "t": [2020.0] * 2, "nat": ["SYR"] * 2, "sex": ["male"] * 2, "n": [8.0, 7.0]}),
        }  # fmt: skip
        paths = {}
        for name, (frame, columns) in frames.items():
            paths[name] = tmp_path / f"{name}.rda"
            pyreadr.write_rdata(paths[name], pd.DataFrame({**columns, **changes.get(name, {})}), df_name=frame)
        return paths

    return write


def test_persons_and_months_are_counted_by_route_and_year(files):
    rows = irregular_migration(**files())["irregular_migration_year"].set_index(["indicator", "year"])
    assert rows.loc[("detections", 2020), ["persons", "months"]].tolist() == [7, 2]
    assert rows.loc[("crossings", 2020), ["persons", "months"]].tolist() == [6, 1]
    assert pd.isna(rows.loc[("crossings", 2010), "months"])
    assert rows.loc[("crossings by minors", 2020), "persons"] == 2
    # October 2020 belongs to the fiscal year 2021
    assert rows.loc[("encounters", 2021), "persons"] == 9
    assert rows.loc[("dead or missing", 2020), "persons"] == 2
    assert rows.loc[("asylum applicants", 2020), "persons"] == 8


FAULTS = {
    "a row twice": ({"frontex": {"t": [JANUARY, JANUARY]}}, "frontex.rda, row 2: got 'Black Sea Route Sea SYR 18262.0' a second time"),
    "a negative number": ({"darien": {"n": [5.0, -6.0]}}, "darien.rda, row 2, column n: got -6.0"),
    "a day that is none": ({"usa": {"t_fy": [2021.0]}}, "usa.rda, row 1, column t_fy: got 2021.0, expected a whole number from 10957"),
    "a new group": ({"darien_groups": {"demog": ["men", "others"]}}, "darien_groups.rda, row 2, column demog: got 'others'"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named(files, fault):
    changes, message = FAULTS[fault]
    with pytest.raises(UserError, match=message):
        irregular_migration(**files(**changes))


@pytest.mark.parametrize(("indicator", "year"), PUBLISHED)
def test_totals_are_the_published_ones(table, indicator, year):
    rows = table("irregular_migration_year").query("indicator == @indicator and year == @year")
    assert rows["persons"].sum() == PUBLISHED[indicator, year]
    assert (rows["months"] == 12).all()


def test_deaths_are_those_of_the_totals_of_the_world(table):
    ours = table("irregular_migration_year").query("indicator == 'dead or missing' and year < 2025")
    world = table("world_year").set_index("year")["dead_or_missing_migrants"].dropna()
    assert ours.groupby("year")["persons"].sum().to_dict() == world.to_dict()


def test_the_open_year_has_fewer_months(table):
    assert (table("irregular_migration_year").query("year == 2025")["months"] < 12).all()
