"""The plan and the inputs: what compendium.toml may say, and what counts as a change."""

import json
import os
import time
from pathlib import Path

import pytest
from tiny import CELLS, PLAN, Tiny, notebook

from compendium.errors import UserError
from compendium.inputs import FileHashes, imported_names
from compendium.plan import parse_parameters, read_plan


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    return Tiny(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[compendium]", "[compendum]", "got the key 'compendum', did you mean compendium?"),
        (
            "[notebook.02_second]",
            "[notebook.02_secnd]",
            "notebooks/02_secnd.ipynb is not there, did you mean 02_second?",
        ),
        (
            'tables = ["numbers"]',
            'table = ["numbers"]',
            "[notebook.01_first]: got the key 'table', did you mean tables?",
        ),
        ('makes = ["numbers"]', "", "[[build]] numbers: got no makes"),
        ("cell = 20", "cell = ", "compendium.toml: not valid TOML"),
        (
            '[notebook.03_third]\ntitle = "Third"\nquestion = "What else?"',
            "",
            "has no [notebook.03_third] for notebooks/03_third.ipynb",
        ),
    ],
)
def test_a_wrong_plan_is_told_with_its_place_and_the_nearest_name(tiny: Tiny, old: str, new: str, told: str) -> None:
    assert old in PLAN
    tiny.write("compendium.toml", PLAN.replace(old, new))
    with pytest.raises(UserError) as refused:
        read_plan(tiny.root)
    assert told in str(refused.value)


def test_a_folder_without_a_plan_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"compendium.toml: not found"):
        read_plan(tmp_path)


def test_a_notebook_that_is_not_json_is_told(tiny: Tiny) -> None:
    tiny.write("notebooks/01_first.ipynb", "{")
    with pytest.raises(UserError, match=r"notebooks/01_first.ipynb: cannot be read as a notebook"):
        read_plan(tiny.root)


def test_parameters_are_read_from_the_tagged_cell_and_are_literals(tiny: Tiny) -> None:
    assert read_plan(tiny.root).notebook("01").parameters == {"factor": 1, "label": "x"}
    tiny.write("notebooks/01_first.ipynb", notebook([("parameters", "factor = sum([1, 2])")]))
    with pytest.raises(UserError, match="holds more than NAME = literal lines"):
        read_plan(tiny.root)


@pytest.mark.parametrize(
    ("cell", "given", "value"),
    [
        ("a = 1", "5", 5), ("a = 0.5", "1", 1.0), ("a = 'x'", "2019", "2019"), ("a = True", "false", False), ("a = ['USA']", "['HUN']", ["HUN"]), ("a = None", "3", 3),
    ],
)  # fmt: skip
def test_a_parameter_takes_the_type_of_its_default(tiny: Tiny, cell: str, given: str, value: object) -> None:
    tiny.write("notebooks/01_first.ipynb", notebook([("parameters", cell), *CELLS["01_first"][2:]]))
    parsed = parse_parameters(read_plan(tiny.root), [f"01.a={given}"])["01_first"]["a"]
    assert parsed == value
    assert type(parsed) is type(value)


def test_imports_are_found_through_magics_and_in_functions() -> None:
    source = "%load_ext x\n!ls\ndef f():\n    from a.b import c\nimport d.e as g"
    assert imported_names(source) == {"a.b", "a.b.c", "d.e"}


def test_hashes_see_a_change_of_equal_size_and_survive_a_broken_store(tmp_path: Path) -> None:
    file, store = tmp_path / "x", tmp_path / "hashes.json"
    file.write_text("aaaa")
    os.utime(file, (time.time() - 60, time.time() - 60))
    hashes = FileHashes(store)
    first = hashes(file)
    hashes.save()
    assert json.loads(store.read_text())
    file.write_text("bbbb")
    assert FileHashes(store)(file) != first
    store.write_text("{broken")
    assert FileHashes(store)(file) != first
    assert FileHashes(store)(tmp_path / "nothing") == "missing"


def test_a_file_changed_just_now_is_not_remembered(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("a")
    hashes = FileHashes(tmp_path / "hashes.json")
    hashes(file)
    assert hashes.known == {}
