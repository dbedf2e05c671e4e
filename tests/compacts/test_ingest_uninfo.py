"""Projects of country teams: each once, phrases in four languages, equal to a search phrase by phrase."""

import json
import re
from collections import defaultdict

import pandas as pd
import pytest

from compacts.ingest.uninfo import uninfo_projects
from compacts.ingest.uninfo_goals import uninfo_goals
from compacts.text.match import expand, lowered, pattern
from compendium.errors import UserError

# listings and projects in the files of February 2026 (the repository's documentation: about 34,000 projects)
LISTED, ONCE, PROJECTS, REQUIRED_BN = 34_151, 22_309, 20_017, 26.9
PROJECT = {
    "id": 1, "agency": "IOM", "name": "Migrants", "description": "and refugees", "outcome": "Asylum",
    "start": "2024-01-01", "end": None, "required": 10, "available": 5.5, "spent": 0,
}  # fmt: skip
DOMAINS = pd.DataFrame(
    [
        ("asylum", "asylum*", "ignore", True),
        ("migrant", "migrant*", "ignore", True),
        ("migrant", "migration*", "ignore", True),
        ("migrant", "data migration", "ignore", False),
        ("refugee", "refugee*", "ignore", True),
        ("refugee", "réfugié*", "ignore", True),
    ],
    columns=["domain", "phrase", "case", "counts"],
)


@pytest.fixture
def build(tmp_path):
    """A function that writes files by country and their index, and reads them."""

    def build(index=None, **countries):
        counts = {code: {"project_count": len(projects)} for code, projects in countries.items()}
        (tmp_path / "uninfo-countries-index.json").write_text(json.dumps({**counts, **(index or {})}))
        for code, projects in countries.items():
            (tmp_path / f"{code}.json").write_text(json.dumps({"workspace_id": 7, "projects": projects}))
        return uninfo_projects(tuple(sorted(tmp_path.glob("*.json"))), DOMAINS)

    return build


def test_a_project_listed_for_several_countries_is_one_row(build):
    other = {**PROJECT, "agency": "UNHCR", "outcome": "Migration"}
    made = build(FJI=[PROJECT, other], KIR=[PROJECT, {**PROJECT, "outcome": "Refugees"}], TON=[])
    rows = made["uninfo_projects"].set_index("agency")
    assert rows.loc["IOM", ["countries", "country_count", "listings", "project_agencies"]].tolist() == [
        "FJI KIR",
        2,
        3,
        2,
    ]
    assert rows["outcome_domains"].to_dict() == {"IOM": "asylum refugee", "UNHCR": "migrant"}
    assert rows["ends"].isna().all()
    log = made["ingest_uninfo"].set_index(["outcome", "unit"])["rows"]
    assert (log["kept", "listings"], log["dropped", "listings"].sum(), log["dropped", "files"]) == (2, 2, 1)


def test_phrases_are_counted_in_the_projects_own_text(build):
    text = {"name": "Data migration for migrants’ data; Réfugiés", "description": "Refugees, refugee camps | asyl"}
    row = build(FJI=[{**PROJECT, **text}])["uninfo_projects"].iloc[0]
    assert row[["asylum", "migrant", "refugee"]].tolist() == [0, 1, 3]


def test_no_phrase_reaches_from_the_name_into_the_description(build):
    row = build(FJI=[{**PROJECT, "name": "New data", "description": "migration"}])["uninfo_projects"].iloc[0]
    assert row["migrant"] == 1


FAULTS = {
    "another number": ([PROJECT], {"FJI": {"project_count": 2}}, "got 1 projects, expected the 2 of the index"),
    "no such file in the index": ([PROJECT], {"FJI": {}}, "got no 'project_count' in FJI"),
    "other amounts": ([PROJECT, {**PROJECT, "spent": 3}], None, "got '1 IOM' a second time"),
    "text for an amount": ([{**PROJECT, "required": "ten"}], None, "projects[0].required: got 'ten'"),
    "no day": ([{**PROJECT, "start": "May 2024"}], None, "starts: got 'May 2024', expected a day"),
    "no agency": ([{**PROJECT, "agency": None}], None, "projects[0].agency: got None, expected a text"),
    "a key renamed": ([{**{k: v for k, v in PROJECT.items() if k != "name"}, "title": "x"}], None, "projects[0].name: got nothing of this name"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_refused(build, fault):
    projects, index, message = FAULTS[fault]
    with pytest.raises(UserError) as caught:
        build(index, FJI=projects)
    assert message.replace("starts", "start") in str(caught.value)


def test_a_file_of_another_name_or_no_index_is_refused(build, tmp_path):
    build(FJI=[PROJECT])
    with pytest.raises(UserError, match=r"got 0 files named uninfo-countries-index.json"):
        uninfo_projects((tmp_path / "FJI.json",), DOMAINS)
    (tmp_path / "Fiji.json").write_text("{}")
    with pytest.raises(UserError, match=r"got this name, expected a country code, XXX.json"):
        build(FJI=[PROJECT])


@pytest.fixture(scope="module")
def projects(table):
    """The committed table."""
    return table("uninfo_projects")


def test_copies_are_counted_once(projects):
    assert (int(projects["listings"].sum()), len(projects), projects["project_id"].nunique()) == (
        LISTED,
        ONCE,
        PROJECTS,
    )
    assert round(projects["required_usd"].sum() / 1e9, 1) == REQUIRED_BN
    pacific = projects[projects["country_count"] == 9]
    assert set(pacific["countries"]) == {"COK FSM KIR MHL NIU NRU PLW TKL WSM"}
    assert (len(pacific), set(pacific["listings"])) == (1437, {9})


def test_organizations_work_where_their_mandates_lie(projects, table):
    domains = sorted(set(table("uninfo_domains")["domain"]))
    named = (projects[domains] > 0).groupby(projects["agency"]).mean()
    assert named["migrant"].nlargest(1).index[0] == "IOM"
    assert named.loc[["UNHCR", "IOM", "UNDP"], "refugee"].is_monotonic_decreasing
    assert named.loc["UNHCR", "statelessness"] == named["statelessness"].max()


def test_presence_equals_a_search_phrase_by_phrase(projects, table, raw):
    entries = table("uninfo_domains")
    # where entries only take the place of others, presence depends on which one wins
    plain = entries.groupby("domain")["counts"].transform("all")
    search = defaultdict(list)
    for domain, phrase, case in entries.loc[plain, ["domain", "phrase", "case"]].itertuples(index=False, name=None):
        for spelling in expand(phrase):
            search[domain, case].append(pattern(spelling if case == "exact" else lowered(spelling)))
    compiled = {key: [re.compile(each) for each in patterns] for key, patterns in search.items()}
    counts = projects.set_index(["project_id", "agency"])
    checked = found = 0
    for code in ("CRI", "ALB"):
        content = json.loads((raw("uninfo_projects") / f"uninfo-countries/{code}.json").read_text(encoding="utf-8"))
        for project in content["projects"]:
            text = " | ".join(" ".join((project[key] or "").split()) for key in ("name", "description")).replace(
                "’", "'"
            )
            present = defaultdict(bool)
            for (domain, case), patterns in compiled.items():
                where = text if case == "exact" else lowered(text)
                present[domain] |= any(each.search(where) for each in patterns)
            row = counts.loc[(project["id"], project["agency"])]
            assert {domain: row[domain] > 0 for domain in present} == dict(present)
            checked, found = checked + 1, found + sum(present.values())
    assert checked > 250
    assert found > 60


GOAL = {"id": 10, "name": "Reduced inequalities", "count": 2, "metrics": [{"metricId": 5, "total": 7}]}


@pytest.fixture
def goals(tmp_path):
    """A function that writes the answers on goals, two countries of one office, and reads them."""

    def goals(first=GOAL, second=GOAL, office=7):
        countries = {
            name: {"workspace_id": 7, "sdgs": [goal], "has_year_data": True}
            for name, goal in (("Fiji", first), ("Tonga", second))
        }
        (tmp_path / "countries_sdgs.json").write_text(json.dumps(countries))
        (tmp_path / "workspaces.json").write_text(json.dumps({"Fiji": 7, "Tonga": office}))
        (tmp_path / "global_sdgs.json").write_text(json.dumps([{**GOAL, "id": None, "metrics": []}]))
        return uninfo_goals(tuple(sorted(tmp_path.glob("*.json"))))

    return goals


def test_an_office_for_two_countries_has_its_goals_once(goals):
    rows = goals()["uninfo_office_goals"].set_index(["workspace_id", "goal"])
    assert list(rows.index) == [(0, "none"), (7, "10")]
    assert rows.loc[(7, "10"), ["countries", "sub_outputs", "required_usd"]].tolist() == ["Fiji; Tonga", 2, 7]
    assert rows[["available_usd", "spent_usd"]].isna().all().all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"second": {**GOAL, "count": 3}}, "goals of office 7 that differ between Fiji, Tonga"),
        ({"office": 8}, "Tonga: got another office"),
        ({"first": {**GOAL, "metrics": [{"metricId": 9, "total": 1}]}, "second": {**GOAL, "metrics": [{"metricId": 9, "total": 1}]}}, "got a new metric"),
        ({"first": {**GOAL, "metrics": None}, "second": {**GOAL, "metrics": None}}, "got None, expected a list"),
    ],
)  # fmt: skip
def test_faults_of_goals_are_refused(goals, change, message):
    with pytest.raises(UserError) as caught:
        goals(**change)
    assert message in str(caught.value)


def test_goals_add_up_to_the_projects_of_an_office(projects, table):
    goals = table("uninfo_office_goals").query("for_2024 and workspace_id > 0")
    by_goal = goals.groupby("workspace_id")["spent_usd"].sum()
    by_project = projects.groupby("workspace_id")["spent_usd"].sum()
    both = pd.DataFrame({"goals": by_goal, "projects": by_project}).dropna()
    assert len(both) > 100
    close = (both["goals"] - both["projects"]).abs() <= 0.01 * both["projects"] + 1000
    assert close.mean() > 0.9
