"""check names what is declared and not there: each mutation of a copy of our own declarations is found by name."""

import ast
import csv
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from compendium.check import findings, pinned, problems
from compendium.plan import read_plan

ROOT = Path(__file__).resolve().parents[1]
REMEMBERED = ROOT / ".compendium" / "checked.json"
PARTS = (
    "data",
    "notebooks",
    "results",
    "figures",
    "compendium.toml",
    "README.md",
    "requirements.lock",
    "environment.yml",
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, tmp_path / part, ignore=shutil.ignore_patterns("raw", ".ipynb_checkpoints"))
        else:
            shutil.copy(source, tmp_path / part)
    if REMEMBERED.is_file():  # tables that were found right here are not read again there: their hashes tell
        (tmp_path / REMEMBERED.parent.name).mkdir()
        shutil.copy(REMEMBERED, tmp_path / REMEMBERED.parent.name)
    return tmp_path


def test_what_is_declared_is_what_is_there() -> None:
    assert problems(read_plan(ROOT)) == []


def test_the_curated_rows_that_roll_calls_contradict_are_found() -> None:
    told = "\n".join(findings(read_plan(ROOT)))
    assert "LBR" in told
    assert "73/151" in told


def edit_json(path: Path, change: Callable[[dict], None]) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")


def edit_cell(folder: Path, notebook: str, call: str, change: Callable[[str], str]) -> None:
    def edit(data: dict) -> None:
        cells = [c for c in data["cells"] if c["cell_type"] == "code" and f"{call}(" in "".join(c["source"])]
        cell = next(c for c in cells if "**" not in "".join(c["source"]))
        cell["source"] = change("".join(cell["source"]))

    edit_json(folder / "notebooks" / f"{notebook}.ipynb", edit)


def test_a_deleted_column_description_is_named(copy: Path) -> None:
    def drop(data: dict) -> None:
        table = next(r for r in data["resources"] if r["name"] == "un_votes")
        del table["schema"]["fields"][1]["description"]

    edit_json(copy / "data" / "datapackage.json", drop)
    assert "data/datapackage.json, table un_votes, column iso3: has no description; add it" in problems(read_plan(copy))


def test_a_deleted_row_of_sources_is_named(copy: Path) -> None:
    path = copy / "data" / "sources.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("st_unga_base,")), encoding="utf-8")
    assert any(
        "'st_unga_base'" in line and "has no row in data/sources.csv" in line for line in problems(read_plan(copy))
    )


def test_a_source_without_licence_is_named_with_its_row(copy: Path) -> None:
    path = copy / "data" / "sources.csv"
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    rows[1][rows[0].index("licence")] = ""
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    assert f"data/sources.csv, row 2, column licence: is empty for {rows[1][0]}; fill it in" in problems(
        read_plan(copy)
    )


def test_an_empty_alt_text_is_named(copy: Path) -> None:
    def empty(source: str) -> str:
        call = next(
            n
            for n in ast.walk(ast.parse(source))
            if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "show_figure"
        )
        alt = next(k.value for k in call.keywords if k.arg == "alt")
        return source.replace(ast.get_source_segment(source, alt) or "?", "''")

    edit_cell(copy, "01_data_assembly", "show_figure", empty)
    assert any("show_figure(" in line and "its alt is empty" in line for line in problems(read_plan(copy)))


def test_a_committed_drawing_without_an_alt_text_is_named(copy: Path) -> None:
    path = copy / "figures" / "02_votes_crossed.svg"
    path.write_text(
        re.sub(r'aria-label="[^"]*"', 'aria-label="A figure"', path.read_text(encoding="utf-8")), encoding="utf-8"
    )
    assert (
        "figures/02_votes_crossed.svg: has no alt text of 40 characters or more; say in show_figure what is seen"
        in problems(read_plan(copy))
    )


def test_a_claim_without_table_is_named(copy: Path) -> None:
    def rename(source: str) -> str:
        calls = [
            n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "claim"
        ]
        plain = [call for call in calls if all(keyword.arg for keyword in call.keywords)]  # no **more
        keyword = next(k for call in plain for k in call.keywords if k.arg == "table")
        lines = source.splitlines(keepends=True)
        line, column = lines[keyword.lineno - 1], keyword.col_offset
        lines[keyword.lineno - 1] = line[:column] + "tables_" + line[column + len("table") :]
        return "".join(lines)

    edit_cell(copy, "01_data_assembly", "claim", rename)
    assert any("claim(" in line and "has no table; add it" in line for line in problems(read_plan(copy)))


def test_a_registered_claim_whose_table_is_gone_is_named(copy: Path) -> None:
    path = copy / "results" / "claims.csv"
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    rows[0]["tables"] = "un_vote"
    rows[1]["tables"] = ""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    told = problems(read_plan(copy))
    assert any(f"claim {rows[0]['name']} rests on 'un_vote', did you mean un_votes?" in line for line in told)
    assert any(f"claim {rows[1]['name']} rests on no table" in line for line in told)


@pytest.mark.parametrize(
    ("path", "old", "new", "told"),
    [
        ("README.md", "150 of the 193 members", "151 of the 193 members", "README.md, line"),
        ("environment.yml", "- -r requirements.lock", "- pandas==2.2.0", "environment.yml: pins pandas 2.2.0"),
        ("data/tables/un_votes.csv", ",yes\n", ",maybe\n", "got 'maybe'"),
        ("data/tables/un_members.csv", "iso3,", "iso,", "no column iso3"),
    ],
)
def test_other_departures_are_named(copy: Path, path: str, old: str, new: str, told: str) -> None:
    text = (copy / path).read_text(encoding="utf-8")
    assert old in text
    (copy / path).write_text(text.replace(old, new, 1), encoding="utf-8")
    assert any(told in line for line in problems(read_plan(copy)))


def test_a_figure_that_is_not_declared_and_a_declared_one_that_is_missing_are_named(copy: Path) -> None:
    (copy / "figures" / "stray.svg").write_text("<svg/>")
    gone = next((copy / "figures").glob("02_*.png"))
    gone.unlink()
    told = problems(read_plan(copy))
    assert any(line.startswith("figures/stray.svg: is there and declared by no notebook") for line in told)
    assert any(line.startswith(f"figures/{gone.name}: is declared") for line in told)


def test_outputs_in_a_source_notebook_are_named(copy: Path) -> None:
    def add(data: dict) -> None:
        next(c for c in data["cells"] if c["cell_type"] == "code")["execution_count"] = 3

    edit_json(copy / "notebooks" / "02_forum_participation.ipynb", add)
    assert any(
        line.startswith("notebooks/02_forum_participation.ipynb: holds outputs") for line in problems(read_plan(copy))
    )


def test_the_conda_environment_installs_the_lock() -> None:
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert "- -r requirements.lock" in text
    assert "- --require-hashes" in text
    assert pinned("- python=3.12\n")["python"] == "3.12"
    assert "- python=3.12" in text


def test_the_lock_is_universal_hashed_and_names_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    assert lock.count("--hash=sha256:") > len(pins)
    assert all(line.endswith("\\") for line in pins)
    assert "://" not in lock
    assert "sys_platform == 'win32'" in lock
    assert "sys_platform == 'darwin'" in lock
