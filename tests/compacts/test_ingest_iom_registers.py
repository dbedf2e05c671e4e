"""IOM's register of evaluations, and the objectives of the Global Compact for Migration."""

import csv
from collections import Counter

import pandas as pd
import pytest

from compacts.ingest.iom_evaluations import _COLUMNS, iom_evaluations
from compacts.ingest.iom_results import gcm_objectives
from compendium.errors import UserError

EVALUATION = {
    **dict.fromkeys(_COLUMNS, ""), "File URL": "https://example.org/a.pdf", "Title": "Wells, a  study", "Year": "2020",
    "Date of Publication": "2020-03-31", "Level of Evaluation": "Centralized", "Management response": "Yes",
}  # fmt: skip
LINKS = pd.DataFrame({"gcm_objective": [7, 7], "srf_output": ["1a11", "1a12"]})


@pytest.fixture
def register(tmp_path):
    """A function from evaluations to the table."""

    def made(*rows, columns=tuple(_COLUMNS)):
        path = tmp_path / "export.csv"
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
        return iom_evaluations(path)["iom_evaluations"]

    return made


def test_an_evaluation_keeps_its_values_and_gaps(register):
    (row,) = register(EVALUATION).to_dict("records")
    assert (row["title"], row["year"], row["management_response"]) == ("Wells, a study", 2020, True)
    assert row["published"] == pd.Timestamp("2020-03-31")
    assert pd.isna(row["pages"])
    assert pd.isna(row["donor"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Year": "soon"}, "soon"),
        ({"Year": ""}, "an empty cell"),
        ({"Date of Publication": "31 March"}, "row 2, column published: got '31 March'"),
        ({"Management response": "Perhaps"}, "got 'Perhaps', expected Yes, No or nothing"),
        ({"Number of Pages Excluding annexes": "many"}, "many"),
    ],
)
def test_a_value_that_cannot_be_is_refused(register, change, message):
    with pytest.raises(UserError) as error:
        register({**EVALUATION, **change})
    assert message in str(error.value)


def test_an_evaluation_twice_and_a_lost_column_are_refused(register):
    with pytest.raises(UserError, match="a second time"):
        register(EVALUATION, EVALUATION)
    with pytest.raises(UserError, match="no column 'Title'"):
        register(EVALUATION, columns=[name for name in _COLUMNS if name != "Title"])


def written(folder, name, parts):
    path = folder / f"{name}.md"
    texts = [
        f"# Objective {number}\n## Title: {title}\n## Associated actions\n{text}\n" for number, title, text in parts
    ]
    path.write_text("\n".join(texts), encoding="utf-8")
    return path


def all_objectives(text):
    return [(number, f"Aim {number}", text) for number in range(1, 24)]


def test_actions_are_counted_by_objective(tmp_path):
    long = written(tmp_path, "long", all_objectives("- a. Do this well\n- b. Do that"))
    short = written(tmp_path, "short", all_objectives("- a. Do"))
    table = gcm_objectives(long, short, LINKS)["gcm_objectives"].set_index("gcm_objective")
    assert table.loc[7].tolist() == ["Aim 7", 2, 7, 1, 2]
    assert table.loc[8, "iom_outputs"] == 0


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (all_objectives("- a")[:-1], "got 22 objectives"),
        ([*all_objectives("- a"), (3, "Aim 3", "")], "objective 3: got it twice"),
        ([(number, title if number != 5 else "Other", text) for number, title, text in all_objectives("- a")], "title 'Other' of objective 5"),
    ],
)  # fmt: skip
def test_lost_double_and_different_objectives_are_refused(tmp_path, parts, message):
    long = written(tmp_path, "long", all_objectives("- a"))
    with pytest.raises(UserError) as error:
        gcm_objectives(long, written(tmp_path, "short", parts), LINKS)
    assert message in str(error.value)


def test_the_register_is_as_long_as_noted_before_and_after_the_compact(table):
    register = table("iom_evaluations")
    before = register["published"] < pd.Timestamp("2018-12-17")
    assert (int(before.sum()), int((~before).sum())) == (366, 368)
    assert Counter(register["level"]) == {"Decentralized": 629, "Centralized": 85, "Other": 20}
    assert (register["year"].min(), register["year"].max(), register["title"].duplicated().sum()) == (1985, 2025, 1)


def test_the_compact_lists_190_actions_under_23_objectives(table):
    objectives = table("gcm_objectives")
    assert (len(objectives), objectives["actions"].sum(), objectives["iom_outputs"].sum()) == (
        23,
        190,
        len(table("srf_gcm_links")),
    )
