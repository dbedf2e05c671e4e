"""Membership in IOM: numbers of members as IOM gave them, withdrawals kept, nothing said after 2014."""

import pandas as pd
import pyreadr
import pytest

from compacts.ingest.iom_members import iom_membership
from compendium.errors import UserError

# IOM: 67 members in 1998; the file has 143 for 2011, 154 for 2013, 155 for 2014
MEMBERS = {1998: 67, 2004: 103, 2011: 143, 2013: 154, 2014: 155}


@pytest.fixture
def files(tmp_path):
    """A function that writes one state's years and the numbers of two."""

    def write(**changes):
        rows = {
            "ccode": [200.0, 200.0, 200.0, 260.0, 999.0],
            "year": [1966.0, 1967.0, 2014.0, 1985.0, 2014.0],
            "iomig": [1.0, 0.0, 1.0, 1.0, 1.0],
        }
        pyreadr.write_rdata(tmp_path / "igo.rda", pd.DataFrame({**rows, **changes}), df_name="state_year_format3")
        points = pd.DataFrame({"ccode": [200, 255], "iso3c": ["GBR", "DEU"], "year": [2010, 2010]})
        points.to_stata(tmp_path / "points.dta", write_index=False)
        members = pd.DataFrame({"iso3": ["DEU", "GBR"]}, dtype="str")
        return {"state_years": tmp_path / "igo.rda", "ideal_points": tmp_path / "points.dta", "un_members": members}

    return write


def test_a_withdrawal_ends_a_spell_and_west_germany_is_germany(files):
    made = iom_membership(**files())
    assert made["iom_membership"].fillna(0).to_numpy().tolist() == [
        ["DEU", 1985, 1985],
        ["GBR", 1966, 1966],
        ["GBR", 2014, 0],
    ]
    log = made["ingest_iom_membership"].set_index("reason")["rows"]
    assert log["member of IOM, but not of the United Nations today"] == 1


def test_a_status_that_is_none_and_a_member_without_number_are_named(files):
    with pytest.raises(UserError, match=r"igo.rda, row 2, column iomig: got 5.0, expected one of -9, -1, 0, 1, 2, 3"):
        iom_membership(**files(iomig=[1.0, 5.0, 1.0, 1.0, 1.0]))
    paths = files() | {"un_members": pd.DataFrame({"iso3": ["DEU", "FRA"]}, dtype="str")}
    with pytest.raises(UserError, match=r"points.dta: got no number for FRA, expected all members"):
        iom_membership(**paths)


@pytest.mark.parametrize("year", MEMBERS)
def test_members_are_as_many_as_known(table, year):
    rows = table("iom_membership")
    inside = (rows["first_year"] <= year) & (rows["last_year"].isna() | (rows["last_year"] >= year))
    assert inside.sum() == MEMBERS[year]


def test_the_united_kingdom_left_and_came_back(table):
    spells = table("iom_membership").query("iso3 == 'GBR'")[["first_year", "last_year"]]
    assert spells["last_year"].notna().tolist() == [True, False]
