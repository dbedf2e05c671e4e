"""Population, income, remittances and aid: published values; zero remittances are no report; the middle of 2024 is computed."""

import pandas as pd
import pyreadr
import pytest

from compacts.ingest.economy import economy_year, mid_year_population, ratio
from compendium.errors import UserError

# World Bank, Migration and Development Brief 40 (remittances received, billion US$)
REMITTANCES = {"IND": 119.5, "MEX": 66.2}
GAPMINDER = {
    "gdp": "total_gdp_us_inflation_adjusted",
    "gdp_per_head": "gdppercapita_us_inflation_adjusted",
    "oda": "aid_received_total_us_inflation_adjusted",
}


@pytest.fixture
def files(tmp_path):
    """A function that writes the seven files of one country and Kosovo."""

    def write(**changes):
        frames = {
            "wdi": ("wdi", {"geo": ["KEN"] * 7, "var": ["pop", "remin", "remout", "fdiin", "gdp", "income", "remout"], "t": [2023.0] * 6 + [2022.0], "v": [1000.0, 8.0, 0.0, -3.0, 9.0, 5.0, 6.0]}),
            "projection": ("popproj1dt", {"country_code": [404.0, 900.0, 404.0], "year": [2024.0, 2024.0, 2025.0], "popM": [0.6, 9.0, 9.0], "popF": [0.731, 9.0, 9.0]}),
            "migration": ("mig1dt", {"country_code": [404.0, 412.0, 900.0], "year": [2022.0] * 3, "mig": [-0.05, 2.0, 0.0]}),
            "codes": ("countrynames", {"m49": [404.0, None], "iso3": ["KEN", "XKX"]}),
        }  # fmt: skip
        paths = {}
        for name, (frame, columns) in frames.items():
            paths[name] = tmp_path / f"{name}.rda"
            pyreadr.write_rdata(paths[name], pd.DataFrame({**columns, **changes.get(name, {})}), df_name=frame)
        for name, indicator in GAPMINDER.items():
            paths[name] = tmp_path / f"{name}.csv"
            text = changes.get(name, f"geo,time,{indicator}\nken,2023,{'-5' if name == 'oda' else '7'}\nkos,2023,2\n")
            paths[name].write_text(text)
        return paths

    return write


def test_each_source_is_in_its_columns(files):
    made = economy_year(**files())
    rows = made["economy_year"].set_index(["code", "year"])
    kenya = rows.loc[("KEN", 2023)]
    assert kenya[["population", "gdp_2015usd", "oda_received_2023usd", "remittances_received"]].tolist() == [
        1000,
        7,
        -5,
        8,
    ]
    assert pd.isna(kenya["remittances_paid"])
    assert rows.loc[("KEN", 2022), "net_migration"] == -50
    assert rows.loc[("XKX", 2022), "net_migration"] == 2000
    # a third of the growth to 31 December 2024 is the half year after 1 July 2024
    assert rows.loc[("KEN", 2024), ["population", "population_projected"]].tolist() == [1210, True]
    assert rows.loc[("XKX", 2023), "gdp_2015usd"] == 2
    log = made["ingest_economy"].set_index(["source_id", "reason"])["rows"]
    assert log["gdi_wdi", "remittances of 0, which stand for no report"] == 1


FAULTS = {
    "a new indicator": ({"wdi": {"var": ["pop", "remin", "remout", "gini", "gdp", "income", "remout"]}}, "wdi.rda, row 4, column var: got 'gini', expected one of pop"),
    "a negative population": ({"wdi": {"v": [-1.0, 8.0, 1.0, 1.0, 1.0, 1.0, 1.0]}}, "wdi.rda, row 1, column v: got -1 for pop, expected a number not below 0"),
    "a year twice": ({"gdp": f"geo,time,{GAPMINDER['gdp']}\nken,2023,7\nken,2023,8\n"}, "gdp.csv, row 3: got 'ken 2023' a second time"),
    "text for a number": ({"oda": f"geo,time,{GAPMINDER['oda']}\nken,2023,much\n"}, "oda.csv, row 2, column aid_received.*: got 'much', expected a number"),
    "another code": ({"gdp": f"geo,time,{GAPMINDER['gdp']}\nabkhazia,2023,7\n"}, "gdp.csv, row 2, column code: got 'ABKHAZIA', expected a country code"),
    "an indicator lost": ({"wdi": {"var": ["pop", "remin", "remout", "fdiin", "gdp", "gdp", "remout"], "t": [2023.0, 2023.0, 2023.0, 2023.0, 2023.0, 2021.0, 2022.0]}}, "column var: got no income, expected pop"),
    "a line cut off": ({"gdp": f"geo,time,{GAPMINDER['gdp']}\nken,2023,7\nken,2024,1"}, "gdp.csv, line 3: got the end of the file in the middle of a line"),
    "a renamed column": ({"gdp_per_head": "geo,time,gdp\nken,2023,7\n"}, "gdp_per_head.csv, line 1: got no column 'gdppercapita"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named(files, fault):
    changes, message = FAULTS[fault]
    with pytest.raises(UserError, match=message):
        economy_year(**files(**changes))


def test_a_stable_population_stays_and_a_quotient_by_zero_is_missing():
    assert mid_year_population(pd.Series([5.0]), pd.Series([5.0])).tolist() == [5.0]
    assert ratio(pd.Series([1, 1]), pd.Series([0, 2])).fillna(-1).tolist() == [-1, 0.5]


@pytest.mark.parametrize("code", REMITTANCES)
def test_remittances_are_the_published_ones(table, code):
    value = table("economy_year").set_index(["code", "year"]).loc[(code, 2023), "remittances_received"]
    assert round(value / 1e9, 1) == pytest.approx(REMITTANCES[code], abs=0.1)


def test_world_population_is_that_of_the_prospects(table):
    # World Population Prospects 2024: 8.09 billion in mid-2023, 8.16 billion in mid-2024
    totals = table("economy_year").groupby("year")["population"].sum() / 1e9
    assert round(totals[2023], 2) == 8.09
    assert round(totals[2024], 2) == 8.16


def test_income_per_head_times_population_is_income(table):
    rows = table("economy_year").query("year == 2023").dropna(subset=["gdp_2015usd", "population"])
    error = (rows["gdp_2015usd_per_head"] * rows["population"] / rows["gdp_2015usd"] - 1).abs()
    # two sources of population, which differ most in small states
    assert error.median() < 0.01


def test_net_migration_is_the_same_in_the_second_file(raw, table):
    wdi = pyreadr.read_r(raw("gdi_wdi"))["wdi"].query("var == 'nmig'").astype({"t": int})
    ours = table("economy_year").set_index(["code", "year"])["net_migration"]
    theirs = wdi.set_index(["geo", "t"])["v"]
    both = ours.index.intersection(theirs.index)
    assert len(both) > 7000
    assert (ours[both].astype(float) - theirs[both]).abs().max() <= 0.5
