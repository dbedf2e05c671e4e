"""Lives of international bodies: one row a body, published counts, and disagreements of the lists kept in sight."""

import pandas as pd
import pytest

from compacts.ingest.lifespan_sources import COLUMNS, compared_organizations, peacekeeping_missions
from compacts.ingest.organization_lifespans import assign_bodies, one_row_a_body
from compendium.errors import UserError

MISSIONS = "id,mission_acronym,mission_name,mission_isactive,start_date,end_date,last_update\n"


@pytest.fixture(scope="module")
def lives(table):
    return table("organization_lifespans").set_index("body_id")


@pytest.fixture(scope="module")
def sources(table):
    return table("lifespan_sources")


def entry(dataset, dataset_id, **facts):
    empty = {"name": dataset_id, "acronym": dataset_id, "alive": True, "fate": "", "observed_to": "2014", "scope": "", "field": ""}  # fmt: skip
    return dict.fromkeys(COLUMNS) | {"dataset": dataset, "dataset_id": dataset_id} | empty | facts


def test_each_list_has_as_many_entries_as_published(sources):
    # COW 534 (Pevehouse et al. 2020), DIGO 561 (Eilstrup-Sangiovanni 2020), IIGO 149 (Vabulas and Snidal 2021)
    counts = sources["dataset"].value_counts().to_dict()
    assert counts == {"cow": 534, "digo": 561, "iigo": 149, "pko": 81, "un_entities": 169, "organizations": 21}


def test_39_per_cent_of_the_organizations_in_digo_ended(sources):
    digo = sources[sources["dataset"] == "digo"]
    # 216 by the file's code, and two bodies with a last year but without a code
    assert (~digo["alive"]).sum() == 218
    # quoted by Dijkstra 2019
    assert round(100 * (~digo["alive"]).mean()) == 39


def test_what_became_of_informal_organizations_is_as_published(sources):
    iigo = sources[sources["dataset"] == "iigo"]
    assert iigo["alive"].sum() == 94
    assert (iigo["fate"] == "became formal").sum() == 36
    assert iigo["fate"].isin(["ended", "succeeded"]).sum() == 19


def test_missing_dates_of_missions_stay_missing(lives, sources):
    missions = sources[sources["dataset"] == "pko"]
    assert (missions["start_date"].isna().sum(), missions["end_date"].isna().sum()) == (3, 14)
    minusma = lives[lives["acronym"] == "MINUSMA"].iloc[0]
    assert minusma["stale"]
    assert minusma["end_kind"] == "unknown"
    assert pd.isna(minusma["end_year"])
    whole = missions.dropna(subset=["start_date", "end_date"])
    years = (whole["end_date"] - whole["start_date"]).dt.days / 365.25
    assert (len(whole), round(years.median(), 1), round(years.mean(), 1)) == (66, 2.5, 4.5)


def test_iom_and_unhcr_have_one_row_each(lives):
    assert lives.loc[lives["org_id"] == "iom", ["start_year", "end_kind", "ionum"]].to_numpy().tolist() == [
        [1951, "alive", 2250]
    ]
    assert lives.loc[lives["org_id"] == "unhcr", ["start_year", "end_kind"]].to_numpy().tolist() == [[1950, "alive"]]
    assert lives["org_id"].dropna().is_unique


def test_the_refugee_organization_before_unhcr_ended_in_1952(lives):
    iro = lives.loc["cow_3050"]
    assert (iro["start_year"], iro["end_year"], iro["end_kind"]) == (1946, 1952, "dissolved")


def test_no_body_ends_before_it_starts(lives):
    known = lives.dropna(subset=["start_year", "end_year"])
    assert (known["end_year"] >= known["start_year"]).all()
    assert (lives["end_year"].isna() | (lives["end_kind"] != "alive")).all()


def test_disputed_ends_are_those_in_which_two_lists_differ(lives, sources):
    wide = sources.pivot(index="body_id", columns="dataset", values=["end_year", "alive"])
    for body in lives.index[lives["end_disputed"].fillna(value=False)]:
        given = {
            year if pd.notna(year) and year <= 2014 else None
            for year in (wide.loc[body].get(("end_year", name)) for name in ("cow", "digo", "iigo")
                         if pd.notna(wide.loc[body].get(("alive", name))))
        }  # fmt: skip
        assert len(given) > 1, body


def test_the_first_list_that_knows_is_taken_and_the_list_of_ends_before_cow():
    entries = pd.DataFrame([
        entry("cow", "1", acronym="AP", start_year=1980.0, end_year=1989.0, alive=False, fate="ended"),
        entry("digo", "AP", start_year=1981.0, scope="narrow", observed_to="2016"),
        *(entry(name, "x") for name in ("iigo", "pko", "un_entities", "organizations")),
    ])  # fmt: skip
    matches = pd.DataFrame({"dataset": ["organizations"], "dataset_id": ["x"], "body_id": ["un_x"]})
    rows = one_row_a_body(assign_bodies(entries, matches)).set_index("body_id")
    got = rows.loc["cow_1"]
    assert (got["start_year"], got["start_source"], got["end_kind"], got["as_of"]) == (1980, "cow", "alive", "2016")
    assert got["start_disputed"]
    assert got["end_disputed"]
    assert rows.loc["un_x", "org_id"] == "x"


def test_a_match_to_nothing_is_refused():
    entries = pd.DataFrame([entry("cow", "1")])
    matches = pd.DataFrame({"dataset": ["digo"], "dataset_id": ["NONE"], "body_id": ["cow_1"]})
    with pytest.raises(UserError, match="lifespan_matches: got"):
        assign_bodies(entries, matches)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("1,UNX,Mission,maybe,2004-04-04,,2024-02-19", "column mission_isactive: got 'maybe'"),
        ("1,UNX,Mission,Yes,4 April 2004,,2024-02-19", "row 2, column start_date: got '4 April 2004'"),
    ],
)
def test_a_mission_with_an_impossible_cell_is_refused(tmp_path, line, expected):
    path = tmp_path / "missions.csv"
    path.write_text(MISSIONS + line + "\n", encoding="utf-8")
    with pytest.raises(UserError, match=expected):
        peacekeeping_missions(path)


def test_a_date_of_foundation_is_no_more_exact_than_known():
    founded = pd.DataFrame({"org_id": ["a", "b"], "name": ["A", "B"], "abbreviation": ["A", "B"], "founded": ["2007-07", "1950-12-14"]})  # fmt: skip
    got = compared_organizations(founded)
    assert got["start_year"].tolist() == [2007, 1950]
    assert got["start_date"].isna().tolist() == [True, False]
