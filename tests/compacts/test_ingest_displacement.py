"""UNHCR's figures: totals as published in Global Trends, codes explained, faults refused."""

import pandas as pd
import pyreadr
import pytest

from compacts.ingest.displacement import COUNTS, unhcr_displacement
from compendium.errors import UserError

# millions, first published figures: UNHCR Global Trends 2017, 2023, 2024 (refugees under UNHCR's mandate)
PUBLISHED = {
    ("refugees", 2017): 19.9, ("refugees", 2020): 20.7, ("refugees", 2021): 21.3, ("refugees", 2023): 31.6,
    ("refugees", 2024): 31.0, ("asylum_seekers", 2017): 3.1, ("asylum_seekers", 2021): 4.6, ("asylum_seekers", 2022): 5.4,
    ("asylum_seekers", 2023): 6.9, ("asylum_seekers", 2024): 8.4, ("others_in_need", 2023): 5.8,
    ("others_in_need", 2024): 5.9, ("idps", 2023): 63.3, ("stateless", 2023): 4.4,
}  # fmt: skip


@pytest.fixture
def files(tmp_path):
    """Figures of one origin in two countries of asylum."""
    counts = pd.DataFrame({name: [1.0, 2.0, 3.0] for name in COUNTS}).assign(oip=[None, None, 5.0])
    keys = {"year": [2017.0, 2018.0, 2018.0], "coo_iso": ["SYR", "SYR", "UNK"], "coa_iso": ["TUR", "TUR", "LBN"]}
    names = {"coo_name": ["Syria", "Syria", "Unknown"], "coa_name": ["Türkiye", "Türkiye", "Lebanon"]}
    population, countries = tmp_path / "population.rda", tmp_path / "countries.rda"
    regions = {"iso_code": ["SYR", "TUR", "LBN", "GUM"], "unhcr_region": ["MENA", "Europe", "MENA", "Asia"]}
    pyreadr.write_rdata(countries, pd.DataFrame(regions), df_name="countries")
    members = pd.DataFrame({"iso3": ["SYR", "TUR", "LBN"]}, dtype="str")

    def write(**changes):
        frame = (
            pd.DataFrame({**keys, **names}).join(counts).assign(**{k: v for k, v in changes.items() if k != "rename"})
        )
        pyreadr.write_rdata(population, frame.rename(columns=changes.get("rename", {})), df_name="population")
        return {"population": population, "countries": countries, "un_members": members}

    return write


def test_the_new_category_is_missing_before_it_existed_and_zero_after(files):
    made = unhcr_displacement(**files())
    assert made["unhcr_displacement"][["year", "asylum_iso3", "others_in_need"]].fillna(-1).to_numpy().tolist() == [
        [2017, "TUR", -1],
        [2018, "LBN", 5],
        [2018, "TUR", 0],
    ]
    kinds = made["unhcr_territories"].set_index("code")["kind"].to_dict()
    assert kinds == {"LBN": "UN member", "SYR": "UN member", "TUR": "UN member", "UNK": "no territory"}


FAULTS = {
    "a column renamed": ({"rename": {"refugees": "refs"}}, "population.rda, line 1: got no column 'refugees'"),
    "a row twice": ({"year": 2018.0, "coa_iso": "TUR", "coo_iso": "SYR"}, "row 2: got '2018.0 TUR SYR' a second time"),
    "a negative count": (
        {"refugees": [1.0, -2.0, 3.0]},
        "row 2, column refugees: got -2.0, expected a whole number of persons",
    ),
    "a missing count": ({"idps": [1.0, 2.0, None]}, "row 3, column idps: got nan, expected a whole number of persons"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_with_its_row(files, fault):
    changes, message = FAULTS[fault]
    with pytest.raises(UserError, match=message):
        unhcr_displacement(**files(**changes))


@pytest.mark.parametrize(("column", "year"), PUBLISHED)
def test_the_total_is_the_published_one_to_the_digit_that_was_published(table, column, year):
    total = table("unhcr_displacement").query("year == @year")[column].sum() / 1e6
    assert abs(total - PUBLISHED[column, year]) <= 0.0501


def test_codes_without_territory_are_three_and_all_members_are_there(table):
    territories = table("unhcr_territories")
    assert territories.query("kind == 'no territory'")["code"].tolist() == ["TIB", "UNK", "XXA"]
    assert set(territories.query("kind == 'UN member'")["code"]) == set(table("un_members")["iso3"])


def test_every_row_counts_somebody(table):
    frame = table("unhcr_displacement")
    assert len(frame) == 138893
    assert (frame[list(COUNTS.values())].fillna(0).sum(axis=1) > 0).all()
