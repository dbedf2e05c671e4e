"""Members of the UN: 193, in the groups of the UN, with the codes of the source; faults are named with their place."""

import json

import pandas as pd
import pytest

from compacts.ingest.members import un_members
from compendium.errors import UserError

HEADER = (
    "ISO3166-1-Alpha-3,ISO3166-1-Alpha-2,M49,Region Name,Sub-region Name,Least Developed Countries (LDC),"
    "Land Locked Developing Countries (LLDC),Small Island Developing States (SIDS)"
)


@pytest.fixture
def files(tmp_path):
    """193 invented members, an observer and a territory; returns the four paths as keywords."""
    codes = [f"{a}{b}{c}" for a in "ABCDEFGH" for b in "ABCDE" for c in "ABCDE"][:195]
    rows = [f"{code},{i:03d},{i + 1},Asia,Western Asia,{'x' if i == 0 else ''},,x" for i, code in enumerate(codes)]
    rows[2] = rows[2].replace(",002,", ",NA,")
    rows[3] = rows[3].replace(",003,", ",NO,")
    (tmp_path / "codes.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    listed = [
        {"cca3": code, "name": {"common": f"State {code}"}, "unMember": True, "unRegionalGroup": "African Group"}
        for code in codes
    ]
    listed[193]["unRegionalGroup"] = ""
    listed[194] |= {"unMember": False, "unRegionalGroup": ""}
    (tmp_path / "countries.json").write_text(json.dumps(listed))
    (tmp_path / "eu.yaml").write_text("includes:\n- id: NO\n  status: member\n- id: NA\n  status: candidate\n")
    (tmp_path / "oecd.yaml").write_text("includes:\n- id: NA\n  status: member\n")
    return {
        "country_codes": tmp_path / "codes.csv",
        "countries": tmp_path / "countries.json",
        "eu": tmp_path / "eu.yaml",
        "oecd": tmp_path / "oecd.yaml",
    }


def test_members_are_those_with_a_regional_group(files):
    made = un_members(**files)
    table = made["un_members"].set_index("iso2")
    assert len(table) == 193
    assert table.loc["NA", ["oecd", "eu"]].tolist() == [True, False]
    assert table.loc["NO", "eu"]
    assert table["ldc"].sum() == 1
    log = made["ingest_members"].query("source_id == 'st_mledoze'").set_index("outcome")["rows"]
    assert log["kept"] == 193
    assert log["dropped"].sum() == 2


def test_a_renamed_column_is_named(files):
    path = files["country_codes"]
    path.write_text(path.read_text().replace("M49", "UN code"))
    with pytest.raises(UserError, match=r"codes.csv, line 1: got no column 'M49' .*change its builder"):
        un_members(**files)


def test_a_row_twice_is_named_with_its_place(files):
    path = files["country_codes"]
    path.write_text(path.read_text() + path.read_text().splitlines()[5] + "\n")
    with pytest.raises(UserError, match=r"codes.csv, row 197: got 'AAE' a second time, expected each iso3 once"):
        un_members(**files)


def test_latin_1_is_refused_with_its_line(files):
    path = files["country_codes"]
    path.write_bytes(path.read_bytes().replace(b"Western Asia", "Wéstern Asia".encode("latin-1"), 1))
    with pytest.raises(UserError, match=r"codes.csv, line 2: got the byte 0xe9, expected UTF-8"):
        un_members(**files)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("countries", r"countries.json, line 1: got JSON that breaks off"),
        ("eu", r"eu.yaml: got no readable list of members"),
        ("country_codes", r"codes.csv, row \d+: got \d+ cells, expected \d+"),
    ],
)
def test_a_file_that_is_cut_is_refused(files, name, message):
    path = files[name]
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 - 12])
    with pytest.raises(UserError, match=message):
        un_members(**files)


def test_groups_have_the_sizes_that_the_un_gives(table):
    # un.org/dgacm, Regional groups of Member States; the United States is counted with the Western European and Others
    sizes = table("un_members")["un_group"].value_counts()
    assert sizes.to_dict() == {
        "African": 54, "Asia-Pacific": 54, "Latin American and Caribbean": 33, "Western European and Others": 29, "Eastern European": 23,
    }  # fmt: skip


def test_special_groups_have_the_sizes_of_their_published_lists(table):
    # 45 least developed countries before December 2024; 32 landlocked developing countries; EU 27; OECD 38
    assert table("un_members")[["ldc", "lldc", "eu", "oecd"]].sum().tolist() == [45, 32, 27, 38]


def test_states_in_well_known_groups_are_there(table):
    members = table("un_members").set_index("iso3")
    assert members.loc[["USA", "ISR", "TUR"], "un_group"].unique().tolist() == ["Western European and Others"]
    assert members.loc["NAM", "iso2"] == "NA"
    assert members.loc["NOR", ["eu", "oecd"]].tolist() == [False, True]
    assert members["admitted"].dropna().dt.strftime("%Y-%m-%d").to_dict()["SSD"] == "2011-07-14"
    assert isinstance(members["name"].dtype, pd.StringDtype)
