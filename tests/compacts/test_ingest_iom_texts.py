"""IOM's projects and results framework, budget narratives, UN80 actions."""

import csv
import json
from collections import Counter
from datetime import UTC, datetime

import openpyxl
import pandas as pd
import pytest

from compacts.ingest.budget_narratives import budget_narratives
from compacts.ingest.iom_projects import iom_projects
from compacts.ingest.iom_results import srf_gcm_links
from compacts.ingest.un80_actions import un80_actions
from compendium.errors import UserError

HEADER = [
    "iati_identifier", "title_eng", "description_eng_1", "activity_status_code", "recipient_country_code", "recipient_region_code",
    *[name for number in range(1, 5) for name in (f"activity_date_{number}", f"activity_date_type_{number}")],
]  # fmt: skip
PROJECT = {
    "iati_identifier": "XM-DAC-47066-AA.0001", "title_eng": "Water for refugees", "description_eng_1": "With UNHCR in Windhoek.",
    "activity_status_code": "2", "recipient_country_code": "NA", "recipient_region_code": None,
    "activity_date_1": "2018-12-01", "activity_date_type_1": "1", "activity_date_2": "2019-01-31", "activity_date_type_2": "3",
}  # fmt: skip


@pytest.fixture
def workbook(tmp_path):
    """A function that writes rows of activities and returns the path."""

    def written(*rows, header=HEADER, sheet="Sheet1"):
        book = openpyxl.Workbook()
        page = book.active
        page.title = sheet
        page.append(header)
        for row in rows:
            page.append([row.get(column) for column in header])
        path = tmp_path / "iati_activity.xlsx"
        book.save(path)
        return path

    return written


@pytest.fixture
def read(table):
    """A function from a workbook to the table of projects."""
    names = ("un_members", "organization_names", "phrase_categories", "speech_terms")
    return lambda path: iom_projects(path, *[table(name) for name in names])["iom_projects"]


def test_a_project_has_its_dates_by_their_type_and_what_it_names(workbook, read):
    (project,) = read(workbook(PROJECT)).to_dict("records")
    assert project["iso3"] == "NAM"
    assert (project["planned_start"], project["planned_end"]) == (
        pd.Timestamp("2018-12-01"),
        pd.Timestamp("2019-01-31"),
    )
    assert pd.isna(project["actual_start"])
    assert (project["targets"], project["domains"], project["status"]) == ("unhcr", "refugee", "implementation")
    assert (project["words"], project["same_description"]) == (7, False)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"recipient_country_code": "ZZ"}, "row 2, column recipient_country_code: got 'ZZ'"),
        ({"activity_status_code": "9"}, "got '9', expected one of 1, 2, 3, 4"),
        ({"activity_date_1": "soon"}, "row 2, column activity_date_1: got 'soon'"),
        ({"activity_date_type_1": "7"}, "got '7', expected a type of date"),
        ({"activity_date_type_1": None}, "with the type ''"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_row(workbook, read, change, message):
    with pytest.raises(UserError) as error:
        read(workbook({**PROJECT, **change}))
    assert message in str(error.value)


def test_an_identifier_twice_a_lost_column_and_a_torn_file_are_refused(workbook, read):
    with pytest.raises(UserError, match="a second time"):
        read(workbook(PROJECT, PROJECT))
    with pytest.raises(UserError, match="no column 'title_eng'"):
        read(workbook(PROJECT, header=[name for name in HEADER if name != "title_eng"]))
    path = workbook(PROJECT)
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(UserError, match=r"iati_activity\.xlsx"):
        read(path)


def block(text, *children, table=None, links=()):
    return {
        "block_type": "paragraph-1",
        "text": text,
        "table_content": table,
        "hyperlinks": list(links),
        "children": list(children),
    }


def narrative(*blocks, entity="UNHCR"):
    return {"entity": "Office", "entity_abbrev": entity, "source_file": "A_80_6_SECT.25.json", "content": list(blocks)}


@pytest.fixture
def budget(tmp_path, table):
    """A function from contents by file to the table of narratives."""

    def made(**contents):
        for name, content in contents.items():
            text = content if isinstance(content, str) else json.dumps(content)
            (tmp_path / f"{name}.json").write_text(text, encoding="utf-8")
        paths = tuple(sorted(tmp_path.glob("*.json")))
        return budget_narratives(paths, table("organization_names"), table("phrase_categories"))["budget_narratives"]

    return made


def test_a_narrative_counts_words_links_and_names_at_every_depth(budget):
    first, second = ["78/1", "https://docs.un.org/en/A/RES/78/1"], ["428 (V)", "https://docs.un.org/en/A/RES/428(V)"]
    cells = [[{"text": "78/1; x", "hyperlinks": [first]}]]
    made = budget(
        UNHCR=narrative(block("One two", block("The World Food Programme", table=cells, links=[first, second])))
    )
    (row,) = made.to_dict("records")
    assert (row["words"], row["table_words"], row["cited_symbols"], row["organizations"], row["section"]) == (
        6,
        2,
        2,
        "wfp",
        "25",
    )


@pytest.mark.parametrize("content", ["{", "[]", '{"entity": "A"}', narrative("text"), narrative({"block_type": "a"})])
def test_a_damaged_narrative_is_refused(budget, content):
    with pytest.raises(UserError, match=r"A\.json"):
        budget(A=content)


def test_an_entity_in_two_files_is_refused(budget):
    with pytest.raises(UserError, match="in two files"):
        budget(A=narrative(block("a")), B=narrative(block("b")))


FRAMEWORK = [
    {
        "id": "1",
        "long_term_outcomes": [
            {"id": "1a", "short_term_outcomes": [{"id": "1a1", "outputs": [{"id": "1a11"}, {"id": "1a12"}]}]}
        ],
    }
]


@pytest.fixture
def links(tmp_path):
    """A function from the three contents to the builder's result."""

    def made(framework, forth, back):
        paths = [tmp_path / f"{name}.json" for name in ("objectives", "forth", "back")]
        for path, content in zip(paths, (framework, forth, back), strict=True):
            path.write_text(json.dumps(content), encoding="utf-8")
        return srf_gcm_links(*paths)

    return made


def test_links_from_either_end_are_compared(links):
    made = links(FRAMEWORK, {"7": ["1a11"]}, {"1a11": ["7", "8"]})
    rows = (
        made["srf_gcm_links"][["gcm_objective", "srf_output", "in_objective_list", "in_output_list"]]
        .to_numpy()
        .tolist()
    )
    assert rows == [[7, "1a11", True, True], [8, "1a11", False, True]]
    log = made["ingest_srf_gcm_links"].set_index(["outcome", "unit"])["rows"]
    assert (log["kept", "outputs"], log["dropped", "outputs"]) == (1, 1)


@pytest.mark.parametrize(
    ("framework", "forth", "message"),
    [
        ([{}], {}, "no objectives with outcomes"),
        (FRAMEWORK, {"24": ["1a11"]}, "objective 24"),
        (FRAMEWORK, {"7": ["9z"]}, "output '9z'"),
        (FRAMEWORK, {"7": ["1a11", "1a11"]}, "a second time"),
        (FRAMEWORK, {"seven": ["1a11"]}, "'seven', expected a number"),
        (FRAMEWORK, {"7": "1a11"}, "no lists by code"),
        (FRAMEWORK, [], "no lists by code"),
    ],
)
def test_impossible_links_are_refused(links, framework, forth, message):
    with pytest.raises(UserError) as error:
        links(framework, forth, {})
    assert message in str(error.value)


ACTION = {
    "report": "WS3", "work_package_number": 2, "work_package_name": "Rivers", "action_number": 23, "indicative_activity": "Align",
    "sub_action_details": None, "action_entities": "UNHCR; IOM; N/A", "first_milestone_deadline": None,
    "final_milestone_deadline": "2026-08-30", "delivery_date": None, "public_action_status": "Further work ongoing",
}  # fmt: skip


@pytest.fixture
def actions(tmp_path):
    """A function from a list of actions to the table."""

    def made(content):
        path = tmp_path / "actions.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return un80_actions(path)["un80_actions"]

    return made


def test_parts_of_an_action_have_a_row_each(actions):
    made = actions([ACTION, {**ACTION, "action_entities": None}])
    assert made["part"].tolist() == [1, 2]
    assert made["entities_number"].tolist() == [2, 0]
    assert made["unhcr"].tolist() == [True, False]
    assert made["final_milestone_deadline"].tolist() == [pd.Timestamp("2026-08-30")] * 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "a list of records"),
        ([{}], "report"),
        ([{**ACTION, "action_number": "23"}], "action_number"),
        ([{**ACTION, "final_milestone_deadline": "August"}], "expected a date like 2026-08-30"),
    ],
)
def test_damaged_actions_are_refused(actions, content, message):
    with pytest.raises(UserError) as error:
        actions(content)
    assert message in str(error.value)


# ---- the committed tables


def test_projects_are_as_many_as_published(table):
    projects = table("iom_projects")
    before = projects["planned_start"] < pd.Timestamp("2018-12-17")
    years = Counter(projects["planned_start"].dt.year)
    assert (len(projects), int(before.sum())) == (3183, 891)
    assert [years[year] for year in range(2016, 2023)] == [90, 254, 478, 665, 752, 700, 165]
    # one more than with a reader that takes NA for missing
    assert projects["iso3"].notna().sum() == 2629
    assert (projects["iso3"] == "NAM").sum() == 1


def test_the_narrative_of_unhcr_has_3691_words(table):
    narratives = table("budget_narratives").set_index("entity")
    assert len(narratives) == 114
    assert (narratives.loc["UNHCR", "words"], narratives.loc["UNHCR", "section"]) == (3691, "25")
    assert {"gcr", "grf"} <= set(narratives.loc["UNHCR", "organizations"].split())
    assert not {"DGACM", "ESCAP", "IOM"} & set(narratives.index)


def test_all_objectives_of_the_compact_are_served_and_both_lists_agree(table):
    linked = table("srf_gcm_links")
    number = Counter(linked["gcm_objective"])
    assert set(number) == set(range(1, 24))
    assert [number[objective] for objective in (7, 16, 2, 8, 13, 14)] == [26, 25, 17, 1, 1, 1]
    assert linked[["in_objective_list", "in_output_list"]].all(axis=None)
    assert linked["srf_output"].nunique() == 112


def test_the_reform_aligns_unhcr_and_iom(table):
    reform = table("un80_actions")
    assert (len(reform), reform["work_package"].nunique()) == (90, 31)
    assert Counter(reform["status"]) == {"Further work ongoing": 78, "Decision taken": 12}
    (aligned,) = reform[reform["action"] == 23].to_dict("records")
    assert (aligned["unhcr"], aligned["iom"], aligned["final_milestone_deadline"]) == (
        True,
        True,
        pd.Timestamp("2026-08-30"),
    )


def test_words_of_some_narratives_equal_a_plain_walk(raw, table):
    folder = raw("texts_ppb2026_by_entity")
    words = table("budget_narratives").set_index("entity")["words"]
    for entity in ("UNHCR", "OCHA", "UNRWA"):
        stack, total = list(json.loads((folder / f"{entity}.json").read_text(encoding="utf-8"))["content"]), 0
        while stack:
            part = stack.pop()
            total += len((part["text"] or "").split())
            stack += part["children"]
        assert total == words[entity]


def test_deadlines_equal_those_of_the_raw_file(raw, root):
    given = json.loads(raw("texts_un80_actions").read_text(encoding="utf-8"))
    with open(root / "data/tables/un80_actions.csv", encoding="utf-8", newline="") as file:
        ours = Counter(row["final_milestone_deadline"] for row in csv.DictReader(file))
    assert ours == Counter(row["final_milestone_deadline"] or "" for row in given)
    assert all(datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).year >= 2025 for day in ours if day)
