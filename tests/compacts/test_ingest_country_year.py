"""Members by year: 193 x 25 rows, values as published, nothing beyond the end of its source, unknown never zero."""

import pandas as pd
import pyreadr
import pytest

from compacts.ingest.country_year import GROUPS, country_year
from compacts.ingest.regimes import REGIMES, democracy, ideal_points, regimes
from compacts.ingest.treaties import TREATIES
from compendium.errors import UserError

# first and last year with a value, by the end of the source
LAST = {
    "population": 2024, "net_migration": 2023, "remittances_received": 2023, "remittances_paid": 2023,
    "gdp_ppp_per_head": 2023, "gdp_2015usd": 2024, "oda_received_2023usd": 2023, "migrant_stock": 2024,
    "migrant_stock_interpolated": 2024, "refugees_hosted": 2024, "idps_idmc": 2024, "displacements_by_conflict": 2023,
    "asylum_applications": 2024, "recognition_rate": 2024, "income_group": 2024, "polyarchy": 2024, "regime": 2024,
    "populist_in_government": 2019, "party_election_year": 2019, "ideal_point": 2024, "agreement_usa": 2024,
    "iom_member": 2014, **{treaty: last for treaty, (_, last) in TREATIES.items()},
}  # fmt: skip


@pytest.fixture(scope="module")
def rows(root):
    """The committed table, read once."""
    from compendium import tables

    return tables.read_table("country_year", root)


@pytest.fixture(scope="module")
def cell(rows):
    """A function from state, year and column to the value."""
    keyed = rows.set_index(["iso3", "year"])
    return lambda iso3, year, column: keyed.loc[(iso3, year), column]


def test_every_member_has_every_year_once(rows, table):
    assert len(rows) == 193 * 25
    assert set(zip(rows["iso3"], rows["year"], strict=True)) == {
        (iso3, year) for iso3 in table("un_members")["iso3"] for year in range(2000, 2025)
    }


def test_membership_begins_in_the_year_of_admission(rows):
    before = rows[~rows["un_member"]].groupby("iso3")["year"].agg(["min", "max"])
    assert before["max"].to_dict() == {"CHE": 2001, "TLS": 2001, "MNE": 2005, "SSD": 2010}
    assert rows.groupby("year")["un_member"].sum()[[2000, 2002, 2006, 2011]].tolist() == [189, 191, 192, 193]


@pytest.mark.parametrize("column", LAST)
def test_a_column_ends_with_its_source(rows, column):
    assert rows.loc[rows[column].notna(), "year"].max() == LAST[column]


def test_interpolated_stocks_are_the_observed_ones_where_there_are_some(rows):
    for what in ("migrant_stock", "emigrant_stock"):
        observed = rows[rows[what].notna()]
        assert set(observed["year"]) == {2000, 2005, 2010, 2015, 2020, 2024}
        assert observed[what].equals(observed[f"{what}_interpolated"].rename(what))


def test_a_state_that_did_not_exist_is_unknown_not_zero(rows):
    south_sudan = rows.query("iso3 == 'SSD' and year < 2011")
    columns = ["refugees_hosted", "refugees_originating", "polyarchy", "roll_calls", "iom_member", *TREATIES]
    assert south_sudan[columns].isna().all(axis=None)


def test_values_are_those_published(cell):
    # V-Dem Democracy Report 2025: liberal democracy in 2024; UNHCR Global Trends 2023 and 2024; World Bank
    assert cell("DNK", 2024, "liberal_democracy") == 0.883
    assert cell("USA", 2024, "liberal_democracy") == 0.748
    assert round(cell("TUR", 2023, "refugees_hosted") / 1e6, 1) == 3.3
    assert (
        round(cell("COL", 2024, "refugees_hosted") / 1e6 + cell("COL", 2024, "others_in_need_hosted") / 1e6, 1) == 2.8
    )
    assert round(cell("IND", 2023, "remittances_received") / 1e9, 1) == pytest.approx(119.5, abs=0.1)
    assert round(cell("USA", 2023, "gdp_2015usd") / 1e12, 2) == 21.96
    assert round(cell("UKR", 2023, "oda_received_2023usd") / 1e9, 1) == 38.9
    assert cell("UKR", 2022, "net_migration") == -5_699_445


def test_the_group_in_force_lags_that_of_the_data_by_a_year(rows):
    keyed = rows.set_index(["iso3", "year"])
    force, data = keyed["income_group"], keyed["income_group_by_data"]
    later = force.rename(index=lambda year: year - 1, level="year")
    both = data.dropna().index.intersection(later.dropna().index)
    assert len(both) > 4000
    assert (data[both] == later[both]).all()


def test_bounds_enclose_the_estimate(rows):
    for name in ("polyarchy", "liberal_democracy", "ideal_point"):
        known = rows.dropna(subset=[name])
        assert (known[f"{name}_low"] <= known[name]).all()
        assert (known[name] <= known[f"{name}_high"]).all()


def test_agreement_with_the_united_states_goes_with_ideal_points(rows):
    year = rows.query("year == 2019 and iso3 != 'USA'")
    assert year["agreement_usa"].corr(year["ideal_point"]) > 0.9


def test_members_of_iom_are_those_of_its_spells(rows, cell):
    assert rows.groupby("year")["iom_member"].sum()[[2004, 2011, 2014]].tolist() == [103, 143, 155]
    assert cell("GBR", 2020, "iom_accession_year") == 2002
    assert pd.isna(cell("CHN", 2014, "iom_accession_year"))


def test_groups_are_those_of_the_members(rows, table):
    members = table("un_members").set_index("iso3")[GROUPS]
    assert rows.drop_duplicates(["iso3", *GROUPS]).set_index("iso3")[GROUPS].sort_index().equals(members.sort_index())


def test_regimes_of_2024_are_as_many_as_the_democracy_report_says(raw):
    # V-Dem Democracy Report 2025: 35 closed and 56 electoral autocracies, 59 electoral and 29 liberal democracies
    counts = regimes(raw("ert_episodes"), 2024)["regime"].value_counts()
    assert [counts[name] for name in REGIMES.values()] == [35, 56, 59, 29]


def test_serbia_has_the_ideal_points_of_the_code_of_yugoslavia(cell):
    assert cell("SRB", 2023, "ideal_point") > 0


FAULTS = {
    "an index above one": (democracy, "vdem_simple", {"v2x_libdem": [0.5, 1.5]}, "row 2, column v2x_libdem: got 1.5, expected a number from 0 to 1"),
    "a country twice": (democracy, "vdem_simple", {"year": [2000.0, 2000.0]}, "row 2: got 'KEN 2000' a second time"),
    "a regime that is none": (regimes, "episodes", {"v2x_regime": [1.0, 4.0]}, "row 2, column v2x_regime: got 4.0"),
    "a country without code": (regimes, "episodes", {"country_text_id": ["KEN", "Kenya"]}, "row 2, column country_text_id: got 'Kenya'"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named(tmp_path, fault):
    read, name, changes, message = FAULTS[fault]
    indices = [
        "v2x_polyarchy",
        "v2x_polyarchy_codelow",
        "v2x_polyarchy_codehigh",
        "v2x_libdem",
        "v2x_libdem_codelow",
        "v2x_libdem_codehigh",
    ]
    frame = {
        "country_text_id": ["KEN", "KEN"],
        "year": [2000.0, 2001.0],
        "v2x_regime": [1.0, 2.0],
        **dict.fromkeys(indices, 0.5),
    }
    pyreadr.write_rdata(tmp_path / "file.rda", pd.DataFrame({**frame, **changes}), df_name=name)
    with pytest.raises(UserError, match=message):
        read(tmp_path / "file.rda", 2000)


def test_ideal_points_without_a_code_are_counted_and_a_broken_file_is_named(tmp_path):
    path = tmp_path / "points.dta"
    frame = pd.DataFrame(
        {
            "ccode": [345, 436],
            "iso3c": ["YUG", ""],
            "year": [2000, 2000],
            "idealpointfp": [0.5, 1.0],
            "q5fp": [0.4, 0.9],
            "q95fp": [0.6, 1.1],
        }
    )
    frame.to_stata(path, write_index=False)
    table, dropped = ideal_points(path, 2000)
    assert table.to_numpy().tolist() == [["SRB", 2000, 0.5, 0.4, 0.6]]
    assert dropped == 1
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(UserError, match=r"points.dta: got 300 bytes that break off or are no Stata file"):
        ideal_points(path, 2000)


def test_no_row_is_lost_without_a_line_in_the_log(table):
    log = table("ingest_country_year")
    sizes = {"economy_year": 0, "displacement_year": 0, "asylum_year": 0, "un_agreement_year": 0}
    for name in sizes:
        assert log.query("source_id == @name")["rows"].sum() == len(table(name))


def test_the_builder_takes_the_tables_that_its_declaration_names(root):
    import inspect
    import tomllib

    plan = tomllib.loads((root / "compendium.toml").read_text())
    (declared,) = [build for build in plan["build"] if build["name"] == "country_year"]
    assert [*declared["raw"], *declared["tables"]] == list(inspect.signature(country_year).parameters)


def test_coverage_counts_the_members_with_a_value(rows, table):
    known = table("country_year_coverage").set_index(["column", "year"])
    assert len(known) == 25 * (len(rows.columns) - 3)
    assert known.loc[("population", 2024)].tolist() == [193, 193]
    assert known.loc[("iom_member", 2015), "known"] == 0
    year = rows.query("year == 2010 and un_member")
    assert known.loc[("polyarchy", 2010)].tolist() == [192, year["polyarchy"].notna().sum()]
